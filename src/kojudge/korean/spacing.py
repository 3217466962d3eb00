"""Spacing (띄어쓰기): gaps that are missing, and gaps that should not be there.

The text is read a second time with the spaces between Hangul taken out, and the morphemes of
that reading say where a space belongs, by the same tags that ``kiwi.space`` goes by. A gap
counts only where 한글 맞춤법 leaves no choice: noun beside noun (compounds, 49항·50항),
``-아/-어`` with an auxiliary verb (47항) and units after digits (43항) may be written either
way. A missing gap must be seen by both readings, with the spaces of the text and without.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from kojudge.errors import Said, said
from kojudge.korean.analysis import Analysis, Token, kiwi
from kojudge.korean.hit import Hit
from kojudge.korean.prepare import Block, blocks

__all__ = ["LABELS", "Spacing", "measure"]

LABELS: Mapping[str, Said] = {
    "missing": said("띄어 써야 할 곳", "missing space"),
    "extra": said("붙여 써야 할 곳", "space that should not be there"),
}

Kind = Literal["missing", "extra"]

_BETWEEN_HANGUL = re.compile(r"(?<=[가-힣])\s+(?=[가-힣])")
_STARTS = re.compile(r"N|MM|MA|VV|VA|VX|VCN|XR|XPN")
_ATTACHED = re.compile(r"J|E|XS|VCP")
_NEVER_ALONE = frozenset({"데", "바", "밖", "듯", "만", "뻔", "척", "체", "양", "법", "성"})
"""Bound nouns that are also endings (-는데), or may join 하다 and 싶다 (할만하다, 47항)."""
_POINTING = frozenset(
    {"이", "그", "저", "매", "각", "새", "첫", "헌", "온", "맨", "몇몇", "두어", "아무"}
)
"""이때, 그날, 매년, 첫눈: these and a noun are often one word in the dictionary."""
_SOLID = frozenset({"한번", "몇일", "잘못", "또한", "곧잘", "더욱", "함께하"})
_AUXILIARIES = frozenset(
    {"고있", "고싶", "고계시", "고말", "다보", "지않", "지못하", "지말", "어야하", "아야하"}
)
"""Endings and auxiliaries that are always written apart; only -아/-어 may join (47항)."""
_UNREADABLE = -16.0
"""A morpheme below this log-probability is no word that kiwi knows."""
_UNCERTAIN = -12.0
"""Below this, a word of its own is a guess: names and misspelt words come apart so."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """Errors per 100 Hangul syllables, 0 for a text without any.

    ``per_100`` is the sum of ``missing_per_100`` and ``extra_per_100``. A hit covers the
    syllables on both sides of the gap.
    """

    missing_per_100: float
    extra_per_100: float
    per_100: float
    hits: tuple[Hit, ...]


def measure(analysis: Analysis) -> Spacing:
    """Find the gaps that break the spacing rules."""
    starts = [token.start for token in analysis.tokens]
    seen: dict[str, list[tuple[int, int, Kind]]] = {}
    hits: list[Hit] = []
    for block in blocks(analysis.text):
        if block.text not in seen:  # a loop of one paragraph is read once
            seen[block.text] = list(_in_block(block, analysis.tokens, starts))
        for first, last, kind in seen[block.text]:
            start, end = block.span(first, last)
            hits.append(Hit("spacing", kind, start, end))
    syllables = len(re.findall("[가-힣]", analysis.text)) or 1
    missing = 100 * sum(hit.name == "missing" for hit in hits) / syllables
    extra = 100 * sum(hit.name == "extra" for hit in hits) / syllables
    return Spacing(missing, extra, missing + extra, tuple(hits))


def _in_block(
    block: Block, tokens: Sequence[Token], starts: Sequence[int]
) -> Iterator[tuple[int, int, Kind]]:
    """Yield ``(first, last, kind)`` in characters of the block's text."""
    squeezed, places = _squeeze(block.text)
    read = kiwi().tokenize(squeezed)
    given = _Given(block, tokens, starts)
    yield from _missing(read, places, given)
    yield from _extra(read, places, given)


def _squeeze(text: str) -> tuple[str, list[int]]:
    """Take out the spaces between Hangul; say where each character that is left stood."""
    kept: list[str] = []
    places: list[int] = []
    at = 0
    for match in [*_BETWEEN_HANGUL.finditer(text), None]:
        end = match.start() if match else len(text)
        kept.append(text[at:end])
        places.extend(range(at, end))
        at = match.end() if match else end
    return "".join(kept), places


class _Given:
    """The reading with the spaces of the text, asked by places in a block."""

    def __init__(self, block: Block, tokens: Sequence[Token], starts: Sequence[int]) -> None:
        self._block, self._tokens, self._starts = block, tokens, starts

    def at(self, place: int) -> tuple[Token | None, Token | None]:
        """Return the morphemes that end before and begin at ``place``, or None for each."""
        where = self._block.starts[place]
        index = bisect_left(self._starts, where)
        right = self._tokens[index] if index < len(self._tokens) else None
        left = self._tokens[index - 1] if index else None
        return left, right if right and right.start == where else None


def _missing(
    read: Sequence[Any], places: Sequence[int], given: _Given
) -> Iterator[tuple[int, int, Kind]]:
    for left, right in pairwise(read):
        at = right.start
        if left.end != at or not 0 < at < len(places) or places[at] != places[at - 1] + 1:
            continue
        seen_left, seen_right = given.at(places[at])
        if (
            seen_left
            and seen_right
            and min(seen_left.score, seen_right.score, right.score) > _UNCERTAIN
            and _must_part(_tag(left), left.form, _tag(right), right.form)
            and _must_part(seen_left.tag, seen_left.form, seen_right.tag, seen_right.form)
        ):
            yield places[at - 1], places[at] + 1, "missing"


def _must_part(left: str, form: str, right: str, next_form: str) -> bool:
    """Whether the rules ask for a space between two morphemes, with no way around it."""
    if not _STARTS.match(right) or next_form in _NEVER_ALONE:
        return False
    if left.startswith("E"):
        return _parts_from_ending(left, form, right, next_form)
    if left == "MAG":
        return _parts_from_adverb(form, next_form)
    if next_form == "때문":
        return left[0] in "NM"
    if right == "NNB":
        return left == "MM" and form not in _POINTING and form + next_form not in _SOLID
    if left == "MM":
        return form not in _POINTING and len(next_form) > 1
    return left[0] == "J" or (left == "NNG" and right in {"MM", "MAG"} and len(next_form) > 1)


def _parts_from_ending(left: str, form: str, right: str, next_form: str) -> bool:
    if left == "EF" or (right in {"VX", "VV", "VA"} and form in {"어", "아", "여"}):
        return False
    if right == "VX":
        return form + next_form in _AUXILIARIES
    if form == "는" and next_form == "지":  # -는지 is one ending, -ㄴ 지 is not
        return False
    return not (left == "EC" and form == "고" and right in {"VV", "VA"})


def _parts_from_adverb(form: str, next_form: str) -> bool:
    """잘하다, 못하다, 안되다 are words of their own; 다 is often no adverb at all."""
    if form in {"잘", "못", "다", "더욱", next_form} or form + next_form in _SOLID:
        return False
    return not (form == "안" and next_form in {"하", "되", "쓰"})


def _extra(
    read: Sequence[Any], places: Sequence[int], given: _Given
) -> Iterator[tuple[int, int, Kind]]:
    gaps = [at for at in range(1, len(places)) if places[at] > places[at - 1] + 1]
    begins = [token.start for token in read]
    for at in gaps:
        seen_left, seen_right = given.at(places[at])
        index = bisect_left(begins, at)
        right = read[index] if index < len(read) and begins[index] == at else None
        if right is not None:
            wrong = _hangs_on(right, seen_right)
        elif index and read[index - 1].end > at:
            whole = read[index - 1]
            wrong = _splits_a_word(whole, at - whole.start, seen_left, seen_right)
        else:
            wrong = False
        if wrong:
            yield places[at - 1], places[at] + 1, "extra"


def _hangs_on(right: Any, seen: Token | None) -> bool:
    """Whether both readings hang the morpheme after the gap on the word before it."""
    return bool(_ATTACHED.match(_tag(right)) and seen and _ATTACHED.match(seen.tag))


def _splits_a_word(whole: Any, place: int, left: Token | None, right: Token | None) -> bool:
    """Whether the gap cuts one syllable off a word and leaves no word (``안 녕하세요``).

    ``whole`` is the morpheme without the gap, ``place`` the gap's place in it.
    """
    if right is None or left is None:
        return False
    if _ATTACHED.match(right.tag):
        return True
    known = _tag(whole) != "NNP" and whole.score > _UNREADABLE
    same = left.end - left.start == place and right.end - right.start == whole.len - place
    return known and same and 1 in {place, whole.len - place} and right.score < _UNREADABLE


def _tag(token: Any) -> str:
    return str(token.tag.partition("-")[0])
