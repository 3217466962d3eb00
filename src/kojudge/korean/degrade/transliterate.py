"""Hangul written in other letters, syllable by syllable: rough, as leaked foreign script is."""

from __future__ import annotations

from collections.abc import Sequence

from kojudge.korean.degrade.hangul import decompose, is_syllable

__all__ = ["cyrillic", "kana", "latin"]


def _cells(row: str) -> list[str]:
    return row.split()


# In the order of Unicode: 19 initials, 21 vowels, 28 finals. "-" stands for no letter.
_LATIN = (
    _cells("g kk n d tt r m b pp s ss - j jj ch k t p h"),
    _cells("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i"),
    _cells("- k k k n n n t l k m l l l p l m p p t t ng t t k t p t"),
)
_CYRILLIC = (
    _cells("к кк н т тт р м п пп с сс - ч чч чх кх тх пх х"),
    _cells("а э я йя о е ё йе о ва вэ ве ё у во ве ви ю ы ый и"),
    _cells("- к к к н н н т ль к м ль ль ль п ль м п п т т н т т к т п т"),
)
_KANA_ROWS = _cells(
    "カキクケコ カキクケコ ナニヌネノ タチツテト タチツテト ラリルレロ マミムメモ パピプペポ パピプペポ サシスセソ サシスセソ アイウエオ "
    "チチチチチ チチチチチ チチチチチ カキクケコ タチツテト パピプペポ ハヒフヘホ"
)
_KANA_VOWEL = "aeaeoeoeoaeeouoeiuuii"
_KANA_FINAL = _cells(
    "- ク ク ク ン ン ン ッ ル ク ム ル ル ル プ ル ム プ プ ッ ッ ン ッ ッ ク ッ プ ッ"
)


def latin(word: str) -> str:
    """Romanise roughly as 국어의 로마자 표기법 does, without sound changes."""
    return _lettered(word, _LATIN)


def cyrillic(word: str) -> str:
    """Write in Russian letters."""
    return _lettered(word, _CYRILLIC)


def kana(word: str) -> str:
    """Write in katakana."""
    written = []
    for char in word:
        if not is_syllable(char):
            written.append(char)
            continue
        initial, vowel, final = decompose(char)
        written.append(_KANA_ROWS[initial]["aiueo".index(_KANA_VOWEL[vowel])])
        written.append(_KANA_FINAL[final].replace("-", ""))
    return "".join(written)


def _lettered(word: str, letters: tuple[Sequence[str], Sequence[str], Sequence[str]]) -> str:
    return "".join(
        "".join(table[i] for table, i in zip(letters, decompose(char), strict=True)).replace(
            "-", ""
        )
        if is_syllable(char)
        else char
        for char in word
    )
