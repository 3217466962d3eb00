"""PPI++: valid whatever the judge is like, narrower where it follows people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kojudge.stats.paired import paired_mean
from kojudge.stats.ppi import MIN_LABELLED, PoweredMean, expected_width_ratio, powered_mean

Floats = NDArray[np.float64]
TRUTH = 0.3


def differences(rng: np.random.Generator, size: int, r: float) -> tuple[Floats, Floats]:
    """People's differences, mean .3, and a judge's: r with them, on a scale and bias of its own."""
    y, noise = rng.normal(size=(2, size))
    return TRUTH + y, 0.7 * (r * y + np.sqrt(1 - r * r) * noise) - 0.4


def one_study(rng: np.random.Generator, n: int, rest: int, r: float) -> PoweredMean:
    y, f = differences(rng, n + rest, r)
    return powered_mean(y[:n], f[:n], f[n:])


@pytest.mark.parametrize("r", [0.0, 0.9])
def test_coverage_of_a_biased_judge(r: float) -> None:
    """50 labelled prompts of 300, 2,000 studies: .93–.97 of the 95 % intervals hold the truth."""
    rng = np.random.default_rng(20261123)
    hits = 0
    for _ in range(2000):
        interval = one_study(rng, 50, 250, r).interval(0.05)
        assert interval is not None
        hits += interval[0] <= TRUTH <= interval[1]
    assert 0.93 <= hits / 2000 <= 0.97


def test_the_judge_alone_would_be_wrong() -> None:
    """The negative control: the simulated judge's own mean misses the truth every time."""
    rng = np.random.default_rng(1)
    for _ in range(50):
        judge = paired_mean(differences(rng, 300, 0.9)[1]).interval(0.05)
        assert judge is not None
        assert not judge[0] <= TRUTH <= judge[1]


@pytest.mark.parametrize(("r", "narrowest", "widest"), [(0.5, 0.87, 0.91), (0.7, 0.74, 0.82)])
def test_expected_widths_at_300_prompts(r: float, narrowest: float, widest: float) -> None:
    # design figures: r = .5 → .87–.91, r = .7 → .74–.82, by 30 to 100 labelled prompts
    ratios = [expected_width_ratio(r, n, 300 - n) for n in (30, 50, 100)]
    assert ratios == sorted(ratios)
    assert narrowest <= round(ratios[0], 2)
    assert ratios[-1] <= widest + 0.005


@pytest.mark.parametrize(("n", "r"), [(50, 0.5), (50, 0.9), (100, 0.7)])
def test_widths_come_out_as_expected(n: int, r: float) -> None:
    rng = np.random.default_rng(7)
    ratios = []
    for _ in range(300):
        y, f = differences(rng, 300, r)
        powered, alone = powered_mean(y[:n], f[:n], f[n:]), paired_mean(y[:n])
        assert powered.se is not None
        assert alone.se is not None
        ratios.append(powered.se / alone.se)
    assert np.mean(ratios) == pytest.approx(expected_width_ratio(r, n, 300 - n), abs=0.03)


def test_the_formula_written_out() -> None:
    rng = np.random.default_rng(2)
    y, f = differences(rng, 120, 0.6)
    found = powered_mean(y[:40], f[:40], f[40:])
    weight = np.cov(y[:40], f[:40])[0, 1] / ((1 + 40 / 80) * np.var(f[:40], ddof=1))
    delta = weight * f[40:].mean() + (y[:40] - weight * f[:40]).mean()
    variance = (
        weight**2 * np.var(f[40:], ddof=1) / 80 + np.var(y[:40] - weight * f[:40], ddof=1) / 40
    )
    assert (found.weight, found.delta) == pytest.approx((weight, delta))
    assert found.se == pytest.approx(np.sqrt(variance))
    assert (found.n, found.n_unlabelled, found.df) == (40, 80, 39)
    assert found.correlation == pytest.approx(np.corrcoef(y[:40], f[:40])[0, 1])


@given(st.sampled_from([-2.0, 0.1, 5.0]), st.floats(-10, 10), st.integers(0, 99))
def test_the_judges_scale_and_bias_do_not_matter(factor: float, shift: float, seed: int) -> None:
    y, f = differences(np.random.default_rng(seed), 90, 0.6)
    there = powered_mean(y[:30], f[:30], f[30:])
    g = factor * f + shift
    back = powered_mean(y[:30], g[:30], g[30:])
    assert (back.delta, back.se) == pytest.approx((there.delta, there.se), abs=1e-9)
    assert back.weight == pytest.approx(there.weight / factor)


@given(st.integers(0, 99))
def test_the_order_of_prompts_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, f = differences(rng, 90, 0.6)
    order = rng.permutation(30)
    there = powered_mean(y[:30], f[:30], f[30:])
    back = powered_mean(y[:30][order], f[:30][order], rng.permutation(f[30:]))
    assert (back.delta, back.se) == pytest.approx((there.delta, there.se))


@pytest.mark.parametrize("value", [0.0, 0.1, 4.0])
def test_a_judge_that_says_the_same_of_all_leaves_people_alone(value: float) -> None:
    y, _ = differences(np.random.default_rng(3), 40, 0.5)
    found, alone = powered_mean(y, np.full(40, value), np.full(60, value)), paired_mean(y)
    assert (found.weight, found.correlation) == (0, None)
    assert (found.delta, found.se) == pytest.approx((alone.delta, alone.se))
    assert found.interval(0.05) == pytest.approx(alone.interval(0.05))


def test_people_who_say_the_same_of_all_leave_no_standard_error() -> None:
    _, f = differences(np.random.default_rng(3), 100, 0.5)
    found = powered_mean(np.full(40, 0.1), f[:40], f[40:])
    assert found.delta == pytest.approx(0.1)
    assert (found.se, found.correlation, found.interval(0.05)) == (None, None, None)


def test_no_judge_no_gain_and_a_perfect_judge_counts_as_people() -> None:
    assert expected_width_ratio(0, 50, 250) == 1
    assert expected_width_ratio(0.9, 50, 0) == 1
    assert expected_width_ratio(1, 50, 250) == pytest.approx(np.sqrt(50 / 300))
    assert expected_width_ratio(-0.5, 50, 250) == expected_width_ratio(0.5, 50, 250)


def test_too_few_labels_are_refused() -> None:
    y, f = differences(np.random.default_rng(3), 100, 0.5)
    assert powered_mean(y[:MIN_LABELLED], f[:MIN_LABELLED], f[MIN_LABELLED:]).n == 30
    with pytest.raises(ValueError, match="at least 30"):
        powered_mean(y[:29], f[:29], f[29:])
    with pytest.raises(ValueError, match="2 others"):
        powered_mean(y[:40], f[:40], f[40:41])


def test_what_are_no_differences_is_refused() -> None:
    y, f = differences(np.random.default_rng(3), 100, 0.5)
    with pytest.raises(ValueError, match="same prompts"):
        powered_mean(y[:40], f[:39], f[40:])
    with pytest.raises(ValueError, match="people must be"):
        powered_mean(np.full(40, np.nan), f[:40], f[40:])
    with pytest.raises(ValueError, match="judge_unlabelled must be"):
        powered_mean(y[:40], f[:40], f[40:].reshape(2, -1))
    with pytest.raises(ValueError, match="correlation"):
        expected_width_ratio(1.1, 50, 250)
