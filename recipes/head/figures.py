"""What the recipe's tables are made of: predictions for texts left out, and their intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kojudge.audit.figures import Figure, Precision, of, share
from kojudge.heads.agreement import correlation
from kojudge.heads.data import Lesson, Material
from kojudge.heads.fit import Features, Groups, learn
from kojudge.heads.validate import trivial_space
from recipes.head.material import RULING
from recipes.head.versions import Version

__all__ = ["FOLDS", "Study", "text_of"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FOLDS = 4
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Study:
    """The texts of the recipe with their states, and what is measured on them.

    ``fold`` [N] deals the prompts; a text is predicted by a head that saw none of its prompt.
    """

    made: Sequence[Version]
    learnt: Material
    features: Features
    plain: Features
    fold: NDArray[np.intp]
    seed: int

    @classmethod
    def of(cls, made: Sequence[Version], learnt: Material, features: Features, seed: int) -> Study:
        """Deal the prompts into folds, each corpus evenly."""
        rng = np.random.default_rng(seed)
        prompts = sorted({one.origin.prompt for one in made})
        place = {name: int(at) % FOLDS for at, name in
                 zip(rng.permutation(len(prompts)), prompts, strict=True)}  # fmt: skip
        fold = np.array([place[one.origin.prompt] for one in made], dtype=np.intp)
        plain = trivial_space([one.text for one in made])
        return cls(made, learnt, features, plain, fold, seed)

    @property
    def everything(self) -> Bools:
        """Every text, [N]."""
        return np.ones(len(self.made), dtype=np.bool_)

    def mask(self, chosen: Callable[[Version], bool]) -> Bools:
        """Return which texts are ``chosen``, [N]."""
        return np.array([chosen(one) for one in self.made])

    def predict(
        self, criterion: str, train: Bools, *, trivial: bool = False, apart: bool = True
    ) -> Floats:
        """Return the expected level of every text [N], learnt from the texts in ``train``.

        ``apart``: in turn without each fold of prompts, and a text is predicted where its
        fold was left out; else by one head learnt from all of ``train``.
        """
        lesson = self._lesson(criterion)
        found = np.full(len(self.made), np.nan)
        if not apart:
            return self._levels(lesson, train, trivial)
        for number in range(FOLDS):
            own = self.fold == number
            found[own] = self._levels(lesson, train & ~own, trivial)[own]
        return found

    def _lesson(self, criterion: str) -> Lesson:
        return next(one for one in self.learnt.lessons
                    if (one.criterion, one.mode) == (criterion, "pointwise"))  # fmt: skip

    def _levels(self, lesson: Lesson, train: Bools, trivial: bool) -> Floats:
        space = self.plain if trivial else self.features
        rows = lesson.take(np.flatnonzero(train[lesson.first]))
        return self._read(rows, space, space)

    def read(self, criterion: str, states: Features) -> Floats:
        """Return the levels [n] of other ``states``, by a head learnt from everything."""
        return self._read(self._lesson(criterion), self.features, states)

    def _read(self, lesson: Lesson, space: Features, states: Features) -> Floats:
        learnt = learn(space, [lesson], self._groups, self._rng, RULING)
        x = learnt.standardised(states).astype(np.float64)
        line = learnt.lines[0]
        return x @ line.weights + line.bias

    @property
    def _groups(self) -> Groups:
        return Groups(self.learnt.prompts, self.learnt.candidates)

    @property
    def _rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    def seen(self, level: Floats, kinds: Sequence[str], corpora: Sequence[str]) -> Figure:
        """Return how often a text scores above what one of ``kinds`` made of it (ties ½)."""
        place = {one.key: at for at, one in enumerate(self.made)}
        found: dict[str, list[float]] = {}
        for at, one in enumerate(self.made):
            if one.kind in kinds and one.origin.corpus in corpora:
                gap = level[place[one.sound_key]] - level[at]
                found.setdefault(one.origin.prompt, []).append(float((np.sign(gap) + 1) / 2))
        return share(list(found.values()), self.precision())

    def agreement(self, level: Floats, truth: Floats, rows: Bools) -> Figure:
        """Return r of ``level`` and ``truth`` over ``rows``, whole prompts drawn again."""
        table = np.column_stack([level, truth])[rows]
        prompts = np.array([one.origin.prompt for one in self.made])[rows]
        clusters = [table[prompts == name] for name in sorted(set(prompts.tolist()))]
        return of(clusters, _both, self.precision(), (-1.0, 1.0))

    def precision(self) -> Precision:
        """Return the resampling of every interval."""
        return Precision(self._rng, RESAMPLES)


def text_of(figure: Figure) -> str:
    """Write a figure with its 95 % interval."""
    if figure.value is None:
        return "—"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} ({figure.low:.2f}–{figure.high:.2f})"


def _both(drawn: Floats) -> float:
    return correlation(drawn[:, 0], drawn[:, 1])
