"""Diversity and rhythm: described, never scored (MTLD even changes its sign between models)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kojudge.korean.analysis import Analysis, Token
from kojudge.korean.hit import Hit

__all__ = ["Style", "measure"]

WINDOW = 50
MTLD_LIMIT = 0.72
"""McCarthy and Jarvis 2010: a factor is complete when the type-token ratio falls to .72."""
_PREDICATES = frozenset({"VV", "VA", "VX", "VCP", "VCN", "XSV", "XSA"})
# One ending, several shapes: 간다/먹는다/좋다, 갑니다/먹습니다, 갈까/먹을까.
_SHAPES = (
    (re.compile(r"^(?:ᆫ|는)다$"), "다"),
    (re.compile(r"^[습읍]"), "ᆸ"),
    (re.compile(r"^을"), "ᆯ"),
    (re.compile(r"^(?:은|는)(?=가|데|지)"), "ᆫ"),
)


@dataclass(frozen=True, slots=True)
class Style:
    """How varied a text is.

    ``mattr`` (0–1): mean share of different morphemes in a window of 50 (of the whole text
    when it is shorter). ``mtld`` (≥ 0, morphemes). ``length_cv`` (≥ 0): standard deviation of
    sentence length over its mean, in morphemes. ``ending_entropy`` (≥ 0, bits): of the final
    endings. ``noun_share``, ``predicate_share`` (0–1): of the morphemes. Punctuation is no
    morpheme here; every number of an empty text is 0.
    """

    mattr: float
    mtld: float
    length_cv: float
    ending_entropy: float
    noun_share: float
    predicate_share: float
    hits: tuple[Hit, ...] = ()


def measure(analysis: Analysis) -> Style:
    """Measure diversity and rhythm."""
    words = [t for t in analysis.tokens if _is_word(t)]
    types = [f"{t.form}/{t.tag}" for t in words]
    lengths = [sum(map(_is_word, s.tokens)) for s in analysis.sentences]
    count = len(words) or 1
    return Style(
        mattr=_mattr(types),
        mtld=(_mtld(types) + _mtld(types[::-1])) / 2,
        length_cv=_variation([n for n in lengths if n]),
        ending_entropy=_entropy([_shape(t.form) for t in words if t.tag == "EF"]),
        noun_share=sum(t.tag.startswith("N") for t in words) / count,
        predicate_share=sum(t.tag in _PREDICATES for t in words) / count,
    )


def _is_word(token: Token) -> bool:
    return token.tag[0] not in "SWZ" or token.tag in ("SL", "SH", "SN")


def _mattr(types: Sequence[str]) -> float:
    if len(types) <= WINDOW:
        return len(set(types)) / len(types) if types else 0.0
    inside = Counter(types[:WINDOW])
    total = len(inside)
    for gone, come in zip(types, types[WINDOW:], strict=False):
        inside[gone] -= 1
        if not inside[gone]:
            del inside[gone]
        inside[come] += 1
        total += len(inside)
    return total / WINDOW / (len(types) - WINDOW + 1)


def _mtld(types: Sequence[str]) -> float:
    """Mean length of the stretches whose type-token ratio stays above .72, one direction."""
    factors = 0.0
    seen: set[str] = set()
    size = 0
    for word in types:
        seen.add(word)
        size += 1
        if len(seen) / size <= MTLD_LIMIT:
            factors += 1
            seen, size = set(), 0
    if size:
        factors += (1 - len(seen) / size) / (1 - MTLD_LIMIT)
    return len(types) / factors if factors else float(len(types))


def _variation(lengths: Sequence[int]) -> float:
    if len(lengths) < 2:
        return 0.0
    mean = sum(lengths) / len(lengths)
    return math.sqrt(sum((n - mean) ** 2 for n in lengths) / len(lengths)) / mean


def _entropy(values: Sequence[str]) -> float:
    counts = Counter(values).values()
    total = sum(counts)
    return sum(n / total * math.log2(total / n) for n in counts)


def _shape(form: str) -> str:
    for pattern, shape in _SHAPES:
        form = pattern.sub(shape, form)
    return form
