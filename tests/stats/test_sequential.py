"""Looks that keep their error: boundaries, the three-way rule, the e-process, the batches."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from kojudge.stats.sequential import (
    Boundaries,
    batches,
    cosh_process,
    crossings,
    decide,
    expected_share,
    inflation,
    obrien_fleming,
)

Array = NDArray[np.float64]
FIVE = obrien_fleming(5, 0.05)
FIXED_DRIFT = float(stats.norm.isf(0.025) + stats.norm.ppf(0.8))

# Jennison and Turnbull (2000), Group Sequential Methods, table 2.3: C_B(K, alpha).
CONSTANTS = {
    0.01: {2: 2.580, 3: 2.595, 4: 2.609, 5: 2.621, 10: 2.660, 20: 2.695},
    0.05: {2: 1.977, 3: 2.004, 4: 2.024, 5: 2.040, 10: 2.087, 20: 2.126},
    0.10: {2: 1.678, 3: 1.710, 4: 1.733, 5: 1.751, 10: 1.801, 20: 1.842},
}


def looks_of(d: Array, boundaries: Boundaries, margin: float) -> tuple[Array, NDArray[np.str_]]:
    """Run the rule on t intervals, one run a row: share of prompts used, verdict (or '')."""
    runs, prompts = d.shape
    used, verdict = np.ones(runs), np.full(runs, "", dtype="<U7")
    for look in range(1, boundaries.looks + 1):
        n = prompts * look // boundaries.looks
        mean, sd = d[:, :n].mean(axis=1), d[:, :n].std(axis=1, ddof=1)
        half = stats.t.isf(boundaries.nominal[look - 1] / 2, n - 1) * sd / math.sqrt(n)
        for run in np.flatnonzero(verdict == ""):
            stop = decide(look, mean[run] - half[run], mean[run] + half[run], margin)
            if stop is not None:
                verdict[run], used[run] = stop, look / boundaries.looks
    return used, verdict


@pytest.mark.parametrize("alpha", CONSTANTS)
def test_constants_are_those_of_jennison_and_turnbull(alpha: float) -> None:
    for looks, constant in CONSTANTS[alpha].items():
        assert obrien_fleming(looks, alpha).constant == pytest.approx(constant, abs=6e-4)


def test_five_looks_have_the_published_boundaries() -> None:
    """c_k = 2.040 √(5/k); nominal levels 2(1 − Φ(c_k))."""
    assert FIVE.critical == pytest.approx([2.040 * math.sqrt(5 / k) for k in range(1, 6)], abs=1e-3)
    assert FIVE.nominal == pytest.approx([5.07e-6, 0.00126, 0.00845, 0.02256, 0.04134], rel=5e-3)
    assert FIVE.spent[-1] == pytest.approx(0.05, abs=1e-9)


def test_the_recursion_agrees_with_the_multivariate_normal() -> None:
    """A second algorithm: the probability of staying inside all boundaries (Genz)."""
    four = obrien_fleming(4, 0.05)
    at = np.arange(1, 5)
    correlation = np.sqrt(np.minimum.outer(at, at) / np.maximum.outer(at, at))
    edge = np.array(four.critical)
    for looks in (2, 3, 4):
        normal = stats.multivariate_normal(cov=correlation[:looks, :looks], seed=1)
        inside = normal.cdf(edge[:looks], lower_limit=-edge[:looks])
        assert 1 - inside == pytest.approx(four.spent[looks - 1], abs=2e-5)


def test_the_price_of_looking_is_the_published_one() -> None:
    """Jennison and Turnbull, table 2.4: R_B(K, .05, .2) = 1.028 at 5 looks, 1.040 at 10."""
    assert inflation(FIVE) == pytest.approx(1.028, abs=1e-3)
    assert inflation(obrien_fleming(10)) == pytest.approx(1.040, abs=1e-3)


@pytest.mark.parametrize(
    ("truth", "share"),
    # Planned for d = .2; truth d = 0, .1, .2, .3, .5. Expected prompts / fixed design at 80 %.
    [(0.0, 1.02), (0.1, 0.98), (0.2, 0.82), (0.3, 0.62), (0.5, 0.43)],
)
def test_expected_prompts_against_a_fixed_design(truth: float, share: float) -> None:
    price = inflation(FIVE)
    drift = FIXED_DRIFT * math.sqrt(price) * truth / 0.2
    assert expected_share(FIVE, drift) * price == pytest.approx(share, abs=0.006)


def test_the_first_look_never_stops_for_efficacy() -> None:
    assert crossings(FIVE, 10.0)[0] == 0.0
    assert sum(crossings(FIVE, 10.0)) == pytest.approx(1.0)
    assert sum(crossings(FIVE, 0.0)) == pytest.approx(0.05, abs=6e-6)
    assert decide(1, 0.4, 0.9, 0.25) is None
    assert decide(1, -0.9, -0.4, 0.25) is None
    assert decide(1, -0.1, 0.1, 0.25) == "similar"


@pytest.mark.parametrize(
    ("low", "high", "stop"),
    [
        (0.1, 0.5, "better"),
        (-0.5, -0.1, "worse"),
        (-0.2, 0.2, "similar"),
        (-0.2, 0.6, None),  # not worse: waits for the last look
        (-0.6, 0.6, None),
    ],
)
def test_the_three_way_rule_after_the_first_look(low: float, high: float, stop: str) -> None:
    assert decide(2, low, high, 0.25) == stop


def test_at_the_planned_difference_a_fifth_of_the_prompts_is_saved() -> None:
    """d = .3: 90 prompts give a fixed t test 80 % power; 93 at most do it in five looks."""
    d = np.random.default_rng(2).normal(0.3, 1.0, size=(4000, 93))
    used, verdict = looks_of(d, FIVE, margin=1e-9)
    assert (verdict == "better").mean() == pytest.approx(0.80, abs=0.025)
    assert used.mean() == pytest.approx(0.80, abs=0.015)


def test_the_three_way_rule_saves_calls_whatever_the_truth() -> None:
    """240 prompts, margin .28 SD: expected share used .71, .75, .41 at d = 0, ±.2, ±.5."""
    rng = np.random.default_rng(3)
    for effect, share, right in ((0.0, 0.71, "similar"), (0.2, 0.74, ""), (-0.5, 0.41, "worse")):
        used, verdict = looks_of(rng.normal(effect, 1, size=(1000, 240)), FIVE, margin=0.28)
        assert used.mean() == pytest.approx(share, abs=0.035)
        wrong = {"better", "worse", "similar"} - {right}
        if right:
            assert np.isin(verdict, list(wrong)).mean() <= 0.05
            assert (verdict == right).mean() > 0.85


def test_a_difference_as_large_as_the_margin_is_seldom_called_similar() -> None:
    d = np.random.default_rng(4).normal(0.28, 1, size=(2000, 240))
    _, verdict = looks_of(d, FIVE, margin=0.28)
    assert (verdict == "similar").mean() <= 0.025 + 3 * math.sqrt(0.025 * 0.975 / 2000)


def test_the_e_process_finds_the_difference_it_was_planned_for() -> None:
    d = np.random.default_rng(6).normal(0.3, 1, size=(2000, 160))
    assert (cosh_process(d, 0.3, 1.0).p_values[:, -1] <= 0.05).mean() > 0.8


def test_e_values_average_to_at_most_one_under_the_null() -> None:
    d = np.random.default_rng(7).normal(size=(20_000, 20))
    final = cosh_process(d, 0.3, 1.0).e_values[:, -1]
    assert final.mean() <= 1 + 3 * final.std() / math.sqrt(20_000)


def test_the_e_process_is_its_formula() -> None:
    d, rate = np.array([0.5, -1.0, 2.0]), 0.4
    total, squares = d.cumsum(), (d**2).cumsum()
    own = np.cosh(rate * total) * np.exp(-(rate**2) * squares / 2)
    assert cosh_process(d, rate, None).e_values == pytest.approx(own)
    given_variance = (squares + 2 * 1.5 * np.array([1, 2, 3])) / 3
    known = np.cosh(rate * total) * np.exp(-(rate**2) * given_variance / 2)
    assert cosh_process(d, rate, 1.5).e_values == pytest.approx(known)
    assert cosh_process(d, rate, 1.5).p_values[-1] == pytest.approx(min(1, 1 / known.max()))


@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=40),
    st.floats(0.01, 2.0),
    st.one_of(st.none(), st.floats(0.01, 10.0)),
)
def test_p_never_rises_and_swapping_sides_keeps_it(
    d: list[float], rate: float, variance: float | None
) -> None:
    process = cosh_process(d, rate, variance)
    assert (np.diff(process.p_values) <= 0).all()
    assert ((process.p_values >= 0) & (process.p_values <= 1)).all()
    swapped = cosh_process([-x for x in d], rate, variance)
    assert swapped.p_values == pytest.approx(process.p_values)


@settings(deadline=None, max_examples=15)
@given(st.integers(2, 12), st.floats(0.005, 0.2))
def test_boundaries_fall_and_the_error_is_spent_slowly_then_fully(looks: int, alpha: float) -> None:
    boundaries = obrien_fleming(looks, alpha)
    assert (np.diff(boundaries.critical) < 0).all()
    assert (np.diff(boundaries.spent) > 0).all()
    assert boundaries.spent[-1] == pytest.approx(alpha, abs=1e-9)
    assert boundaries.constant > stats.norm.isf(alpha / 2)
    powers = [sum(crossings(boundaries, drift)) for drift in (0.0, 1.0, 2.0, 3.0)]
    assert (np.diff(powers) > 0).all()
    assert sum(crossings(boundaries, -2.0)) == pytest.approx(powers[2])


@settings(deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=12, max_size=80), st.integers(1, 6), st.integers())
def test_batches_deal_every_prompt_once_and_every_category_evenly(
    strata: list[str], looks: int, seed: int
) -> None:
    dealt = batches(np.random.default_rng(abs(seed)), strata, looks)
    assert len(dealt) == looks
    assert sorted(np.concatenate(dealt).tolist()) == list(range(len(strata)))
    sizes = [batch.size for batch in dealt]
    assert max(sizes) - min(sizes) <= 1
    labels, seen = np.array(strata), np.concatenate(dealt)
    for category in set(strata):
        whole = (labels == category).sum()
        for n in np.cumsum(sizes):
            share = whole * n / len(strata)
            slack = 1 + whole * len(set(strata)) / len(strata)
            assert abs((labels[seen[:n]] == category).sum() - share) <= slack + 1e-9


def test_the_seed_fixes_the_batches_and_every_prompt_may_come_first() -> None:
    strata = ["blog"] * 10 + ["emotional"] * 10
    again = [batches(np.random.default_rng(3), strata, 5) for _ in range(2)]
    assert [b.tolist() for b in again[0]] == [b.tolist() for b in again[1]]
    rng = np.random.default_rng(4)
    first = np.concatenate([batches(rng, strata, 5)[0] for _ in range(2000)])
    share = np.bincount(first, minlength=20) / 2000
    assert share == pytest.approx(np.full(20, 0.2), abs=0.04)


def test_plans_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="looks >= 2"):
        obrien_fleming(1)
    with pytest.raises(ValueError, match="alpha"):
        obrien_fleming(5, 1.0)
    with pytest.raises(ValueError, match="power"):
        inflation(FIVE, 0.01)
    with pytest.raises(ValueError, match="count from 1"):
        decide(0, 0.0, 1.0, 0.5)
    with pytest.raises(ValueError, match="looks <= prompts"):
        batches(np.random.default_rng(1), ["a"] * 4, 5)
    with pytest.raises(ValueError, match="positive"):
        cosh_process([0.1], 0.0, None)
    with pytest.raises(ValueError, match="finite"):
        cosh_process([float("nan")], 0.1, None)
