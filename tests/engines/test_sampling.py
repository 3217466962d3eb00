"""The next token is a draw from the model's distribution that its own seed alone decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kojudge.engines.local.sampling import gumbel_noise, nucleus, penalise, pick_token
from kojudge.records import Sampling

LOGITS = np.log(np.array([0.5, 0.3, 0.15, 0.05], dtype=np.float32))
DRAWS = 20_000
seeds = st.integers(-(2**63), 2**64 - 1)
rows = arrays(np.float32, st.integers(1, 40), elements=st.floats(-30, 30, width=32))


def frequencies(logits: np.ndarray, sampling: Sampling) -> np.ndarray:
    drawn = [pick_token(logits, sampling, seed=11, step=step) for step in range(DRAWS)]
    return np.bincount(drawn, minlength=logits.size) / DRAWS


def softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits.astype(float) - logits.max())
    return weights / weights.sum()


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_frequencies_are_the_softmax(temperature: float) -> None:
    expected = softmax(LOGITS / temperature)
    error = np.sqrt(expected * (1 - expected) / DRAWS)
    found = frequencies(LOGITS, Sampling(temperature=temperature, top_p=1.0))
    assert np.all(np.abs(found - expected) < 4 * error)


def test_frequencies_are_renormalised_over_the_nucleus() -> None:
    expected = np.array([0.625, 0.375, 0, 0])
    found = frequencies(LOGITS, Sampling(temperature=1.0, top_p=0.75))
    assert np.abs(found - expected).max() < 4 * np.sqrt(0.25 / DRAWS)
    assert list(found[2:]) == [0, 0]


def test_seeds_draw_independently() -> None:
    sampling = Sampling(temperature=1.0, top_p=1.0)
    drawn = np.array([[pick_token(LOGITS, sampling, s, t) for t in (0, 1)] for s in range(4000)])
    joint = np.histogram2d(drawn[:, 0], drawn[:, 1], bins=[range(5)] * 2)[0] / 4000
    expected = np.outer(softmax(LOGITS), softmax(LOGITS))
    assert np.abs(joint - expected).max() < 4 * np.sqrt(0.25 * 0.75 / 4000)


@given(rows, seeds)
def test_temperature_zero_is_greedy(logits: np.ndarray, seed: int) -> None:
    sampling = Sampling(temperature=0.0, top_p=0.5)
    assert pick_token(logits, sampling, seed, 3) == int(logits.argmax())


@given(rows, seeds, st.integers(0, 4000))
def test_a_draw_is_a_function_of_its_arguments(logits: np.ndarray, seed: int, step: int) -> None:
    sampling = Sampling(temperature=0.9, top_p=0.9)
    assert pick_token(logits, sampling, seed, step) == pick_token(
        logits.copy(), sampling, seed, step
    )


@given(st.permutations(range(30)), seeds)
def test_a_tokens_noise_does_not_depend_on_its_neighbours(order: list[int], seed: int) -> None:
    tokens = np.arange(30)
    together = gumbel_noise(seed, 5, tokens)
    assert np.array_equal(gumbel_noise(seed, 5, tokens[order]), together[order])
    assert gumbel_noise(seed, 5, tokens[order[0] :][:1])[0] == together[order[0]]


def test_noise_differs_by_seed_step_and_token() -> None:
    noise = {
        float(gumbel_noise(seed, step, np.array([token]))[0])
        for seed in range(5)
        for step in range(5)
        for token in range(5)
    }
    assert len(noise) == 125


def test_noise_is_standard_gumbel() -> None:
    noise = gumbel_noise(1, 0, np.arange(200_000))
    assert np.isfinite(noise).all()
    assert noise.mean() == pytest.approx(0.5772, abs=4 * 1.2825 / np.sqrt(200_000))
    assert noise.var() == pytest.approx(np.pi**2 / 6, rel=0.03)


class TestNucleus:
    """The smallest set of most likely tokens that reaches top_p."""

    @pytest.mark.parametrize(
        ("top_p", "kept"),
        [
            (0.01, [1]),
            (0.4, [1]),
            (0.41, [1, 3]),
            (0.7, [1, 3]),
            (0.71, [1, 3, 0]),
            (1.0, [0, 1, 2, 3]),
        ],
    )
    def test_table(self, top_p: float, kept: list[int]) -> None:
        probabilities = np.array([0.2, 0.4, 0.1, 0.3])
        assert list(nucleus(probabilities, top_p)) == kept

    @given(
        arrays(
            np.float32, st.sampled_from([1, 5, 256, 257, 900]), elements=st.floats(-4, 4, width=32)
        ),
        st.floats(0.01, 0.999),
    )
    def test_is_the_smallest_that_reaches(self, logits: np.ndarray, top_p: float) -> None:
        probabilities = softmax(logits)
        kept = nucleus(probabilities, top_p)
        assert probabilities[kept].sum() >= top_p - 1e-9
        assert probabilities[kept[:-1]].sum() < top_p
        left = np.delete(probabilities, kept)
        assert left.size == 0 or left.max() <= probabilities[kept].min()

    def test_a_flat_distribution_needs_most_of_the_vocabulary(self) -> None:
        kept = nucleus(np.full(1000, 0.001), 0.9)
        assert len(kept) == pytest.approx(900, abs=1)
        assert len(set(kept.tolist())) == len(kept)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_logits_that_are_not_numbers_are_an_error(bad: float) -> None:
    with pytest.raises(FloatingPointError):
        pick_token(np.array([0.0, bad], dtype=np.float32), Sampling(), 0, 0)


def test_tokens_ruled_out_are_never_drawn() -> None:
    logits = np.array([-np.inf, 0.0, -np.inf], dtype=np.float32)
    sampling = Sampling(temperature=1.5, top_p=1.0)
    assert {pick_token(logits, sampling, seed, 0) for seed in range(200)} == {1}


class TestRepetitionPenalty:
    """Seen tokens: positive logits divided, negative ones multiplied (Keskar et al. 2019)."""

    def test_table(self) -> None:
        logits = np.array([2.0, -2.0, 0.0, 2.0, -np.inf], dtype=np.float32)
        found = penalise(logits, [0, 1, 2, 4], 1.25)
        assert list(found) == pytest.approx([1.6, -2.5, 0.0, 2.0, -np.inf])

    def test_leaves_its_argument_alone(self) -> None:
        logits = np.array([2.0, 1.0], dtype=np.float32)
        penalise(logits, [0], 2.0)
        assert list(logits) == [2.0, 1.0]

    def test_one_changes_nothing(self) -> None:
        logits = np.array([2.0, -1.0], dtype=np.float32)
        assert list(penalise(logits, [0, 1], 1.0)) == [2.0, -1.0]

    @given(rows, st.floats(1.0, 3.0))
    def test_never_makes_a_seen_token_likelier(self, logits: np.ndarray, penalty: float) -> None:
        assert np.all(penalise(logits, [0], penalty) <= logits)
