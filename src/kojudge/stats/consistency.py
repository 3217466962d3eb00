"""Does a judge agree with itself when the order turns or the question is asked again?

And do its differences follow people's? Preferences are the probability (0–1) that the
candidate beats the baseline: above ½ a win, below ½ a loss, exactly ½ a tie.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PositionConsistency:
    """What turning the order does to ``pairs`` pairs; the four shares (0–1) sum to 1.

    ``consistent``: the same outcome in both orders, tied twice included. ``first`` and
    ``second``: the winner changes with the order, to the text shown first (or second) both
    times. ``half``: a tie in one order only, a winner in the other.
    """

    pairs: int
    consistent: float
    first: float
    second: float
    half: float

    @property
    def flipped(self) -> float:
        """The share of pairs whose winner changes with the order (0–1)."""
        return self.first + self.second


def position_consistency(p_ab: ArrayLike, p_ba: ArrayLike) -> PositionConsistency:
    """Return how the outcome of each pair, shape [pairs], fares when the order turns.

    ``p_ab`` and ``p_ba`` are the candidate's preference when shown first and second.
    Consistency and bias towards a place as in Zheng et al. 2023 (arXiv:2306.05685).

    Raises:
        ValueError: the arrays are empty or of two shapes, or a preference is not in 0–1.
    """
    first, second = _sides(p_ab, p_ba)
    if not first.size:
        raise ValueError("no pair was judged in both orders")
    return PositionConsistency(
        pairs=int(first.size),
        consistent=float((first == second).mean()),
        first=float(((first > 0) & (second < 0)).mean()),
        second=float(((first < 0) & (second > 0)).mean()),
        half=float(((first == 0) != (second == 0)).mean()),
    )


def same_in_both_orders(p_ab: ArrayLike, p_ba: ArrayLike) -> NDArray[np.bool_]:
    """Tell of each pair, shape [pairs], whether both orders give the same outcome.

    Averaged over pairs this is ``consistent``; split by prompt it can be bootstrapped.

    Raises:
        ValueError: the arrays are of two shapes, or a preference is not in 0–1.
    """
    first, second = _sides(p_ab, p_ba)
    return np.equal(first, second)


def order_flips(p_ab: ArrayLike, p_ba: ArrayLike) -> NDArray[np.bool_]:
    """Tell of each pair, shape [pairs], whether the winner changes with the order.

    A tie in one order is no flip: it gives no winner to change.

    Raises:
        ValueError: the arrays are of two shapes, or a preference is not in 0–1.
    """
    first, second = _sides(p_ab, p_ba)
    return np.less(first * second, 0)


def repetition_stability(choices: ArrayLike) -> _Floats:
    """Return for each item the share (0–1] of its repeats that give its commonest choice.

    ``choices`` is [items, repeats], nan where a repeat is missing; items with fewer than
    two repeats give nan. Meant for choices from a few values (win, tie, loss; the levels
    of a rubric), not for expected scores: see :func:`repeat_sd`. Its mean over items is the
    repetition stability of Shi et al. 2024 (arXiv:2406.07791). With r repeats and v values
    even a judge that guesses has at least max(1/r, 1/v).

    Raises:
        ValueError: the array is not two-dimensional, or a choice is infinite.
    """
    table = _repeats(choices)
    asked = (~np.isnan(table)).sum(axis=1)
    same = (table[:, :, None] == table[:, None, :]).sum(axis=2)  # nan equals nothing
    commonest = same.max(axis=1, initial=0)
    shares: _Floats = np.where(asked >= 2, commonest / np.maximum(asked, 1), np.nan)
    return shares


def repeat_sd(scores: ArrayLike) -> float:
    """Return the standard deviation between repeats of one item, in the scores' unit (≥ 0).

    ``scores`` is [items, repeats], nan where missing. Within-item variances are pooled by
    their degrees of freedom (one-way analysis of variance). nan where no item has two.

    Raises:
        ValueError: the array is not two-dimensional, or a score is infinite.
    """
    table = _repeats(scores)
    asked = (~np.isnan(table)).sum(axis=1)
    table, asked = table[asked >= 2], asked[asked >= 2]
    if not asked.size:
        return float("nan")
    means = np.nanmean(table, axis=1, keepdims=True)
    return float(np.sqrt(np.nansum((table - means) ** 2) / (asked - 1).sum()))


def difference_correlation(
    judge: ArrayLike, people: ArrayLike, kind: Literal["pearson", "spearman"] = "pearson"
) -> float:
    """Return the correlation (−1 to 1) of judge and people on prompt-level differences.

    Both are [prompts]: candidate minus baseline, averaged inside each prompt. Differences,
    because scores alone also agree on which prompts are easy, which no comparison with a
    baseline uses. "pearson" is what prediction-powered inference gains from; "spearman"
    is the same of ranks. nan where either does not vary.

    Raises:
        ValueError: the arrays are not one-dimensional, of one length and finite, or hold
            fewer than 3 prompts, or ``kind`` is unknown.
    """
    x, y = np.asarray(judge, dtype=np.float64), np.asarray(people, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or x.size < 3:
        raise ValueError("need one difference a prompt from each side, at least 3 prompts")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("differences must be finite")
    if kind not in {"pearson", "spearman"}:
        raise ValueError(f"unknown correlation: {kind}")
    if kind == "spearman":
        x, y = stats.rankdata(x), stats.rankdata(y)
    if not (_varies(x) and _varies(y)):
        return float("nan")
    return float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))


def _varies(x: _Floats) -> bool:
    """A spread below rounding error of the values themselves is no variation."""
    return bool(x.std() > 1e-12 * np.abs(x).max())


def _sides(p_ab: ArrayLike, p_ba: ArrayLike) -> tuple[_Floats, _Floats]:
    """Turn preferences into outcomes for the candidate: 1 win, 0 tie, −1 loss."""
    first, second = np.asarray(p_ab, dtype=np.float64), np.asarray(p_ba, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError("each pair needs one preference in each order")
    if not all(((p >= 0) & (p <= 1)).all() for p in (first, second)):
        raise ValueError("a preference lies between 0 and 1")
    return np.sign(first - 0.5), np.sign(second - 0.5)


def _repeats(values: ArrayLike) -> _Floats:
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or np.isinf(table).any():
        raise ValueError("repeats must be [items, repeats], finite or nan")
    return table
