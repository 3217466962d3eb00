"""What a page is made of: the statistics, the manifest and the texts themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.errors import Said
from kojudge.records import Mode


@dataclass(frozen=True, slots=True)
class Mark:
    """One place where a Korean signal fired: ``text[start:end]``, code points as written."""

    group: str
    label: Said
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a judge answered once.

    ``score`` is on the scale, or the probability (0–1) that the candidate beats the baseline;
    None where there is none, for ``reason``.
    """

    score: float | None
    rationale: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """All that ``judge`` answered about one text on one criterion.

    ``answers`` holds one answer (pointwise), or that with the text shown first and that with
    it shown second (pairwise; None where it was not asked). ``value`` is the score, or the
    win score of both orders (0–1); None where unknown. ``flagged``: a gate settled it, no judge
    read the text.
    """

    judge: str
    criterion: str
    mode: Mode
    value: float | None
    answers: tuple[Answer | None, ...]
    repeat: int = 0
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class HumanLabel:
    """What a person said of a text: a ``score``, or a ``preference`` (1, ½, 0) over the baseline's.

    ``rater`` is a number: a page that is published names nobody.
    """

    rater: int
    criterion: str
    score: float | None = None
    preference: float | None = None


@dataclass(frozen=True, slots=True)
class ItemText:
    """One text in the side-by-side.

    ``flags``: the gates it fails. ``hits``: what the Korean signals found, as names in Korean
    and English with the words hit, each name once. ``scores``: criterion → score on the scale, None where the
    judge gave none. ``wins``: criterion → probability (0–1) that this text beats the
    baseline's when shown first (AB) and second (BA), None where unscored; empty for the
    baseline itself. Both are means over the judges, whose ``opinions`` stand by themselves.
    ``status`` is ok, failed, or absent (judged elsewhere, its text is not in the run).
    """

    candidate: str
    text: str
    finish_reason: str
    status: str
    flags: tuple[str, ...]
    scores: Mapping[str, float | None]
    wins: Mapping[str, tuple[float | None, float | None]]
    hits: tuple[tuple[Said, tuple[str, ...]], ...] = ()
    marks: tuple[Mark, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    labels: tuple[HumanLabel, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One prompt × sample. ``history`` holds (role, content) turns; the baseline's text is first."""

    prompt_name: str
    category: str
    sample: int
    request: str
    history: tuple[tuple[str, str], ...]
    texts: tuple[ItemText, ...]
    turn: int = 1


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
