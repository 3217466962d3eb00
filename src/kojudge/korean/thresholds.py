"""The reviewed limits of every signal, read from ``thresholds.yaml`` beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from kojudge.errors import ConfigError, did_you_mean, said

__all__ = ["Genre", "Threshold", "threshold", "thresholds"]

Genre = Literal["blog", "emotional", "imaginative"]


class Threshold(BaseModel):
    """One limit: its ``value``, where a genre differs, and where the number comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float = Field(allow_inf_nan=False)
    genres: Mapping[Genre, float] = Field(default_factory=dict)
    source: str = Field(min_length=1)


@cache
def thresholds() -> Mapping[str, Threshold]:
    """Return every limit by its name, ``group.name``."""
    raw = files("kojudge.korean").joinpath("thresholds.yaml").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, Threshold]).validate_python(yaml.safe_load(raw))


def threshold(group_name: str, genre: str | None = None) -> float:
    """Return the limit called ``group_name`` (``degeneration.rep4``) for ``genre``.

    A genre without a value of its own, and None, take the default.

    Raises:
        ConfigError: no limit has that name.
    """
    known = thresholds()
    if group_name not in known:
        raise ConfigError(
            said(
                f"thresholds.yaml에 '{group_name}'이라는 기준값이 없습니다.",
                f"thresholds.yaml has no limit called '{group_name}'.",
            ),
            hint=did_you_mean(group_name, known),
        )
    found = known[group_name]
    return {str(name): value for name, value in found.genres.items()}.get(genre or "", found.value)
