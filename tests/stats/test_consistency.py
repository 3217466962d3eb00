"""A judge against itself (order, repetition) and against people (prompt-level differences)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kojudge.stats.consistency import (
    difference_correlation,
    order_flips,
    position_consistency,
    repeat_sd,
    repetition_stability,
    same_in_both_orders,
)

preference = st.sampled_from([0.0, 0.2, 0.49, 0.5, 0.51, 0.8, 1.0])
orders = st.lists(st.tuples(preference, preference), min_size=1, max_size=30)
numbers = st.lists(
    st.tuples(st.integers(-9, 9).map(float), st.integers(-9, 9).map(float)), min_size=3, max_size=20
)


@pytest.mark.parametrize(
    ("shown_first", "shown_second", "share"),
    [
        (0.9, 0.6, "consistent"),
        (0.1, 0.4, "consistent"),
        (0.5, 0.5, "consistent"),
        (0.9, 0.4, "first"),
        (0.4, 0.9, "second"),
        (0.5, 0.9, "half"),
        (0.1, 0.5, "half"),
    ],
)
def test_what_a_pair_counts_as(shown_first: float, shown_second: float, share: str) -> None:
    found = position_consistency([shown_first], [shown_second])
    shares = {name: getattr(found, name) for name in ("consistent", "first", "second", "half")}
    assert shares == {name: float(name == share) for name in shares}
    assert order_flips([shown_first], [shown_second]).tolist() == [share in {"first", "second"}]


@given(orders)
def test_the_shares_sum_to_one_and_match_the_pairs(pairs: list[tuple[float, float]]) -> None:
    ab, ba = np.array(pairs).T
    found = position_consistency(ab, ba)
    assert found.consistent + found.first + found.second + found.half == pytest.approx(1)
    assert found.pairs == len(pairs)
    assert found.flipped == pytest.approx(order_flips(ab, ba).mean())
    assert found.consistent == same_in_both_orders(ab, ba).mean()


@given(orders)
def test_naming_the_baseline_the_candidate_changes_nothing(
    pairs: list[tuple[float, float]],
) -> None:
    ab, ba = np.array(pairs).T
    assert position_consistency(1 - ba, 1 - ab) == position_consistency(ab, ba)


@given(orders)
def test_turning_the_orders_round_swaps_the_two_biases(pairs: list[tuple[float, float]]) -> None:
    ab, ba = np.array(pairs).T
    there, back = position_consistency(ab, ba), position_consistency(ba, ab)
    assert (back.first, back.second) == (there.second, there.first)
    assert back.consistent == there.consistent


def test_a_judge_that_always_takes_the_first_text_is_never_consistent() -> None:
    found = position_consistency(np.ones(10), np.zeros(10))
    assert (found.consistent, found.first, found.flipped) == (0, 1, 1)


def test_stability_is_the_share_of_the_commonest_choice() -> None:
    # Shi et al. (2024), arXiv:2406.07791: the most frequent choice over all, by item.
    choices = [[1, 1, 1], [1, 0, 1], [1, 0.5, 0], [0, 0, np.nan], [1, np.nan, np.nan]]
    shares = repetition_stability(choices)
    assert shares[:4] == pytest.approx([1, 2 / 3, 1 / 3, 1])
    assert np.isnan(shares[4])


@given(st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), min_size=1, max_size=10))
def test_stability_ignores_the_order_of_repeats_and_has_a_floor(items: list[list[int]]) -> None:
    shares = repetition_stability(items)
    assert repetition_stability([item[::-1] for item in items]) == pytest.approx(shares)
    assert ((shares >= 0.5) & (shares <= 1)).all()  # 4 repeats of 3 values: one comes twice


def test_repeat_sd_pools_the_items_by_degrees_of_freedom() -> None:
    # Within squares: 2 on 1 df, 8 on 2 df, none.
    scores = [[1, 3, np.nan], [2, 4, 6], [5, np.nan, np.nan]]
    assert repeat_sd(scores) == pytest.approx(np.sqrt(10 / 3))
    assert repeat_sd([[4, 4], [2, 2]]) == 0
    assert np.isnan(repeat_sd([[4, np.nan]]))


def test_repeat_sd_recovers_the_noise_whatever_the_items() -> None:
    rng = np.random.default_rng(2)
    scores = rng.normal(size=(2000, 1)) * 10 + rng.normal(size=(2000, 3)) * 0.5
    assert repeat_sd(scores) == pytest.approx(0.5, abs=0.02)


@given(numbers)
def test_correlations_are_scipys(pairs: list[tuple[float, float]]) -> None:
    judge, people = np.array(pairs).T
    if min(np.ptp(judge), np.ptp(people)) == 0:
        assert np.isnan(difference_correlation(judge, people))
        return
    pearson, spearman = stats.pearsonr(judge, people)[0], stats.spearmanr(judge, people)[0]
    assert difference_correlation(judge, people) == pytest.approx(pearson, abs=1e-12)
    assert difference_correlation(judge, people, "spearman") == pytest.approx(spearman, abs=1e-12)
    assert difference_correlation(2 * judge - 1, people) == pytest.approx(pearson, abs=1e-12)
    assert difference_correlation(people, judge) == pytest.approx(pearson, abs=1e-12)


def test_agreeing_on_easy_prompts_is_no_agreement_on_differences() -> None:
    """Scores correlate because prompts differ; the differences, which matter, do not."""
    rng = np.random.default_rng(4)
    prompt = 3 * rng.normal(size=400)
    judge = prompt[:, None] + rng.normal(size=(400, 2))
    people = prompt[:, None] + rng.normal(size=(400, 2))
    assert np.corrcoef(judge[:, 0], people[:, 0])[0, 1] > 0.8
    assert (
        abs(difference_correlation(judge[:, 0] - judge[:, 1], people[:, 0] - people[:, 1])) < 0.15
    )


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="each order"):
        position_consistency([0.1, 0.2], [0.3])
    with pytest.raises(ValueError, match="no pair"):
        position_consistency([], [])
    with pytest.raises(ValueError, match="between 0 and 1"):
        order_flips([1.2], [0.3])
    with pytest.raises(ValueError, match="between 0 and 1"):
        same_in_both_orders([np.nan], [0.3])
    with pytest.raises(ValueError, match="items, repeats"):
        repetition_stability([1, 0, 1])
    with pytest.raises(ValueError, match="items, repeats"):
        repeat_sd([[1, np.inf]])
    with pytest.raises(ValueError, match="at least 3"):
        difference_correlation([1, 2], [1, 2])
    with pytest.raises(ValueError, match="finite"):
        difference_correlation([1, 2, np.nan], [1, 2, 3])
    with pytest.raises(ValueError, match="unknown"):
        difference_correlation([1, 2, 3], [1, 2, 3], "kendall")  # type: ignore[arg-type]
