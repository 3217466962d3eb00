"""Intervals for any statistic of judgments that come in clusters, one cluster a prompt.

Whole clusters are drawn again, never single judgments: what one prompt yields hangs
together (Davison and Hinkley 1997, Bootstrap Methods and their Application, section 3.8).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

MIN_CLUSTERS_PERCENTILE = 40
"""Below this many clusters percentile intervals are too short, and none is given."""

_Floats = NDArray[np.float64]
_Draws = NDArray[np.int64]
Statistic = Callable[[_Floats], float]
Bounds = tuple[float, float]
UNBOUNDED: Bounds = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistic with its interval [``low``, ``high``], in the statistic's unit.

    ``value`` is None where the statistic is not defined; ``low`` and ``high`` are None
    where the clusters cannot give an interval, and ``method`` is then "none".
    """

    value: float | None
    low: float | None
    high: float | None
    n_clusters: int
    method: Literal["percentile", "jackknife-t", "none"]


def cluster_estimate(
    clusters: Sequence[ArrayLike],
    statistic: Statistic,
    rng: np.random.Generator,
    *,
    alpha: float = 0.05,
    resamples: int = 2000,
    bounds: Bounds = UNBOUNDED,
) -> Estimate:
    """Return ``statistic`` of all rows with a two-sided 1 − ``alpha`` interval by cluster.

    Each cluster is an array [rows, …], rows ragged, nan allowed; ``statistic`` gets the
    rows of all drawn clusters in one array and returns a number, nan where not defined.
    From 40 clusters on: percentile bootstrap of ``resamples`` draws. Below: statistic
    ± t_{C−1} · delete-one-cluster jackknife standard error (Efron and Tibshirani 1993,
    chapter 11), cut to ``bounds``, the statistic's own range. No interval (None) where the
    statistic is the same whichever clusters are drawn: a width of 0 would claim certainty.

    Raises:
        ValueError: no cluster, an empty one, rows of several shapes, or an impossible
            ``alpha`` or ``resamples``.
    """
    _check(clusters, alpha, resamples)
    parts = [np.asarray(cluster, dtype=np.float64) for cluster in clusters]
    rows = np.concatenate(parts)
    sizes = np.array([part.shape[0] for part in parts], dtype=np.int64)
    ends = np.cumsum(sizes)

    def of(drawn: _Draws) -> float:
        lengths = sizes[drawn]
        shift = (ends - sizes)[drawn] - (np.cumsum(lengths) - lengths)
        return statistic(rows[np.arange(int(lengths.sum())) + np.repeat(shift, lengths)])

    def replicate(draws: _Draws) -> _Floats:
        return np.array([of(drawn) for drawn in draws], dtype=np.float64)

    return _estimate(statistic(rows), len(parts), replicate, rng, alpha, resamples, bounds)


def cluster_mean(
    clusters: Sequence[ArrayLike],
    rng: np.random.Generator,
    *,
    alpha: float = 0.05,
    resamples: int = 2000,
    bounds: Bounds = UNBOUNDED,
) -> Estimate:
    """Return the mean over all rows of one-dimensional ``clusters``, with its interval.

    Every row weighs alike, so a larger cluster weighs more; average inside the clusters
    first where prompts should weigh alike. The same draws, intervals and errors as
    :func:`cluster_estimate` with a mean, computed at once from sums and sizes.

    Raises:
        ValueError: as :func:`cluster_estimate`; or a cluster is not one-dimensional and finite.
    """
    _check(clusters, alpha, resamples)
    parts = [np.asarray(cluster, dtype=np.float64) for cluster in clusters]
    if any(part.ndim != 1 or not np.isfinite(part).all() for part in parts):
        raise ValueError("clusters of a mean must be one-dimensional and finite")
    sums = np.array([part.sum() for part in parts])
    sizes = np.array([part.size for part in parts], dtype=np.float64)

    def replicate(draws: _Draws) -> _Floats:
        means: _Floats = sums[draws].sum(axis=1) / sizes[draws].sum(axis=1)
        return means

    value = float(sums.sum() / sizes.sum())
    return _estimate(value, len(parts), replicate, rng, alpha, resamples, bounds)


def _estimate(
    value: float,
    n: int,
    replicate: Callable[[_Draws], _Floats],
    rng: np.random.Generator,
    alpha: float,
    resamples: int,
    bounds: Bounds,
) -> Estimate:
    if math.isnan(value) or n < 2:
        return Estimate(None if math.isnan(value) else float(value), None, None, n, "none")
    method: Literal["percentile", "jackknife-t"]
    if n >= MIN_CLUSTERS_PERCENTILE:
        method = "percentile"
        interval = _percentiles(replicate(rng.integers(n, size=(resamples, n))), alpha)
    else:
        method = "jackknife-t"
        interval = _jackknife(float(value), replicate(_leave_one_out(n)), alpha)
    if interval is None:
        return Estimate(float(value), None, None, n, "none")
    low, high = max(interval[0], bounds[0]), min(interval[1], bounds[1])
    return Estimate(float(value), low, high, n, method)


def _percentiles(replicates: _Floats, alpha: float) -> tuple[float, float] | None:
    """Percentile interval; a draw that leaves the statistic undefined counts in both tails.

    So such draws can only widen the interval, and past alpha/2 of them there is none.
    """
    undefined = np.isnan(replicates)
    if undefined.all() or _constant(replicates[~undefined]):
        return None
    # "lower" and "higher" take a draw as it is: nothing is interpolated with infinity.
    low = np.quantile(np.where(undefined, -np.inf, replicates), alpha / 2, method="lower")
    high = np.quantile(np.where(undefined, np.inf, replicates), 1 - alpha / 2, method="higher")
    return (float(low), float(high)) if np.isfinite([low, high]).all() else None


def _jackknife(value: float, replicates: _Floats, alpha: float) -> tuple[float, float] | None:
    n = replicates.size
    if np.isnan(replicates).any() or _constant(replicates):
        return None
    squares = float(((replicates - replicates.mean()) ** 2).sum())
    half = float(stats.t.ppf(1 - alpha / 2, n - 1)) * math.sqrt((n - 1) / n * squares)
    return (value - half, value + half)


def _leave_one_out(n: int) -> _Draws:
    """Row i holds every cluster's number but i: [n, n − 1]."""
    numbers = np.arange(n - 1)
    return numbers + (numbers >= np.arange(n)[:, None])


def _constant(replicates: _Floats) -> bool:
    """A spread below rounding error of the values themselves is no variation."""
    return bool(np.ptp(replicates) <= 1e-12 * max(1.0, float(np.abs(replicates).max())))


def _check(clusters: Sequence[ArrayLike], alpha: float, resamples: int) -> None:
    if not len(clusters) or any(np.ndim(c) < 1 or np.shape(c)[0] == 0 for c in clusters):
        raise ValueError("need at least one cluster, each with at least one row")
    if not 0 < alpha < 1 or resamples < 1:
        raise ValueError("need 0 < alpha < 1 and at least one resample")
