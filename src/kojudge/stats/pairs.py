"""Combine the two orders of a pair into one win score."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

_CLIP = 0.001


def combine_log_odds(p_ab: ArrayLike, p_ba: ArrayLike) -> NDArray[np.float64]:
    """Return the win score (0–1) of each pair from its two orders' probabilities.

    ``p_ab`` and ``p_ba`` (same shape) are the probability that the candidate wins when
    shown first and second, half of a tie counted. w = σ(½(logit p_AB + logit p_BA)), with
    p clipped to [.001, .999]: a position bias is additive in log-odds and cancels.
    """
    first = np.clip(np.asarray(p_ab, dtype=np.float64), _CLIP, 1 - _CLIP)
    second = np.clip(np.asarray(p_ba, dtype=np.float64), _CLIP, 1 - _CLIP)
    combined: NDArray[np.float64] = expit(0.5 * (logit(first) + logit(second)))
    return combined


def combine_votes(v_ab: ArrayLike, v_ba: ArrayLike) -> NDArray[np.float64]:
    """Return the mean of two votes (1 win, ½ tie, 0 loss) for each pair."""
    first = np.asarray(v_ab, dtype=np.float64)
    second = np.asarray(v_ba, dtype=np.float64)
    return 0.5 * (first + second)
