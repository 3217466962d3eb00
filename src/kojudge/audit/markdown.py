"""Markdown put over a text: it looks like more, and says no more than before."""

from __future__ import annotations

import numpy as np

from kojudge.korean.degrade.change import Degraded, changed, chosen
from kojudge.korean.degrade.sentences import sentence_spans, word_spans

__all__ = ["decorate"]


def decorate(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Make the first sentence a heading, the others list items with a word in bold.

    Places are the sentences after the first; ``severity`` of them become items. Not a word
    is changed: without its marks and line breaks the text is what it was. A text of one
    sentence has no place.

    Raises:
        ConfigError: ``severity`` is outside (0, 1].
    """
    spans = sentence_spans(text)
    if len(spans) < 2:
        return Degraded(text, ())
    taken = sorted(chosen(range(1, len(spans)), severity, rng))
    first, second = spans[0], spans[1]
    replacements = [(first[0], first[0], "## ")]
    if 1 not in taken:
        replacements.append(_gap(text, first[1], second[0], "\n\n"))
    for at in taken:
        before, span = spans[at - 1], spans[at]
        replacements.append(_gap(text, before[1], span[0], "\n\n- " if at == 1 else "\n- "))
        start, end = _bold(text, span, rng)
        replacements += [(start, start, "**"), (end, end, "**")]
    return changed(text, _joined(replacements))


def _gap(text: str, start: int, end: int, mark: str) -> tuple[int, int, str]:
    """Replace white space between two sentences; other marks there stay."""
    return (start, end, mark) if not text[start:end].strip() else (end, end, mark)


def _bold(text: str, span: tuple[int, int], rng: np.random.Generator) -> tuple[int, int]:
    words = word_spans(text, span)
    start, end = words[int(rng.integers(len(words)))]
    bare = text[start:end].rstrip(".,!?…~\"'”’")
    return start, start + len(bare) if bare else end


def _joined(replacements: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Join an insertion to a replacement that ends where it stands; sorting could swap them."""
    joined: list[tuple[int, int, str]] = []
    for start, end, mark in replacements:
        if joined and joined[-1][1] == start == end:
            first, _, before = joined.pop()
            joined.append((first, end, before + mark))
        else:
            joined.append((start, end, mark))
    return joined
