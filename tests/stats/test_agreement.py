"""Agreement between raters: published values, independent oracles, invariances."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from kojudge.stats.agreement import (
    Level,
    Weights,
    agreement_with,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    observed_agreement,
    quadratic_kappa,
)

Floats = NDArray[np.float64]
_ = np.nan
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: four observers,
# twelve units, missing values.
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
)
LEVELS: list[Level] = ["nominal", "ordinal", "interval", "ratio"]
MT_BENCH = Path(__file__).resolve().parents[3] / "shared" / "data" / "mt-bench"

whole = st.integers(1, 5).map(float)
gappy = st.one_of(whole, whole, whole, st.just(np.nan))
tables = hnp.arrays(
    np.float64, st.tuples(st.integers(2, 5), st.integers(2, 8)), elements=gappy, fill=st.nothing()
)
pairs = hnp.arrays(
    np.float64, st.tuples(st.just(2), st.integers(1, 12)), elements=whole, fill=st.nothing()
)


def alpha_pair_by_pair(ratings: Floats, distance: Floats, values: list[float]) -> float:
    """α straight from the definition: mean distance within units over that of any two ratings."""
    at = {value: index for index, value in enumerate(values)}
    units = [[at[v] for v in column if not np.isnan(v)] for column in ratings.T]
    units = [unit for unit in units if len(unit) >= 2]
    pooled = [v for unit in units for v in unit]
    within = sum(
        distance[a, b] / (len(unit) - 1)
        for unit in units
        for i, a in enumerate(unit)
        for j, b in enumerate(unit)
        if i != j
    )
    anyhow = sum(distance[a, b] for a in pooled for b in pooled) / (len(pooled) - 1)
    return float(1 - within / anyhow)


@pytest.mark.parametrize(
    ("level", "alpha"),
    [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403)],
)
def test_krippendorffs_example_gives_his_alphas(level: Level, alpha: float) -> None:
    # He prints .743, .815, .849 and .797.
    assert krippendorff_alpha(KRIPPENDORFF, level) == pytest.approx(alpha, abs=1e-6)


def test_gwets_coefficients_on_krippendorffs_example() -> None:
    # Gwet's irrCAC on the same data: gwet.ac1.raw → .77544; weights "ordinal", "quadratic".
    assert gwet_ac1(KRIPPENDORFF) == pytest.approx(0.775444, abs=1e-6)
    assert gwet_ac2(KRIPPENDORFF, "ordinal") == pytest.approx(0.898940, abs=1e-6)
    assert gwet_ac2(KRIPPENDORFF, "quadratic") == pytest.approx(0.914001, abs=1e-6)


def mt_bench_votes() -> tuple[Floats, Floats]:
    """Turn 1 of MT-bench: GPT-4's votes [units] and the experts' [raters, units]."""
    if not MT_BENCH.is_dir():
        pytest.skip("the MT-bench votes are not beside this checkout (../shared/data/mt-bench)")
    votes: dict[str, dict[tuple[object, ...], float]] = defaultdict(dict)
    for name in ("mtbench_gpt4_pair.jsonl", "mtbench_human.jsonl"):
        for line in (MT_BENCH / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            low, high = sorted((row["model_a"], row["model_b"]))
            winner = row.get(row["winner"])  # None: a tie, be it by inconsistency
            if row["turn"] == 1 and not row["judge"].startswith("author"):
                vote = 0.5 if winner is None else float(winner == low)
                votes[row["judge"]][row["question_id"], low, high] = vote
    units = sorted({unit for given_by in votes.values() for unit in given_by})
    judge = votes.pop("gpt4_pair")
    people = [[given_by.get(unit, np.nan) for unit in units] for given_by in votes.values()]
    return np.array([judge.get(unit, np.nan) for unit in units]), np.array(people)


def test_mt_bench_agreement_is_as_published() -> None:
    # Zheng et al. (2023), arXiv:2306.05685, table 5, first turn: GPT-4 (pair) and people 66 %
    # of 1343, 85 % of 859 without ties; people among themselves 63 % of 721, 81 % of 479.
    judge, people = mt_bench_votes()
    with_ties = agreement_with(judge, people), observed_agreement(people)
    judge[judge == 0.5], people[people == 0.5] = np.nan, np.nan
    without = agreement_with(judge, people), observed_agreement(people)
    found = [(a.pairs, round(100 * a.rate)) for a in (*with_ties, *without)]
    assert found == [(1343, 66), (721, 63), (859, 85), (479, 81)]


def test_observed_agreement_counts_every_pair_of_raters_of_a_unit() -> None:
    found = observed_agreement([[1, 2, 3], [1, 2, np.nan], [1, 3, np.nan]])
    assert (found.pairs, found.agreeing) == (6, 4)
    assert found.rate == pytest.approx(4 / 6)
    assert np.isnan(observed_agreement([[1, np.nan], [np.nan, 2]]).rate)


def test_quadratic_kappa_of_a_table_worked_by_hand() -> None:
    # Observed squares (0 + 1 + 0 + 4)/4 = 1.25; expected over all 16 pairs 32/16 = 2.
    assert quadratic_kappa([1, 2, 3, 3], [1, 1, 3, 1]) == pytest.approx(1 - 1.25 / 2)


@given(pairs)
def test_quadratic_kappa_is_that_of_the_contingency_table(both: Floats) -> None:
    table = np.zeros((5, 5))
    np.add.at(table, tuple((both - 1).astype(int)), 1)
    table /= table.sum()
    weights = 1 - (np.subtract.outer(np.arange(5), np.arange(5)) / 4) ** 2
    chance = (weights * np.outer(table.sum(axis=1), table.sum(axis=0))).sum()
    kappa = quadratic_kappa(both[0], both[1])
    if np.unique(both).size == 1:
        assert np.isnan(kappa)
    else:
        assert kappa == pytest.approx(((weights * table).sum() - chance) / (1 - chance), abs=1e-9)
        assert -1 - 1e-12 <= kappa <= 1
        assert quadratic_kappa(both[1], both[0]) == pytest.approx(kappa)
        assert quadratic_kappa(3 - 2 * both[0], 3 - 2 * both[1]) == pytest.approx(kappa)


def test_quadratic_kappa_agrees_with_statsmodels() -> None:
    rater = pytest.importorskip("statsmodels.stats.inter_rater")
    both = np.random.default_rng(3).integers(1, 6, size=(2, 60))
    table = np.zeros((5, 5))
    np.add.at(table, tuple(both - 1), 1)
    oracle = rater.cohens_kappa(table, wt="quadratic", return_results=False)
    assert quadratic_kappa(both[0], both[1]) == pytest.approx(oracle, abs=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_alpha_agrees_with_the_krippendorff_package(level: Level) -> None:
    oracle = pytest.importorskip("krippendorff")
    rng = np.random.default_rng(5)
    ratings = rng.integers(1, 6, size=(4, 50)).astype(float)
    ratings[rng.random(ratings.shape) < 0.3] = np.nan
    expected = oracle.alpha(reliability_data=ratings, level_of_measurement=level)
    assert krippendorff_alpha(ratings, level) == pytest.approx(expected, abs=1e-12)


@given(tables)
def test_interval_alpha_is_its_definition_and_takes_scores_that_are_not_whole(
    ratings: Floats,
) -> None:
    alpha = krippendorff_alpha(ratings, "interval")
    paired = ratings[:, (~np.isnan(ratings)).sum(axis=0) >= 2]
    if np.unique(paired[~np.isnan(paired)]).size < 2:
        assert np.isnan(alpha)
        return
    values = sorted(set(ratings[~np.isnan(ratings)]))
    distance = np.subtract.outer(values, values) ** 2
    assert alpha == pytest.approx(alpha_pair_by_pair(ratings, distance, values))
    assert krippendorff_alpha(ratings / 3 - 7, "interval") == pytest.approx(alpha)


@given(tables, st.randoms(use_true_random=False))
def test_neither_the_order_of_raters_nor_of_units_matters(ratings: Floats, random: object) -> None:
    seed = random.randrange(2**32)  # type: ignore[attr-defined]
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(rng.permutation(ratings, axis=0), axis=1)
    for level in LEVELS:
        before, after = krippendorff_alpha(ratings, level), krippendorff_alpha(shuffled, level)
        assert after == pytest.approx(before, nan_ok=True)
    assert gwet_ac1(shuffled) == pytest.approx(gwet_ac1(ratings), nan_ok=True)
    for weights in ("ordinal", "quadratic"):
        before, after = gwet_ac2(ratings, weights), gwet_ac2(shuffled, weights)
        assert after == pytest.approx(before, nan_ok=True)
    assert observed_agreement(shuffled) == observed_agreement(ratings)


@given(tables)
def test_ordinal_alpha_knows_only_the_order_and_nominal_alpha_only_names(ratings: Floats) -> None:
    for level, renamed in (("ordinal", ratings**3), ("nominal", (ratings * 3) % 7)):
        before = krippendorff_alpha(ratings, level)  # type: ignore[arg-type]
        after = krippendorff_alpha(renamed, level)  # type: ignore[arg-type]
        assert after == pytest.approx(before, nan_ok=True)


@given(tables)
def test_no_coefficient_exceeds_one(ratings: Floats) -> None:
    found = [krippendorff_alpha(ratings, level) for level in LEVELS]
    found += [gwet_ac1(ratings, range(1, 6)), gwet_ac2(ratings, "quadratic", range(1, 6))]
    assert all(np.isnan(value) or value <= 1 + 1e-12 for value in found)


@given(hnp.arrays(np.float64, st.integers(2, 8), elements=whole), st.integers(2, 4))
def test_perfect_agreement_is_one(unit: Floats, raters: int) -> None:
    ratings = np.tile(unit, (raters, 1))
    assert observed_agreement(ratings).rate == 1
    assert gwet_ac1(ratings, range(1, 6)) == pytest.approx(1)
    assert gwet_ac2(ratings, "ordinal", range(1, 6)) == pytest.approx(1)
    if np.unique(unit).size > 1:
        assert quadratic_kappa(unit, unit) == pytest.approx(1)
        assert [krippendorff_alpha(ratings, level) for level in LEVELS] == pytest.approx([1] * 4)


@pytest.mark.parametrize("weights", ["ordinal", "quadratic"])
def test_ac2_keeps_its_meaning_at_a_ceiling_where_alpha_collapses(weights: Weights) -> None:
    ratings = np.full((2, 40), 5.0)
    ratings[0, 0] = ratings[1, 1] = 4.0
    assert krippendorff_alpha(ratings, "interval") < 0
    assert gwet_ac2(ratings, weights, range(1, 6)) > 0.95
    all_five = np.full((2, 40), 5.0)
    assert gwet_ac2(all_five, weights, range(1, 6)) == 1
    assert np.isnan(gwet_ac2(all_five, weights))
    assert np.isnan(gwet_ac1(all_five))
    assert np.isnan(krippendorff_alpha(all_five, "ordinal"))


def test_nothing_rated_twice_gives_no_coefficient() -> None:
    ratings = [[1, np.nan], [np.nan, 2]]
    assert np.isnan(krippendorff_alpha(ratings, "nominal"))
    assert np.isnan(gwet_ac1(ratings))


def test_what_is_no_rating_is_refused() -> None:
    with pytest.raises(ValueError, match="raters, units"):
        krippendorff_alpha([1.0, 2.0], "nominal")
    with pytest.raises(ValueError, match="finite"):
        gwet_ac1([[1.0, np.inf], [1.0, 2.0]])
    with pytest.raises(ValueError, match="outside the levels"):
        gwet_ac1(KRIPPENDORFF, [1, 2, 3])
    with pytest.raises(ValueError, match="rise"):
        gwet_ac2(KRIPPENDORFF, "ordinal", [5, 4, 3, 2, 1])
    with pytest.raises(ValueError, match="unknown weights"):
        gwet_ac2(KRIPPENDORFF, "linear")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown level"):
        krippendorff_alpha(KRIPPENDORFF, "cardinal")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="negative"):
        krippendorff_alpha(KRIPPENDORFF - 3, "ratio")
    with pytest.raises(ValueError, match="one length"):
        quadratic_kappa([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="finite"):
        quadratic_kappa([1, np.nan], [1, 2])
    with pytest.raises(ValueError, match="units"):
        agreement_with([1, 2, 3], [[1, 2]])
