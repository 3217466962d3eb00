"""Corruption: text so unlike Korean that the morpheme analyser can hardly read it.

Only the low tail means anything. Among clean texts likelihood runs backwards (what a model
writes is more probable than what people write), so this is never a measure of naturalness.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kojudge.errors import Said, said
from kojudge.korean.analysis import Analysis, Sentence
from kojudge.korean.hit import Hit
from kojudge.korean.thresholds import threshold

__all__ = ["LABELS", "Corruption", "measure"]

LABELS: Mapping[str, Said] = {
    "unreadable": said("읽어 낼 수 없는 문장", "sentence that can hardly be read"),
}

FEWEST_MORPHEMES = 20
"""Below this, one rare name decides the mean."""


@dataclass(frozen=True, slots=True)
class Corruption:
    """``mean_score``: mean log-probability per morpheme (≤ 0; 0 where none counts).

    Sentences count that have an ending and are words for the most part: headings, tables and
    formulas are improbable in sound texts too. ``low``: whether at least 20 morphemes count
    and their mean lies below ``corruption.mean_score``.
    """

    mean_score: float
    low: bool
    hits: tuple[Hit, ...]


def measure(analysis: Analysis, genre: str | None = None) -> Corruption:
    """Measure how readable a text is; its worst sentences are the hits when it is low."""
    limit = threshold("corruption.mean_score", genre)
    counted = [s for s in analysis.sentences if _counts(s)]
    scores = [t.score for s in counted for t in s.tokens]
    mean = sum(scores) / len(scores) if scores else 0.0
    low = len(scores) >= FEWEST_MORPHEMES and mean < limit
    worst = [
        Hit("corruption", "unreadable", s.start, s.end)
        for s in counted
        if low and sum(t.score for t in s.tokens) / len(s.tokens) < limit
    ]
    return Corruption(mean, low, tuple(worst))


def _counts(sentence: Sentence) -> bool:
    tags = [t.tag for t in sentence.tokens]
    words = sum(tag[0] not in "SWZ" for tag in tags)
    return 2 * words >= len(tags) and any(tag in ("EF", "EC", "ETM") for tag in tags)
