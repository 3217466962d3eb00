"""Which prompts the strong judge reads, and with what probability."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.stats.cascade_draw import Draw, draw, draw_uncertain, number_drawn
from kojudge.stats.strata import stratify

STRATA = stratify(["blog"] * 40 + ["emotional"] * 31 + ["imaginative"] * 6)


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("prompts", "fraction", "number"),
    [(100, 0.2, 20), (100, 0.3, 30), (31, 0.1, 4), (6, 0.1, 2), (1, 0.1, 1), (5, 1.0, 5)],
)
def test_the_number_is_rounded_up_and_at_least_two(
    prompts: int, fraction: float, number: int
) -> None:
    assert number_drawn(prompts, fraction) == number


def test_each_category_gives_its_share_with_even_probabilities() -> None:
    found = draw(generator(), STRATA, 0.25)
    assert [int(found.drawn[STRATA.index == k].sum()) for k in range(3)] == [10, 8, 2]
    for k, probability in enumerate((10 / 40, 8 / 31, 2 / 6)):
        assert found.inclusion[STRATA.index == k] == pytest.approx(probability)


def test_the_generator_decides_which() -> None:
    first, again, other = (draw(generator(seed), STRATA, 0.3).drawn for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


@given(st.integers(0, 200), st.floats(0.05, 1), st.floats(0.1, 1))
def test_numbers_are_fixed_whatever_the_uncertainty(
    seed: int, fraction: float, floor: float
) -> None:
    uncertainty = generator(seed).pareto(1.0, STRATA.index.size)
    found = draw_uncertain(generator(seed), STRATA, fraction, uncertainty, floor)
    for k in range(3):
        own = STRATA.index == k
        number = number_drawn(int(own.sum()), fraction)
        assert found.drawn[own].sum() == number
        assert found.inclusion[own].sum() == pytest.approx(number)
        assert (
            found.inclusion[own].min() >= floor * number / own.sum() * (1 - 1e-9)
            or (found.inclusion[own] == 1).any()
        )


def test_prompts_come_as_often_as_their_probability_says() -> None:
    uncertainty = np.exp(generator(3).normal(size=STRATA.index.size))
    rng, times = generator(4), np.zeros(STRATA.index.size)
    for _ in range(4000):
        found = draw_uncertain(rng, STRATA, 0.3, uncertainty)
        times += found.drawn
    assert times / 4000 == pytest.approx(found.inclusion, abs=0.035)
    assert np.corrcoef(found.inclusion[:40], uncertainty[:40])[0, 1] > 0.85


def test_no_uncertainty_at_all_is_an_even_draw() -> None:
    nothing = draw_uncertain(generator(), STRATA, 0.3, np.zeros(STRATA.index.size))
    assert nothing.inclusion == pytest.approx(draw(generator(), STRATA, 0.3).inclusion)


def test_wrong_arguments_are_refused() -> None:
    even = np.ones(STRATA.index.size)
    for fraction in (0.0, 1.1):
        with pytest.raises(ValueError, match="fraction"):
            draw(generator(), STRATA, fraction)
    with pytest.raises(ValueError, match="floor"):
        draw_uncertain(generator(), STRATA, 0.2, even, floor=0.0)
    for wrong in (-even, even[1:], even * np.nan):
        with pytest.raises(ValueError, match="uncertainty"):
            draw_uncertain(generator(), STRATA, 0.2, wrong)
    with pytest.raises(ValueError, match="inclusion"):
        Draw(np.array([True]), np.array([0.0]))
    with pytest.raises(ValueError, match="alike"):
        Draw(np.array([True]), np.array([0.5, 0.5]))
