"""What a page is made of: the statistics, the manifest and the texts themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.errors import Said


@dataclass(frozen=True, slots=True)
class ItemText:
    """One text in the side-by-side.

    ``flags``: the gates it fails. ``hits``: what the Korean signals found, as names in Korean
    and English with the words hit, each name once. ``scores``: criterion → score on the scale, None where the
    judge gave none. ``wins``: criterion → probability (0–1) that this text beats the
    baseline's when shown first (AB) and second (BA), None where unscored; empty for the
    baseline itself.
    """

    candidate: str
    text: str
    finish_reason: str
    status: str
    flags: tuple[str, ...]
    scores: Mapping[str, float | None]
    wins: Mapping[str, tuple[float | None, float | None]]
    hits: tuple[tuple[Said, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One prompt × sample. ``history`` holds (role, content) turns; the baseline's text is first."""

    prompt_name: str
    category: str
    sample: int
    request: str
    history: tuple[tuple[str, str], ...]
    texts: tuple[ItemText, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything one page shows.

    ``results`` is results.json, ``manifest`` manifest.json; ``criteria`` maps a criterion to
    its Korean and English names.
    """

    results: Mapping[str, Any]
    manifest: Mapping[str, Any]
    items: Sequence[Item]
    criteria: Mapping[str, tuple[str, str]]
