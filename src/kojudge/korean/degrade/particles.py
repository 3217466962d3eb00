"""Particle errors: the form that does not fit the final consonant, or a particle of another case.

Places are the particles that are right as they stand; a wrong one is not "corrected".
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from kojudge.korean.degrade.change import Degraded, changed, chosen
from kojudge.korean.degrade.hangul import has_final, rieul_final
from kojudge.korean.degrade.morphemes import Morpheme, read

__all__ = ["swap_allomorph", "swap_case"]

Replacement = tuple[int, int, str]

# (after a final consonant, after a vowel)
_PAIRS = (
    ("은", "는"),
    ("이", "가"),
    ("을", "를"),
    ("과", "와"),
    ("이랑", "랑"),
    ("이나", "나"),
    ("으로", "로"),
)
_OTHER = {own: pair[1 - side] for pair in _PAIRS for side, own in enumerate(pair)}
_PARTICLES = frozenset({"JKS", "JKC", "JKO", "JKB", "JX", "JC"})

# Never the topic particle and never 에 → 를 (학교를 가다): those often read well.
_SUBJECT, _OBJECT = ("이", "가"), ("을", "를")
_WRONG_CASE = {
    ("JKS", "이"): _OBJECT,
    ("JKS", "가"): _OBJECT,
    ("JKO", "을"): _SUBJECT,
    ("JKO", "를"): _SUBJECT,
    ("JX", "은"): _OBJECT,
    ("JX", "는"): _OBJECT,
    ("JKB", "에"): _SUBJECT,
    ("JKB", "에서"): _OBJECT,
    ("JKB", "으로"): _SUBJECT,
    ("JKB", "로"): _SUBJECT,
    ("JKB", "에게"): _OBJECT,
    ("JKB", "한테"): _OBJECT,
}


def swap_allomorph(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Write 은/는, 이/가, 을/를, 와/과, 으로/로 … against the final consonant before them."""
    places = [
        (particle.start, particle.end, _OTHER[particle.form])
        for before, particle in _particles(text)
        if _OTHER.get(particle.form) and _fits(before, particle.form)
    ]
    return changed(text, chosen(places, severity, rng))


def swap_case(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Put a particle of another case in place (밥을 → 밥이), in the form that fits the noun."""
    places = [place for pair in _particles(text) if (place := _other_case(*pair)) is not None]
    return changed(text, chosen(places, severity, rng))


def _particles(text: str) -> Iterator[tuple[str, Morpheme]]:
    """Pair each particle with the written word before it.

    It must be written as syllables of its own (not 난, 절) and stand alone (not 에는).
    """
    for sentence in read(text):
        follows = [*sentence[1:], None]
        for (before, particle), after in zip(pairwise(sentence), follows[1:], strict=True):
            written = text[particle.start : particle.end] == particle.form
            apart = before.end == particle.start and before.exact
            stacked = before.pos in _PARTICLES or (after is not None and after.pos in _PARTICLES)
            if particle.pos in _PARTICLES and written and apart and not stacked:
                yield text[before.start : before.end], particle


def _fits(before: str, form: str) -> bool:
    final = has_final(before)
    if final is None:
        return False
    if form in {"으로", "로"} and rieul_final(before):
        return form == "로"
    return any(form == pair[0 if final else 1] for pair in _PAIRS)


def _other_case(before: str, particle: Morpheme) -> Replacement | None:
    pair = _WRONG_CASE.get((particle.pos, particle.form))
    final = has_final(before)
    # 내가, 제가, 네가 change their stem with the particle.
    if pair is None or final is None or (before in {"내", "제", "네"} and particle.form == "가"):
        return None
    return particle.start, particle.end, pair[0 if final else 1]
