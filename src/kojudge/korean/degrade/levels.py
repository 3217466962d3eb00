"""Rewrite sentence endings at another speech level (해요체, 합쇼체, 해라체), and mix the levels.

Every rewritten ending is grammatical at its level; an ending without a natural counterpart
(안녕하세요 in 해라체, 을까요 in 합쇼체) stays as it is and is not counted. 해체 is read, but never
written: it takes part as plain speech. Quotations stay untouched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

import numpy as np

from kojudge.errors import ConfigError, did_you_mean, said
from kojudge.korean.degrade.change import Degraded, changed, chosen, share
from kojudge.korean.degrade.endings import Ending, located
from kojudge.korean.degrade.moods import Target, side_of
from kojudge.korean.degrade.morphemes import Morpheme, read
from kojudge.korean.degrade.pronouns import pronoun_changes
from kojudge.korean.degrade.realise import realise

__all__ = ["mix_levels", "rewrite", "rewrite_haera"]

_TARGETS = get_args(Target)

Sentences = Sequence[Sequence[Morpheme]]


def rewrite(text: str, level: Target) -> Degraded:
    """Rewrite every ending of ``text`` at ``level``: ``haeyo``, ``hasipsio`` or ``haera``.

    Where politeness switches, 저/제 and 나/내 switch with it, also in fragments. Another
    level raises ``ConfigError``.
    """
    if level not in _TARGETS:
        raise ConfigError(
            said(f"‘{level}’ 말씨로는 바꿔 쓸 수 없습니다.", f"Cannot rewrite at level {level!r}."),
            did_you_mean(level, _TARGETS),
        )
    sentences = read(text)
    endings = located(text, sentences)
    done = _rewritten(endings, level)
    return _carried_out(text, sentences, endings, done, level, fragments=True)


def rewrite_haera(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Rewrite ``severity`` of the endings in 해라체, all at 1: less friendly, still grammatical."""
    sentences = read(text)
    endings = located(text, sentences)
    places = _rewritten(endings, "haera")
    taken = chosen(places, severity, rng)
    return _carried_out(text, sentences, endings, taken, "haera", fragments=severity == 1.0)


def mix_levels(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Rewrite endings of the prevailing side, polite or plain, to the other side.

    Places are half of the text's endings, since a text whose every ending changed is not
    mixed: severity 1 is the most mixed. A text with a single ending has no place.
    """
    sentences = read(text)
    endings = located(text, sentences)
    polite = [ending for ending in endings if side_of(ending.level) == "polite"]
    to_polite: Target = "haeyo" if rng.random() < 0.7 else "hasipsio"
    to_plain = 2 * len(polite) >= len(endings)
    target: Target = "haera" if to_plain else to_polite
    prevailing = [e for e in endings if (side_of(e.level) == "polite") is to_plain]
    places = _rewritten(prevailing, target)
    half = min(len(places), len(endings) // 2)
    order = [places[int(i)] for i in rng.permutation(len(places))[:half]]
    taken = order[: share(severity, half)]
    return _carried_out(text, sentences, endings, taken, target, fragments=False)


def _rewritten(endings: Sequence[Ending], target: Target) -> list[tuple[Ending, str]]:
    """Pair each ending that changes at ``target`` with what stands there then."""
    done = ((ending, realise(ending, target)) for ending in endings)
    return [(ending, after) for ending, after in done if after is not None]


def _carried_out(
    text: str,
    sentences: Sentences,
    endings: Sequence[Ending],
    taken: Sequence[tuple[Ending, str]],
    target: Target,
    fragments: bool,
) -> Degraded:
    side = side_of(target)
    switched = [ending for ending, _ in taken if side_of(ending.level) != side]
    held = {ending.start for ending in endings}  # 저 of 저예요 goes with its ending
    replacements = [(ending.start, ending.end, after) for ending, after in taken]
    if switched:
        for sentence in _in_switched(sentences, endings, switched, fragments):
            found = pronoun_changes(text, sentence, side)
            replacements += [place for place in found if place[0] not in held]
    return changed(text, replacements)


def _in_switched(
    sentences: Sentences,
    endings: Sequence[Ending],
    switched: Sequence[Ending],
    fragments: bool,
) -> Iterator[Sequence[Morpheme]]:
    """Yield the sentences whose politeness switched, and with ``fragments`` those without ending."""
    moved = {ending.start for ending in switched}
    known = {ending.start for ending in endings}
    for sentence in sentences:
        starts = {morpheme.start for morpheme in sentence}
        if starts & moved or (fragments and not starts & known):
            yield sentence
