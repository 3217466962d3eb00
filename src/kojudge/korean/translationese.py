"""Translationese (번역투): phrases that came into Korean with translation.

The patterns are in ``translationese.yaml``, each with its source. They follow the lists of
이영옥 2001 (English passives, pronouns, inanimate subjects, 'have'), 김정우 2007 (what stays
of the source language in translated Korean) and 김도훈 2009 (translationese and its causes);
double passives follow 국립국어원 2009, 한눈에 알아보는 공공언어 바로 쓰기. Many of them are
grammatical and one of them says little; a text full of them reads translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kojudge.errors import Said
from kojudge.korean.analysis import Analysis
from kojudge.korean.hit import Hit
from kojudge.korean.patterns import find, hangul_words, patterns

__all__ = ["LABELS", "Translationese", "measure"]

LABELS: Mapping[str, Said] = {p.name: p.label for p in patterns("translationese.yaml")}


@dataclass(frozen=True, slots=True)
class Translationese:
    """How translated a text reads.

    ``per_100``: hits per 100 words (eojeol) that hold Hangul, 0 for a text without any.
    ``kinds``: how many different patterns were hit.
    """

    per_100: float
    kinds: int
    hits: tuple[Hit, ...]


def measure(analysis: Analysis) -> Translationese:
    """Find the patterns of translationese."""
    hits = find(analysis, "translationese", patterns("translationese.yaml"))
    words = hangul_words(analysis)
    return Translationese(
        per_100=100 * len(hits) / words if words else 0.0,
        kinds=len({hit.name for hit in hits}),
        hits=hits,
    )
