"""How two rubrics of one judge agree with people, and what any measure of the two is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kojudge.audit.figures import Figure, Precision, of
from kojudge.records import Mode
from kojudge.stats.agreement import krippendorff_alpha, quadratic_kappa
from kojudge.stats.consistency import difference_correlation

__all__ = ["BOTH", "Better", "Measure", "Rated", "agreement_measures", "correlation_measures", "measure"]  # fmt: skip

Floats = NDArray[np.float64]
Better = Literal["a", "b"]
BOTH: tuple[float, float] = (-1.0, 1.0)
FEWEST = 3
"""Units that a correlation needs."""


@dataclass(frozen=True, slots=True)
class Rated:
    """What people rated and the judge judged: a text, a pair, or a difference from the baseline.

    ``key`` names the unit, the same under both rubrics. ``judge`` and ``ratings`` are in one
    unit: points of the scale, or a preference (0–1). ``ratings`` has an entry a rater, in the
    same order in every unit; None: not rated, not scored.
    """

    key: str
    prompt_id: str
    judge: float | None
    ratings: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """One property of both rubrics and its difference A − B over what both answered.

    ``better``: the rubric that the interval of the difference favours; None where it holds 0.
    """

    name: str
    higher_is_better: bool
    a: Figure
    b: Figure
    difference: Figure
    better: Better | None


def measure(
    name: str, a: Figure, b: Figure, difference: Figure, *, higher_is_better: bool = True
) -> Measure:
    """Return the measure called ``name``, with the rubric that its difference favours."""
    better: Better | None = None
    if difference.low is not None and difference.high is not None:
        above, below = difference.low > 0, difference.high < 0
        if above or below:
            better = "a" if above == higher_is_better else "b"
    return Measure(name, higher_is_better, a, b, difference, better)


def agreement_measures(
    a: Sequence[Rated], b: Sequence[Rated], mode: Mode, precision: Precision
) -> Iterator[Measure]:
    """Yield κ (quadratic) and Krippendorff's α (ordinal), intervals by prompt; none without units.

    Judge and one rater are two raters of a unit, and the raters are pooled. For α the judge's
    answer is the nearest level, or the winner of a pair.
    """
    tables = _by_rater(a, b)
    if not tables:
        return

    def alpha(judge: Floats, rater: Floats) -> float:
        level = (np.sign(judge - 0.5) + 1) / 2 if mode == "pairwise" else np.rint(judge)
        return krippendorff_alpha(np.stack([level, rater]), "ordinal")

    yield _agreement("kappa", tables, quadratic_kappa, precision)
    yield _agreement("alpha", tables, alpha, precision)


def correlation_measures(
    a: Sequence[Rated], b: Sequence[Rated], precision: Precision
) -> Iterator[Measure]:
    """Yield r (Pearson) of the judge's differences with the mean of people's, by prompt."""
    tables = _by_unit(a, b)
    if tables:
        yield _agreement("r", tables, _r, precision)


def _agreement(
    name: str,
    tables: Sequence[Floats],
    statistic: Callable[[Floats, Floats], float],
    precision: Precision,
) -> Measure:
    """Return a measure of rows [A's answer, B's answer, what people say], a table a prompt."""

    def figure(value: Callable[[Floats], float]) -> Figure:
        return of(tables, value, precision, BOTH)

    return measure(
        name,
        figure(lambda rows: statistic(rows[:, 0], rows[:, 2])),
        figure(lambda rows: statistic(rows[:, 1], rows[:, 2])),
        of(
            tables,
            lambda rows: statistic(rows[:, 0], rows[:, 2]) - statistic(rows[:, 1], rows[:, 2]),
            precision,
            (-2.0, 2.0),
        ),
    )


def _by_rater(a: Sequence[Rated], b: Sequence[Rated]) -> list[Floats]:
    """Return rows [A, B, one rater's rating], a table a prompt, units scored by both alone."""
    clusters: dict[str, list[list[float]]] = {}
    for unit, one, other in _scored_by_both(a, b):
        for rating in unit.ratings:
            if rating is not None:
                clusters.setdefault(unit.prompt_id, []).append([one, other, rating])
    return [np.array(clusters[prompt]) for prompt in sorted(clusters)]


def _by_unit(a: Sequence[Rated], b: Sequence[Rated]) -> list[Floats]:
    """Return rows [A, B, mean of people], a table a prompt."""
    clusters: dict[str, list[list[float]]] = {}
    for unit, one, other in _scored_by_both(a, b):
        given = [rating for rating in unit.ratings if rating is not None]
        if given:
            row = [one, other, float(np.mean(given))]
            clusters.setdefault(unit.prompt_id, []).append(row)
    return [np.array(clusters[prompt]) for prompt in sorted(clusters)]


def _scored_by_both(a: Sequence[Rated], b: Sequence[Rated]) -> Iterator[tuple[Rated, float, float]]:
    others = {unit.key: unit.judge for unit in b}
    for unit in a:
        other = others.get(unit.key)
        if unit.judge is not None and other is not None:
            yield unit, unit.judge, other


def _r(judge: Floats, people: Floats) -> float:
    return difference_correlation(judge, people) if judge.size >= FEWEST else float("nan")
