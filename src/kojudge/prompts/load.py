"""Read prompt files. One JSON object a line; a file is a set, named by its stem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from kojudge.errors import ConfigError, InputError, Said, did_you_mean, said
from kojudge.records import Message, Prompt
from kojudge.workspace.explain import explain, rule
from kojudge.workspace.jsonl import read_lines


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Literal["system", "user", "assistant"]
    content: str = Field(min_length=1)


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1)
    category: str = Field(min_length=1)
    messages: list[_Message] = Field(min_length=1)
    topic: str = ""
    audience: str = ""
    tone: str = ""
    length: str = ""
    constraints: list[str] = []
    language: str = "ko"
    friendly: bool | None = None
    mini: bool = False
    holdout: bool = False

    @field_validator("messages")
    @classmethod
    def _ends_with_user(cls, messages: list[_Message]) -> list[_Message]:
        turns = [m.role for m in messages if m.role != "system"]
        expected = ["user", "assistant"] * len(turns)
        if turns != expected[: len(turns)] or not turns or turns[-1] != "user":
            raise rule(
                "user와 assistant가 번갈아 나오고 user로 끝나야 합니다.",
                "turns must alternate user, assistant, … and end with user.",
            )
        if any(m.role == "system" for m in messages[1:]):
            raise rule(
                "system은 맨 앞에만 둘 수 있습니다.", "a system message may only come first."
            )
        return messages

    def prompt(self) -> Prompt:
        return Prompt(
            name=self.id,
            category=self.category,
            messages=tuple(Message(m.role, m.content) for m in self.messages),
            topic=self.topic,
            audience=self.audience,
            tone=self.tone,
            length=self.length,
            constraints=tuple(self.constraints),
            language=self.language,
            friendly=self.friendly,
            holdout=self.holdout,
        )


Split = Literal["all", "tuning", "holdout"]
"""All prompts, or those without or with the mark ``"holdout": true``."""


def load_prompts(
    folder: Path, names: Sequence[str], *, mini: bool = False, split: Split = "all"
) -> list[Prompt]:
    """Return the prompts of the sets ``names`` (file stems), in file order.

    ``mini`` keeps only the lines marked ``"mini": true``, ``split`` one side of the holdout.

    Raises:
        ConfigError: a set does not exist, or nothing is left.
        InputError: a line is wrong; names file, line and field.
    """
    prompts: list[Prompt] = []
    seen: dict[str, str] = {}
    for name in names:
        path = folder / f"{name}.jsonl"
        if not path.is_file():
            raise ConfigError(
                said(f"프롬프트 묶음 '{name}'이(가) {folder}에 없습니다.",
                     f"No prompt set '{name}' in {folder}."),
                did_you_mean(name, (p.stem for p in folder.glob("*.jsonl"))),
            )  # fmt: skip
        for place, line in _lines(path):
            prompt = line.prompt()
            for field, key in (("id", f"id {prompt.name}"), ("messages", prompt.prompt_id)):
                if key in seen:
                    raise _wrong(place, field, said(
                        f"{seen[key]}의 것과 같습니다({prompt.name}).",
                        f"repeats {seen[key]} ({prompt.name}).",
                    ))  # fmt: skip
                seen[key] = place
            if (line.mini or not mini) and split in (
                "all",
                "holdout" if line.holdout else "tuning",
            ):
                prompts.append(prompt)
    if not prompts:
        raise ConfigError(
            said(f"{folder}에서 고른 프롬프트가 하나도 없습니다: {', '.join(names)}",
                 f"No prompts selected in {folder}: {', '.join(names)}"),
            said("파일에 줄이 있는지, kojudge.toml의 mini와 split에 맞는 줄이 있는지 확인하세요.",
                 "Check that the files have lines, and lines that fit mini and split of kojudge.toml."),
        )  # fmt: skip
    return prompts


def for_tuning(prompts: Iterable[Prompt]) -> list[Prompt]:
    """Return the prompts that a command which tunes something may read.

    Raises:
        ConfigError: all are held out.
    """
    found = list(prompts)
    kept = [prompt for prompt in found if not prompt.holdout]
    if found and not kept:
        raise ConfigError(
            said("프롬프트가 모두 holdout이라 루브릭을 다듬는 데 쓸 수 없습니다.",
                 "Every prompt is held out, so none may be read while tuning."),
            said("holdout 표시가 없는 프롬프트를 고르세요(kojudge.toml의 split, prompts/README.md).",
                 "Choose prompts without the mark holdout (split in kojudge.toml, prompts/README.md)."),
        )  # fmt: skip
    return kept


def first_of_each(prompts: Sequence[Prompt], limit: int | None) -> list[Prompt]:
    """Return the first ``limit`` prompts of each category, in order; all where it is None."""
    seen: Counter[str] = Counter()
    kept = []
    for prompt in prompts:
        seen[prompt.category] += 1
        if limit is None or seen[prompt.category] <= limit:
            kept.append(prompt)
    return kept


def _lines(path: Path) -> Iterator[tuple[str, _Line]]:
    for place, raw in read_lines(path):
        try:
            yield place, _Line.model_validate_json(raw)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "json"
            known = _Message.model_fields if field.startswith("messages.") else _Line.model_fields
            unknown = first["type"] == "extra_forbidden"
            hint = did_you_mean(str(first["loc"][-1]), known) if unknown else _README
            raise _wrong(place, field, explain(first), hint) from None


_README = said("prompts/README.md의 형식을 보고 고치세요.", "See prompts/README.md for the format.")


def _wrong(place: str, field: str, why: Said, hint: Said = _README) -> InputError:
    return InputError(
        said(f"{place}: '{field}' 항목: {why.ko}", f"{place}: field '{field}': {why.en}"), hint
    )
