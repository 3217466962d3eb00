"""Hangul syllables and their letters (Unicode chapter 3.12: S = (L * 21 + V) * 28 + T)."""

from __future__ import annotations

__all__ = ["FINALS", "compose", "decompose", "has_final", "is_syllable", "rieul_final"]

_FIRST, _VOWELS, _FINALS = 0xAC00, 21, 28
FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

# The last letter of a word in Latin letters or digits, as Koreans read it aloud.
_READ_WITH_FINAL = frozenset("lmnrLMNR013678")
_READ_WITH_RIEUL = frozenset("lrLR178")


def is_syllable(char: str) -> bool:
    """Whether ``char`` is one precomposed Hangul syllable."""
    return "가" <= char <= "힣" and len(char) == 1


def decompose(syllable: str) -> tuple[int, int, int]:
    """Return the indices of initial (0-18), vowel (0-20) and final (0-27, 0 = none)."""
    index = ord(syllable) - _FIRST
    return index // (_VOWELS * _FINALS), index // _FINALS % _VOWELS, index % _FINALS


def compose(initial: int, vowel: int, final: int) -> str:
    """Return the syllable of the three indices."""
    return chr(_FIRST + (initial * _VOWELS + vowel) * _FINALS + final)


def has_final(word: str) -> bool | None:
    """Whether ``word`` is read with a final consonant; None where it cannot be known."""
    last = word[-1:]
    if is_syllable(last):
        return decompose(last)[2] != 0
    if last.isascii() and last.isalnum():
        return last in _READ_WITH_FINAL
    return False if last == "%" else None


def rieul_final(word: str) -> bool:
    """Whether ``word`` is read with a final ㄹ, after which 로 stands as after a vowel."""
    last = word[-1:]
    if is_syllable(last):
        return decompose(last)[2] == FINALS.index("ㄹ")
    return last in _READ_WITH_RIEUL
