"""The simulated worlds are what their descriptions say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from early_stopping import variance_of
from scenarios import (
    ASYM,
    BRITTLE,
    HIGH_ICC,
    STRONG,
    SYM,
    Writing,
    differences,
    family,
    people_and_judge,
    texts,
)
from verdicts import SD_1_8

MANY = 200_000
WORLDS = {
    "sym": SYM,
    "strong": STRONG,
    "asym": ASYM,
    "brittle": BRITTLE,
    "high ICC": HIGH_ICC,
    "SD 1.8": SD_1_8,
}


def rng() -> np.random.Generator:
    return np.random.default_rng(20261122)


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_the_mean_difference_is_the_effect(world: Writing) -> None:
    d = differences(rng(), world, MANY, effect=0.4)
    assert d.mean() == pytest.approx(0.4, abs=4 * d.std() / np.sqrt(MANY))
    assert d.var() == pytest.approx(variance_of(world), rel=0.02)


@pytest.mark.parametrize(
    ("world", "variance"), [(SYM, 3.2 + 13.2 / 4), (STRONG, 0.5 + 2.9 / 4), (SD_1_8, 1.8**2)]
)
def test_variances_are_those_of_the_design(world: Writing, variance: float) -> None:
    assert variance_of(world) == pytest.approx(variance, rel=0.01)


@pytest.mark.parametrize(("world", "skewness"), [(SYM, 0.0), (ASYM, -1.1), (BRITTLE, -1.75)])
def test_skewness_of_prompt_level_differences(world: Writing, skewness: float) -> None:
    assert stats.skew(differences(rng(), world, MANY)[:, 0]) == pytest.approx(skewness, abs=0.05)


def test_texts_of_one_prompt_resemble_each_other_where_the_icc_is_high() -> None:
    candidate, _ = texts(rng(), HIGH_ICC, MANY)
    assert np.corrcoef(candidate[:, 0], candidate[:, 1])[0, 1] == pytest.approx(0.72, abs=0.01)


def test_hypotheses_against_one_baseline_correlate_by_a_half() -> None:
    d = family(rng(), SYM, MANY // 4, samples=3, models=2)
    assert d.shape == (MANY // 4, 4)
    assert np.corrcoef(d.T)[0] == pytest.approx([1, 0, 0.5, 0], abs=0.03)


def test_the_judge_follows_people_as_far_as_said() -> None:
    y, f = people_and_judge(rng(), MANY, 0.5)
    assert np.corrcoef(y, f)[0, 1] == pytest.approx(0.5, abs=0.01)
    assert (y.mean(), f.mean()) == pytest.approx((0.3, -0.4), abs=0.01)


@pytest.mark.parametrize(
    ("world", "welch", "t", "wilcoxon"),
    # Type I errors in per cent of the design's table, P = 40 (sym: P = 20 and 100, which agree).
    [(SYM, 9.8, 5.0, 4.9), (ASYM, 18.7, 6.3, 14.5)],
)
def test_plain_methods_err_as_in_the_table_of_the_design(
    world: Writing, welch: float, t: float, wilcoxon: float
) -> None:
    drawn, runs = rng(), 1500
    pairs = [texts(drawn, world, 40) for _ in range(runs)]
    candidate, baseline = (np.array(side) for side in zip(*pairs, strict=True))
    pooled = [side.reshape(runs, -1) for side in (candidate, baseline)]
    d = (candidate - baseline).mean(axis=2)
    errors = {
        "welch": stats.ttest_ind(*pooled, axis=1, equal_var=False).pvalue,
        "t": stats.ttest_1samp(d, 0, axis=1).pvalue,
        "wilcoxon": stats.wilcoxon(d, axis=1).pvalue,
    }
    found = {name: 100 * (p <= 0.05).mean() for name, p in errors.items()}
    assert found["welch"] == pytest.approx(welch, abs=3.0)
    assert found["t"] == pytest.approx(t, abs=2.0)
    assert found["wilcoxon"] == pytest.approx(wilcoxon, abs=3.0)
