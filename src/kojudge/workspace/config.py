"""``kojudge.toml``: what a run asks for, and the profiles laid over it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kojudge.errors import ConfigError, InputError, Said, did_you_mean, said
from kojudge.workspace.explain import explain, rule

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

CONFIG_NAME = "kojudge.toml"


class Margins(BaseModel):
    """Half-width of the "similar" band: scale points (pointwise), win rate (pairwise)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pointwise: float = Field(default=0.25, gt=0)
    pairwise: float = Field(default=0.10, gt=0, lt=0.5)


class Settings(BaseModel):
    """The ``[workspace]`` table after a profile was laid over it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    baseline: str
    candidates: tuple[str, ...] = Field(min_length=1)
    judges: tuple[str, ...] = Field(min_length=1)
    rubrics: tuple[str, ...] = Field(min_length=1)
    prompts: tuple[str, ...] = Field(min_length=1)
    samples: int = Field(default=1, ge=1)
    seed: int = Field(default=0, ge=0, lt=2**63)
    mode: Literal["pointwise", "pairwise", "both"] = "both"
    primary_mode: Literal["pointwise", "pairwise"] = "pairwise"
    engine: Literal["transformers", "vllm", "openai", "ray", "fake"] = "transformers"
    ray_engine: Literal["transformers", "vllm", "fake"] = "transformers"
    workers: int = Field(default=1, ge=1)
    num_gpus_per_worker: float = Field(default=0, ge=0)
    batch_size: int = Field(default=16, ge=1)
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    resamples: int = Field(default=10_000, ge=999, le=1_000_000)
    max_tokens: int | None = Field(default=None, ge=1)
    mini: bool = False
    split: Literal["all", "tuning", "holdout"] = "all"
    limit: int | None = Field(default=None, ge=1)
    flagged: Literal["keep", "minimum"] = "keep"
    controls: int = Field(default=30, ge=0)
    exclude_same_family: bool = False
    margins: Margins = Margins()

    @model_validator(mode="after")
    def _primary_mode_is_run(self) -> Settings:
        if self.mode not in ("both", self.primary_mode):
            raise rule(
                f"primary_mode가 {self.primary_mode}인데 mode가 {self.mode}라 실행되지 않습니다.",
                f"primary_mode {self.primary_mode} is not run by mode {self.mode}.",
            )
        return self

    @property
    def all_candidates(self) -> tuple[str, ...]:
        """The baseline first, then the candidates, each once."""
        return tuple(dict.fromkeys((self.baseline, *self.candidates)))


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    workspace: dict[str, Any]
    profiles: dict[str, dict[str, Any]] = {}


def load_settings(
    root: Path, profile: str | None = None, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Read ``root/kojudge.toml``, lay ``profile`` over it, then ``overrides`` (None = unset).

    Raises:
        InputError: the file is not TOML, or a key or value is wrong; names file and key.
        ConfigError: the profile does not exist.
    """
    path = root / CONFIG_NAME
    document = _read(path)
    table: dict[str, Any] = dict(document.workspace)
    if profile is not None:
        if profile not in document.profiles:
            raise ConfigError(
                said(f"프로필 '{profile}'이(가) {path}에 없습니다.",
                     f"No profile '{profile}' in {path}."),
                did_you_mean(profile, document.profiles),
            )  # fmt: skip
        table |= document.profiles[profile]
    table |= {key: value for key, value in (overrides or {}).items() if value is not None}
    try:
        return Settings.model_validate(table)
    except ValidationError as error:
        laid_over = document.profiles.get(profile or "", {})
        first = error.errors()[0]
        inside = f"profiles.{profile}" if {*first["loc"][:1]} & {*laid_over} else "workspace"
        raise _wrong(f"{path}: [{inside}]", first, Settings) from None


def _read(path: Path) -> _File:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(
            said(f"{path}: UTF-8로 된 파일이 아닙니다.", f"{path}: is not UTF-8."),
            said("UTF-8로 다시 저장하세요.", "Save it again as UTF-8."),
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            said(f"{path}: TOML로 읽을 수 없습니다 ({error}).", f"{path}: not valid TOML ({error})."),
            said("표시된 줄의 따옴표와 괄호를 확인하세요.",
                 "Check quotes and brackets at that line."),
        ) from None  # fmt: skip
    try:
        return _File.model_validate(data)
    except ValidationError as error:
        raise _wrong(f"{path}:", error.errors()[0], _File) from None


def _wrong(where: str, problem: ErrorDetails, model: type[BaseModel]) -> InputError:
    place = ".".join(str(part) for part in problem["loc"])
    why = explain(problem)
    name = f"{where} {place}: " if place else f"{where}: "
    return InputError(said(f"{name}{why.ko}", f"{name}{why.en}"), _next_step(problem, model))


def _next_step(problem: ErrorDetails, model: type[BaseModel]) -> Said:
    if problem["type"] == "extra_forbidden":
        beside = Margins if problem["loc"][0] == "margins" else model
        return did_you_mean(str(problem["loc"][-1]), beside.model_fields)
    if problem["type"] == "missing":
        return said(
            "이 항목을 넣으세요. `kojudge init DIR`이 만드는 kojudge.toml에 예가 있습니다.",
            "Add it; the kojudge.toml that `kojudge init DIR` writes shows how.",
        )
    return said(
        "값을 고치고 같은 명령을 다시 실행하세요.", "Mend the value and run the same command again."
    )
