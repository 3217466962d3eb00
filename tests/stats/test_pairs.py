"""Two orders, one win score."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from kojudge.stats import combine_log_odds, combine_votes

probability = st.floats(0.0, 1.0)
log_odds = st.floats(-5.0, 5.0)


@given(log_odds, log_odds)
def test_a_position_bias_cancels_in_log_odds(strength: float, bias: float) -> None:
    """The bias helps whoever stands first by the same log-odds, and leaves no trace."""
    biased = combine_log_odds(expit(strength + bias), expit(strength - bias))
    if abs(strength) + abs(bias) < 6.9:  # inside the clip at .001
        assert float(biased) == pytest.approx(float(expit(strength)), abs=1e-9)


def test_a_judge_that_always_says_first_sees_no_difference() -> None:
    assert float(combine_log_odds(0.97, 0.03)) == pytest.approx(0.5)


@given(probability, probability)
def test_swapping_the_sides_mirrors_the_score(p_ab: float, p_ba: float) -> None:
    there = float(combine_log_odds(p_ab, p_ba))
    back = float(combine_log_odds(1 - p_ba, 1 - p_ab))
    assert back == pytest.approx(1 - there, abs=1e-9)


def test_certain_answers_stay_finite_and_inside() -> None:
    scores = combine_log_odds(np.array([0.0, 1.0, 1.0]), np.array([0.0, 1.0, 0.0]))
    assert scores == pytest.approx([0.001, 0.999, 0.5])


@pytest.mark.parametrize(("ab", "ba", "score"), [(1, 1, 1), (1, 0, 0.5), (0.5, 0, 0.25), (0, 0, 0)])
def test_votes_are_averaged(ab: float, ba: float, score: float) -> None:
    assert float(combine_votes(ab, ba)) == score
