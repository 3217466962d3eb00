"""Intraclass correlations: how much of the ratings' variance lies between what is rated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Icc:
    """The six coefficients, by McGraw and Wong's (1996) names; Shrout and Fleiss's in brackets.

    ``one_1`` ICC(1) [1,1]: each target has raters of its own. ``a_1`` ICC(A,1) [2,1]:
    absolute agreement of the same raters, their biases count. ``c_1`` ICC(C,1) [3,1]:
    consistency, biases cancel. ``one_k``, ``a_k``, ``c_k`` [1,k], [2,k], [3,k]: the same for
    the mean of the raters. At most 1, below 0 where targets differ less than noise would
    have them differ; nan where not defined (no variance to divide by).
    """

    targets: int
    raters: int
    one_1: float
    a_1: float
    c_1: float
    one_k: float
    a_k: float
    c_k: float


def icc(ratings: ArrayLike) -> Icc:
    """Return the intraclass correlations of complete ``ratings``, shape [targets, raters].

    One- and two-way analysis of variance without interaction (Shrout and Fleiss 1979,
    Psychological Bulletin 86:420; names of McGraw and Wong 1996). Repeats of one judge
    may stand for the raters.

    Raises:
        ValueError: fewer than 2 targets or 2 raters, or a rating that is missing or infinite.
    """
    x = np.asarray(ratings, dtype=np.float64)
    if x.ndim != 2 or min(x.shape) < 2 or not np.isfinite(x).all():
        raise ValueError("ratings must be [targets, raters], at least 2 of each, all finite")
    n, k = x.shape
    rows, columns, mean = x.mean(axis=1), x.mean(axis=0), float(x.mean())
    between = k * float(((rows - mean) ** 2).sum()) / (n - 1)
    within = float(((x - rows[:, None]) ** 2).sum()) / (n * (k - 1))
    raters = n * float(((columns - mean) ** 2).sum()) / (k - 1)
    residuals = x - rows[:, None] - columns + mean
    error = float((residuals**2).sum()) / ((n - 1) * (k - 1))
    # Sums of squares this small against the values themselves are rounding, not variance.
    floor = max(1e-12 * (between + within), 1e-24 * float(np.abs(x).max()) ** 2)

    def ratio(numerator: float, denominator: float) -> float:
        return numerator / denominator if denominator > floor else float("nan")

    return Icc(
        targets=n,
        raters=k,
        one_1=ratio(between - within, between + (k - 1) * within),
        a_1=ratio(between - error, between + (k - 1) * error + k * (raters - error) / n),
        c_1=ratio(between - error, between + (k - 1) * error),
        one_k=ratio(between - within, between),
        a_k=ratio(between - error, between + (raters - error) / n),
        c_k=ratio(between - error, between),
    )
