"""The card of a new head, and where card and head are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kojudge.cards import CandidateCard, JudgeCard
from kojudge.engines.head.file import Head
from kojudge.errors import ConfigError, said
from kojudge.workspace.head_files import HEAD_JSON

__all__ = ["Places", "card_of", "paths_of", "refuse_overwriting", "write_card"]

_KEPT = (
    "family", "source", "format", "chat_template", "completion_template", "system", "stop",
    "dtype", "thinking", "trust_remote_code", "adapter", "license", "parameters", "kv", "context",
    "verified", "unverified",
)  # fmt: skip
"""What a head's card takes from its base: all that decides how the model reads."""


@dataclass(frozen=True, slots=True)
class Places:
    """The card's file and the head's folder."""

    card: Path
    head: Path


def paths_of(folder: Path, name: str) -> Places:
    """Return where the card and the head called ``name`` lie in ``folder``.

    Raises:
        ConfigError: the name cannot be a card's.
    """
    if (
        not name.replace(".", "a").replace("-", "a").replace("_", "a").isalnum()
        or not name.isascii()
    ):
        raise ConfigError(
            said(f"'{name}'은(는) 카드의 이름이 될 수 없습니다.", f"'{name}' cannot name a card."),
            said("영문자, 숫자, 점, 밑줄, 붙임표만 쓰세요.",
                 "Use ASCII letters, digits, dots, underscores and hyphens."),
        )  # fmt: skip
    return Places(folder / f"{name}.yaml", folder / "heads" / name)


def refuse_overwriting(places: Places, name: str) -> None:
    """Refuse to write over a card or a head that is there.

    Raises:
        ConfigError: one of them is.
    """
    there = next((p for p in (places.card, places.head / HEAD_JSON) if p.exists()), None)
    if there is not None:
        raise ConfigError(
            said(f"{there}이(가) 이미 있습니다. 덮어쓰지 않습니다.",
                 f"{there} is there already and is not overwritten."),
            said(f"다른 --name을 고르거나, '{name}'을(를) 바꾸려면 --force를 주세요.",
                 f"Choose another --name, or give --force to replace '{name}'."),
        )  # fmt: skip


def card_of(name: str, base: CandidateCard | JudgeCard, head: Head, path: str) -> dict[str, Any]:
    """Return the new card's content: the base's model and format, and the head at ``path``."""
    told = base.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    kept = {key: told[key] for key in _KEPT if key in told}
    return {
        "name": name,
        **kept,
        "engine": "head",
        "head": {"path": path},
        "notes": _notes(base.name, head.facts),
    }


def write_card(path: Path, content: Mapping[str, Any]) -> None:
    """Write a card, whole or not at all."""
    text = yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False, width=100)
    part = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _notes(base: str, facts: Mapping[str, Any]) -> str:
    licence = facts.get("licence_of_labels") or "알려지지 않음"
    return (
        f"{base}의 상태를 읽는 헤드다. {facts['teacher']}에게서 글 {facts['texts']}편, 프롬프트 "
        f"{facts['prompts']}개로 배웠다(라벨의 라이선스: {licence}). 검증 결과는 "
        "kojudge judge show가 보여 준다."
    )
