"""Truncation: a text that stops in the middle of a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kojudge.errors import Said, said
from kojudge.korean.analysis import Analysis, Sentence, Token
from kojudge.korean.hit import Hit
from kojudge.korean.speech_level import level_of

__all__ = ["LABELS", "Truncation", "Why", "measure"]

Why = Literal["", "code_fence", "marker", "connective", "particle", "adnominal", "stem", "noun"]

LABELS: Mapping[str, Said] = {
    "code_fence": said("닫히지 않은 코드 블록", "code block that is never closed"),
    "marker": said("내용 없는 목록 기호", "list marker with nothing after it"),
    "connective": said("연결 어미에서 끊김", "ends in a connective ending"),
    "particle": said("조사에서 끊김", "ends in a particle"),
    "adnominal": said("꾸미는 말에서 끊김", "ends in a modifier"),
    "stem": said("어간에서 끊김", "ends in a stem without an ending"),
    "noun": said("문장 가운데의 명사에서 끊김", "ends in a noun in the middle of a sentence"),
}

_CLOSED = re.compile(r"[.!?…。~～^♡♥)\]\"'”’」』>*_`ㅋㅎㅠㅜ️]\Z|[:;]-?[)D]\Z")
_MARKER = re.compile(r"(?:\A|\n)[ \t]*(?:[-*+]|#{1,6}|\d{1,2}[.)])[ \t]*\Z")
_FENCE = re.compile(r"^[ \t]*```", re.MULTILINE)
_BY_TAG: Mapping[str, Why] = {
    "EC": "connective",
    "MAJ": "connective",
    "ETM": "adnominal",
    "MM": "adnominal",
    "EP": "stem",
    "VV": "stem",
    "VA": "stem",
    "VX": "stem",
    "XSV": "stem",
    "XSA": "stem",
    "XPN": "stem",
}
LONG_SENTENCE = 7
"""Words: a shorter last line that ends in a noun may be a title or a signature."""
SIGNATURE = 4


@dataclass(frozen=True, slots=True)
class Truncation:
    """``truncated``, and ``why`` (empty when it is not)."""

    truncated: bool
    why: Why
    hits: tuple[Hit, ...]


def measure(analysis: Analysis) -> Truncation:
    """Say whether the last sentence stops midway.

    A text that leaves most of its other sentences without punctuation (a poem, a chat) is
    never called truncated, nor is a last line of four words or fewer in a paragraph of its
    own (사랑하는 딸이).
    """
    text = analysis.text.rstrip()
    why = _why(analysis, text)
    if not why:
        return Truncation(False, "", ())
    start = analysis.eojeols[-1][0]
    return Truncation(True, why, (Hit("truncation", why, start, len(text)),))


def _why(analysis: Analysis, text: str) -> Why:
    if len(_FENCE.findall(text)) % 2:
        return "code_fence"
    if "\n" in text and _MARKER.search(text[-16:]):
        return "marker"
    if not analysis.sentences or not text or _ends_well(text):
        return ""
    *others, last = analysis.sentences
    punctuated = [s for s in others if _ends_well(text[: s.end + 1].rstrip())]
    if last.end < len(text) or 2 * len(punctuated) < len(others):
        return ""
    if _is_signature(text, last, others):
        return ""
    return _of_last_morpheme(text, last)


def _of_last_morpheme(text: str, last: Sentence) -> Why:
    token = last.tokens[-1]
    if level_of(last) not in ("none", "nominal") or token.tag == "ETN":
        return ""
    if token.tag.startswith("J") and token.tag != "JKV" and token.form != "요":
        return "particle"
    if token.tag in ("NNG", "NNP") and _stops_midway(text, last):
        return "noun"
    return _BY_TAG.get(token.tag, "")


def _ends_well(text: str) -> bool:
    """Whether ``text`` ends in punctuation, a bracket, an emoji or laughter."""
    return bool(_CLOSED.search(text[-3:])) or (text[-1:] > "⁰" and not text[-1:].isalnum())


def _is_signature(text: str, last: Sentence, others: Sequence[Sentence]) -> bool:
    line = text[text.rfind("\n") + 1 :]
    return bool(others) and last.start >= len(text) - len(line) and len(line.split()) <= SIGNATURE


def _stops_midway(text: str, last: Sentence) -> bool:
    """A long sentence, in running text, whose clause was begun (-고, -는데 …) but has no end."""
    before = text[: last.start].rstrip(" \t")
    running = bool(before) and not before.endswith(("\n", "-", "*", "•", "#"))
    begun = any(t.tag == "EC" for t in last.tokens) and any(_is_particle(t) for t in last.tokens)
    return running and begun and len(text[last.start :].split()) >= LONG_SENTENCE


def _is_particle(token: Token) -> bool:
    return token.tag in ("JKS", "JX", "JKO")
