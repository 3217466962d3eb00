"""Degenerate loops: a sentence or a phrase that comes again and again."""

from __future__ import annotations

import numpy as np

from kojudge.korean.degrade.change import Degraded, changed, chosen, share
from kojudge.korean.degrade.sentences import sentence_spans, word_spans

__all__ = ["MOST_COPIES", "PHRASE_COPIES", "repeat_phrases", "repeat_sentence"]

MOST_COPIES = 10
PHRASE_COPIES = 3


def repeat_sentence(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Say one sentence over and over, as a model that is stuck does.

    Severity is the share of ``MOST_COPIES`` copies put after it (2 at least). The sentence
    is drawn from the second half of the text.
    """
    copies = share(severity, MOST_COPIES, least=2)
    spans = sentence_spans(text)
    if not spans:
        return Degraded(text, ())
    late = spans[len(spans) // 2 :]
    start, end = late[int(rng.integers(len(late)))]
    return changed(text, [(end, end, (" " + text[start:end]) * copies)])


def repeat_phrases(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Repeat two or three words inside a sentence ``PHRASE_COPIES`` times more.

    Places are the sentences of three words and more.
    """
    sentences = [words for span in sentence_spans(text) if len(words := word_spans(text, span)) > 2]
    replacements = []
    for words in chosen(sentences, severity, rng):
        size = int(rng.integers(2, 4)) if len(words) > 3 else 2
        first = int(rng.integers(len(words) - size))
        start, end = words[first][0], words[first + size - 1][1]
        replacements.append((end, end, (" " + text[start:end]) * PHRASE_COPIES))
    return changed(text, replacements)
