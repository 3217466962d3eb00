"""From a line's number to probabilities: ordinal calibration on predictions for unseen texts.

Pointwise, the proportional-odds model P(level ≤ k) = σ(cut_k − slope·z) (McCullagh 1980).
Pairwise it has one cut on either side of 0, so that turning the pair turns the answer:
P(A) = σ(slope·d − cut), P(B) = σ(−slope·d − cut), and what is left is a tie.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from kojudge.engines.head.file import Line
from kojudge.engines.head.levels import distribution, preference
from kojudge.heads.data import Lesson

__all__ = ["calibrated", "fit", "fit_levels", "fit_preference"]

Floats = NDArray[np.float64]

_NARROWEST = 1e-3
"""Least distance of two cuts: no level becomes impossible."""
_SLOPE_TO_BEGIN = 1.0
_TINY = 1e-12


def calibrated(lesson: Lesson, z: Floats, slope: float, cuts: Floats) -> Floats:
    """Return the probability of each of the lesson's labels [n, K] at ``z`` [n]."""
    one = np.ones(1, dtype=np.float32)
    line = Line(lesson.criterion, lesson.mode, lesson.labels, one, 0.0, slope, cuts)
    if lesson.mode == "pointwise":
        return distribution(line, z[:, None])
    answers: Floats = preference(line, z[:, None], np.zeros((z.size, 1)))
    return answers[:, : len(lesson.labels)]


def fit(lesson: Lesson, z: Floats) -> tuple[float, Floats]:
    """Return slope and cuts that make the lesson's answers likeliest at ``z`` [n]."""
    if lesson.mode == "pointwise":
        return fit_levels(z, lesson.answers)
    slope, cut = fit_preference(z, lesson.answers)
    return slope, np.array([cut])


def fit_levels(z: Floats, answers: Floats) -> tuple[float, Floats]:
    """Return slope (≥ 0) and cuts [K − 1] that make ``answers`` [n, K] likeliest at ``z`` [n].

    One further, even answer is spread over all rows, so that a level nobody gave keeps a
    little probability. A slope below 0 would turn the head round on noise; it stays 0.
    """
    n, size = answers.shape
    smoothed = (answers * n + 1 / size) / (n + 1)
    unit = float(z.std()) or 1.0

    def loss(theta: Floats) -> tuple[float, Floats]:
        cuts = np.cumsum(theta[1:])
        upto = expit(cuts[None, :] - theta[0] * (z / unit)[:, None])
        ends = np.ones((n, 1))
        p = np.maximum(np.diff(np.hstack([0 * ends, upto, ends]), axis=1), _TINY)
        ratio = smoothed / p
        by_eta = (ratio[:, 1:] - ratio[:, :-1]) * upto * (1 - upto)
        by_cut = by_eta.sum(axis=0)
        gradient = np.empty_like(theta)
        gradient[0] = -(by_eta.sum(axis=1) @ (z / unit))
        gradient[1:] = np.cumsum(by_cut[::-1])[::-1]
        return float(-(smoothed * np.log(p)).sum()) / n, gradient / n

    shares = np.clip(np.cumsum(smoothed.mean(axis=0))[:-1], 1e-6, 1 - 1e-6)
    start = np.log(shares / (1 - shares)) + _SLOPE_TO_BEGIN * float(z.mean()) / unit
    steps = np.maximum(np.diff(start), _NARROWEST)
    begin = np.concatenate([[_SLOPE_TO_BEGIN, start[0]], steps])
    bounds = [(0.0, None), (None, None), *[(_NARROWEST, None)] * (size - 2)]
    found: Any = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]) / unit, np.cumsum(found.x[1:])


def fit_preference(d: Floats, answers: Floats) -> tuple[float, float]:
    """Return slope (≥ 0) and cut (≥ 0) that make ``answers`` [n, 2 or 3] likeliest at ``d`` [n].

    Without a third label the cut is 0: there is no tie.
    """
    n, ties = len(answers), answers.shape[1] == 3
    smoothed = (answers * n + 1 / answers.shape[1]) / (n + 1)
    unit = float(np.sqrt((d**2).mean())) or 1.0
    x = d / unit

    def loss(theta: Floats) -> tuple[float, Floats]:
        slope, cut = theta[0], (theta[1] if ties else 0.0)
        a, b = expit(slope * x - cut), expit(-slope * x - cut)
        by_a, by_b = smoothed[:, 0] * (1 - a), smoothed[:, 1] * (1 - b)
        value = -(smoothed[:, 0] * np.log(np.maximum(a, _TINY))).sum()
        value -= (smoothed[:, 1] * np.log(np.maximum(b, _TINY))).sum()
        if ties:
            c = np.maximum(1 - a - b, _TINY)
            value -= (smoothed[:, 2] * np.log(c)).sum()
            by_a = by_a - smoothed[:, 2] / c * a * (1 - a)
            by_b = by_b - smoothed[:, 2] / c * b * (1 - b)
        gradient = np.array([-((by_a - by_b) @ x), (by_a + by_b).sum()])[: theta.size]
        return float(value) / n, gradient / n

    begin = np.array([1.0, 0.5] if ties else [1.0])
    bounds = [(0.0, None), (_NARROWEST, None)][: begin.size]
    found: Any = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]) / unit, float(found.x[1]) if ties else 0.0
