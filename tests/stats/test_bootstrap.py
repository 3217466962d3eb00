"""The primary engine: studentised bootstrap, max-|T|."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from kojudge.stats.bootstrap import estimate, max_t
from kojudge.stats.strata import Strata, stratify

Floats = NDArray[np.float64]
SEED = 20261121


def rng(seed: int = SEED) -> np.random.Generator:
    return np.random.default_rng(seed)


def one(prompts: int) -> Strata:
    return stratify(["all"] * prompts)


def three(prompts: int) -> Strata:
    return stratify([("blog", "emotional", "imaginative")[at % 3] for at in range(prompts)])


def column(values: Floats) -> Floats:
    return np.asarray(values, dtype=float)[:, None]


class TestEstimate:
    def test_one_stratum_is_the_paired_t_analysis(self) -> None:
        d = rng().normal(0.3, 1, 30)
        found = estimate(column(d), one(30))
        reference = stats.ttest_1samp(d, 0)
        assert found.delta[0] / found.se[0] == pytest.approx(reference.statistic)
        assert found.df[0] == pytest.approx(29)
        assert found.sd[0] == pytest.approx(d.std(ddof=1))

    def test_strata_weigh_the_same_whatever_their_size(self) -> None:
        strata = stratify(["a"] * 20 + ["b"] * 5)
        d = np.r_[np.full(20, 1.0), np.full(5, 3.0)] + np.tile([-0.5, 0.5, 0.0, 0.2, -0.2], 5)
        found = estimate(column(d), strata)
        assert found.delta[0] == pytest.approx(2.0)
        by_hand = 0.25 * d[:20].var(ddof=1) / 20 + 0.25 * d[20:].var(ddof=1) / 5
        assert found.se[0] ** 2 == pytest.approx(by_hand)

    def test_satterthwaite_degrees_of_freedom_are_welch_s_for_two_strata(self) -> None:
        """With weights ±½ the variance is that of Welch's two-sample test (Welch 1947)."""
        a, b = rng().normal(0, 1, 12), rng(1).normal(0, 3, 7)
        found = estimate(column(np.r_[a, b]), stratify(["a"] * 12 + ["b"] * 7))
        assert found.df[0] == pytest.approx(stats.ttest_ind(a, b, equal_var=False).df)

    def test_a_prompt_without_a_value_is_left_out_of_its_hypothesis_only(self) -> None:
        d = rng().normal(size=(20, 2))
        d[3, 0] = np.nan
        found = estimate(d, one(20))
        assert found.n.tolist() == [19, 20]
        assert found.delta[0] == pytest.approx(np.nanmean(d[:, 0]))

    @pytest.mark.parametrize("values", [np.zeros(12), np.full(12, 0.7)])
    def test_no_variation_has_no_standard_error(self, values: Floats) -> None:
        found = estimate(column(values), one(12))
        assert np.isnan(found.se[0])
        assert found.delta[0] == pytest.approx(values[0])


class TestMaxT:
    def test_intervals_and_adjusted_p_always_agree(self) -> None:
        for seed in range(60):
            d = rng(seed).normal(0.45, 1, (25, 4))
            found = max_t(d, one(25), rng(seed), resamples=199)
            outside = (found.low > 0) | (found.high < 0)
            assert (outside == (found.p_adjusted <= 0.05)).all()

    def test_step_down_never_exceeds_single_step_and_starts_with_it(self) -> None:
        d = rng().normal([0.9, 0.5, 0.2, 0.0], 1, (30, 4))
        found = max_t(d, one(30), rng(), resamples=999)
        assert (found.p_stepdown <= found.p_adjusted).all()
        first = int(np.argmax(np.abs(found.estimates.delta / found.estimates.se)))
        assert found.p_stepdown[first] == found.p_adjusted[first]
        assert (found.p_value <= found.p_stepdown).all()

    def test_no_p_is_below_one_in_b_plus_one(self) -> None:
        d = rng().normal(5, 1, (20, 2))
        found = max_t(d, one(20), rng(), resamples=99)
        assert found.p_adjusted.tolist() == [0.01, 0.01]

    def test_with_too_few_resamples_nothing_is_significant(self) -> None:
        found = max_t(rng().normal(5, 1, (20, 1)), one(20), rng(), resamples=9)
        assert found.low[0] == -np.inf

    def test_a_hypothesis_without_variation_leaves_the_others_alone(self) -> None:
        d = rng().normal(0.5, 1, (20, 2))
        alone = max_t(d, one(20), rng(), resamples=499)
        beside = max_t(np.c_[d, np.zeros(20)], one(20), rng(), resamples=499)
        assert np.isnan(beside.p_adjusted[2])
        assert beside.p_adjusted[:2].tolist() == alone.p_adjusted.tolist()

    @pytest.mark.parametrize("d", [np.zeros(5), np.zeros((4, 1)), np.full((5, 1), np.inf)])
    def test_what_is_no_table_of_differences_is_refused(self, d: Floats) -> None:
        with pytest.raises(ValueError, match="differences"):
            max_t(d, one(5), rng())


table = st.integers(0, 10_000).map(
    lambda seed: np.random.default_rng(seed).normal(0.3, 1, (18, 3)).round(2)
)


class TestInvariance:
    @settings(max_examples=25, deadline=None)
    @given(table, st.randoms(use_true_random=False))
    def test_names_and_order_of_prompts_and_hypotheses_change_no_p(
        self, d: Floats, random: object
    ) -> None:
        rows, columns = list(range(18)), list(range(3))
        random.shuffle(rows)  # type: ignore[attr-defined]
        random.shuffle(columns)  # type: ignore[attr-defined]
        strata = three(18)
        moved = Strata(strata.index[rows], strata.weights)
        there = max_t(d, strata, rng(), resamples=199)
        back = max_t(d[rows][:, columns], moved, rng(), resamples=199)
        assert back.p_adjusted == pytest.approx(there.p_adjusted[columns])
        assert back.low == pytest.approx(there.low[columns])

    @settings(max_examples=25, deadline=None)
    @given(table)
    def test_swapping_candidate_and_baseline_mirrors_the_interval_and_changes_no_p(
        self, d: Floats
    ) -> None:
        there, back = (max_t(s * d, three(18), rng(), resamples=199) for s in (1, -1))
        assert back.estimates.delta == pytest.approx(-there.estimates.delta)
        assert back.low == pytest.approx(-there.high)
        assert back.high == pytest.approx(-there.low)
        for name in ("p_value", "p_adjusted", "p_stepdown"):
            assert getattr(back, name) == pytest.approx(getattr(there, name))

    @settings(max_examples=25, deadline=None)
    @given(table, st.floats(0.1, 20))
    def test_another_unit_changes_the_interval_with_it_and_no_p(
        self, d: Floats, unit: float
    ) -> None:
        there, scaled = (max_t(s * d, three(18), rng(), resamples=199) for s in (1.0, unit))
        assert scaled.estimates.se == pytest.approx(unit * there.estimates.se)
        assert scaled.low == pytest.approx(unit * there.low, rel=1e-4)
        assert scaled.high == pytest.approx(unit * there.high, rel=1e-4)
        # float32 may decide one tie of a resample with the data otherwise.
        assert scaled.p_adjusted == pytest.approx(there.p_adjusted, abs=1.01 / 200)

    @settings(max_examples=25, deadline=None)
    @given(table, st.floats(-3, 3))
    def test_a_constant_added_to_every_difference_moves_the_interval_and_keeps_its_width(
        self, d: Floats, shift: float
    ) -> None:
        there, moved = (max_t(d + s, three(18), rng(), resamples=199) for s in (0.0, shift))
        assert moved.estimates.se == pytest.approx(there.estimates.se)
        assert moved.low == pytest.approx(there.low + shift, abs=1e-4)
        assert moved.high == pytest.approx(there.high + shift, abs=1e-4)

    @settings(max_examples=25, deadline=None)
    @given(table)
    def test_a_prompt_without_any_value_is_as_good_as_absent(self, d: Floats) -> None:
        """The order of drawing differs, so only what is not random is the same."""
        gap = np.vstack([d, np.full((1, 3), np.nan)])
        there, with_gap = estimate(d, one(18)), estimate(gap, one(19))
        assert with_gap.n.tolist() == there.n.tolist()
        assert with_gap.delta == pytest.approx(there.delta)
        assert with_gap.se == pytest.approx(there.se)

    def test_votes_change_no_p_either_though_many_prompts_look_alike(self) -> None:
        """Scores in few levels: prompts that differ only in which hypothesis they favour, and
        resamples exactly as far off as the data."""
        strata = three(18)
        for seed in range(60):
            votes = rng(seed).choice([-0.5, 0.0, 0.5], size=(18, 3))
            rows, columns = rng(seed + 1000).permutation(18), rng(seed + 2000).permutation(3)
            moved = Strata(strata.index[rows], strata.weights)
            there = max_t(votes, strata, rng(), resamples=199)
            back = max_t(votes[rows][:, columns], moved, rng(), resamples=199)
            mirrored = max_t(-votes, strata, rng(), resamples=199)
            scaled = max_t(votes / 1000, strata, rng(), resamples=199)
            assert back.p_adjusted == pytest.approx(there.p_adjusted[columns], nan_ok=True)
            assert mirrored.p_adjusted == pytest.approx(there.p_adjusted, nan_ok=True)
            assert scaled.p_adjusted == pytest.approx(there.p_adjusted, nan_ok=True)
