"""Does the judge agree with people, and do people agree with one another?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kojudge.audit.figures import Figure, Precision, of
from kojudge.audit.measured import People
from kojudge.stats.consistency import difference_correlation

__all__ = ["Agreement", "agreement"]

FEWEST = 3
"""Units that a correlation needs."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Pearson correlations (−1 to 1) over ``units`` differences on ``r.sources`` prompts.

    ``r``: judge with the mean of people. ``human``: each rater with the mean of the others,
    averaged over raters: the ceiling; None with one rater.
    """

    units: int
    raters: int
    r: Figure
    human: Figure | None


def agreement(people: Sequence[People], precision: Precision) -> Agreement:
    """Return how far the judge agrees with people, intervals by prompt.

    Raises:
        ValueError: a unit has no rating, or units have different numbers of raters.
    """
    raters = {len(unit.ratings) for unit in people}
    if len(raters) != 1 or any(all(x is None for x in u.ratings) for u in people):
        raise ValueError("every unit needs a rating, and one entry a rater")
    clusters: dict[str, list[list[float]]] = {}
    for unit in people:
        ratings = [float("nan") if x is None else x for x in unit.ratings]
        clusters.setdefault(unit.prompt_id, []).append([unit.judge, *ratings])
    tables = [np.array(clusters[prompt]) for prompt in sorted(clusters)]

    def figure(statistic: Callable[[Floats], float]) -> Figure:
        return of(tables, statistic, precision, (-1.0, 1.0))

    number = raters.pop()
    human = figure(_between) if number > 1 else None
    return Agreement(len(people), number, figure(_with_judge), human)


def _with_judge(rows: Floats) -> float:
    return _r(rows[:, 0], np.nanmean(rows[:, 1:], axis=1))


def _between(rows: Floats) -> float:
    """Mean over raters of r with the mean of the others, on the units both have rated."""
    ratings = rows[:, 1:]
    found = []
    for at in range(ratings.shape[1]):
        others = np.delete(ratings, at, axis=1)
        both = ~np.isnan(ratings[:, at]) & ~np.isnan(others).all(axis=1)
        if both.any():
            found.append(_r(ratings[both, at], np.nanmean(others[both], axis=1)))
    return float(np.mean(found)) if found else float("nan")


def _r(x: Floats, y: Floats) -> float:
    return difference_correlation(x, y) if x.size >= FEWEST else float("nan")
