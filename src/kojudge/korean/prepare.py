"""What the morpheme analyser is given to read: bounded blocks, free of Markdown, mapped back.

Kiwi reads a `**` beside a particle as the end of a word, a decomposed syllable as three
letters, and a line break as a space; its time grows with the square of a run of letters
without a space. So the text is cut into blocks (a paragraph, a list item, a heading) of
bounded length, marks are left out, and every character remembers where it stood.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Block", "blocks"]

# Kiwi takes 50 µs a character for one syllable without end at any length, but for Latin
# letters 45 µs at 100,000 and 1 µs at 1,000: its time there is quadratic. 2,000 characters
# hold the longest natural paragraph in the texts seen; 400 without a space are no language.
LONGEST_BLOCK = 2_000
LONGEST_RUN = 400
WRAPPED_LINE = 30
"""A line shorter than this (or ending in punctuation) ends its sentence at its line break."""

_MARKER = re.compile(
    r"[ \t]{0,12}(?:(?:#{1,6}|[-*+>•·▪◦●○■□◆◇▶☆★✔✓]|\d{1,3}[.)]|[①-⑳])[ \t]+|[•▪◦●■◆▶✔✓①-⑳>])+"
)
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]|[ \t]*\|")
_SPEECH = re.compile(r"[ \t]*[\"“‘「『]")
_RULE = re.compile(r"[ \t]*(?:[-*_=─━][ \t]*){3,}$")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_TERMINAL = re.compile(r"[.!?…。:;~][\"'”’」』)\]*]*\s*$")
_LEFT_OUT = re.compile(
    r"(?P<jamo>[가-힣]?[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+)"
    r"|\*{2,3}|`+"
    r"|\*(?=[가-힣A-Za-z\"'“‘(])|(?<=[가-힣A-Za-z.!?\"'”’)])\*"
    r"|[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]+"
)
_SYLLABLE = re.compile(
    r"[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|[가-힣][\u11a8-\u11c2]|.", re.DOTALL
)
_CUT = re.compile(r"[.!?…。][\"'”’」』)\]]*\s")
_UNREADABLE = dict.fromkeys(range(0xD800, 0xE000), "\ufffd") | {0: " "}


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch that is analysed on its own.

    Character ``i`` of ``text`` is characters ``starts[i]:ends[i]`` of the text as given.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Map a span of ``text`` to the text as given; it never leaves the block."""
        last = len(self.text) - 1
        start = min(max(start, 0), last)
        return self.starts[start], self.ends[min(max(end - 1, start), last)]


def blocks(text: str) -> Iterator[Block]:
    """Cut ``text`` into blocks of at most ``LONGEST_BLOCK`` characters that hold something.

    Fenced code is left out, unless most of its letters are Hangul (some models fence prose).
    """
    safe = text.translate(_UNREADABLE)
    for start, end in _paragraphs(safe):
        for first, last in _bounded(safe, start, end):
            if not safe[first:last].isspace():
                block = _readable(safe, first, last)
                if block.text.strip():
                    yield block


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the lines to read: neither rules, fences nor code."""
    code: list[tuple[int, int]] | None = None
    for match in re.finditer(r"[^\n\r\u2028\u2029]*(?:\r\n|[\n\r\u2028\u2029]|$)", text):
        line = match.span()
        if _FENCE.match(text, *line):
            if code is not None and _prose(text, code):
                yield from code
            code = [] if code is None else None
        elif code is not None:
            code.append(line)
        elif not _RULE.match(text[line[0] : line[1]].rstrip()):
            yield line
    if code is not None and _prose(text, code):
        yield from code


def _prose(text: str, lines: Sequence[tuple[int, int]]) -> bool:
    """Whether most letters of ``lines`` are Hangul."""
    inside = text[lines[0][0] : lines[-1][1]] if lines else ""
    hangul = len(re.findall("[가-힣]", inside))
    return hangul > len(re.findall("[A-Za-z]", inside))


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Join wrapped lines; drop the marker that a list item or heading begins with."""
    start = end = 0
    for first, last in _lines(text):
        marker = _MARKER.match(text, first, last)
        line = text[first:last].rstrip()
        begins = marker or first != end or _HEADING.match(line) or _SPEECH.match(line)
        if begins or not line or start == end:
            if start < end:
                yield start, end
            start = marker.end() if marker else first
        end = last
        if len(line) < WRAPPED_LINE or _TERMINAL.search(line[-12:]) or _HEADING.match(line):
            yield start, end
            start = end
    if start < end:
        yield start, end


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a paragraph after a sentence, else at a space, else anywhere."""
    for first, last in _windows(text, start, end):
        at = first
        for run in re.finditer(rf"\S{{{LONGEST_RUN}}}", text[first:last]):
            yield at, first + run.end()
            at = first + run.end()
        if at < last:
            yield at, last


def _windows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST_BLOCK:
        window = text[start : start + LONGEST_BLOCK]
        cuts = [m.end() for m in _CUT.finditer(window, LONGEST_BLOCK // 2)]
        space = window.rfind(" ")
        size = cuts[-1] if cuts else space + 1 if space > 0 else LONGEST_BLOCK
        yield start, start + size
        start += size
    yield start, end


def _readable(text: str, first: int, last: int) -> Block:
    """Leave out marks and compose decomposed syllables, remembering where each stood."""
    raw = text[first:last]
    if not _LEFT_OUT.search(raw):
        return Block(raw, range(first, last), range(first + 1, last + 1))
    kept: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def keep(piece: str, start: int, end: int) -> None:
        kept.append(piece)
        starts.extend(range(start, end) if len(piece) == end - start else (start,) * len(piece))
        ends.extend(range(start + 1, end + 1) if len(piece) == end - start else (end,) * len(piece))

    at = 0
    for match in _LEFT_OUT.finditer(raw):
        keep(raw[at : match.start()], first + at, first + match.start())
        if match["jamo"]:
            for part in _SYLLABLE.finditer(match["jamo"]):
                start = first + match.start() + part.start()
                keep(unicodedata.normalize("NFC", part[0]), start, start + len(part[0]))
        at = match.end()
    keep(raw[at:], first + at, last)
    return Block("".join(kept), starts, ends)
