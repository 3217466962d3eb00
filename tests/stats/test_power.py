"""Planning: what a pilot says about variances, and what so many prompts can find."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from kojudge.stats.power import (
    VarianceComponents,
    detectable_difference,
    optimal_repeats,
    paired_components,
    power_at,
    required_prompts,
    variance_components,
)

# Variances of differences between two models, from real Korean writing scores on 0–10:
# the within-prompt variance of both models together, split here as all from generation.
MID = VarianceComponents(prompt=3.2, generation=13.2, judge=0.0)
STRONG = VarianceComponents(prompt=0.5, generation=2.9, judge=0.0)

# Prompts: difference found with 80 % power by one test / in a family of 24, four texts a prompt.
TABLE = {
    20: ((1.68, 2.56), (0.73, 1.11)),
    30: ((1.35, 1.99), (0.59, 0.86)),
    60: ((0.94, 1.34), (0.41, 0.58)),
    100: ((0.72, 1.02), (0.31, 0.44)),
    150: ((0.59, 0.83), (0.25, 0.36)),
    300: ((0.41, 0.58), (0.18, 0.25)),
}

Ragged = list[list[list[float]]]


def pilot(
    rng: np.random.Generator,
    means: NDArray[np.float64],
    sigma_s: float,
    sigma_r: float,
    *,
    ragged: bool = True,
) -> Ragged:
    """One model's scores about its prompts' true means: 1–4 texts, 1–3 judgments each."""
    scores: Ragged = []
    for mean in means:
        texts = mean + rng.normal(0, sigma_s, rng.integers(1, 5) if ragged else 3)
        repeats = [rng.integers(1, 4) if ragged else 2 for _ in texts]
        scores.append(
            [list(t + rng.normal(0, sigma_r, r)) for t, r in zip(texts, repeats, strict=True)]
        )
    return scores


@pytest.mark.parametrize("prompts", TABLE)
def test_the_detectable_differences_of_the_design_table(prompts: int) -> None:
    for components, (one, family) in zip((MID, STRONG), TABLE[prompts], strict=True):
        variance = components.variance(samples=4)
        assert detectable_difference(variance, prompts) == pytest.approx(one, abs=0.006)
        assert detectable_difference(variance, prompts, family=24) == pytest.approx(
            family, abs=0.006
        )


@pytest.mark.parametrize(("prompts", "family"), [(20, 1), (60, 1), (60, 24), (300, 24)])
def test_the_sum_of_two_quantiles_is_a_close_approximation(prompts: int, family: int) -> None:
    quantiles = stats.t.isf(0.025 / family, prompts - 1) + stats.t.ppf(0.8, prompts - 1)
    approximate = quantiles * math.sqrt(6.5 / prompts)
    exact = detectable_difference(6.5, prompts, family=family)
    assert approximate == pytest.approx(exact, rel=0.005)


def test_one_sample_t_test_of_a_medium_effect_needs_34_prompts() -> None:
    """Cohen (1988): d = .5, two-sided .05, power .80 → n = 34 (G*Power: power .8078)."""
    assert required_prompts(0.5, 1.0) == 34
    assert power_at(0.5, 1.0, 34) == pytest.approx(0.8078, abs=1e-4)


@pytest.mark.parametrize(("components", "prompts", "family"), [(MID, 30, 1), (STRONG, 100, 24)])
def test_planned_power_is_found_by_simulation(
    components: VarianceComponents, prompts: int, family: int
) -> None:
    """4,000 experiments of two models, four texts a prompt, at the detectable difference."""
    rng = np.random.default_rng(20261121)
    assert components.generation is not None
    delta = detectable_difference(components.variance(4), prompts, family=family)
    size = (4000, prompts)
    true = rng.normal(delta, math.sqrt(components.prompt), size)
    one, other = (
        rng.normal(0, math.sqrt(components.generation / 2), (4, *size)).mean(axis=0)
        for _ in range(2)
    )
    t, p = stats.ttest_1samp(true + one - other, 0.0, axis=1)
    power = ((p < 0.05 / family) & (t > 0)).mean()
    assert 0.75 <= power <= 0.88
    assert power == pytest.approx(0.80, abs=3 * math.sqrt(0.16 / 4000))


def test_a_plan_made_from_a_pilot_keeps_its_power() -> None:
    """200 pilots of 60 prompts: the power at the difference they plan for is .8 on the whole."""
    rng = np.random.default_rng(5)
    truth = 0.8 + (1.0 + 1.0) / 4 + (0.25 + 0.25) / 4
    powers = []
    for _ in range(200):
        base = rng.normal(0, 1.5, 60)
        change = rng.normal(0, math.sqrt(0.8), 60)
        found = paired_components(pilot(rng, base + change, 1, 0.5), pilot(rng, base, 1, 0.5))
        delta = detectable_difference(found.variance(samples=4), 100)
        powers.append(power_at(delta, truth, 100))
    assert 0.75 <= np.mean(powers) <= 0.88


def test_ragged_pilots_estimate_the_components_without_bias() -> None:
    rng = np.random.default_rng(6)
    found = [variance_components(pilot(rng, rng.normal(3, 1.2, 40), 0.9, 0.6)) for _ in range(300)]
    assert np.mean([c.prompt for c in found]) == pytest.approx(1.44, abs=0.08)
    assert np.mean([c.generation or 0.0 for c in found]) == pytest.approx(0.81, abs=0.04)
    assert np.mean([c.judge or 0.0 for c in found]) == pytest.approx(0.36, abs=0.02)


def test_a_balanced_pilot_gives_the_anova_estimates() -> None:
    """P = 12 prompts, S = 3 texts, R = 2 judgments: mean squares of the nested ANOVA."""
    rng = np.random.default_rng(7)
    scores = np.array(pilot(rng, rng.normal(3, 1, 12), 0.8, 0.5, ragged=False))
    texts, prompts = scores.mean(axis=2), scores.mean(axis=(1, 2))
    ms_judge = ((scores - texts[:, :, None]) ** 2).sum() / (12 * 3 * 1)
    ms_text = 2 * ((texts - prompts[:, None]) ** 2).sum() / (12 * 2)
    ms_prompt = 6 * ((prompts - prompts.mean()) ** 2).sum() / 11
    found = variance_components(scores.tolist())
    assert found.judge == pytest.approx(ms_judge)
    assert found.generation == pytest.approx((ms_text - ms_judge) / 2)
    assert found.prompt == pytest.approx((ms_prompt - ms_text) / 6)


def test_what_the_baseline_shares_with_the_candidate_drops_out_of_the_difference() -> None:
    rng = np.random.default_rng(8)
    base = rng.normal(0, 10, 400)
    found = paired_components(pilot(rng, base + 1, 1, 0.5), pilot(rng, base, 1, 0.5))
    assert found.prompt < 0.5
    assert found.generation == pytest.approx(2.0, rel=0.15)
    assert found.judge == pytest.approx(0.5, rel=0.15)


def test_a_negative_estimate_becomes_zero_and_is_named() -> None:
    found = variance_components([[[1.0], [5.0]], [[5.0], [1.0]], [[2.0], [4.0]]])
    assert found.prompt == 0.0
    assert found.truncated == ("prompt",)


def test_what_a_pilot_cannot_tell_apart_is_none_and_stays_in_the_level_above() -> None:
    once = variance_components([[[1.0], [2.0]], [[3.0], [5.0]]])
    assert once.judge is None
    assert once.generation == pytest.approx((0.5 + 2.0) / 2)
    single = variance_components([[[1.0]], [[3.0]], [[5.0]]])
    assert (single.prompt, single.generation, single.judge) == (4.0, None, None)
    assert single.variance(samples=4) == 4.0


def test_the_pilots_own_design_gives_back_its_variance() -> None:
    """With the pilot's S and R the predicted variance is that of the prompt means seen."""
    rng = np.random.default_rng(9)
    scores = np.array(pilot(rng, rng.normal(3, 1, 30), 0.8, 0.5, ragged=False))
    found = variance_components(scores.tolist())
    assert found.truncated == ()
    assert found.variance(3, 2) == pytest.approx(scores.mean(axis=(1, 2)).var(ddof=1))


@given(st.floats(0.05, 20), st.floats(0.05, 20), st.floats(0.1, 50), st.floats(0.1, 50))
def test_the_best_number_of_repeats_is_a_minimum(
    generation: float, judge: float, generation_cost: float, judge_cost: float
) -> None:
    """Variance × cost of a text and its R judgments is nowhere smaller than at R*."""
    best = optimal_repeats(VarianceComponents(1, generation, judge), generation_cost, judge_cost)

    def price(repeats: float) -> float:
        return (generation + judge / repeats) * (generation_cost + judge_cost * repeats)

    for repeats in np.linspace(1, 60, 40):
        assert price(best) <= price(float(repeats)) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("generation", "judge", "repeats"), [(1.0, 4.0, 4.0), (4.0, 1.0, 1.0), (1.0, 0.0, 1.0)]
)
def test_repeats_worth_having(generation: float, judge: float, repeats: float) -> None:
    """A text costs four judgments: R* = √(4 · σ_r²/σ_s²), never below 1."""
    components = VarianceComponents(1.0, generation, judge)
    assert optimal_repeats(components, 4.0, 1.0) == pytest.approx(repeats)


def test_where_texts_do_not_differ_only_judging_again_helps() -> None:
    assert optimal_repeats(VarianceComponents(1.0, 0.0, 2.0), 1.0, 1.0) == math.inf


@settings(deadline=None, max_examples=40)
@given(st.floats(0.1, 20), st.integers(8, 400), st.integers(1, 50), st.floats(0.5, 0.95))
def test_the_plan_is_consistent_and_monotone(
    variance: float, prompts: int, family: int, power: float
) -> None:
    delta = detectable_difference(variance, prompts, family=family, power=power)
    assert power_at(delta, variance, prompts, family=family) == pytest.approx(power, abs=1e-6)
    more = detectable_difference(variance, prompts + 5, family=family, power=power)
    wider = detectable_difference(variance, prompts, family=family + 1, power=power)
    surer = detectable_difference(variance, prompts, family=family, power=power + 0.03)
    assert more < delta < min(wider, surer)
    slightly_more = delta * (1 + 1e-9)
    assert required_prompts(slightly_more, variance, family=family, power=power) == prompts


def test_more_prompts_beat_more_texts_at_the_same_number_of_texts() -> None:
    many = detectable_difference(MID.variance(samples=2), 200)
    deep = detectable_difference(MID.variance(samples=4), 100)
    assert many < deep


def test_a_huge_difference_is_found_surely_and_none_as_often_as_half_alpha() -> None:
    assert power_at(1000.0, 1.0, 50) == pytest.approx(1.0)
    assert power_at(0.0, 1.0, 50) == pytest.approx(0.025)


def test_plans_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="prompts >= 2"):
        detectable_difference(1.0, 1)
    with pytest.raises(ValueError, match="alpha < power"):
        detectable_difference(1.0, 10, power=1.0)
    with pytest.raises(ValueError, match="family"):
        required_prompts(1.0, 1.0, family=0)
    with pytest.raises(ValueError, match="variance"):
        detectable_difference(-1.0, 10)
    with pytest.raises(ValueError, match="10,000,000 prompts"):
        required_prompts(1e-6, 1.0)
    with pytest.raises(ValueError, match="samples >= 1"):
        MID.variance(samples=0)
    with pytest.raises(ValueError, match="costs"):
        optimal_repeats(MID, 0.0, 1.0)
    with pytest.raises(ValueError, match="judged twice"):
        optimal_repeats(VarianceComponents(1.0, 1.0, None), 1.0, 1.0)


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ([[[1.0]]], "two prompts"),
        ([[[1.0]], []], "prompt 1 has no text"),
        ([[[1.0]], [[]]], "without a judgment"),
        ([[[1.0]], [[float("nan")]]], "prompt 1 .* finite"),
    ],
)
def test_pilots_that_cannot_be_used_are_refused(scores: Ragged, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        variance_components(scores)


def test_models_whose_pilots_do_not_match_are_refused() -> None:
    one = [[[1.0]], [[2.0]]]
    with pytest.raises(ValueError, match="paired"):
        paired_components(one, [[[1.0]], [[2.0]], [[3.0]]])
    with pytest.raises(ValueError, match="or neither"):
        paired_components(one, [[[1.0], [2.0]], [[2.0], [3.0]]])
