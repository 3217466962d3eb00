"""Strengths of many items from all-pairs comparisons: Bradley–Terry and Davidson.

For all-pairs data only: where every candidate met just the baseline the models are
saturated and say no more than log(wins / losses).

No standard errors: those of the information matrix take comparisons as independent,
which judgments of one prompt are not. Resample prompts, add up their counts, fit again.

Sources: Bradley and Terry (1952), Biometrika 39, 324–345; Davidson (1970), JASA 65,
317–328; existence: Ford (1957), American Mathematical Monthly 64(8), 28–33.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components
from scipy.special import xlogy

Matrix = NDArray[np.float64]
TieHandling = Literal["half", "exclude"]

_STEPS = 200
_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Ranking:
    """Fitted strengths of K items, in the order of the rows of the counts.

    ``strengths`` π are positive and sum to 1. ``tie_propensity`` is Davidson's ν ≥ 0, None
    for Bradley–Terry. ``log_likelihood`` leaves the multinomial coefficients out.
    """

    strengths: tuple[float, ...]
    tie_propensity: float | None
    log_likelihood: float

    def log_abilities(self, reference: int = 0) -> tuple[float, ...]:
        """Return log(π_i / π_reference), shape [K]; 0 for the reference item."""
        base = math.log(self.strengths[reference])
        return tuple(math.log(strength) - base for strength in self.strengths)

    def probabilities(self, i: int, j: int) -> tuple[float, float, float]:
        """Return the probabilities (0–1, sum 1) that i beats, ties with and loses to j."""
        first, second = self.strengths[i], self.strengths[j]
        tie = (self.tie_propensity or 0.0) * math.sqrt(first * second)
        total = first + second + tie
        return (first / total, tie / total, second / total)


def tally(
    first: ArrayLike, second: ArrayLike, scores: ArrayLike, items: int
) -> tuple[Matrix, Matrix]:
    """Count votes into ``wins`` and ``ties``, both shape [items, items].

    ``first`` and ``second`` are the item numbers of each vote, shape [N]; ``scores`` is 1
    where the first won, 0 where the second did, ½ for a tie. ties is symmetric.

    Raises:
        ValueError: an item met itself or is out of range, or a score is not 1, ½ or 0.
    """
    i, j = np.asarray(first, dtype=np.intp), np.asarray(second, dtype=np.intp)
    score = np.asarray(scores, dtype=np.float64)
    if not i.shape == j.shape == score.shape or i.ndim != 1:
        raise ValueError("first, second and scores must be one-dimensional and equally long")
    if i.size and (min(i.min(), j.min()) < 0 or max(i.max(), j.max()) >= items or (i == j).any()):
        raise ValueError(f"each vote needs two different items from 0 to {items - 1}")
    if not np.isin(score, (0.0, 0.5, 1.0)).all():
        raise ValueError("scores must be 1 (first won), 0.5 (tie) or 0 (second won)")
    wins, ties = np.zeros((items, items)), np.zeros((items, items))
    won, lost, tied = score == 1, score == 0, score == 0.5
    np.add.at(wins, (i[won], j[won]), 1.0)
    np.add.at(wins, (j[lost], i[lost]), 1.0)
    np.add.at(ties, (i[tied], j[tied]), 1.0)
    return wins, ties + ties.T


def bradley_terry(
    wins: ArrayLike, ties: ArrayLike | None = None, *, tie_handling: TieHandling = "half"
) -> Ranking:
    """Fit P(i beats j) = π_i / (π_i + π_j) by maximum likelihood (Newton on log π).

    ``wins[i, j]``, shape [K, K], counts how often i beat j; fractions are allowed.
    ``ties``, symmetric, same shape: ``half`` counts a tie as half a win for each side,
    ``exclude`` leaves ties out.

    Raises:
        ValueError: counts are malformed; the comparisons fall into groups that never met;
            or a group never lost to the rest, so that no finite estimate exists.
    """
    won, tied = _counts(wins, ties)
    counted = won + tied / 2 if tie_handling == "half" else won
    _require_connected(counted)
    _require_losses(counted)
    return _fit(counted, None)


def davidson(wins: ArrayLike, ties: ArrayLike) -> Ranking:
    """Fit Bradley–Terry with ties by maximum likelihood (Newton on log π, log ν).

    P(i beats j) = π_i / (π_i + π_j + ν√(π_i π_j)), and a tie has the weight ν√(π_i π_j).
    ``wins`` and ``ties`` (symmetric) are counts, shape [K, K]. Without a single tie ν = 0.

    Raises:
        ValueError: counts are malformed; the comparisons fall into groups that never met;
            or no finite estimate exists (an item never lost, or everything tied).
    """
    won, tied = _counts(wins, ties)
    _require_connected(won + tied)
    if not tied.any():
        _require_losses(won)
        plain = _fit(won, None)
        return Ranking(plain.strengths, 0.0, plain.log_likelihood)
    _require_finite_davidson(won, tied)
    return _fit(won, tied)


def _counts(wins: ArrayLike, ties: ArrayLike | None) -> tuple[Matrix, Matrix]:
    won = np.asarray(wins, dtype=np.float64)
    tied = np.zeros_like(won) if ties is None else np.asarray(ties, dtype=np.float64)
    if won.ndim != 2 or won.shape[0] != won.shape[1] or won.shape[0] < 2 or tied.shape != won.shape:
        raise ValueError("wins and ties must be square and of one shape, with two items or more")
    for counts in (won, tied):
        if not np.isfinite(counts).all() or (counts < 0).any() or np.diag(counts).any():
            raise ValueError("counts must be finite and not negative, with an empty diagonal")
    if not np.array_equal(tied, tied.T):
        raise ValueError("ties must be symmetric: ties[i, j] == ties[j, i]")
    return won, tied


def _require_connected(met: Matrix) -> None:
    number, group = connected_components(met > 0, directed=False)
    if number > 1:
        groups = [np.flatnonzero(group == g).tolist() for g in range(number)]
        raise ValueError(f"disconnected: these groups of items never met: {groups}")


def _require_losses(won: Matrix) -> None:
    """Ford's condition: in every split into two groups each side has beaten the other."""
    number, group = connected_components(won > 0, directed=True, connection="strong")
    for g in range(number if number > 1 else 0):
        inside = group == g
        if not won[np.ix_(~inside, inside)].any():
            names = np.flatnonzero(inside).tolist()
            raise ValueError(f"no finite estimate: items {names} never lost to the others")


def _require_finite_davidson(won: Matrix, tied: Matrix) -> None:
    """Look for a direction (v, c) of (log π, log ν) along which the likelihood never falls.

    Each outcome seen must keep the largest of the three weights along it: v_i − v_j ≥ 2c
    and v_i ≥ v_j where i beat j; 2c ≥ |v_i − v_j| where they tied.
    """
    size = len(won)
    rows = []
    for i, j in np.argwhere(won > 0):
        rows += [_contrast(size, i, j, 0.0), _contrast(size, i, j, -2.0)]
    for i, j in np.argwhere(tied > 0):
        rows.append(_contrast(size, i, j, 2.0))
    cone = np.array(rows)
    bounds = [(0.0, 0.0)] + [(-1.0, 1.0)] * size
    best = linprog(-cone.sum(axis=0), A_ub=-cone, b_ub=np.zeros(len(cone)), bounds=bounds)
    if best.fun < -1e-9:
        reason = "everything tied" if not won.any() else "some items never lost to the others"
        raise ValueError(f"no finite estimate: {reason}")


def _contrast(size: int, i: int, j: int, tie_weight: float) -> Matrix:
    row = np.zeros(size + 1)
    row[i], row[j], row[size] = 1.0, -1.0, tie_weight
    return row


def _fit(won: Matrix, tied: Matrix | None) -> Ranking:
    """Maximise the concave log-likelihood in (log π, log ν) by Newton with step halving."""
    size = len(won)
    ties = np.zeros_like(won) if tied is None else tied
    at = np.zeros(size + (tied is not None))
    value = _log_likelihood(at, won, ties)
    for _ in range(_STEPS):
        step = _newton_step(at, won, ties)
        if np.abs(step).max() < _TOLERANCE:
            break
        # Near the maximum the gain is lost in rounding; a full Newton step is right there.
        slack = 1e-10 * max(1.0, abs(value))
        while (found := _log_likelihood(at + step, won, ties)) < value - slack:
            step = step / 2
        at, value = at + step, found
    else:
        raise ValueError(f"the likelihood did not reach its maximum in {_STEPS} Newton steps")
    strengths = np.exp(at[:size] - at[:size].max())
    strengths /= strengths.sum()
    nu = None if tied is None else math.exp(at[size])
    return Ranking(tuple(strengths.tolist()), nu, value)


def _probabilities(at: Matrix, size: int) -> tuple[Matrix, Matrix]:
    """Return P(i beats j) and P(i ties with j), both shape [K, K]."""
    nu = math.exp(min(at[size], 300.0)) if len(at) > size else 0.0
    half = np.clip((at[:size, None] - at[None, :size]) / 2, -300.0, 300.0)
    total = np.exp(half) + np.exp(-half) + nu
    return np.exp(half) / total, nu / total


def _log_likelihood(at: Matrix, won: Matrix, ties: Matrix) -> float:
    win, tie = _probabilities(at, len(won))
    return float(xlogy(won, win).sum() + xlogy(ties, tie).sum() / 2)


def _newton_step(at: Matrix, won: Matrix, ties: Matrix) -> Matrix:
    """Solve information · step = gradient, keeping Σ log π where it is.

    With D = 1, 0, −1 for a win, tie, loss of i against j, log π enters through
    D (e_i − e_j)/2 and log ν through the indicator of a tie; the information is the sum
    of their covariances.
    """
    size = len(won)
    win, tie = _probabilities(at, size)
    met = won + won.T + ties
    mean = win - win.T
    gradient = ((won - won.T) - met * mean).sum(axis=1) / 2
    weight = met * (win + win.T - mean**2) / 4
    information = np.diag(weight.sum(axis=1)) - weight + np.full((size, size), weight.max())
    if len(at) == size:
        return np.asarray(np.linalg.solve(information, gradient))
    cross = -(met * mean * tie).sum(axis=1) / 2
    own = (met * tie * (1 - tie)).sum() / 2
    full = np.block([[information, cross[:, None]], [cross[None, :], np.array([[own]])]])
    ties_missed = (ties - met * tie).sum() / 2
    return np.asarray(np.linalg.solve(full, np.append(gradient, ties_missed)))
