"""What a head learns from: texts, and what a judge or people said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kojudge.records import Message, Mode

__all__ = [
    "Example",
    "Lesson",
    "Material",
    "pairs_of_scores",
    "preferred",
    "spread_over_levels",
]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

MATES = 4
"""Other texts of its prompt that a text is paired with where pairs are made of scores."""


@dataclass(frozen=True, slots=True)
class Example:
    """One text to learn from: ``before`` are the turns it answers, the last one the request."""

    key: str
    prompt: str
    candidate: str
    before: tuple[Message, ...]
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """One criterion in one mode: n answers of a judge, or of people, about the examples.

    ``first`` [n] are places in the list of examples; pairwise, ``second`` [n] is the other
    text of the pair. ``answers`` [n, K] is the probability of each label (rows sum to 1):
    pointwise the levels, lowest first; pairwise first better, second better, and, where
    there is a third label, alike. ``against_baseline``
    (pairwise): the second text is always one model's,
    the baseline's, so that only the first's model is left out in validation.
    ``made`` says that pairs were made of scores.
    """

    criterion: str
    mode: Mode
    labels: tuple[str, ...]
    first: Indices
    answers: Floats
    second: Indices | None = None
    against_baseline: bool = False
    made: bool = False

    @property
    def values(self) -> Floats:
        """What each label is worth [K]: its level, or the preference for the first text."""
        if self.mode == "pointwise":
            return np.array([float(label) for label in self.labels])
        return np.array([1.0, 0.0, 0.5])[: len(self.labels)]

    @property
    def truth(self) -> Floats:
        """The expected level, or the preference for the first text (0–1), [n]."""
        truth: Floats = self.answers @ self.values
        return truth

    def take(self, rows: Indices) -> Lesson:
        """Return the answers at ``rows`` alone."""
        second = None if self.second is None else self.second[rows]
        return replace(self, first=self.first[rows], second=second, answers=self.answers[rows])

    def design(self, features: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return what is known of each answer's text [n, D], or of the pair's difference."""
        x = features[self.first]
        return x if self.second is None else x - features[self.second]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Examples and the lessons about them.

    ``teacher`` names who gave the answers, ``licence`` that of the answers in words;
    ``held_out`` counts answers left unread because their prompts are held out.
    """

    examples: tuple[Example, ...]
    lessons: tuple[Lesson, ...]
    teacher: str
    licence: str = ""
    held_out: int = 0
    evidence: bool = False

    @property
    def prompts(self) -> tuple[str, ...]:
        """The prompt of each example."""
        return tuple(example.prompt for example in self.examples)

    @property
    def candidates(self) -> tuple[str, ...]:
        """The writer of each example."""
        return tuple(example.candidate for example in self.examples)


def spread_over_levels(score: float, labels: Sequence[str]) -> Floats:
    """Return the distribution [K] over the two levels next to ``score`` whose mean it is."""
    values = np.array([float(label) for label in labels])
    held = float(np.clip(score, values[0], values[-1]))
    above = int(np.clip(np.searchsorted(values, held), 1, values.size - 1))
    share = (held - values[above - 1]) / (values[above] - values[above - 1])
    spread = np.zeros(values.size)
    spread[above - 1], spread[above] = 1 - share, share
    return spread


def preferred(preference: float, labels: Sequence[str]) -> Floats:
    """Return the distribution [2 or 3] of a preference for the first text; ½ is a tie."""
    spread = np.zeros(len(labels))
    if preference == 0.5 and len(labels) > 2:
        spread[2] = 1.0
    else:
        spread[:2] = preference, 1 - preference
    return spread


def pairs_of_scores(
    lesson: Lesson,
    prompts: Sequence[str],
    rng: np.random.Generator,
    labels: Literal[2, 3] = 3,
) -> Lesson:
    """Return the pairs that the scores of ``lesson`` imply: two texts of one prompt.

    Which of two is better follows from their levels as if each had been drawn on its own.
    Every text is paired with about ``2·MATES`` others of its prompt, drawn with ``rng``.
    """
    by_prompt: dict[str, list[int]] = {}
    for row, place in enumerate(lesson.first.tolist()):
        by_prompt.setdefault(prompts[place], []).append(row)
    one, other = [], []
    for rows in by_prompt.values():
        found = list(combinations(rows, 2))
        kept = rng.permutation(len(found))[: MATES * len(rows)]
        for at in kept.tolist():
            pair = found[at] if rng.integers(2) else found[at][::-1]
            one.append(pair[0])
            other.append(pair[1])
    left, right = lesson.answers[one], lesson.answers[other]
    upto = np.cumsum(right, axis=1) - right
    better = (left * upto).sum(axis=1)
    alike = (left * right).sum(axis=1)
    answers = np.stack([better, 1 - better - alike, alike], axis=1)
    if labels == 2:
        answers = np.stack([better + alike / 2, 1 - better - alike / 2], axis=1)
    return Lesson(
        lesson.criterion,
        "pairwise",
        ("A", "B", "C")[:labels],
        lesson.first[one],
        answers,
        lesson.first[other],
        made=True,
    )
