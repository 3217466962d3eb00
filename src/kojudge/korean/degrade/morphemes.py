"""Morphemes as the degradations need them: with kiwi's mark of irregular stems, and joined again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kojudge.korean.analysis import kiwi
from kojudge.korean.prepare import blocks
from kojudge.korean.quotes import quotations

__all__ = ["Morpheme", "Piece", "join", "read"]

_TITLE = re.compile(r"<[^<>]{1,80}>|〈[^〈〉]{1,80}〉|《[^《》]{1,80}》")

Piece = tuple[str, str]
"""A morpheme to be joined: its form and its tag (``VV-I`` marks an irregular stem)."""


@dataclass(frozen=True, slots=True)
class Morpheme:
    """One morpheme with its span in the text as given.

    ``tag`` keeps kiwi's -I / -R (irregular, regular), without which a stem cannot be
    conjugated again. ``quoted`` says that it stands inside quotation marks. ``exact`` says
    that the text at its place is what kiwi read (no mark left out, nothing composed).
    """

    form: str
    tag: str
    start: int
    end: int
    quoted: bool
    exact: bool

    @property
    def pos(self) -> str:
        """The tag without -I or -R."""
        return self.tag.partition("-")[0]


def read(text: str) -> tuple[tuple[Morpheme, ...], ...]:
    """Return the sentences of ``text``, each as its morphemes; any string is taken."""
    sentences: list[tuple[Morpheme, ...]] = []
    for block in blocks(text):
        titles = (match.span() for match in _TITLE.finditer(block.text))
        quoted = (*quotations(block.text), *titles)
        sentence: list[Morpheme] = []
        position = 0
        for form, tag, start, end, place in _tokens(block.text):
            if place != position and sentence:
                sentences.append(tuple(sentence))
                sentence = []
            position = place
            inside = any(first <= start and end <= last for first, last in quoted)
            first, last = block.span(start, end)
            if start == end:  # kiwi gives 이 of 보리예요 no length
                last = first
            exact = text[first:last] == block.text[start:end]
            sentence.append(Morpheme(form, tag, first, last, inside, exact))
        if sentence:
            sentences.append(tuple(sentence))
    return tuple(sentences)


@lru_cache(maxsize=256)
def _tokens(block: str) -> tuple[tuple[str, str, int, int, int], ...]:
    """Read one block; a text that is one block over and over is read once."""
    return tuple((t.form, t.tag, t.start, t.end, t.sent_position) for t in kiwi().tokenize(block))


@lru_cache(maxsize=4096)
def _joined(pieces: tuple[Piece, ...]) -> str:
    spaced = [(form, tag, False) if i else (form, tag) for i, (form, tag) in enumerate(pieces)]
    return str(kiwi().join(spaced, lm_search=False))


def join(pieces: Sequence[Piece]) -> str:
    """Conjugate ``pieces`` into one word without spaces (춥/VA-I + 어요/EF → 추워요)."""
    return _joined(tuple(pieces))
