"""Intraclass correlations: the published table and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from kojudge.stats.icc import Icc, icc

Floats = NDArray[np.float64]
NAMES = ("one_1", "a_1", "c_1", "one_k", "a_k", "c_k")

# Shrout and Fleiss (1979), Intraclass correlations: uses in assessing rater reliability,
# Psychological Bulletin 86, table 2: six targets, four judges; results in their table 4.
SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]

tables = hnp.arrays(
    np.float64,
    st.tuples(st.integers(2, 7), st.integers(2, 5)),
    elements=st.integers(-9, 9).map(float),
    fill=st.nothing(),
)


def values(found: Icc) -> list[float]:
    return [getattr(found, name) for name in NAMES]


def test_shrout_and_fleiss_table_gives_their_coefficients() -> None:
    found = icc(SHROUT_FLEISS)
    published = [0.1657, 0.2898, 0.7148, 0.4428, 0.6201, 0.9093]
    assert values(found) == pytest.approx(published, abs=5e-5)
    assert (found.targets, found.raters) == (6, 4)


@given(tables, st.randoms(use_true_random=False))
def test_neither_the_order_of_raters_nor_of_targets_matters(x: Floats, random: object) -> None:
    rng = np.random.default_rng(random.randrange(2**32))  # type: ignore[attr-defined]
    shuffled = rng.permutation(rng.permutation(x, axis=0), axis=1)
    assert values(icc(shuffled)) == pytest.approx(values(icc(x)), nan_ok=True)


@given(tables, st.integers(-50, 50), st.sampled_from([-3.0, 0.25, 10.0]))
def test_another_scale_with_another_zero_gives_the_same(
    x: Floats, shift: int, factor: float
) -> None:
    assert values(icc(x * factor + shift)) == pytest.approx(values(icc(x)), nan_ok=True)


@given(tables, st.integers(-5, 5))
def test_a_raters_bias_lowers_agreement_and_leaves_consistency(x: Floats, bias: int) -> None:
    shifted = x.copy()
    shifted[:, 0] += bias
    before, after = icc(x), icc(shifted)
    assert after.c_1 == pytest.approx(before.c_1, nan_ok=True)
    assert after.c_k == pytest.approx(before.c_k, nan_ok=True)


@given(tables)
def test_range_and_spearman_brown(x: Floats) -> None:
    found, k = icc(x), x.shape[1]
    for single, mean in ((found.one_1, found.one_k), (found.c_1, found.c_k)):
        if not np.isnan(single):
            assert -1 / (k - 1) - 1e-9 <= single <= 1 + 1e-9
        if not np.isnan(mean):
            assert mean == pytest.approx(k * single / (1 + (k - 1) * single), rel=1e-6)
            assert mean <= 1 + 1e-9


@given(hnp.arrays(np.float64, st.integers(2, 7), elements=st.floats(-9, 9)), st.integers(2, 4))
def test_perfect_agreement_is_one(targets: Floats, raters: int) -> None:
    ratings = np.tile(targets[:, None], (1, raters))
    if np.ptp(targets) > 1e-6:
        assert values(icc(ratings)) == pytest.approx([1] * 6)
        assert icc(ratings + np.arange(raters) * np.ptp(targets)).c_1 == pytest.approx(1)
        assert icc(ratings + np.arange(raters) * np.ptp(targets)).a_1 < 0.999


@pytest.mark.parametrize("value", [0.0, 0.1, 3.0, 1e6])
def test_without_variance_there_is_no_coefficient(value: float) -> None:
    assert np.isnan(values(icc(np.full((5, 3), value)))).all()


def test_targets_alike_but_for_noise_have_no_k_coefficient() -> None:
    found = icc([[1.1, 2.3], [2.3, 1.1]])
    assert np.isnan([found.one_k, found.c_k]).all()
    assert (found.one_1, found.c_1) == pytest.approx((-1, -1))


def test_simulated_variances_are_recovered() -> None:
    """Targets SD 2, raters SD 1, noise SD 1: ICC(A,1) = 4/6, ICC(C,1) = 4/5."""
    rng = np.random.default_rng(11)
    found = icc(
        2 * rng.normal(size=(1500, 1)) + rng.normal(size=(1, 40)) + rng.normal(size=(1500, 40))
    )
    assert found.c_1 == pytest.approx(0.8, abs=0.02)
    assert found.a_1 == pytest.approx(4 / 6, abs=0.08)


@pytest.mark.parametrize(
    "ratings", [[[1.0, 2.0]], [[1.0], [2.0]], [1.0, 2.0], [[1, np.nan], [1, 2]]]
)
def test_incomplete_ratings_are_refused(ratings: list[object]) -> None:
    with pytest.raises(ValueError, match="at least 2"):
        icc(ratings)  # type: ignore[arg-type]
