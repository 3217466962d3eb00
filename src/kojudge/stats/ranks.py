"""Ranks with their uncertainty: an all-pairs max-T family of its own.

A model's rank is certain only as far as its differences from the others are: at best one
more than the number of models shown to be better, at worst what is left after those shown
to be worse (Mogstad, Romano, Shaikh and Wilhelm 2024, Review of Economic Studies 91,
476–518, with simultaneous intervals for all pairs).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kojudge.stats.bootstrap import max_t
from kojudge.stats.strata import Strata
from kojudge.stats.verdict import MIN_PROMPTS


@dataclass(frozen=True, slots=True)
class Ranks:
    """``best`` and ``worst`` [M]: the ranks (from 1) that all pairs' intervals leave open."""

    best: NDArray[np.intp]
    worst: NDArray[np.intp]


def rank_ranges(
    values: ArrayLike,
    strata: Strata,
    rng: np.random.Generator,
    *,
    alpha: float = 0.05,
    resamples: int = 2_000,
) -> Ranks:
    """Return the ranks of M models that hold together with probability 1 − ``alpha``.

    ``values`` [P, M] are prompt means, the higher the better, NaN where a model has none. A
    pair with fewer than eight common prompts or without variation leaves the order of the two
    open.

    Raises:
        ValueError: fewer than two models, or as :func:`~kojudge.stats.bootstrap.max_t`.
    """
    y = np.asarray(values, dtype=np.float64)
    if y.ndim != 2 or y.shape[1] < 2:
        raise ValueError("values must be [prompts, models] with two models or more")
    first, second = np.array(list(combinations(range(y.shape[1]), 2))).T
    apart = y[:, first] - y[:, second]
    few = (~np.isnan(apart)).sum(0) < MIN_PROMPTS
    apart[:, few] = np.nan
    found = max_t(apart, strata, rng, alpha=alpha, resamples=resamples)
    up, down = found.low > 0, found.high < 0
    above = np.bincount(first[down], minlength=y.shape[1]) + np.bincount(
        second[up], minlength=y.shape[1]
    )
    below = np.bincount(first[up], minlength=y.shape[1]) + np.bincount(
        second[down], minlength=y.shape[1]
    )
    return Ranks(1 + above, y.shape[1] - below)
