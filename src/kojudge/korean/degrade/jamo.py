"""Letter errors inside syllables, as slips of the keyboard make them; the syllables stay valid."""

from __future__ import annotations

import numpy as np

from kojudge.korean.degrade.change import Degraded, changed, chosen
from kojudge.korean.degrade.hangul import FINALS, compose, decompose, is_syllable

__all__ = ["damage_finals", "swap_vowels"]

_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
# Neighbours on the two-set keyboard and vowels that are told apart by one stroke.
_NEAR_VOWELS = {
    "ㅏ": "ㅓㅣㅑ", "ㅐ": "ㅔㅑㅏ", "ㅑ": "ㅏㅕㅐ", "ㅒ": "ㅖㅐ", "ㅓ": "ㅏㅗㅕ", "ㅔ": "ㅐㅓ", "ㅕ": "ㅑㅓ",
    "ㅖ": "ㅔㅕ", "ㅗ": "ㅓㅜㅛ", "ㅘ": "ㅗㅏ", "ㅙ": "ㅚㅐ", "ㅚ": "ㅙㅗ", "ㅛ": "ㅗㅕ", "ㅜ": "ㅠㅡㅗ", "ㅝ": "ㅜㅓ",
    "ㅞ": "ㅝㅔ", "ㅟ": "ㅜㅣ", "ㅠ": "ㅜㅡ", "ㅡ": "ㅜㅣ", "ㅢ": "ㅡㅣ", "ㅣ": "ㅏㅡ",
}  # fmt: skip
# "" drops the final consonant.
_NEAR_FINALS = {
    "ㄱ": ("ㅋ", "ㅇ", ""), "ㄲ": ("ㄱ", ""), "ㄳ": ("ㄱ", ""), "ㄴ": ("ㅇ", "ㅁ", ""), "ㄵ": ("ㄴ", ""), "ㄶ": ("ㄴ", ""),
    "ㄷ": ("ㅌ", "ㅅ", ""), "ㄹ": ("ㄴ", "ㄷ", ""), "ㄺ": ("ㄱ", "ㄹ"), "ㄻ": ("ㅁ", "ㄹ"), "ㄼ": ("ㅂ", "ㄹ"),
    "ㄽ": ("ㄹ", ""), "ㄾ": ("ㄹ", ""), "ㄿ": ("ㅍ", ""), "ㅀ": ("ㄹ", "ㅎ"), "ㅁ": ("ㅇ", "ㄴ", ""), "ㅂ": ("ㅍ", "ㅁ", ""),
    "ㅄ": ("ㅂ", ""), "ㅅ": ("ㄷ", "ㅈ", ""), "ㅆ": ("ㅅ", "ㅊ"), "ㅇ": ("ㅁ", "ㄴ", ""), "ㅈ": ("ㅅ", "ㅊ", ""),
    "ㅊ": ("ㅈ", "ㅅ", ""), "ㅋ": ("ㄱ", ""), "ㅌ": ("ㄷ", ""), "ㅍ": ("ㅂ", ""), "ㅎ": ("ㅅ", ""),
}  # fmt: skip


def swap_vowels(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Put a neighbouring vowel in a syllable (좋아 → 좋어); places are all syllables."""
    places = [at for at, char in enumerate(text) if is_syllable(char)]
    taken = chosen(places, severity, rng)
    return changed(text, [(at, at + 1, _other_vowel(text[at], rng)) for at in taken])


def damage_finals(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Confuse or drop a final consonant; places are the syllables that have one."""
    places = [at for at, char in enumerate(text) if is_syllable(char) and decompose(char)[2]]
    taken = chosen(places, severity, rng)
    return changed(text, [(at, at + 1, _other_final(text[at], rng)) for at in taken])


def _other_vowel(syllable: str, rng: np.random.Generator) -> str:
    initial, vowel, final = decompose(syllable)
    near = _NEAR_VOWELS[_VOWELS[vowel]]
    return compose(initial, _VOWELS.index(near[int(rng.integers(len(near)))]), final)


def _other_final(syllable: str, rng: np.random.Generator) -> str:
    initial, vowel, final = decompose(syllable)
    near = _NEAR_FINALS[FINALS[final]]
    return compose(initial, vowel, FINALS.index(near[int(rng.integers(len(near)))]))
