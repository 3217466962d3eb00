"""The paired t analysis."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kojudge.stats import paired_mean

# Student (1908), The probable error of a mean: extra hours of sleep, drug 1 and drug 2.
# R: t.test(extra ~ group, data = sleep, paired = TRUE) → t = -4.0621, p = 0.002833,
# 95 % CI [-2.4598858, -0.7001142].
SLEEP_1 = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SLEEP_2 = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])

# Darwin (1876): height differences of crossed and self-fertilised maize, in eighths of an inch;
# t = 2.14799, p = .0497029 (Fisher 1935, The Design of Experiments, section 17).
MAIZE = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48])

finite = st.floats(-100, 100, allow_nan=False)


def test_sleep_data_give_the_published_t_p_and_interval() -> None:
    mean = paired_mean(SLEEP_1 - SLEEP_2)
    assert mean.delta is not None
    assert mean.se is not None
    assert mean.delta / mean.se == pytest.approx(-4.062128, abs=1e-6)
    assert mean.p_value == pytest.approx(0.00283289, abs=1e-8)
    assert mean.interval(0.05) == pytest.approx((-2.459886, -0.700114), abs=1e-6)


def test_maize_data_give_the_published_t_and_p() -> None:
    mean = paired_mean(MAIZE)
    assert mean.delta is not None
    assert mean.se is not None
    assert mean.delta / mean.se == pytest.approx(2.14799, abs=1e-5)
    assert mean.p_value == pytest.approx(0.0497029, abs=1e-7)
    assert mean.df == 14


@given(st.lists(finite, min_size=2, max_size=30))
def test_agrees_with_scipy_wherever_the_differences_vary(values: list[float]) -> None:
    mean = paired_mean(values)
    if mean.se is None:
        assert np.ptp(values) <= 1e-9 * max(1.0, float(np.abs(values).max()))
        return
    reference = stats.ttest_1samp(values, 0.0)
    assert mean.p_value == pytest.approx(reference.pvalue, rel=1e-6, abs=1e-12)
    interval = reference.confidence_interval(0.95)
    assert mean.interval(0.05) == pytest.approx((interval.low, interval.high), rel=1e-6, abs=1e-9)


@given(st.lists(finite, min_size=3, max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_prompts_does_not_matter(values: list[float], random: object) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert paired_mean(shuffled).delta == pytest.approx(paired_mean(values).delta, abs=1e-9)


@given(st.lists(finite, min_size=3, max_size=20))
def test_swapping_candidate_and_baseline_flips_the_sign_and_keeps_p(values: list[float]) -> None:
    there, back = paired_mean(values), paired_mean([-v for v in values])
    assert back.delta == pytest.approx(-(there.delta or 0.0), abs=1e-9)
    assert back.p_value == pytest.approx(there.p_value) if there.p_value else back.p_value is None


@pytest.mark.parametrize("values", [[], [1.0], [0.5] * 12])
def test_without_variation_there_is_no_standard_error(values: list[float]) -> None:
    mean = paired_mean(values)
    assert mean.se is None
    assert mean.p_value is None
    assert mean.interval(0.05) is None


@pytest.mark.parametrize("values", [[1.0, float("nan")], [float("inf"), 0.0], [[1.0], [2.0]]])
def test_values_that_are_no_differences_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        paired_mean(values)
