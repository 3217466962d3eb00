"""Find the sentence-final endings of a text: what they are attached to and what they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kojudge.korean.degrade.moods import ENDINGS, Level, Mood
from kojudge.korean.degrade.morphemes import Morpheme, Piece, join, read

__all__ = ["HONORIFIC_STEMS", "PREDICATES", "Ending", "find_endings", "located"]

PREDICATES = frozenset({"VV", "VA", "VX", "XSV", "XSA", "VCP", "VCN"})
_FOLLOWS = frozenset({"SF", "SP", "SE", "SSC", "SSO", "SO", "SW", "W_EMOJI"})
_MARKS = frozenset({"SF", "SE", "SO", "SW", "W_EMOJI"})
_PAST = frozenset({"었", "았", "였", "었었", "았었", "겠"})

HONORIFIC_STEMS = {"드시": "먹", "계시": "있", "주무시": "자", "잡수시": "먹"}
"""Verbs that honour by themselves, and what stands for them without honour."""

# Kiwi reads some honorific verbs before 세요 as a noun or an adjective.
_MISREAD: dict[Piece, Piece] = {
    ("계", "NNG"): ("계시", "VV"),
    ("주무", "NNG"): ("주무시", "VV"),
    ("드세", "VA"): ("드시", "VV"),
    ("아", "IC"): ("알", "VV"),
}


@dataclass(frozen=True, slots=True)
class Ending:
    """The final ending of a clause with all it is conjugated with, at ``start:end``.

    ``noun`` stands before a copula, else it is empty. ``prefinal`` are the forms between
    stem and ending (시, 었, 겠). ``before`` are the morphemes of the sentence before the
    stem (or the noun); ``asks`` says that a question mark follows.
    """

    start: int
    end: int
    noun: str
    stem: Piece
    prefinal: tuple[str, ...]
    form: str
    level: Level
    mood: Mood
    asks: bool
    before: tuple[Morpheme, ...]

    @property
    def pos(self) -> str:
        """Tag of the stem without -I or -R."""
        return self.stem[1].partition("-")[0]

    @property
    def copula(self) -> bool:
        """Whether a noun is the predicate."""
        return self.pos == "VCP"

    @property
    def past(self) -> bool:
        """Whether 었 or 겠 stands before the ending, after which verbs take 다, not 는다."""
        return bool(_PAST.intersection(self.prefinal))

    @property
    def honours(self) -> bool:
        """Whether 시 stands before the ending."""
        return bool({"시", "으시"}.intersection(self.prefinal)) or self.stem[0] in HONORIFIC_STEMS


def find_endings(text: str) -> tuple[Ending, ...]:
    """Return the endings of ``text`` outside quotation marks, in order, never overlapping."""
    return located(text, read(text))


def located(text: str, sentences: Sequence[Sequence[Morpheme]]) -> tuple[Ending, ...]:
    """Return the endings of ``sentences``, which were read from ``text``."""
    found: list[Ending] = []
    for sentence in sentences:
        for ending in _in_sentence(text, sentence):
            if not found or ending.start >= found[-1].end:
                found.append(ending)
    return tuple(found)


def _in_sentence(text: str, sentence: Sequence[Morpheme]) -> Iterator[Ending]:
    for at, morpheme in enumerate(sentence):
        if morpheme.pos not in {"EF", "EC"} or morpheme.quoted:
            continue
        last = _with_yo(sentence, at)
        form = morpheme.form + ("요" if last > at else "")
        if form in ENDINGS and _final(text, sentence, last, form):
            ending = _assembled(sentence, at, last, form)
            if ending is not None and _faithful(text, ending, sentence[at]):
                yield ending


def _with_yo(sentence: Sequence[Morpheme], at: int) -> int:
    following = sentence[at + 1] if at + 1 < len(sentence) else None
    joins = following is not None and following.form == "요" and following.pos == "JX"
    return at + 1 if joins else at


def _final(text: str, sentence: Sequence[Morpheme], last: int, form: str) -> bool:
    """Whether the ending closes its clause; kiwi tags some final ones as connective."""
    closes = last + 1 == len(sentence)
    following = None if closes else sentence[last + 1]
    if following is not None:
        broken = "\n" in text[sentence[last].end : following.start]
        closes = broken or (following.pos in _FOLLOWS and not following.quoted)
    if not closes:
        return False
    if form in {"니", "으니", "나"}:
        return following is not None and "?" in following.form
    listed = following is not None and following.form == ","
    if ENDINGS[form][0] == "hae":  # without a mark it may be 개최지, 머잖아 or 이에 대해
        return following is not None and following.pos in _MARKS
    if form.endswith(("데요", "고요", "구요")):
        return not listed  # 어제 봤는데요, …
    told = listed and form in {"다", "ᆫ다", "는다"}
    surely = form.endswith("요") or ENDINGS[form][0] == "hasipsio"
    return sentence[last].pos != "EC" or surely or told


def _assembled(sentence: Sequence[Morpheme], at: int, last: int, form: str) -> Ending | None:
    first = at
    while first > 0 and sentence[first - 1].pos == "EP":
        first -= 1
    prefinal = tuple(m.form for m in sentence[first:at])
    if first == 0:
        return None
    begin, noun, stem = _stem(sentence, first - 1)
    if begin < 0 or not all(m.exact for m in sentence[begin : last + 1]):
        return None
    level, mood = ENDINGS[form]
    following = sentence[last + 1].form if last + 1 < len(sentence) else ""
    asks = "?" in following or form in {"습니까", "ᆸ니까", "냐", "으냐", "느냐"}
    before = tuple(sentence[:begin])
    span = (sentence[begin].start, sentence[last].end)
    if before and before[-1].end > span[0]:
        return None  # contracted with the word before: 게 (것이), 건 (것은)
    alone = not before or before[-1].pos == "SP"
    if form == "야" and noun and alone and sentence[begin].pos != "NP":
        return None  # a call: 미안해, 친구야
    return _honorific(Ending(*span, noun, stem, prefinal, form, level, mood, asks, before))


def _stem(sentence: Sequence[Morpheme], at: int) -> tuple[int, str, Piece]:
    """Return where the predicate begins (-1: no predicate), its noun and its stem."""
    stem = sentence[at]
    misread = _MISREAD.get((stem.form, stem.pos))
    if misread is not None:
        return at, "", misread
    if stem.pos not in PREDICATES:
        return -1, "", ("", "")
    if stem.pos != "VCP":
        return at, "", (stem.form, stem.tag)
    if at == 0 or sentence[at - 1].quoted or sentence[at - 1].end < stem.start:
        return -1, "", ("", "")
    noun = sentence[at - 1]
    if (noun.form, noun.pos) in _MISREAD and stem.start == stem.end:
        return at - 1, "", _MISREAD[noun.form, noun.pos]
    return at - 1, noun.form, ("이", "VCP")


def _honorific(ending: Ending) -> Ending | None:
    """Read 세요 as 시 + 어요, and the 시 of 드시다 or 계시다 as part of the stem."""
    held = ending.stem[0] in HONORIFIC_STEMS
    if ending.form == "어요" and ending.stem[0] == "드시" and not ending.prefinal:
        return replace(ending, form="세요", mood=Mood.HONOR)
    if ending.mood is Mood.HONOR or ending.form in {"십시오", "으십시오"}:
        return replace(ending, prefinal=() if held else ("시",))
    if ending.form == "ᆸ시오" and not ending.honours:
        return None  # 하오체 (갑시오), which has no counterpart here
    return ending


def _faithful(text: str, ending: Ending, final: Morpheme) -> bool:
    """Whether the analysis, joined again, gives what is written; else it is not to be trusted."""
    if ending.copula or ending.mood is Mood.HONOR or ending.stem[0] == "말":
        return True
    yo = [("요", "JX")] if ending.form != final.form else []
    eps = [(form, "EP") for form in ending.prefinal]
    pieces = [ending.stem, *eps, (final.form, final.tag), *yo]
    return join(pieces) == text[ending.start : ending.end] or ending.form in _SPELT_OTHERWISE


_SPELT_OTHERWISE = frozenset({"더라구요", "구요", "ᆯ께요", "을께요", "니", "거라", "너라", "어라"})
