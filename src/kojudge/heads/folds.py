"""What is left out of training together: a fold of prompts and a fold of writers at once.

A test cell is a prompt fold × a writer fold; training leaves out both, so that neither the
topic nor the writer's own style can pass for quality.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kojudge.heads.data import Lesson

__all__ = ["FEWEST_WRITERS", "OUTER", "Folds", "deal_folds", "level_of"]

Indices = NDArray[np.intp]

OUTER = (5, 8)
"""Folds of prompts and of writers at most: writers differ most, and there are few of them."""
FEWEST_WRITERS = 3
"""With fewer, leaving writers out leaves nothing to learn from: only prompts are left out."""


@dataclass(frozen=True, slots=True)
class Folds:
    """The fold of each example's prompt [N] and writer [N]; None: writers are not left out."""

    prompt: Indices
    candidate: Indices | None

    def cells(self) -> Iterator[tuple[int, int]]:
        """Yield every (prompt fold, writer fold); the second is 0 where no writer is left out."""
        writers = 1 if self.candidate is None else int(self.candidate.max()) + 1
        for p in range(int(self.prompt.max()) + 1):
            for c in range(writers):
                yield p, c

    def split(self, lesson: Lesson, cell: tuple[int, int]) -> tuple[Indices, Indices]:
        """Return the rows of ``lesson`` to learn from and those to test on.

        A pair of two writers is tested where both are left out, and learnt from where
        neither is; beside the baseline only the other writer counts.
        """
        own = self.prompt[lesson.first] == cell[0]
        test, train = own, ~own
        if self.candidate is not None:
            sides = [lesson.first]
            if lesson.second is not None and not lesson.against_baseline:
                sides.append(lesson.second)
            for side in sides:
                left_out = self.candidate[side] == cell[1]
                test, train = test & left_out, train & ~left_out
        return np.flatnonzero(train), np.flatnonzero(test)


def deal_folds(
    prompts: Sequence[str],
    candidates: Sequence[str],
    numbers: tuple[int, int],
    level: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    paired: bool = False,
) -> Folds:
    """Deal prompts and writers into so many folds each (``numbers``), alike in mean ``level`` [N].

    ``level`` is how good each text is said to be. Without balance a fold that holds the best
    writers is predicted by a mean without them, and r over all folds drops below what any
    one fold shows. ``paired``: two writers are needed in each fold. With fewer than three
    writers (paired: four) they are not left out.
    """
    writers = len(set(candidates))
    needed = FEWEST_WRITERS + 1 if paired else FEWEST_WRITERS
    most = min(numbers[1], writers // 2 if paired else writers)
    by_writer = None if writers < needed else _dealt(candidates, most, level, rng)
    return Folds(_dealt(prompts, min(numbers[0], len(set(prompts))), level, rng), by_writer)


def level_of(lessons: Sequence[Lesson], size: int) -> NDArray[np.float64]:
    """Return how good each of ``size`` examples is said to be: the mean over the lessons.

    Each lesson counts in standard deviations; the second text of a pair is as much worse as
    the first is better. 0 where nothing is said.
    """
    total, count = np.zeros(size), np.zeros(size)
    for lesson in lessons:
        truth = lesson.truth
        spread = float(truth.std()) or 1.0
        centre = float(truth.mean()) if lesson.second is None else 0.5
        away = (truth - centre) / spread
        sides = [(lesson.first, away)]
        if lesson.second is not None:
            sides.append((lesson.second, -away))
        for side, value in sides:
            np.add.at(total, side, value)
            np.add.at(count, side, 1.0)
    return total / np.maximum(count, 1.0)


def _dealt(
    names: Sequence[str], number: int, level: NDArray[np.float64], rng: np.random.Generator
) -> Indices:
    """Give each text the fold of its name: of ``number`` names next in level, one a fold."""
    unique, place = np.unique(np.array(names), return_inverse=True)
    mean = np.bincount(place, weights=level) / np.bincount(place)
    order = np.lexsort((rng.random(unique.size), mean))
    fold = np.empty(unique.size, dtype=np.intp)
    for start in range(0, unique.size, number):
        block = order[start : start + number]
        fold[block] = rng.permutation(number)[: block.size]
    return fold[place]
