"""Morphemes, sentences and words of a text, analysed once and shared by every signal.

Spans are code points of the text *as given*: ``text[start:end]`` always works.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from kojudge.korean.prepare import Block, blocks
from kojudge.korean.quotes import quotations

__all__ = ["Analysis", "Sentence", "Token", "analyse", "kiwi"]


@dataclass(frozen=True, slots=True)
class Token:
    """One morpheme: its ``form``, its ``tag`` (kiwi's, without -I or -R) and its span.

    ``score`` is the morpheme's log-probability in kiwi's language model (≤ 0). Morphemes
    that share a syllable (``쓰`` + ``ᆫ다``) have overlapping spans.
    """

    form: str
    tag: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, list item or heading; ``quoted`` says that it is wholly speech of others."""

    start: int
    end: int
    tokens: tuple[Token, ...]
    quoted: bool


@dataclass(frozen=True, slots=True)
class Analysis:
    """A text with its morphemes, its sentences and the spans of its whitespace-separated words."""

    text: str
    tokens: tuple[Token, ...]
    sentences: tuple[Sentence, ...]
    eojeols: tuple[tuple[int, int], ...]


_made: list[Any] = []
_making = threading.Lock()
_reading = threading.Lock()


def kiwi() -> Any:
    """Return the one kiwi of this process, made on first use (about a second)."""
    with _making:
        if not _made:
            from kiwipiepy import Kiwi

            _made.append(Kiwi(num_workers=1, load_multi_dict=False))
        return _made[0]


def analyse(text: str) -> Analysis:
    """Analyse ``text``: any string, also empty or hostile; the work grows linearly.

    Markdown marks and code take no part: no token covers them.
    """
    tokens: list[Token] = []
    sentences: list[Sentence] = []
    for block, read in _read(list(blocks(text))):
        quoted = quotations(block.text)
        for raw in _sentences(read):
            own = tuple(_token(block, t) for t in raw)
            tokens.extend(own)
            end = max(t.end for t in own)
            sentences.append(Sentence(own[0].start, end, own, _within(raw, quoted)))
    eojeols = tuple(match.span() for match in re.finditer(r"\S+", text))
    return Analysis(text, tuple(tokens), tuple(sentences), eojeols)


def _read(found: Sequence[Block]) -> Iterator[tuple[Block, Any]]:
    """Pair each block with kiwi's tokens; a block that comes again is not read again."""
    distinct = list(dict.fromkeys(block.text for block in found))
    reader = kiwi()
    with _reading:
        read = {
            text: best[0][0] for text, best in zip(distinct, reader.analyze(distinct), strict=True)
        }
    for block in found:
        yield block, read[block.text]


def _sentences(read: Sequence[Any]) -> list[list[Any]]:
    """Group kiwi's tokens by sentence; marks and emoji alone close the sentence before."""
    found: list[list[Any]] = []
    for _, group in groupby(read, key=lambda t: t.sent_position):
        own = list(group)
        if found and not any(_is_word(t) for t in own):
            found[-1].extend(own)
        else:
            found.append(own)
    return found


def _is_word(token: Any) -> bool:
    return token.tag[0] not in "SWZ" or token.tag in ("SL", "SH", "SN")


def _token(block: Block, token: Any) -> Token:
    start, end = block.span(token.start, token.end)
    tag = token.tag.partition("-")[0]
    return Token(token.form, tag, start, end, token.score)


def _within(tokens: Sequence[Any], quoted: Sequence[tuple[int, int]]) -> bool:
    """Whether every word of ``tokens`` stands inside one of the spans ``quoted``."""
    words = [t for t in tokens if _is_word(t)]
    if not words:
        return False
    first, last = words[0].start, max(t.end for t in words)
    return any(start <= first and last <= end for start, end in quoted)
