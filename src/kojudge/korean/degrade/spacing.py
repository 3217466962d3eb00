"""Broken spacing: spaces taken away, or put inside words."""

from __future__ import annotations

import re

import numpy as np

from kojudge.korean.degrade.change import Degraded, changed, chosen
from kojudge.korean.degrade.hangul import is_syllable
from kojudge.korean.degrade.morphemes import read

__all__ = ["insert_spaces", "remove_spaces"]

_SPACE = re.compile(r"(?<=\S) (?=\S)")
# A word may begin before these morphemes, so a space there can be right.
_TAGS = """
NNG NNP NNB NR NP MM MAG MAJ IC VV VA VX XPN XR SL SN SH SSO SW W_EMOJI
"""
_BEGINS_WORD = frozenset(_TAGS.split())


def remove_spaces(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Take away spaces between two words of a line; places are all such single spaces."""
    places = [(match.start(), match.end(), "") for match in _SPACE.finditer(text)]
    return changed(text, chosen(places, severity, rng))


def insert_spaces(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Put spaces inside words where none can be right.

    Places are the seams between two syllables of a word, without those where another word
    may begin (noun + noun, 먹어 + 보다). Severity 1 spaces a text out syllable by syllable.
    """
    begins = {m.start for sentence in read(text) for m in sentence if m.pos in _BEGINS_WORD}
    places = [
        (at, at, " ")
        for at in range(1, len(text))
        if is_syllable(text[at - 1]) and is_syllable(text[at]) and at not in begins
    ]
    return changed(text, chosen(places, severity, rng))
