"""A cascade: the strong judge's estimate, from a cheap judge and itself on a part."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kojudge.stats.bootstrap import estimate, max_t
from kojudge.stats.cascade import MIN_STRONG, Cascade, cascade
from kojudge.stats.cascade_draw import Draw, draw, draw_uncertain
from kojudge.stats.ppi import expected_width_ratio, powered_mean
from kojudge.stats.strata import Strata, stratify

Floats = NDArray[np.float64]
CATEGORIES = ("blog", "emotional", "imaginative")
PROMPTS = 150


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def one_stratum(prompts: int = PROMPTS) -> Strata:
    return stratify(["all"] * prompts)


def three_strata(prompts: int = PROMPTS) -> Strata:
    return stratify([CATEGORIES[at % 3] for at in range(prompts)])


def judges(seed: int, hypotheses: int = 1, r: float = 0.7) -> tuple[Floats, Floats]:
    """Strong and cheap differences [150, H], the cheap ones in a unit of their own."""
    y, noise = generator(seed).normal(size=(2, PROMPTS, hypotheses))
    return y + 0.3, 0.4 * (r * y + np.sqrt(1 - r * r) * noise) - 1.0


def run(y: Floats, f: Floats, asked: Draw, strata: Strata, **options: object) -> Cascade:
    return cascade(y, f, asked, strata, generator(), resamples=199, **options)  # type: ignore[arg-type]


def one(found: Cascade) -> tuple[float, float]:
    return float(found.tested.estimates.delta[0]), float(found.tested.estimates.se[0])


def test_with_one_stratum_and_an_even_draw_it_is_ppi() -> None:
    y, f = judges(2)
    asked = draw(generator(), one_stratum(), 0.3)
    found = run(y, f, asked, one_stratum())
    there = powered_mean(y[asked.drawn, 0], f[asked.drawn, 0], f[~asked.drawn, 0])
    assert one(found)[0] == pytest.approx(there.delta)
    assert there.se is not None
    # PPI++ takes f's variance from the other prompts, a cascade from all of them.
    assert one(found)[1] == pytest.approx(there.se, rel=0.03)
    n, rest = there.n, there.n_unlabelled
    assert found.weight[0] == pytest.approx(there.weight * (1 + n / rest))
    assert found.correlation[0] == pytest.approx(there.correlation)
    assert (found.tested.estimates.n[0], found.n_cheap[0]) == (45, PROMPTS)


def test_the_estimate_written_out_by_stratum() -> None:
    y, f = judges(3)
    strata = three_strata()
    asked = draw(generator(), strata, 0.3)
    found = run(y, f, asked, strata)
    slopes = [
        np.cov(y[own, 0], f[own, 0], ddof=0)
        for own in ((strata.index == k) & asked.drawn for k in range(3))
    ]
    slope = sum(s[0, 1] for s in slopes) / sum(s[1, 1] for s in slopes)  # strata are alike
    moved = [
        y[own & asked.drawn].mean() + slope * (f[own].mean() - f[own & asked.drawn].mean())
        for own in (strata.index == k for k in range(3))
    ]
    assert found.weight[0] == pytest.approx(slope)
    assert one(found)[0] == pytest.approx(np.mean(moved))


@pytest.mark.parametrize("strata", [one_stratum(), three_strata()], ids=["one", "three"])
def test_asked_everywhere_it_is_the_strong_judge_itself(strata: Strata) -> None:
    y, f = judges(4)
    asked = draw(generator(), strata, 1.0)
    assert asked.drawn.all()
    found, alone = run(y, f, asked, strata), estimate(y, strata)
    assert one(found) == pytest.approx((alone.delta[0], alone.se[0]))
    low, high = found.full
    assert low[0] == high[0] == pytest.approx(alone.delta[0])


def test_a_cheap_judge_that_says_the_same_of_all_leaves_the_strong_one_alone() -> None:
    y, _ = judges(5)
    strata = three_strata()
    asked = draw(generator(), strata, 0.3)
    found = run(y, np.full_like(y, 0.1), asked, strata)
    alone = estimate(y[asked.drawn], stratify([CATEGORIES[k] for k in strata.index[asked.drawn]]))
    assert one(found) == pytest.approx((alone.delta[0], alone.se[0]))
    assert (found.weight[0], found.width_ratio[0]) == (0, 1)
    assert np.isnan(found.correlation[0])


def test_a_cheap_judge_that_is_the_strong_one_counts_as_the_strong_one() -> None:
    y, _ = judges(6)
    strata = three_strata()
    found = run(y, 2 * y - 1, draw(generator(), strata, 0.3), strata)
    alone = estimate(y, strata)
    assert one(found) == pytest.approx((alone.delta[0], alone.se[0]))
    assert (found.weight[0], found.correlation[0]) == pytest.approx((0.5, 1))
    assert found.full_se[0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("r", [0.0, 0.7, 0.9])
def test_widths_come_out_as_ppi_expects(r: float) -> None:
    strata, ratios = one_stratum(), []
    for seed in range(150):
        y, f = judges(seed, r=r)
        ratios.append(run(y, f, draw(generator(seed), strata, 0.4), strata).width_ratio[0])
    assert np.mean(ratios) == pytest.approx(expected_width_ratio(r, 60, 90), abs=0.03)


@given(st.sampled_from([-2.0, 0.1, 50.0]), st.floats(-10, 10), st.integers(0, 99))
def test_the_cheap_judges_scale_and_bias_do_not_matter(
    factor: float, shift: float, seed: int
) -> None:
    y, f = judges(seed)
    strata = three_strata()
    asked = draw(generator(seed), strata, 0.3)
    there, back = (run(y, g, asked, strata) for g in (f, factor * f + shift))
    assert one(back) == pytest.approx(one(there), abs=1e-9)
    assert back.weight[0] == pytest.approx(there.weight[0] / factor)
    assert back.tested.p_adjusted == pytest.approx(there.tested.p_adjusted, abs=0.02)


@given(st.integers(0, 99))
def test_the_order_of_prompts_and_hypotheses_does_not_matter(seed: int) -> None:
    y, f = judges(seed, hypotheses=3)
    strata = three_strata()
    asked = draw_uncertain(generator(seed), strata, 0.3, np.abs(f[:, 0]))
    order = generator(seed).permutation(PROMPTS)
    moved = Strata(strata.index[order], strata.weights)
    there = run(y, f, asked, strata)
    back = run(
        y[order][:, [2, 0, 1]], f[order][:, [2, 0, 1]],
        Draw(asked.drawn[order], asked.inclusion[order]), moved,
    )  # fmt: skip
    assert back.tested.estimates.delta == pytest.approx(there.tested.estimates.delta[[2, 0, 1]])
    assert (back.tested.p_adjusted == there.tested.p_adjusted[[2, 0, 1]]).all()
    assert back.tested.critical == pytest.approx(there.tested.critical)


def test_what_is_drawn_less_often_counts_for_more() -> None:
    """2,000 draws of one world: the estimates' mean is the full one, that of plain means is not.

    What is drawn depends on what is measured; a ratio's bias of the order 1/n is allowed.
    """
    y, f = judges(7, r=0.3)
    strata, means, plain = three_strata(), [], []
    odd = np.exp(y[:, 0] / 2)
    rng = generator(8)
    for _ in range(2000):
        asked = draw_uncertain(rng, strata, 0.4, odd, floor=0.3)
        means.append(cascade(y, f, asked, strata, rng, resamples=1).tested.estimates.delta[0])
        plain.append(y[asked.drawn].mean())
    full = estimate(y, strata).delta[0]
    assert np.mean(means) == pytest.approx(full, abs=0.02)
    assert np.mean(plain) > full + 0.1


def test_the_family_is_corrected_as_that_of_the_report() -> None:
    y, f = judges(9, hypotheses=8)
    strata = three_strata()
    together = run(y, f, draw(generator(), strata, 0.4), strata)
    alone = run(y[:, :1], f[:, :1], draw(generator(), strata, 0.4), strata)
    assert together.tested.critical > alone.tested.critical
    assert (together.tested.p_adjusted >= together.tested.p_value).all()
    assert (together.tested.p_stepdown <= together.tested.p_adjusted).all()
    # Asked everywhere it is the same test, but for the resampling noise.
    everywhere = run(y, f, draw(generator(), strata, 1.0), strata)
    usual = max_t(y, strata, generator(), resamples=199)
    assert everywhere.tested.critical == pytest.approx(usual.critical, rel=0.15)


def test_a_rejected_hypothesis_is_one_whose_interval_leaves_zero_out() -> None:
    y, f = judges(10, hypotheses=20)
    strata = three_strata()
    found = run(y + np.linspace(-1, 1, 20), f, draw(generator(), strata, 0.3), strata).tested
    outside = (found.low > 0) | (found.high < 0)
    assert outside.any()
    assert not outside.all()
    assert (outside == (found.p_adjusted <= 0.05)).all()


def test_groupings_give_each_candidates_own_critical_value() -> None:
    y, f = judges(11, hypotheses=4)
    strata = three_strata()
    asked = draw(generator(), strata, 0.4)
    found = run(y, f, asked, strata, groupings={"candidate": ["a", "a", "b", "b"]})
    within = found.tested.critical_within["candidate"]
    assert within.shape == (4,)
    assert (within <= found.tested.critical).all()


def test_missing_scores_of_the_cheap_judge_cost_precision_only() -> None:
    y, f = judges(12)
    strata = three_strata()
    asked = draw(generator(), strata, 0.4)
    holes = f.copy()
    holes[::3] = np.nan
    there, back = run(y, f, asked, strata), run(y, holes, asked, strata)
    assert back.n_cheap[0] == 100
    assert back.tested.estimates.n[0] == there.tested.estimates.n[0] == 60
    assert back.width_ratio[0] > there.width_ratio[0]


def test_prompts_that_a_candidate_has_no_text_on_are_no_part_of_it() -> None:
    y, f = judges(13, hypotheses=2)
    strata = three_strata()
    asked = draw(generator(), strata, 0.4)
    there = np.ones(y.shape, dtype=bool)
    there[:30, 1] = False
    found = run(y, f, asked, strata, there=there)
    own = run(
        y[30:, 1:], f[30:, 1:], Draw(asked.drawn[30:], asked.inclusion[30:]),
        Strata(strata.index[30:], strata.weights),
    )  # fmt: skip
    assert found.tested.estimates.delta[1] == pytest.approx(own.tested.estimates.delta[0])
    assert found.tested.estimates.se[1] == pytest.approx(own.tested.estimates.se[0])
    assert found.n_cheap.tolist() == [150, 120]


def test_what_the_strong_judge_said_of_prompts_that_were_not_drawn_does_not_count() -> None:
    y, f = judges(14)
    strata = three_strata()
    asked = draw(generator(), strata, 0.4)
    hidden = np.where(asked.drawn[:, None], y, np.nan)
    assert one(run(y, f, asked, strata)) == one(run(hidden, f, asked, strata))


def test_a_stratum_with_one_score_is_not_weighed_and_nothing_at_all_is_nan() -> None:
    y, f = judges(15, hypotheses=2)
    strata = three_strata()
    asked = draw(generator(), strata, 0.4)
    blog = np.flatnonzero((strata.index == 0) & asked.drawn)
    y[blog[1:], 0] = np.nan
    y[:, 1] = np.nan
    found = run(y, f, asked, strata)
    assert found.tested.estimates.n.tolist() == [40, 0]
    assert np.isnan(found.tested.estimates.delta[1])
    assert np.isnan(found.tested.low[1])
    assert np.isfinite(found.tested.low[0])


def test_judges_that_do_not_vary_leave_no_standard_error() -> None:
    y, f = judges(16)
    strata = three_strata()
    found = run(np.full_like(y, 0.1), f, draw(generator(), strata, 0.4), strata)
    assert found.tested.estimates.delta[0] == pytest.approx(0.1)
    assert np.isnan([found.tested.estimates.se[0], found.tested.low[0], found.full_se[0]]).all()


def test_the_least_number_is_that_of_ppi() -> None:
    assert MIN_STRONG == 30


def test_wrong_arguments_are_refused() -> None:
    y, f = judges(17)
    strata = three_strata()
    asked = draw(generator(), strata, 0.4)
    with pytest.raises(ValueError, match="shape"):
        run(y[:, 0], f, asked, strata)
    with pytest.raises(ValueError, match="shape"):
        run(y, f[:, :0], asked, strata)
    with pytest.raises(ValueError, match="same prompts"):
        run(y, f, Draw(asked.drawn[1:], asked.inclusion[1:]), strata)
    with pytest.raises(ValueError, match="finite"):
        run(np.where(y > 1, np.inf, y), f, asked, strata)
    with pytest.raises(ValueError, match="there"):
        run(y, f, asked, strata, there=np.ones(PROMPTS, dtype=bool))
    with pytest.raises(ValueError, match="alpha"):
        run(y, f, asked, strata, alpha=0.0)
