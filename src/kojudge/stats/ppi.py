"""Prediction-powered inference: a few prompts rated by people, many by the judge.

The judge narrows the interval as far as it follows people; where it is biased or blind,
people's own ratings correct it, so the interval stays valid whatever the judge is like.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

MIN_LABELLED = 30
"""Below this many prompts rated by people the interval cannot be trusted."""


@dataclass(frozen=True, slots=True)
class PoweredMean:
    """A mean difference as people see it, in the unit of people's differences.

    ``n`` prompts rated by people and judge, ``n_unlabelled`` by the judge alone. ``weight``
    is λ, how far the judge is used (0: not at all); ``correlation`` that of judge and people
    on the labelled prompts (−1 to 1; None where the judge does not vary). ``se`` has ``df``
    degrees of freedom; None where nothing varies.
    """

    n: int
    n_unlabelled: int
    delta: float
    se: float | None
    df: int
    weight: float
    correlation: float | None

    def interval(self, alpha: float) -> tuple[float, float] | None:
        """Return the two-sided 1 − ``alpha`` t interval, or None where there is no ``se``."""
        if self.se is None:
            return None
        half = float(stats.t.ppf(1 - alpha / 2, self.df)) * self.se
        return (self.delta - half, self.delta + half)


def powered_mean(
    people: ArrayLike, judge_labelled: ArrayLike, judge_unlabelled: ArrayLike
) -> PoweredMean:
    """Return the PPI++ estimate of the mean of people's prompt-level differences.

    ``people`` Y and ``judge_labelled`` f, shape [n], are differences (candidate minus
    baseline, averaged inside the prompt) of the same prompts in the same order;
    ``judge_unlabelled``, shape [N], those of prompts without people. The labelled prompts
    must be a random choice of all. θ̂ = λ·mean(f_unlabelled) + mean(Y − λ f_labelled) with
    λ = Cov(Y, f)/[(1 + n/N) Var f], t with n − 1 degrees of freedom (Angelopoulos, Duchi and
    Zrnic 2023, arXiv:2311.01453, power-tuned for a mean). The judge's scale need not be
    people's: λ takes up the unit. Variances divide by n − 1; λ's Var f is that of the
    labelled prompts.

    Raises:
        ValueError: n < 30, N < 2, lengths that differ, or a difference that is not finite.
    """
    y = _differences(people, "people")
    f = _differences(judge_labelled, "judge_labelled")
    rest = _differences(judge_unlabelled, "judge_unlabelled")
    n, big = int(y.size), int(rest.size)
    if f.size != n:
        raise ValueError("people and judge_labelled must hold the same prompts")
    if n < MIN_LABELLED or big < 2:
        raise ValueError(
            f"need at least {MIN_LABELLED} labelled prompts and 2 others, not {n}, {big}"
        )
    covariance, varies = float(np.cov(y, f)[0, 1]), _varies(f)
    weight = covariance / ((1 + n / big) * float(f.var(ddof=1))) if varies else 0.0
    rectified = y - weight * f
    delta = weight * float(rest.mean()) + float(rectified.mean())
    variance = weight**2 * float(rest.var(ddof=1)) / big + float(rectified.var(ddof=1)) / n
    related = varies and _varies(y)
    return PoweredMean(
        n=n,
        n_unlabelled=big,
        delta=delta,
        se=math.sqrt(variance) if _varies(rectified) or _varies(weight * rest) else None,
        df=n - 1,
        weight=weight,
        correlation=float(np.corrcoef(y, f)[0, 1]) if related else None,
    )


def expected_width_ratio(correlation: float, n: int, n_unlabelled: int) -> float:
    """Return the interval's expected width with the judge over that of people alone (0–1].

    √(1 − r² N/(n + N)) for ``n`` labelled prompts and N = ``n_unlabelled`` others, if judge
    and people correlate by r on prompt-level differences. The reciprocal of its square
    tells how many times as many labelled prompts people alone would need.

    Raises:
        ValueError: |r| > 1, n < 1 or N < 0.
    """
    if not -1 <= correlation <= 1 or n < 1 or n_unlabelled < 0:
        raise ValueError("need a correlation from −1 to 1, n >= 1 and n_unlabelled >= 0")
    return math.sqrt(1 - correlation**2 * n_unlabelled / (n + n_unlabelled))


def _varies(x: NDArray[np.float64]) -> bool:
    """A spread below rounding error of the values themselves is no variation."""
    return bool(x.std() > 1e-12 * max(1.0, float(np.abs(x).max())))


def _differences(values: ArrayLike, name: str) -> NDArray[np.float64]:
    d = np.asarray(values, dtype=np.float64)
    if d.ndim != 1 or not np.isfinite(d).all():
        raise ValueError(f"{name} must be one-dimensional and finite")
    return d
