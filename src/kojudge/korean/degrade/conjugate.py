"""Conjugate a predicate with a new ending: contractions, irregular stems and the copula."""

from __future__ import annotations

from kojudge.korean.degrade.endings import Ending
from kojudge.korean.degrade.hangul import has_final
from kojudge.korean.degrade.moods import Mood
from kojudge.korean.degrade.morphemes import Piece, join

__all__ = ["with_ending"]

_SELF = {"저": "나", "저희": "우리"}
_HUMBLE = {"나": "저"}


def with_ending(
    ending: Ending,
    *final: Piece,
    stem: Piece | None = None,
    prefinal: tuple[str, ...] | None = None,
) -> str:
    """Return the word of ``ending`` with ``final`` in place of its ending.

    ``stem`` and ``prefinal`` replace its stem and the forms before the ending (시, 었, 겠).
    """
    eps: list[Piece] = [
        (form, "EP") for form in (ending.prefinal if prefinal is None else prefinal)
    ]
    return _conjugated(ending, stem or ending.stem, [*eps, *final])


def _conjugated(ending: Ending, stem: Piece, endings: list[Piece]) -> str:
    conjugate = _asked if endings[-1][0] == "니" else join
    if ending.pos == "VCN" and endings[-1][0] == "어요":
        endings = [*endings[:-1], ("에요" if len(endings) == 1 else "어요", "EF")]
    if stem[0] == "말" and len(endings) == 1 and endings[-1][0] == "어요":
        return "말아요"  # 떨어지고 말아요; kiwi writes 마요, which forbids
    if not ending.copula:
        return _respelt(ending, conjugate([stem, *endings]))
    noun = _noun(ending, endings)
    # The noun is stood in for, so that kiwi need not know it: only its last sound matters.
    proxy = "나무" if has_final(noun) is False else "책"
    joined = conjugate([(proxy, "NNG"), stem, *endings])
    if not any(piece[1] == "EP" for piece in endings) and endings[-1][0] == "어요":
        joined = proxy + ("이에요" if proxy == "책" else "예요")
    copula = _respelt(ending, joined.removeprefix(proxy))
    if noun == "거" and copula.startswith("일까"):
        return "걸" + copula[1:]
    return noun + copula


def _asked(pieces: list[Piece]) -> str:
    """Join the question ending 니, which kiwi takes for 으니: it follows the stem as 는가 does."""
    return join([*pieces[:-1], ("는가", "EF")]).removesuffix("는가") + "니"


def _respelt(ending: Ending, word: str) -> str:
    """하셔요 → 하세요, the usual spelling of 시 + 어요; but 마셔요 stays."""
    honours = ending.honours or ending.mood is Mood.COMMAND
    return word.removesuffix("셔요") + "세요" if honours and word.endswith("셔요") else word


def _noun(ending: Ending, endings: list[Piece]) -> str:
    """것 and 거, 무엇 and 뭐, 저 and 나 before the copula."""
    final = endings[-1][0]
    polite = final.endswith(("요", "ᆸ니다", "ᆸ니까"))
    formal = not final.endswith("요")
    noun = ending.noun
    if noun in {"것", "거"}:
        return "거" if not formal or final == "지" else "것"
    if noun in {"무엇", "뭐"} and final in {"ᆸ니다", "ᆸ니까"}:
        return "무엇"
    if noun == "무엇" and final in {"어요", "니", "지"}:
        return "뭐"
    return (_HUMBLE if polite else _SELF).get(noun, noun)
