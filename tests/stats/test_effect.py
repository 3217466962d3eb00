"""The standardised effect and its interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nct

from kojudge.stats import standardised_effect


def test_no_difference_is_centred_on_zero() -> None:
    found = standardised_effect(0.0, 0.1, 1.0, 99)
    assert found.size == 0
    assert found.low == pytest.approx(-found.high)


@pytest.mark.parametrize(("t", "df"), [(2.0, 9), (-4.062128, 9), (0.857032, 12), (25.0, 299)])
def test_the_ends_are_where_the_non_central_t_leaves_its_tails(t: float, df: int) -> None:
    """The definition (Steiger and Fouladi 1997), checked by scipy's own distribution."""
    found = standardised_effect(t, 1.0, 3.0, df)
    assert nct.cdf(t, df, 3 * found.low) == pytest.approx(0.975, abs=1e-6)
    assert nct.cdf(t, df, 3 * found.high) == pytest.approx(0.025, abs=1e-6)


def test_the_interval_covers_the_true_effect() -> None:
    """2,000 samples of 20 with a true effect of 0.5: 95 %, ± 3 SE."""
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(2000):
        d = rng.normal(0.5, 1, 20)
        sd = float(d.std(ddof=1))
        found = standardised_effect(float(d.mean()), sd / math.sqrt(20), sd, 19)
        covered += found.low <= 0.5 <= found.high
    assert covered / 2000 == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / 2000))


@given(st.floats(-1e7, 1e7), st.floats(0.5, 1e5))
def test_any_t_has_an_interval_around_its_effect(t: float, df: float) -> None:
    found = standardised_effect(t, 1.0, 2.0, df)
    assert found.low < found.size < found.high
    assert np.isfinite([found.low, found.high]).all()


def test_what_does_not_vary_has_no_effect_size() -> None:
    with pytest.raises(ValueError, match="se > 0"):
        standardised_effect(1.0, 0.0, 0.0, 9)
