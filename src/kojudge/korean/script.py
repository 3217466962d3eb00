"""Script: letters that do not belong in a Korean text.

Small models slip into Chinese, Japanese, Russian or English in mid-sentence, break a syllable
into loose letters, or emit U+FFFD where a token was cut in two. Not counted: code, addresses,
names and acronyms (they hold a capital), units, glosses in brackets after a Korean word
(``배려(配慮)``), what stands in the prompt, and ㅋㅋ, ㅎㅎ, ㅠㅠ, ㅜㅜ.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from kojudge.errors import Said, said
from kojudge.korean.analysis import Analysis
from kojudge.korean.hit import Hit

__all__ = ["LABELS", "Language", "Script", "blank_code", "measure"]

Language = Literal["ko", "en", "ja", "zh", "ru", "mixed", "other"]

LABELS: Mapping[str, Said] = {
    "han": said("한자", "Chinese characters"),
    "kana": said("가나", "Japanese kana"),
    "cyrillic": said("키릴 문자", "Cyrillic letters"),
    "latin": said("섞여 든 외국어 낱말", "foreign word in Latin letters"),
    "other": said("다른 나라 글자", "letters of another script"),
    "jamo": said("음절에서 떨어져 나온 낱자", "loose letter stuck to a syllable"),
    "replacement": said("깨진 글자", "broken character"),
}

HANGUL = "가-힣\u3131-\u318e\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff"
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d"
_CYRILLIC = "\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f"
_LATIN = (
    "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1d00-\u1dbf\u1e00-\u1eff"
    "\u2c60-\u2c7f\uff21-\uff3a\uff41-\uff5a"
)
_SYMBOLS = "\u00b2\u00b3\u00b5\u00b9\u0370-\u03ff\u1f00-\u1fff\u2070-\u209f\u2100-\u218f\u2460-\u24ff\U0001d400-\U0001d7ff"
"""Greek, numerals and letter-like signs: mathematics and units."""

_LETTER = re.compile(r"[^\W\d_]")
_HANGUL_LETTER = re.compile(f"[{HANGUL}]")
_RUNS: Mapping[str, re.Pattern[str]] = {
    "han": re.compile(f"[{_HAN}]+"),
    "kana": re.compile(f"[{_KANA}]+"),
    "cyrillic": re.compile(f"[{_CYRILLIC}]+"),
    "latin": re.compile(rf"(?<![\w.@#/\\-])[{_LATIN}]{{2,}}(?![{_LATIN}\d_@/\\(=]|[.:-]\w)"),
    "other": re.compile(rf"(?:(?![{HANGUL}{_HAN}{_KANA}{_CYRILLIC}{_LATIN}{_SYMBOLS}])[^\W\d_])+"),
}
_CODE = re.compile(
    r"^[ \t]*(?:```|~~~).*?(?:^[ \t]*(?:```|~~~)|\Z)|`[^`\n]*`|<[A-Za-z/!][^<>\n]{0,200}>"
    r"|(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]+\.[\w.]+|\$[^$\n]{1,200}\$",
    re.DOTALL | re.MULTILINE,
)
_GLOSS = re.compile(r"(?<=[가-힣])\s?[(（\[][^()（）\[\]\n]{1,80}[)）\]]")
_JAMO = re.compile("(?<=[가-힣])[ㄱ-ㅎㅏ-ㅣ]+")
_BROKEN = re.compile("[\ufffd\ud800-\udfff]+")
_SOUNDS = frozenset("ㅋㅎㅠㅜㅡㅗ")
"""Laughter and tears; any other letter may only be repeated (ㄷㄷ)."""

_UNITS = """
kg mg km cm mm ml kcal cal hz khz mhz ghz kb mb gb tb kw kwh px pt dpi rpm mph kph bpm ppm pm am
"""
_SHORT_FORMS = """
vs feat ft ok tv pc sns dm mbti diy cf cd dvd usb vip ost ppt pdf tmi no etc jpg png gif mp wifi lol
zz zzz in of the an and by
"""
_FAMILIAR = frozenset((_UNITS + _SHORT_FORMS).split())
"""Units and short words that Korean texts write in small Latin letters."""

_EXPECTED: Mapping[str, frozenset[str]] = {
    "ko": frozenset(),
    "en": frozenset({"latin"}),
    "mixed": frozenset({"latin"}),
    "ja": frozenset({"kana", "han"}),
    "zh": frozenset({"han"}),
    "ru": frozenset({"cyrillic"}),
    "other": frozenset({"latin", "other", "han", "kana", "cyrillic"}),
}


@dataclass(frozen=True, slots=True)
class Script:
    """Which letters a text is made of.

    ``hangul_share``: Hangul letters of all letters outside code and addresses, 0–1 (0
    without any letter). The others count per 100 letters (at least one letter is assumed):
    characters of ``han``, ``kana``, ``cyrillic`` and ``other`` scripts, lower-case ``latin``
    words, ``jamo`` runs stuck to a syllable, ``replacement`` characters (U+FFFD and lone
    surrogates).
    """

    hangul_share: float
    han: float
    kana: float
    cyrillic: float
    latin: float
    other: float
    jamo: float
    replacement: float
    hits: tuple[Hit, ...]


def measure(
    analysis: Analysis, allowed: Collection[str] = (), language: Language | str = "ko"
) -> Script:
    """Find letters out of place.

    ``allowed`` are words of the prompt (``response_language.allowed_words``); letter case is
    ignored. ``language`` is what the prompt asked for: its own script is no intrusion.
    """
    prose = blank_code(analysis.text)
    letters = len(_LETTER.findall(prose))
    hits = tuple(
        sorted(
            (*_foreign(prose, allowed, language), *_loose(prose), *_broken(analysis.text)),
            key=lambda hit: (hit.start, hit.end),
        )
    )
    counted = dict.fromkeys(LABELS, 0)
    for hit in hits:
        counted[hit.name] += 1 if hit.name in {"latin", "jamo"} else hit.end - hit.start
    rate = {name: 100 * count / max(letters, 1) for name, count in counted.items()}
    share = len(_HANGUL_LETTER.findall(prose)) / letters if letters else 0.0
    return Script(hangul_share=share, hits=hits, **rate)


def blank_code(text: str) -> str:
    """Return ``text`` with code, formulas, tags and addresses blanked; the length stays."""
    return _CODE.sub(lambda match: " " * len(match[0]), text)


def _foreign(prose: str, allowed: Collection[str], language: str) -> Iterator[Hit]:
    text = _GLOSS.sub(lambda match: " " * len(match[0]), prose)
    words = {word.casefold() for word in allowed}
    characters = {character for word in words for character in word}
    expected = _EXPECTED.get(language, _EXPECTED["other"])
    for name, pattern in _RUNS.items():
        if name in expected:
            continue
        for match in pattern.finditer(text):
            if name == "latin":
                fine = _is_name(match[0]) or match[0].casefold() in words
            else:
                fine = characters.issuperset(match[0].casefold())
            if not fine:
                yield Hit("script", name, match.start(), match.end())


def _is_name(word: str) -> bool:
    """Whether a Latin word may well stand in a Korean text: a name, an acronym, a unit."""
    return word != word.lower() or word in _FAMILIAR


def _loose(prose: str) -> Iterator[Hit]:
    for match in _JAMO.finditer(prose):
        run, follows = match[0], prose[match.end() : match.end() + 1]
        sound = _SOUNDS.issuperset(run)
        repeated = len(run) > 1 and len(set(run)) == 1 and not "가" <= follows <= "힣"
        if not sound and not repeated:
            yield Hit("script", "jamo", match.start(), match.end())


def _broken(text: str) -> Iterator[Hit]:
    for match in _BROKEN.finditer(text):
        yield Hit("script", "replacement", match.start(), match.end())
