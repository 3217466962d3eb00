"""Intervals of any statistic by whole clusters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from kojudge.stats.agreement import krippendorff_alpha
from kojudge.stats.cluster import (
    MIN_CLUSTERS_PERCENTILE,
    Estimate,
    cluster_estimate,
    cluster_mean,
)

Floats = NDArray[np.float64]


def mean(rows: Floats) -> float:
    return float(rows.mean())


def ragged(rng: np.random.Generator, clusters: int) -> list[Floats]:
    """Clusters of 1–6 rows that share the prompt's own effect (SD 1) beside noise (SD 1)."""
    sizes = rng.integers(1, 7, size=clusters)
    return [rng.normal() + rng.normal(size=size) for size in sizes]


def test_forty_clusters_get_percentiles_and_fewer_the_jackknife() -> None:
    rng = np.random.default_rng(1)
    assert cluster_mean(ragged(rng, MIN_CLUSTERS_PERCENTILE), rng).method == "percentile"
    assert cluster_mean(ragged(rng, MIN_CLUSTERS_PERCENTILE - 1), rng).method == "jackknife-t"


def test_jackknife_of_one_row_clusters_is_students_interval() -> None:
    # The jackknife standard error of a mean is s/√n (Efron and Tibshirani 1993, chapter 11);
    # maize pairs of Darwin (1876).
    maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    found = cluster_mean([[value] for value in maize], np.random.default_rng(0))
    expected = stats.ttest_1samp(maize, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.n_clusters == 15


@pytest.mark.parametrize("clusters", [7, 60])
def test_the_quick_mean_and_the_general_way_are_the_same(clusters: int) -> None:
    data = ragged(np.random.default_rng(2), clusters)
    quick = cluster_mean(data, np.random.default_rng(9), resamples=300)
    general = cluster_estimate(data, mean, np.random.default_rng(9), resamples=300)
    assert quick.value is not None
    assert (general.value, general.low, general.high) == pytest.approx(
        (quick.value, quick.low, quick.high)
    )
    assert general.method == quick.method


def test_a_seed_gives_the_same_interval_again() -> None:
    data = ragged(np.random.default_rng(3), 50)
    first, again = (cluster_mean(data, np.random.default_rng(5)) for _ in range(2))
    other = cluster_mean(data, np.random.default_rng(6))
    assert first == again
    assert first != other


@given(st.lists(st.lists(st.integers(-9, 9), min_size=1, max_size=4), min_size=2, max_size=12))
def test_the_order_of_clusters_and_rows_does_not_matter_to_the_jackknife(
    data: list[list[int]],
) -> None:
    there = cluster_mean(data, np.random.default_rng(0))
    back = cluster_mean([rows[::-1] for rows in data[::-1]], np.random.default_rng(0))
    assert back.value == pytest.approx(there.value)
    assert (back.low is None) == (there.low is None)
    if there.low is not None:
        assert (back.low, back.high) == pytest.approx((there.low, there.high))
        assert there.low <= there.value <= there.high  # type: ignore[operator]


def test_doubling_every_row_buys_no_certainty() -> None:
    data = ragged(np.random.default_rng(4), 50)
    once = cluster_mean(data, np.random.default_rng(5))
    twice = cluster_mean([np.repeat(rows, 2) for rows in data], np.random.default_rng(5))
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high))


@pytest.mark.parametrize("clusters", [12, 60])
def test_coverage_with_ragged_correlated_clusters(clusters: int) -> None:
    """Of 600 intervals .95 hold the mean, ± 3 SE and a point; pooled rows would miss often."""
    rng = np.random.default_rng(20261122)
    hits, naive = 0, 0
    for _ in range(600):
        data = ragged(rng, clusters)
        found = cluster_mean(data, rng, resamples=400)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0 <= found.high
        naive += bool(stats.ttest_1samp(np.concatenate(data), 0).pvalue >= 0.05)
    assert abs(hits / 600 - 0.95) <= 3 * np.sqrt(0.05 * 0.95 / 600) + 0.01
    assert naive / 600 < 0.85


def test_a_coefficient_of_a_table_is_drawn_by_prompt() -> None:
    """Two units a prompt, three raters; α of raters with noise as large as the signal is near ½."""
    rng = np.random.default_rng(6)
    clusters = [rng.normal(size=(2, 1)) + rng.normal(size=(2, 3)) for _ in range(60)]
    found = cluster_estimate(
        clusters, lambda rows: krippendorff_alpha(rows.T, "interval"), rng, resamples=300
    )
    assert found.method == "percentile"
    assert found.low is not None
    assert found.high is not None
    assert 0.2 < found.low < 0.5 < found.high < 0.8


def test_the_jackknife_stays_within_the_statistics_range() -> None:
    clusters = [[1.0, 1.0], [1.0], [1.0, 0.0], [1.0]]
    loose = cluster_mean(clusters, np.random.default_rng(0))
    cut = cluster_mean(clusters, np.random.default_rng(0), bounds=(0, 1))
    assert loose.high is not None
    assert loose.high > 1
    assert cut.high == 1
    assert cut.low == loose.low


@pytest.mark.parametrize("clusters", [10, 60])
def test_without_variation_no_width_is_claimed(clusters: int) -> None:
    found = cluster_mean([[0.1, 0.1, 0.1]] * clusters, np.random.default_rng(0))
    assert found.value == pytest.approx(0.1)
    assert (found.low, found.high, found.method) == (None, None, "none")


def test_one_cluster_has_a_value_and_no_interval() -> None:
    found = cluster_mean([[1.0, 2.0]], np.random.default_rng(0))
    assert found == Estimate(1.5, None, None, 1, "none")


def test_an_undefined_statistic_has_no_value() -> None:
    found = cluster_estimate([[1.0], [2.0]], lambda _: float("nan"), np.random.default_rng(0))
    assert found == Estimate(None, None, None, 2, "none")


def test_a_jackknife_that_once_fails_gives_no_interval() -> None:
    """Leaving out the only 1 leaves nothing to divide by."""

    def odds(rows: Floats) -> float:
        return float((rows == 0).sum() / (rows == 1).sum()) if (rows == 1).any() else float("nan")

    found = cluster_estimate([[1.0], [0.0], [0.0]], odds, np.random.default_rng(0))
    assert (found.value, found.method) == (2, "none")


def test_undefined_draws_widen_the_interval_and_too_many_undo_it() -> None:
    """Draws without a marked cluster are undefined: exp(−4) = 1.8 % with 4, 37 % with one."""
    values = np.arange(60, dtype=np.float64)

    def marked(marks: int) -> list[Floats]:
        return [np.array([[value, value % 15 == 0 and value < 15 * marks]]) for value in values]

    def mean_if_marked(rows: Floats) -> float:
        return float(rows[:, 0].mean()) if rows[:, 1].any() else float("nan")

    plain = cluster_mean(values[:, None].tolist(), np.random.default_rng(8))
    wider = cluster_estimate(marked(4), mean_if_marked, np.random.default_rng(8))
    undone = cluster_estimate(marked(1), mean_if_marked, np.random.default_rng(8))
    assert plain.low is not None
    assert plain.high is not None
    assert wider.low is not None
    assert wider.high is not None
    assert wider.low < plain.low
    assert wider.high > plain.high
    assert undone.method == "none"


def test_what_is_no_cluster_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="at least one cluster"):
        cluster_mean([], rng)
    with pytest.raises(ValueError, match="at least one row"):
        cluster_mean([[1.0], []], rng)
    with pytest.raises(ValueError, match="finite"):
        cluster_mean([[1.0], [np.nan]], rng)
    with pytest.raises(ValueError, match="alpha"):
        cluster_mean([[1.0], [2.0]], rng, alpha=1.5)
    with pytest.raises(ValueError, match="resample"):
        cluster_estimate([[1.0], [2.0]], mean, rng, resamples=0)
    with pytest.raises(ValueError, match="dimension"):
        cluster_estimate([[1.0], [[2.0, 3.0]]], mean, rng)
