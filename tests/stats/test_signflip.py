"""The sign-flip permutation test."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.stats.signflip import sign_flip_p

# Darwin's maize pairs; all 32,768 sign patterns enumerated give 863 at least as large as the
# observed sum (Fisher 1935, section 21), hence 1,726 in both tails.
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]


def rng() -> np.random.Generator:
    return np.random.default_rng(20261121)


def test_darwin_s_maize_exactly() -> None:
    assert sign_flip_p(MAIZE, rng(), exact_up_to=15) == pytest.approx(2 * 863 / 32768, abs=1e-12)


def test_random_patterns_come_near_the_exact_value() -> None:
    p = sign_flip_p(MAIZE, rng(), resamples=20_000)
    assert p == pytest.approx(0.0526733, abs=4 * np.sqrt(0.0527 * 0.9473 / 20_000))


@pytest.mark.parametrize("prompts", [1, 2, 5, 13])
def test_the_smallest_p_is_two_patterns_in_all(prompts: int) -> None:
    assert sign_flip_p(np.arange(1, prompts + 1), rng()) == pytest.approx(2 ** (1 - prompts))


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=10))
def test_a_change_of_every_sign_and_of_the_order_keeps_p(values: list[int]) -> None:
    p = sign_flip_p(values, rng())
    assert sign_flip_p([-v for v in values], rng()) == p
    assert sign_flip_p(values[::-1], rng()) == p


def test_all_zero_differences_give_one() -> None:
    assert sign_flip_p([0.0] * 8, rng()) == 1.0


@pytest.mark.parametrize("values", [[], [np.nan], [[1.0]]])
def test_no_differences_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        sign_flip_p(values, rng())
