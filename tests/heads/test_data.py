"""Answers as distributions: nothing is lost, nothing made up."""

from __future__ import annotations

import numpy as np
import pytest

from kojudge.heads.data import Lesson, preferred, spread_over_levels

LEVELS = ("1", "2", "3", "4", "5")


@pytest.mark.parametrize("score", [1.0, 1.3, 3.0, 4.75, 5.0])
def test_a_score_is_spread_over_its_two_neighbours_with_its_own_mean(score: float) -> None:
    spread = spread_over_levels(score, LEVELS)
    assert spread.sum() == pytest.approx(1.0)
    assert spread @ np.arange(1, 6) == pytest.approx(score)
    assert (spread > 0).sum() <= 2


@pytest.mark.parametrize(
    ("preference", "labels", "expected"),
    [
        (1.0, ("A", "B", "C"), [1, 0, 0]),
        (0.0, ("A", "B", "C"), [0, 1, 0]),
        (0.5, ("A", "B", "C"), [0, 0, 1]),
        (0.5, ("A", "B"), [0.5, 0.5]),
        (0.8, ("A", "B", "C"), [0.8, 0.2, 0]),
    ],
)
def test_a_half_is_a_tie_where_there_is_one(
    preference: float, labels: tuple[str, ...], expected: list[float]
) -> None:
    np.testing.assert_allclose(preferred(preference, labels), expected)


def test_a_pairs_truth_counts_half_of_a_tie() -> None:
    answers = np.array([[0.6, 0.1, 0.3]])
    one = Lesson("c", "pairwise", ("A", "B", "C"), np.array([0]), answers, np.array([1]))
    assert one.truth[0] == pytest.approx(0.75)
