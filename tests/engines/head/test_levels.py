"""Distributions sum to 1, pairs are antisymmetric, and far texts are far."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from kojudge.engines.head.levels import distribution, outside, preference, standardise

from .making import domain, floats, make_head, pair_line, point_line

WIDTH = 12
seeds = st.integers(0, 2**32 - 1)
sizes = st.floats(1e-3, 1e3)


def sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))


class TestDistribution:
    @given(seeds, sizes)
    def test_it_sums_to_one_and_holds_nothing_negative(self, seed: int, size: float) -> None:
        rng = np.random.default_rng(seed)
        line = replace(point_line(rng, WIDTH), slope=float(rng.normal(scale=size)))
        found = distribution(line, floats(rng, 4, WIDTH) * np.float32(size))
        assert found.shape == (4, 5)
        assert found.min() >= 0
        assert_allclose(found.sum(-1), 1.0, atol=1e-12)

    def test_it_is_the_cumulative_model_written_out(self) -> None:
        rng = np.random.default_rng(1)
        line, x = point_line(rng, WIDTH), floats(rng, WIDTH)
        z = float(x.astype(float) @ line.weights.astype(float)) + line.bias
        below = [*(sigmoid(cut - line.slope * z) for cut in line.cuts), 1.0]
        assert_allclose(distribution(line, x), np.diff([0.0, *below]), atol=1e-12)

    @given(seeds)
    def test_more_of_the_direction_never_lowers_the_expected_level(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        line, x = point_line(rng, WIDTH), floats(rng, WIDTH)
        steps = np.stack([x + np.float32(t) * line.weights for t in np.linspace(0, 3, 7)])
        expected = distribution(line, steps) @ np.arange(1, 6)
        assert (np.diff(expected) >= -1e-12).all()

    def test_a_level_without_room_has_no_probability(self) -> None:
        line = replace(point_line(np.random.default_rng(0), WIDTH), cuts=np.array([0.0, 1, 1, 2]))
        assert distribution(line, np.zeros(WIDTH))[2] == 0.0

    def test_a_text_alone_is_answered_as_in_a_block(self) -> None:
        rng = np.random.default_rng(2)
        line, x = point_line(rng, WIDTH), floats(rng, 9, WIDTH)
        assert_array_equal(distribution(line, x)[4], distribution(line, x[4]))


class TestPreference:
    @given(seeds, sizes)
    def test_swapping_the_texts_swaps_the_answers_to_the_last_bit(
        self, seed: int, size: float
    ) -> None:
        rng = np.random.default_rng(seed)
        line = replace(pair_line(rng, WIDTH), cuts=np.abs(rng.normal(size=1)))
        xa, xb = floats(rng, 2, WIDTH) * np.float32(size)
        a, b, tie = preference(line, xa, xb)
        assert tuple(preference(line, xb, xa)) == (b, a, tie)

    @given(seeds)
    def test_it_sums_to_one_and_holds_nothing_negative(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        line = replace(pair_line(rng, WIDTH), cuts=np.abs(rng.normal(size=1)))
        found = preference(line, floats(rng, 3, WIDTH), floats(rng, 3, WIDTH))
        assert found.min() >= 0
        assert_allclose(found.sum(-1), 1.0, atol=1e-12)

    def test_a_text_neither_beats_nor_loses_to_itself(self) -> None:
        rng = np.random.default_rng(3)
        x = floats(rng, WIDTH)
        a, b, tie = preference(pair_line(rng, WIDTH), x, x)
        assert a == b == sigmoid(-0.4)
        assert tie == pytest.approx(1 - 2 * a)

    def test_without_a_cut_there_are_no_ties(self) -> None:
        rng = np.random.default_rng(4)
        line = replace(pair_line(rng, WIDTH), cuts=np.array([0.0]))
        assert preference(line, *floats(rng, 2, WIDTH))[2] == pytest.approx(0.0, abs=1e-15)


class TestOutside:
    def test_the_mean_text_is_at_one(self) -> None:
        rng = np.random.default_rng(6)
        place = domain(rng, WIDTH)
        inside = rng.normal(size=(4000, 3)) * place.spread
        rest = rng.normal(size=(4000, WIDTH))
        rest -= rest @ place.components.T @ place.components
        rest *= place.rest / np.sqrt(np.mean(np.sum(rest**2, axis=1)))
        found = outside(place, place.centre + inside @ place.components + rest)
        assert np.sqrt(np.mean(found**2)) == pytest.approx(1.0, abs=0.02)

    @given(seeds, st.floats(1.5, 100))
    def test_farther_is_farther(self, seed: int, times: float) -> None:
        rng = np.random.default_rng(seed)
        place = domain(rng, WIDTH)
        step = floats(rng, WIDTH)
        near, far = outside(place, place.centre + np.stack([step, np.float32(times) * step]))
        assert far == pytest.approx(times * near, rel=1e-4)

    def test_what_the_components_do_not_see_counts_too(self) -> None:
        place = domain(np.random.default_rng(7), WIDTH)
        off = np.random.default_rng(8).normal(size=WIDTH)
        off -= off @ place.components.T @ place.components
        assert outside(place, place.centre + 10 * off) > 10

    def test_without_components_the_length_alone_counts(self) -> None:
        place = domain(np.random.default_rng(9), WIDTH, parts=0)
        away = place.centre + np.full(WIDTH, 2.0 / np.sqrt(WIDTH))
        assert outside(place, away) == pytest.approx(np.sqrt(0.5))


def test_states_are_standardised_by_the_heads_own_figures() -> None:
    head = make_head(WIDTH)
    state = head.centre + 2 * head.scale
    assert_allclose(standardise(head, state), np.full(WIDTH, 2.0), rtol=1e-5)
