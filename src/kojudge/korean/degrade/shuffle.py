"""Order destroyed: sentences in another order, or words in another order inside sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kojudge.korean.degrade.change import Degraded, changed, chosen
from kojudge.korean.degrade.sentences import Span, sentence_spans, word_spans

__all__ = ["shuffle_sentences", "shuffle_words"]


def shuffle_sentences(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Move ``severity`` of the sentences (two at least) to each other's places.

    Places are all sentences; a text of one sentence has none.
    """
    taken = chosen(sentence_spans(text), severity, rng, least=2)
    return changed(text, _moved(text, taken, [*taken[1:], *taken[:1]]))


def shuffle_words(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Put the words of a sentence in random order; places are the sentences of three words and more."""
    sentences = [words for span in sentence_spans(text) if len(words := word_spans(text, span)) > 2]
    replacements = []
    for words in chosen(sentences, severity, rng):
        order = rng.permutation(len(words))
        if list(order) == sorted(order):
            order = np.roll(order, 1)
        replacements += _moved(text, words, [words[int(i)] for i in order])
    return changed(text, replacements)


def _moved(
    text: str, places: Sequence[Span], sources: Sequence[Span]
) -> list[tuple[int, int, str]]:
    return [
        (start, end, text[first:last])
        for (start, end), (first, last) in zip(places, sources, strict=True)
    ]
