"""The engine against independent implementations: evalica, choix, statsmodels, scipy.

None of them is imported by kojudge. wildboottest is left out: it needs numba, and its
one-sample case (signs flipped by cluster) is the exact sign-flip test checked here.
"""

from __future__ import annotations

import choix
import evalica
import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logit

from kojudge.stats.bootstrap import estimate, max_t
from kojudge.stats.cluster import cluster_mean
from kojudge.stats.length import style_controlled
from kojudge.stats.power import required_prompts
from kojudge.stats.ranking import bradley_terry, davidson, tally
from kojudge.stats.signflip import sign_flip_p
from kojudge.stats.strata import stratify

Floats = NDArray[np.float64]


def rng(seed: int = 20261122) -> np.random.Generator:
    return np.random.default_rng(seed)


@st.composite
def tournaments(draw: st.DrawFn, fewest: int = 2) -> tuple[Floats, Floats]:
    """Wins and ties in which everyone has beaten everyone, so that a maximum exists."""
    size = draw(st.integers(fewest, 6))
    generator = rng(draw(st.integers(0, 10**6)))
    wins = generator.integers(1, 20, (size, size)).astype(np.float64)
    ties = np.triu(generator.integers(0, 9, (size, size)), 1).astype(np.float64)
    np.fill_diagonal(wins, 0.0)
    return wins, ties + ties.T


def votes(wins: Floats, ties: Floats) -> list[tuple[int, int, float]]:
    """One line a vote: first item, second item, 1 or ½ for the first."""
    won = [(i, j, 1.0) for i, j in np.argwhere(wins) for _ in range(int(wins[i, j]))]
    tied = [(i, j, 0.5) for i, j in np.argwhere(np.triu(ties)) for _ in range(int(ties[i, j]))]
    return won + tied


class TestBradleyTerry:
    @settings(deadline=None, max_examples=40)
    @given(tournaments())
    def test_evalica_finds_the_same_strengths_with_ties_as_halves(
        self, counts: tuple[Floats, Floats]
    ) -> None:
        lines = votes(*counts)
        outcome = {1.0: evalica.Winner.X, 0.5: evalica.Winner.Draw}
        found = evalica.bradley_terry(
            [f"m{i}" for i, _, _ in lines],
            [f"m{j}" for _, j, _ in lines],
            [outcome[score] for _, _, score in lines],
            tolerance=1e-13,
            limit=100_000,
        )
        ours = bradley_terry(*tally(*zip(*lines, strict=True), items=len(counts[0])))
        theirs = np.array([found.scores[f"m{i}"] for i in range(len(counts[0]))])
        assert ours.strengths == pytest.approx(theirs / theirs.sum(), abs=1e-8)

    @settings(deadline=None, max_examples=40)
    @given(tournaments())
    def test_choix_finds_the_same_log_abilities(self, counts: tuple[Floats, Floats]) -> None:
        wins, _ = counts
        pairs = [(i, j) for i, j, _ in votes(wins, np.zeros_like(wins))]
        theirs = choix.opt_pairwise(len(wins), pairs, alpha=0.0, tol=1e-12)
        spectral = choix.ilsr_pairwise(len(wins), pairs, tol=1e-10)
        ours = bradley_terry(wins, tie_handling="exclude").log_abilities()
        assert ours == pytest.approx(theirs - theirs[0], abs=1e-5)
        assert ours == pytest.approx(spectral - spectral[0], abs=1e-6)

    @settings(deadline=None, max_examples=20)
    @given(tournaments(fewest=3))
    def test_davidson_is_a_log_linear_model(self, counts: tuple[Floats, Floats]) -> None:
        """Expected wins exp(μ_ij + λ_i), ties exp(μ_ij + log ν + (λ_i + λ_j)/2): Poisson."""
        wins, ties = counts
        ties = ties + np.where(np.eye(len(wins)) > 0, 0.0, 1.0)
        rows, seen = log_linear(wins, ties)
        found = sm.GLM(seen, rows, family=sm.families.Poisson()).fit(tol=1e-12)
        ours = davidson(wins, ties)
        k = len(wins)
        assert ours.log_abilities()[1:] == pytest.approx(found.params[: k - 1], abs=1e-6)
        assert np.log(ours.tie_propensity) == pytest.approx(found.params[k - 1], abs=1e-6)


def log_linear(wins: Floats, ties: Floats) -> tuple[Floats, Floats]:
    """Rows λ_1 … λ_{K−1} (λ_0 = 0), log ν, one indicator a pair; and the counts."""
    k = len(wins)
    pairs = [(i, j) for i in range(k) for j in range(i + 1, k)]
    rows, seen = [], []
    for at, (i, j) in enumerate(pairs):
        for share_i, share_j, tie, count in (
            (1.0, 0.0, 0.0, wins[i, j]),
            (0.0, 1.0, 0.0, wins[j, i]),
            (0.5, 0.5, 1.0, ties[i, j]),
        ):
            ability = np.zeros(k)
            ability[i], ability[j] = share_i, share_j
            rows.append(np.r_[ability[1:], tie, np.arange(len(pairs)) == at])
            seen.append(count)
    return np.array(rows), np.array(seen)


class TestStandardErrors:
    @pytest.mark.parametrize("samples", [1, 4])
    def test_of_prompt_means_is_the_clustered_one_of_all_judgments(self, samples: int) -> None:
        """CR1 of a balanced sample (Miller 2024); the plain one would be far too small."""
        generator = rng()
        y = generator.normal(0.3, 1, (40, 1)) + generator.normal(0, 0.7, (40, samples))
        clustered = sm.OLS(y.ravel(), np.ones(y.size)).fit(
            cov_type="cluster", cov_kwds={"groups": np.repeat(np.arange(40), samples)}
        )
        ours = estimate(y.mean(axis=1)[:, None], stratify(["all"] * 40))
        assert ours.delta[0] == pytest.approx(clustered.params[0])
        assert ours.se[0] == pytest.approx(clustered.bse[0])

    def test_of_strata_is_that_of_their_averaged_means(self) -> None:
        """Regression on the strata: HC2 gives each mean the variance s²/P."""
        names = ["blog"] * 20 + ["emotional"] * 9 + ["imaginative"] * 31
        d = rng().normal(0.2, 1, 60) * np.repeat([1.0, 2.5, 0.4], [20, 9, 31])
        dummies = np.array([[name == other for other in sorted(set(names))] for name in names])
        fit = sm.OLS(d, dummies.astype(float)).fit(cov_type="HC2")
        contrast = fit.t_test(np.full((1, 3), 1 / 3))
        ours = estimate(d[:, None], stratify(names))
        assert ours.delta[0] == pytest.approx(contrast.effect[0])
        assert ours.se[0] == pytest.approx(float(contrast.sd.item()))

    def test_of_the_style_controlled_rate_is_the_sandwich_of_a_fractional_logit(self) -> None:
        generator = rng()
        owner = np.repeat(np.arange(50), generator.integers(1, 5, 50))
        length = generator.normal(150, 300, owner.size)
        bold = (generator.poisson(1.0, owner.size) - 1.0).astype(float)
        noise = generator.normal(0, 0.5, 50)[owner] + generator.normal(0, 0.5, owner.size)
        score = expit(0.3 + 0.9 * np.tanh(length / length.std()) + 0.2 * bold + noise)
        x = np.column_stack([np.ones(owner.size), np.tanh(length / length.std()), bold])
        theirs = sm.GEE(
            score, x, owner, family=sm.families.Binomial(), weights=1 / np.bincount(owner)[owner]
        ).fit(ctol=1e-12)
        ours = style_controlled(score, owner, length, {"bold": bold}, rng=rng(), resamples=100)
        assert ours.coefficients is not None
        assert list(ours.coefficients.values()) == pytest.approx(theirs.params, abs=1e-4)
        assert ours.controlled == pytest.approx(expit(theirs.params[0]), abs=1e-5)
        # The few-clusters factor P / (P − 1) is left off there.
        assert ours.se == pytest.approx(theirs.bse[0] * np.sqrt(50 / 49), rel=1e-4)


class TestResampling:
    def test_percentile_intervals_are_scipys(self) -> None:
        """Within four Monte Carlo standard errors of a 2.5 % quantile of 20,000 draws each."""
        d = rng().gamma(2.0, 1.0, 80)
        ours = cluster_mean([[value] for value in d], rng(1), resamples=20_000)
        theirs = stats.bootstrap((d,), np.mean, n_resamples=20_000, method="percentile", rng=rng(2))
        slack = 4 * np.sqrt(2) * d.std() / np.sqrt(80) * np.sqrt(0.025 * 0.975 / 20_000) / 0.0584
        assert (ours.low, ours.high) == pytest.approx(theirs.confidence_interval, abs=slack)

    @settings(deadline=None, max_examples=25)
    @given(st.lists(st.integers(-9, 9), min_size=2, max_size=9))
    def test_the_exact_sign_flip_test_is_scipys(self, values: list[int]) -> None:
        theirs = stats.permutation_test(
            (np.array(values, dtype=float),),
            lambda d, axis=-1: np.abs(d.mean(axis=axis)),
            permutation_type="samples",
            alternative="greater",
            n_resamples=np.inf,
        )
        assert sign_flip_p(values, rng()) == pytest.approx(theirs.pvalue)

    def test_one_hypothesis_has_nearly_students_critical_value(self) -> None:
        """Of normal differences; averaged over data sets, whose shapes differ."""
        found = [
            max_t(rng(s).normal(size=(60, 1)), stratify(["all"] * 60), rng(s), resamples=2000)
            for s in range(40)
        ]
        assert np.mean([m.critical for m in found]) == pytest.approx(
            stats.t.ppf(0.975, 59), abs=0.04
        )


# Two-sided 5 % critical values for k treatments and one control, correlation ½, df → ∞
# (Dunnett 1964, Biometrics 20, 482–491; the same by quadrature of ∫ φ(z) P(|T| < c | z)^k dz).
DUNNETT = {1: 1.96, 2: 2.21, 5: 2.51, 9: 2.69}


def against_one_control(generator: np.random.Generator, prompts: int, candidates: int) -> Floats:
    """Differences from a common baseline; all scores independent normal: correlation ½."""
    scores = generator.normal(size=(prompts, candidates + 1))
    return scores[:, 1:] - scores[:, :1]


class TestManyToOne:
    @pytest.mark.parametrize("candidates", DUNNETT)
    def test_the_critical_value_is_dunnetts(self, candidates: int) -> None:
        """Mean over 30 data sets of 300 prompts, 1,999 resamples: within .03."""
        strata = stratify(["all"] * 300)
        critical = [
            max_t(
                against_one_control(rng(seed), 300, candidates), strata, rng(seed), resamples=1999
            ).critical
            for seed in range(30)
        ]
        assert np.mean(critical) == pytest.approx(DUNNETT[candidates], abs=0.03)

    def test_without_a_common_baseline_the_critical_value_is_larger(self) -> None:
        """The check can fail: independent differences need Šidák's, not Dunnett's, value."""
        strata = stratify(["all"] * 300)
        critical = [
            max_t(rng(seed).normal(size=(300, 9)), strata, rng(seed), resamples=1999).critical
            for seed in range(30)
        ]
        sidak = stats.norm.ppf(1 - (1 - 0.95 ** (1 / 9)) / 2)
        assert sidak > DUNNETT[9] + 0.05
        assert np.mean(critical) == pytest.approx(sidak, abs=0.03)

    def test_adjusted_p_values_are_near_dunnetts(self) -> None:
        """Where pairing brings nothing, Dunnett's test and the engine see the same evidence."""
        generator = rng(4)
        scores = generator.normal([0.0, 0.05, 0.12, 0.16, 0.2, -0.1], 1.0, (600, 6))
        dunnett = stats.dunnett(*scores[:, 1:].T, control=scores[:, 0], rng=rng(5))
        ours = max_t(scores[:, 1:] - scores[:, :1], stratify(["all"] * 600), rng(6))
        paired = (scores[:, 1:] - scores[:, :1]).std(axis=0, ddof=1) / np.sqrt(600)
        assert ours.estimates.se == pytest.approx(paired)
        assert ours.p_adjusted == pytest.approx(dunnett.pvalue, abs=0.05)


def test_prompts_needed_are_those_of_statsmodels() -> None:
    from statsmodels.stats.power import TTestPower

    for effect, alpha in ((0.2, 0.05), (0.5, 0.05), (0.35, 0.05 / 24)):
        theirs = TTestPower().solve_power(effect_size=effect, alpha=alpha, power=0.8)
        assert required_prompts(effect, 1.0, alpha=alpha) == int(np.ceil(theirs))


def test_the_rate_without_any_style_is_the_mean() -> None:
    """An intercept-only fractional logit is saturated: its rate is the weighted mean."""
    generator = rng()
    owner = np.repeat(np.arange(40), 3)
    score = generator.random(120)
    zero = np.zeros(120)
    weights = np.full(120, 1 / 3)
    theirs = sm.GLM(score, np.ones(120), family=sm.families.Binomial(), var_weights=weights).fit()
    ours = style_controlled(score, owner, zero, {}, rng=rng(), resamples=100)
    assert logit(ours.controlled) == pytest.approx(theirs.params[0], abs=1e-8)
