"""The win rate at equal length and style: biases go, true effects stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import minimize
from scipy.special import expit, logit

from kojudge.stats.length import StyleControl, style_controlled

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Win scores of ``prompts`` × 3 pairs in which the candidate writes longer texts."""

    scores: Array
    prompts: NDArray[np.intp]
    length: Array
    headers: Array

    def controlled(self, seed: int = 1, **options: int) -> StyleControl:
        return style_controlled(
            self.scores,
            self.prompts,
            self.length,
            {"headers": self.headers},
            rng=np.random.default_rng(seed),
            **options,  # type: ignore[arg-type]
        )


def pairs(
    rng: np.random.Generator, prompts: int = 60, *, effect: float = 0.0, bias: float = 1.2
) -> Pairs:
    """``effect`` is the log-odds of a win at Δ = 0, ``bias`` what length buys."""
    owner = np.repeat(np.arange(prompts), 3)
    length = rng.normal(200.0, 250.0, owner.size)
    headers = rng.poisson(0.7, owner.size) - rng.poisson(0.5, owner.size)
    noise = rng.normal(0, 0.6, prompts)[owner] + rng.normal(0, 0.6, owner.size)
    eta = effect + bias * np.tanh(length / length.std()) + 0.2 * headers + noise
    return Pairs(expit(eta), owner, length, headers.astype(np.float64))


def mean_rate(effect: float) -> float:
    """The rate at Δ = 0 in ``pairs``, averaged over its noise of variance .6² + .6²."""
    grid = stats.norm.ppf((np.arange(4000) + 0.5) / 4000) * np.sqrt(0.72)
    return float(expit(effect + grid).mean())


def naive_interval_width(data: Pairs, fit: StyleControl) -> float:
    """A 95 % interval of the log-odds with the slopes taken as known, clustered by prompt."""
    assert fit.coefficients is not None
    known = fit.coefficients["length"] * np.tanh(data.length / fit.length_sd)
    known = known + fit.coefficients["headers"] * data.headers
    mean = expit(fit.coefficients["intercept"] + known)
    by_prompt = np.add.reduceat(data.scores - mean, np.arange(0, data.scores.size, 3))
    return float(2 * 1.96 * np.sqrt((by_prompt**2).sum()) / (mean * (1 - mean)).sum())


def width(fit: StyleControl) -> float:
    assert fit.interval is not None
    return float(logit(fit.interval[1]) - logit(fit.interval[0]))


def test_coefficients_are_those_of_a_general_optimiser() -> None:
    data = pairs(np.random.default_rng(3), effect=0.4)
    fit = data.controlled(resamples=100)
    x = np.column_stack([np.ones(180), np.tanh(data.length / data.length.std()), data.headers])

    def loss(beta: Array) -> float:
        eta = x @ beta
        return float((np.logaddexp(0, eta) - data.scores * eta).mean())

    reference = minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-9}).x
    assert fit.coefficients is not None
    assert list(fit.coefficients) == ["intercept", "length", "headers"]
    assert list(fit.coefficients.values()) == pytest.approx(reference, abs=1e-4)
    assert fit.controlled == pytest.approx(expit(reference[0]), abs=1e-4)


def test_a_pure_length_bias_is_taken_out_and_a_true_effect_is_kept() -> None:
    """150 data sets each: the 95 % interval covers the truth; the raw rate is far off."""
    rng = np.random.default_rng(20261121)
    for effect in (0.0, 0.6):
        truth, covered, raw, controlled = mean_rate(effect), 0, [], []
        for _ in range(150):
            fit = pairs(rng, effect=effect).controlled(resamples=300)
            assert fit.interval is not None
            assert fit.controlled is not None
            covered += fit.interval[0] <= truth <= fit.interval[1]
            raw.append(fit.raw)
            controlled.append(fit.controlled)
        assert np.mean(raw) > truth + 0.08
        assert np.mean(controlled) == pytest.approx(truth, abs=0.01)
        assert abs(covered / 150 - 0.95) <= 3 * np.sqrt(0.95 * 0.05 / 150) + 0.01


def test_an_interval_that_takes_the_slopes_as_known_is_too_narrow() -> None:
    rng = np.random.default_rng(7)
    ratios = []
    for _ in range(20):
        data = pairs(rng)
        fit = data.controlled(resamples=300)
        ratios.append(naive_interval_width(data, fit) / width(fit))
    assert np.median(ratios) < 0.9


def test_without_any_difference_of_looks_the_controlled_rate_is_the_raw_rate() -> None:
    data = pairs(np.random.default_rng(4), effect=0.5, bias=0.0)
    zero = np.zeros_like(data.length)
    fit = Pairs(data.scores, data.prompts, zero, zero).controlled(resamples=200)
    assert fit.controlled == pytest.approx(fit.raw, abs=1e-9)
    assert fit.coefficients == pytest.approx(
        {"intercept": logit(fit.raw), "length": 0.0, "headers": 0.0}
    )


def test_the_same_seed_gives_the_same_interval() -> None:
    data = pairs(np.random.default_rng(5))
    assert data.controlled(seed=9, resamples=200) == data.controlled(seed=9, resamples=200)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6))
def test_swapping_candidate_and_baseline_mirrors_the_rate(seed: int) -> None:
    there = pairs(np.random.default_rng(seed))
    back = Pairs(1 - there.scores, there.prompts, -there.length, -there.headers)
    one, other = there.controlled(resamples=100), back.controlled(resamples=100)
    assert one.controlled is not None
    assert one.interval is not None
    assert other.controlled == pytest.approx(1 - one.controlled, abs=1e-8)
    assert other.interval == pytest.approx((1 - one.interval[1], 1 - one.interval[0]), abs=1e-8)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6))
def test_row_order_and_duplicated_judgments_change_nothing(seed: int) -> None:
    """A prompt judged twice as often weighs no more and is no more certain."""
    data = pairs(np.random.default_rng(seed))
    rows = np.random.default_rng(seed).permutation(np.repeat(np.arange(data.scores.size), 2))
    again = Pairs(data.scores[rows], data.prompts[rows], data.length[rows], data.headers[rows])
    one, other = data.controlled(resamples=100), again.controlled(resamples=100)
    assert other.raw == pytest.approx(one.raw, abs=1e-12)
    assert other.controlled == pytest.approx(one.controlled, abs=1e-9)
    assert other.interval == pytest.approx(one.interval, abs=1e-9)


def test_scores_that_do_not_vary_are_no_ground_for_a_control() -> None:
    data = pairs(np.random.default_rng(6))
    fit = Pairs(np.full(180, 0.5), data.prompts, data.length, data.headers).controlled()
    assert (fit.reason, fit.controlled, fit.raw) == ("no_variation", None, 0.5)


def test_a_difference_that_is_always_there_cannot_be_told_from_the_candidate() -> None:
    data = pairs(np.random.default_rng(6))
    fit = Pairs(data.scores, data.prompts, data.length, np.full(180, 2.0)).controlled()
    assert (fit.reason, fit.controlled, fit.interval) == ("not_identified", None, None)
    assert fit.extrapolated == ("headers",)


def test_votes_that_length_predicts_perfectly_are_called_separated() -> None:
    data = pairs(np.random.default_rng(6))
    votes = (data.length > 50).astype(np.float64)
    fit = Pairs(votes, data.prompts, data.length, data.headers).controlled()
    assert (fit.reason, fit.controlled) == ("separation", None)


def test_a_rare_style_that_always_won_does_not_block_the_rest() -> None:
    """Its own slope has no bound in the data, but the rate at Δ = 0 does not depend on it."""
    rng = np.random.default_rng(8)
    data = pairs(rng)
    votes = (rng.random(180) < data.scores).astype(np.float64)
    tables = np.zeros(180)
    tables[:3], votes[:3] = 1.0, 1.0
    with_tables = Pairs(votes, data.prompts, data.length, tables).controlled(resamples=400)
    rest = Pairs(votes[3:], data.prompts[3:], data.length[3:], tables[3:])
    without = rest.controlled(resamples=400)
    assert with_tables.reason is None
    assert with_tables.controlled == pytest.approx(without.controlled, abs=0.005)
    assert width(with_tables) == pytest.approx(width(without), rel=0.15)


def test_few_prompts_are_refused() -> None:
    fit = pairs(np.random.default_rng(6), prompts=7).controlled()
    assert (fit.reason, fit.prompts, fit.controlled) == ("few_prompts", 7, None)


GOOD: dict[str, object] = {
    "scores": [0.2, 0.8], "prompts": ["a", "b"], "length": [1, 2], "style": {"bold": [0, 1]},
    "alpha": 0.05, "resamples": 100,
}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"scores": [0.2, 1.2]}, "0–1"),
        ({"scores": []}, "not empty"),
        ({"length": [1, float("nan")]}, "finite"),
        ({"length": [1, 2, 3]}, "as long"),
        ({"style": {"length": [0, 1]}}, "may not be called"),
        ({"alpha": 0.0}, "alpha"),
        ({"resamples": 10}, "resamples"),
    ],
)
def test_what_cannot_be_analysed_is_refused(wrong: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        style_controlled(**(GOOD | wrong), rng=np.random.default_rng(1))  # type: ignore[arg-type]
