"""Calibration: of what the head gives a probability of p, how much comes true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kojudge.heads.data import Lesson

__all__ = ["BINS", "Bin", "Reliability", "reliability"]

Floats = NDArray[np.float64]

BINS = 10
"""Bins of equal width over 0–1 (Naeini et al. 2015)."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Events predicted with about one probability: the mean predicted, the mean that came true."""

    predicted: float
    observed: float
    events: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """The reliability table, its empty bins left out, and ``ece``: the mean gap, by events (0–1).

    Pointwise the events are "above level k" for every text and every k below the top;
    pairwise "the first is better", half of a tie counted. The teacher's own probability of
    the event is what came true.
    """

    bins: tuple[Bin, ...]
    ece: float


def reliability(lesson: Lesson, answers: Floats) -> Reliability:
    """Compare predicted ``answers`` [n, K] with those of the lesson."""
    predicted = _events(lesson, answers)
    observed = _events(lesson, lesson.answers)
    place = np.minimum((predicted * BINS).astype(np.intp), BINS - 1)
    bins = []
    for at in range(BINS):
        own = place == at
        if own.any():
            bins.append(
                Bin(float(predicted[own].mean()), float(observed[own].mean()), int(own.sum()))
            )
    gap = sum(abs(one.predicted - one.observed) * one.events for one in bins)
    return Reliability(tuple(bins), gap / predicted.size)


def _events(lesson: Lesson, answers: Floats) -> Floats:
    if lesson.mode == "pairwise":
        return np.clip(answers @ lesson.values, 0.0, 1.0)
    above = 1 - np.cumsum(answers, axis=1)[:, :-1]
    return np.clip(above, 0.0, 1.0).ravel()
