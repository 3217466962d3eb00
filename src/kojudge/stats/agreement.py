"""Agreement between raters, beyond chance or not.

Ratings are arrays of shape [raters, units], nan where a rater did not rate a unit. A
coefficient is nan where it is not defined: nothing rated twice, or (but for Gwet's on a
given scale) one value throughout, which leaves no disagreement to expect by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Level = Literal["nominal", "ordinal", "interval", "ratio"]
Weights = Literal["ordinal", "quadratic"]
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """``agreeing`` of ``pairs`` pairs of ratings are the same."""

    pairs: int
    agreeing: int

    @property
    def rate(self) -> float:
        """The share that agrees (0–1), or nan where there is no pair."""
        return self.agreeing / self.pairs if self.pairs else float("nan")


def observed_agreement(ratings: ArrayLike) -> Agreement:
    """Count agreement over every pair of raters of a unit; ``ratings`` is [raters, units].

    Uncorrected for chance, each pair weighted alike (MT-bench's human–human agreement,
    Zheng et al. 2023, arXiv:2306.05685). For agreement without ties, put nan for ties.

    Raises:
        ValueError: the array is not two-dimensional, or a rating is infinite.
    """
    counts, _ = _counts(_ratings(ratings), None)
    sizes = counts.sum(axis=1)
    pairs = float((sizes * (sizes - 1)).sum()) / 2
    agreeing = float((counts * (counts - 1)).sum()) / 2
    return Agreement(round(pairs), round(agreeing))


def agreement_with(judge: ArrayLike, ratings: ArrayLike) -> Agreement:
    """Count how often ``judge``, shape [units], gives the rating of each rater of a unit.

    ``ratings`` is [raters, units]; units that the judge left out (nan) do not count
    (MT-bench's judge–human agreement, Zheng et al. 2023, arXiv:2306.05685).

    Raises:
        ValueError: the shapes do not fit, or a rating is infinite.
    """
    people = _ratings(ratings)
    votes = np.asarray(judge, dtype=np.float64)
    if votes.shape != people.shape[1:] or np.isinf(votes).any():
        raise ValueError("judge must be [units], finite or nan, for ratings of [raters, units]")
    both = ~np.isnan(people) & ~np.isnan(votes)
    return Agreement(int(both.sum()), int((both & (people == votes)).sum()))


def quadratic_kappa(first: ArrayLike, second: ArrayLike) -> float:
    """Return Cohen's κ with quadratic weights (−1 to 1) of two raters, each of shape [units].

    κ = 1 − mean (x_i − y_i)² / mean over all i, j of (x_i − y_j)². The weights are the
    ratings' own distances, so unused levels change nothing and scores need not be whole
    numbers (Cohen 1968; Fleiss and Cohen 1973). nan where all ratings are one value.

    Raises:
        ValueError: the arrays are not one-dimensional, of one length, and finite; or empty.
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or not x.size:
        raise ValueError("two raters need one-dimensional arrays of one length, not empty")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("ratings must be finite")
    if np.ptp(np.concatenate([x, y])) == 0:
        return float("nan")
    expected = x.var() + y.var() + (x.mean() - y.mean()) ** 2
    return float(1 - np.mean((x - y) ** 2) / expected)


def krippendorff_alpha(ratings: ArrayLike, level: Level) -> float:
    """Return Krippendorff's α (1 perfect, 0 chance, below 0 systematic disagreement).

    ``ratings`` is [raters, units] with nan for missing; units with fewer than two ratings
    do not count. ``level`` names the distance between values: "nominal", "ordinal",
    "interval" or "ratio" (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability).

    Raises:
        ValueError: not two-dimensional, an infinite rating, an unknown level, or a
            negative rating on the ratio level.
    """
    counts, values = _counts(_ratings(ratings), None)
    counts = counts[counts.sum(axis=1) >= 2]
    totals = counts.sum(axis=0)
    counts, values, totals = counts[:, totals > 0], values[totals > 0], totals[totals > 0]
    distance = _squared_distance(values, totals, level)
    if values.size < 2:
        return float("nan")
    # Σ_u n_uc·n_uk / (m_u − 1) off the diagonal is the coincidence matrix.
    coincidences = (counts / (counts.sum(axis=1, keepdims=True) - 1)).T @ counts
    expected = totals @ distance @ totals / (totals.sum() - 1)
    return float(1 - (coincidences * distance).sum() / expected)


def gwet_ac1(ratings: ArrayLike, levels: Sequence[float] | None = None) -> float:
    """Return Gwet's AC1 (−1 to 1): chance-corrected agreement on exact equality.

    ``ratings`` is [raters, units], nan for missing. ``levels`` are the scale's values, in
    rising order; by default those that occur. Give them: a level nobody used still lowers
    what chance explains, and without them ratings of one value have no coefficient.
    Method: Gwet 2008, with missing ratings as in Gwet 2014, Handbook of Inter-Rater
    Reliability, 4th edition.

    Raises:
        ValueError: not two-dimensional, infinite, or a rating outside ``levels``.
    """
    counts, values = _counts(_ratings(ratings), levels)
    return _gwet(counts, np.eye(values.size))


def gwet_ac2(ratings: ArrayLike, weights: Weights, levels: Sequence[float] | None = None) -> float:
    """Return Gwet's AC2 (1 perfect): AC1 with partial credit for near misses.

    Keeps its meaning where ratings sit at a ceiling, as κ and α do not. ``weights``:
    "quadratic", 1 − (distance of the values / range)², or "ordinal", 1 − C(m, 2)/C(q, 2)
    with m levels from one to the other, both included, of q in all. ``ratings``,
    ``levels``, source and errors as for :func:`gwet_ac1`.

    Raises:
        ValueError: as for :func:`gwet_ac1`, or unknown ``weights``.
    """
    if weights not in {"ordinal", "quadratic"}:
        raise ValueError(f"unknown weights: {weights}")
    counts, values = _counts(_ratings(ratings), levels)
    if values.size < 2:
        return float("nan")
    if weights == "quadratic":
        apart = (values[:, None] - values) ** 2
    else:
        ranks = np.arange(values.size, dtype=np.float64)
        steps = np.abs(ranks[:, None] - ranks)
        apart = steps * (steps + 1) / 2
    return _gwet(counts, 1 - apart / apart.max())


def _gwet(counts: _Floats, weights: _Floats) -> float:
    """Weighted agreement of counts [units, levels], corrected for Gwet's chance agreement."""
    sizes = counts.sum(axis=1)
    q = weights.shape[0]
    pairable = sizes >= 2
    if q < 2 or not pairable.any():
        return float("nan")
    # Every rated unit tells how often a level is used, also one that a single rater rated.
    share = (counts[sizes > 0] / sizes[sizes > 0, None]).mean(axis=0)
    chance = weights.sum() * (share * (1 - share)).sum() / (q * (q - 1))
    some, m = counts[pairable], sizes[pairable]
    agreed = (some * (some @ weights - 1)).sum(axis=1) / (m * (m - 1))
    return float((agreed.mean() - chance) / (1 - chance))


def _squared_distance(values: _Floats, totals: _Floats, level: Level) -> _Floats:
    """Krippendorff's δ² between rising ``values`` that occur ``totals`` times."""
    if level == "nominal":
        return 1 - np.eye(values.size)
    if level == "ordinal":
        place = np.cumsum(totals) - totals / 2
    elif level in {"interval", "ratio"}:
        place = values
    else:
        raise ValueError(f"unknown level of measurement: {level}")
    distance: _Floats = (place[:, None] - place) ** 2
    if level == "ratio":
        if (values < 0).any():
            raise ValueError("ratings on the ratio level must not be negative")
        sums = values[:, None] + values
        distance /= np.where(sums == 0, 1.0, sums) ** 2
    return distance


def _ratings(ratings: ArrayLike) -> _Floats:
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or np.isinf(table).any():
        raise ValueError("ratings must be [raters, units], finite or nan")
    return table


def _counts(table: _Floats, levels: Sequence[float] | None) -> tuple[_Floats, _Floats]:
    """Count the ratings of each unit by value: [units, values], and the values in rising order."""
    rated = ~np.isnan(table)
    found = np.unique(table[rated])
    values = found if levels is None else np.asarray(levels, dtype=np.float64)
    if values.ndim != 1 or (np.diff(values) <= 0).any():
        raise ValueError("levels must rise")
    if not np.isin(found, values).all():
        raise ValueError("a rating lies outside the levels")
    _, units = np.nonzero(rated)
    flat = units * values.size + np.searchsorted(values, table[rated])
    counts = np.bincount(flat, minlength=table.shape[1] * values.size)
    return counts.reshape(table.shape[1], values.size).astype(np.float64), values
