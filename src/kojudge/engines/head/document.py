"""What ``head.json`` may say. Unknown keys are refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PositiveInt

from kojudge.records import Mode

__all__ = ["DomainSection", "HeadDocument", "LineSection"]

Number = Annotated[float, Field(allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)


class LineSection(_Section):
    """The parts of a line that are not tensors."""

    criterion: Text
    mode: Mode
    labels: tuple[Text, ...]
    bias: Number
    slope: Number


class DomainSection(_Section):
    """The parts of the domain that are not tensors."""

    rest: Number
    limit: Number


class HeadDocument(_Section):
    """The whole file."""

    schema_: Literal["kojudge.head/1"] = Field("kojudge.head/1", alias="schema")
    name: Text
    base: dict[str, JsonValue]
    layer: PositiveInt
    pooling: Literal["mean", "last"]
    lines: list[LineSection]
    domain: DomainSection
    safetensors_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    evidence: bool = False
    facts: dict[str, JsonValue] = {}
