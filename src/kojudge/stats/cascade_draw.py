"""Which prompts the strong judge of a cascade is asked about, each with a known probability.

Either every prompt of a category is as likely as any other, or those on which the cheap judge
is unsure come more often (active inference: Zrnic and Candès 2024, arXiv:2403.03208). There
the probability is a mixture of one in proportion to the uncertainty and an even one, so that
none is small and a wrong idea of the uncertainty costs precision, never validity: what is
drawn less often counts for more (:mod:`kojudge.stats.cascade`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kojudge.stats.strata import Strata

Floats = NDArray[np.float64]
MIN_DRAWN = 2
"""A category with fewer drawn prompts would have no variance and drop out."""
FLOOR = 0.5
"""The even share of the mixture: no prompt's probability is below half the fraction."""


@dataclass(frozen=True, slots=True)
class Draw:
    """The prompts drawn out of P. ``drawn`` [P]; ``inclusion`` [P] the probability, in (0, 1]."""

    drawn: NDArray[np.bool_]
    inclusion: Floats

    def __post_init__(self) -> None:
        if self.drawn.shape != self.inclusion.shape or self.drawn.ndim != 1:
            raise ValueError("drawn and inclusion must be one-dimensional and alike")
        if not ((self.inclusion > 0) & (self.inclusion <= 1)).all():
            raise ValueError("inclusion probabilities must be above 0 and at most 1")


def draw(rng: np.random.Generator, strata: Strata, fraction: float) -> Draw:
    """Draw ``fraction`` of the prompts of each stratum at random, without replacement.

    The number is rounded up, and at least two (all, of a smaller stratum).

    Raises:
        ValueError: fraction is not inside 0–1.
    """
    return draw_uncertain(rng, strata, fraction, np.ones(strata.index.size))


def draw_uncertain(
    rng: np.random.Generator,
    strata: Strata,
    fraction: float,
    uncertainty: ArrayLike,
    floor: float = FLOOR,
) -> Draw:
    """Draw as many prompts as :func:`draw`, uncertain ones more often.

    ``uncertainty`` [P] ≥ 0 is how far the cheap judge's difference may be off, in any unit
    (√E[error²] is best); ``floor`` (0–1] the share of the probability that is spread evenly.
    Each stratum's number is fixed: systematic sampling in a random order, which keeps the
    inclusion probabilities exactly (Madow 1949; Hartley and Rao 1962).

    Raises:
        ValueError: fraction not inside 0–1, floor not in (0, 1], or a wrong uncertainty.
    """
    u = np.asarray(uncertainty, dtype=np.float64)
    if not 0 < fraction <= 1 or not 0 < floor <= 1:
        raise ValueError("need 0 < fraction <= 1 and 0 < floor <= 1")
    if u.shape != strata.index.shape or not np.isfinite(u).all() or (u < 0).any():
        raise ValueError("uncertainty must be finite, >= 0 and one a prompt")
    inclusion, drawn = np.empty(u.size), np.zeros(u.size, dtype=np.bool_)
    for k in range(strata.weights.size):
        rows = np.flatnonzero(strata.index == k)
        number = number_drawn(rows.size, fraction)
        inclusion[rows] = _inclusion(u[rows], number, floor)
        order = rng.permutation(rows)
        steps = np.concatenate([[0.0], np.cumsum(inclusion[order])]) + rng.random()
        drawn[order] = np.diff(np.floor(np.round(steps, 9))) > 0
    return Draw(drawn, inclusion)


def number_drawn(prompts: int, fraction: float) -> int:
    """Return how many of a stratum's ``prompts`` are drawn at ``fraction``."""
    return min(prompts, max(MIN_DRAWN, math.ceil(round(prompts * fraction, 9))))


def _inclusion(u: Floats, number: int, floor: float) -> Floats:
    """Return the probabilities [n] that sum to ``number``, none above 1."""
    even = np.full(u.size, 1 / u.size)
    share = floor * even + (1 - floor) * (u / u.sum() if u.sum() > 0 else even)
    certain = np.zeros(u.size, dtype=np.bool_)
    while True:  # what would be above 1 is certain; the rest share what is left
        found = np.ones(u.size)
        rest = ~certain
        found[rest] = share[rest] * (number - certain.sum()) / max(share[rest].sum(), 1e-300)
        above = rest & (found >= 1 - 1e-12)
        if not above.any():
            return found
        certain |= above
