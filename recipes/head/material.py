"""The lessons of the recipe: levels of single texts, and the pairs that they imply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter

import numpy as np

from kojudge.audit.kinds import CRITERIA, WRITTEN
from kojudge.heads.data import Example, Lesson, Material, pairs_of_scores, spread_over_levels
from kojudge.heads.fit import Ruling
from kojudge.records import Message
from recipes.head.versions import SAME, Version

__all__ = ["LEVELS", "LICENCE", "RULING", "TEACHER", "material"]

RULING = Ruling(penalties=(0.1,), shared=True)
"""The penalty tells texts from their damaged versions best where prompts are left out; chosen by
the error on levels it would be far larger, for the levels of different texts are a coarse guess."""
COUNTS = 8
"""Times that some texts count: rewrites by people, for there are few and no program makes their
like, and shortened texts, so that a text cut short is not told by its length."""
_SOUND = ("original", *SAME)

LEVELS = tuple("12345")
TEACHER = "texts made worse on purpose, and ChatGPT's scores of komt-eval"
LICENCE = "Apache-2.0 (komt-eval, ko-arena-hard, korean-student-writing); kojudge's own audit texts"
MOST_PAIRS = 6000
"""Pairs of versions of one text; there are twice as many, and they teach little more."""


def material(versions: Sequence[Version], rng: np.random.Generator) -> Material:
    """Return what is to be learnt of naturalness and friendliness, alone and in pairs."""
    examples = tuple(
        Example(
            one.key,
            one.origin.prompt,
            one.origin.writer,
            (Message("user", one.origin.request),),
            one.text,
        )
        for one in versions
    )
    lessons: list[Lesson] = []
    for criterion in CRITERIA:
        alone = _alone(criterion, versions, attrgetter(criterion))
        pairs = _pairs(alone, versions, rng)
        lessons += [_weighted(alone, versions), _weighted(pairs, versions)]
    return Material(examples, tuple(lessons), TEACHER, LICENCE)


def _alone(
    criterion: str, versions: Sequence[Version], level: Callable[[Version], float | None]
) -> Lesson:
    known = [(at, found) for at, one in enumerate(versions) if (found := level(one)) is not None]
    first = np.array([at for at, _ in known], dtype=np.intp)
    answers = np.array([spread_over_levels(found, LEVELS) for _, found in known])
    return Lesson(criterion, "pointwise", LEVELS, first, answers)


def _weighted(lesson: Lesson, versions: Sequence[Version]) -> Lesson:
    """Return the lesson with some answers as often as they count."""
    rows = np.array([_counts(one) for one in versions])
    if lesson.second is None:
        often = rows[lesson.first]
    else:
        sound = np.array([one.kind in _SOUND for one in versions])
        written = np.array([one.kind in WRITTEN for one in versions])
        one, other = lesson.first, lesson.second
        alike = sound[one] & sound[other] & (np.maximum(rows[one], rows[other]) > 1)
        often = np.where(written[one] | written[other] | alike, COUNTS, 1)
    return lesson.take(np.repeat(np.arange(len(often)), often))


def _counts(one: Version) -> int:
    return COUNTS if one.kind in WRITTEN or one.kind == "shortened" else 1


def _pairs(alone: Lesson, versions: Sequence[Version], rng: np.random.Generator) -> Lesson:
    """Return pairs of versions of one text, and of texts found for one request."""
    origins = [one.origin.key for one in versions]
    within = pairs_of_scores(alone, origins, rng)
    found = np.flatnonzero([versions[at].kind == "original" for at in alone.first.tolist()])
    across = pairs_of_scores(alone.take(found), [one.origin.prompt for one in versions], rng)
    if len(within.first) > MOST_PAIRS:
        within = within.take(np.sort(rng.choice(len(within.first), MOST_PAIRS, replace=False)))
    if not len(across.first):
        return within
    assert within.second is not None  # noqa: S101 - pairs have two texts
    assert across.second is not None  # noqa: S101
    return replace(
        within,
        first=np.concatenate([within.first, across.first]),
        second=np.concatenate([within.second, across.second]),
        answers=np.concatenate([within.answers, across.answers]),
    )
