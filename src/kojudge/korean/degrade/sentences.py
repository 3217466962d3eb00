"""Where the sentences of a text stand, and their words."""

from __future__ import annotations

import re

from kojudge.korean.degrade.morphemes import read

__all__ = ["Span", "sentence_spans", "word_spans"]

Span = tuple[int, int]

_CLOSING = re.compile(r"[\"'”’」』)\]]+")
_WORD = re.compile(r"\S+")


def sentence_spans(text: str) -> list[Span]:
    """Return the spans of the sentences that hold a word, in order, closing marks included."""
    spans: list[Span] = []
    for sentence in read(text):
        start = max(sentence[0].start, spans[-1][1] if spans else 0)
        end = max(m.end for m in sentence)
        closing = _CLOSING.match(text, end)
        end = closing.end() if closing else end
        if start < end and any(char.isalnum() for char in text[start:end]):
            spans.append((start, end))
    return spans


def word_spans(text: str, span: Span) -> list[Span]:
    """Return the spans of the words (어절) inside ``span``."""
    return [match.span() for match in _WORD.finditer(text, *span)]
