"""The learning curve: how well a head agrees with its teacher after so many labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kojudge.audit.figures import Figure, Precision, of
from kojudge.heads.agreement import Table, auc, correlation, third_of
from kojudge.heads.data import Lesson
from kojudge.heads.fit import CHOSEN, Features, Groups, Ruling, learn

__all__ = ["SIZES", "Curve", "Point", "bend", "points"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Curve = dict[int, tuple[Floats, Floats]]
"""By number of labels: the head's and the trivial features' predictions [n] of a lesson's rows."""

SIZES = (50, 100, 200, 400, 800, 1600)
_MOST = 0.9
"""Of a training part; what is larger is nearly all of it, which is a point anyway."""


@dataclass(frozen=True, slots=True)
class Point:
    """Agreement after ``labels`` answers: r with the teacher, AUC, and r of trivial features."""

    labels: int
    r: Figure
    auc: Figure
    trivial_r: Figure


def bend(
    spaces: tuple[Features, Features],
    train: Lesson,
    test: tuple[Lesson, Indices],
    groups: Groups,
    rng: np.random.Generator,
    curve: Curve,
    size: int,
    ruling: Ruling = CHOSEN,
) -> None:
    """Predict the rows of ``test`` from ever more rows of ``train``, drawn with ``rng``.

    ``spaces`` are the one that won on all of ``train`` and that of trivial features; penalty
    and calibration are chosen anew. ``size`` is n of the whole lesson. Predictions go into
    ``curve``.
    """
    lesson, rows = test
    for number in SIZES:
        if number > _MOST * len(train.first):
            return
        part = train.take(np.sort(rng.choice(len(train.first), number, replace=False)))
        made = []
        for space in spaces:
            try:
                learnt = learn(space, [part], groups, rng, ruling)
            except ValueError:  # all answers alike, or a single prompt: this cell has no point
                return
            answers = learnt.answers(0, lesson, learnt.standardised(space))
            made.append(answers @ lesson.values)
        nan = np.full(size, np.nan)
        kept = curve.setdefault(number, (nan, nan.copy()))
        for column, values in zip(kept, made, strict=True):
            column[rows] = values


def points(
    table: Table, curve: Curve, rows: Indices, labels: int, precision: Precision
) -> tuple[Point, ...]:
    """Return the curve; its last point is ``table`` itself, learnt from ``labels`` on average.

    Only sizes that every cell reached have a point: others would be about other texts.
    """
    made = []
    for number, (head, trivial) in sorted(curve.items()):
        if not np.isnan(head[rows]).any():
            own = replace(table, head=head[rows], trivial=trivial[rows])
            made.append(_point(number, own, precision))
    return (*made, _point(labels, table, precision))


def _point(labels: int, table: Table, precision: Precision) -> Point:
    rows = np.column_stack([table.truth, table.head, table.trivial, third_of(table.truth)])
    prompts = np.array(table.prompt)
    clusters = [rows[prompts == prompt] for prompt in np.unique(prompts)]

    def r(column: int) -> Callable[[Floats], float]:
        return lambda drawn: correlation(drawn[:, 0], drawn[:, column])

    return Point(
        labels,
        of(clusters, r(1), precision, (-1.0, 1.0)),
        of(clusters, lambda drawn: auc(drawn[:, 3], drawn[:, 1]), precision, (0.0, 1.0)),
        of(clusters, r(2), precision, (-1.0, 1.0)),
    )
