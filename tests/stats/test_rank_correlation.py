"""Spearman's ρ and its interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from kojudge.stats.rank_correlation import rank_correlation


def test_it_is_spearmans_rho_with_ties() -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 6, 40).astype(float)
    y = x + rng.normal(0, 2, 40)
    assert rank_correlation(x, y).rho == pytest.approx(stats.spearmanr(x, y).statistic)


def test_only_the_order_counts() -> None:
    x = np.array([1.0, 2, 3, 4, 5, 6])
    y = np.array([2.0, 1, 4, 3, 6, 5])
    assert rank_correlation(x, y) == rank_correlation(np.exp(x), y**3)


def test_the_interval_is_that_of_bonett_and_wright() -> None:
    x = np.arange(10.0)
    y = np.array([1, 0, 3, 2, 5, 4, 7, 6, 9, 8.0])
    found = rank_correlation(x, y)
    rho = 1 - 6 * 10 / (10 * 99)
    half = 1.959964 * math.sqrt((1 + rho**2 / 2) / 7)
    assert found.rho == pytest.approx(rho)
    assert (found.low, found.high) == pytest.approx(
        (math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)), abs=1e-6
    )


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng, hits = np.random.default_rng(2), 0
    truth = 6 / math.pi * math.asin(0.6 / 2)  # Spearman's ρ of a normal pair with r = 0.6
    for _ in range(1000):
        x, y = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 30).T
        found = rank_correlation(x, y)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= truth <= found.high
    assert hits >= 930


@pytest.mark.parametrize(("x", "y"), [([1, 2, 3, 4], [1, 2, 3, 4]), ([1] * 6, [*range(6)])])
def test_too_few_items_or_a_constant_have_no_correlation(x: list[int], y: list[int]) -> None:
    found = rank_correlation(x, y)
    assert (found.n, found.rho, found.low) == (len(x), None, None)


def test_perfect_agreement_has_no_interval() -> None:
    found = rank_correlation(range(6), range(6))
    assert (found.rho, found.low, found.high) == (1.0, None, None)


def test_measures_must_be_pairs_of_numbers() -> None:
    with pytest.raises(ValueError, match="two measures"):
        rank_correlation([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="finite"):
        rank_correlation([1, float("nan")], [1, 2])
