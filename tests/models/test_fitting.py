"""The finest precision that fits a GPU, and the largest batch with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.cards import JudgeCard
from kojudge.models.fitting import ORDER, Fit, best_fit, largest_batch
from kojudge.models.memory import gpu_bytes

GIB = 2**30
TOKENS = 2048


def card(**changes: object) -> JudgeCard:
    """Return a judge of the shape of Qwen2.5-32B."""
    fields = {
        "name": "j",
        "source": {"hub": "a/b"},
        "parameters": 32_763_876_352,
        "kv": {"layers": 64, "heads": 8, "head_dim": 128},
    }
    return JudgeCard.model_validate(fields | changes)


@pytest.mark.parametrize(
    ("gigabytes", "gpus", "precision"),
    [(16, 1, None), (24, 1, "int4"), (48, 1, "int8"), (80, 1, "fp16"), (48, 2, "fp16")],
)
def test_a_judge_of_32_billion_on_cards_that_are_sold(
    gigabytes: int, gpus: int, precision: str | None
) -> None:
    fit = best_fit(card(), TOKENS, gigabytes * GIB, gpus)
    assert fit is not None
    assert fit.precision == precision
    assert (fit.batch is None) == (precision is None)


def test_nothing_is_said_of_a_card_that_lacks_its_numbers() -> None:
    for lacking in (card(parameters=None), card(kv=None)):
        assert best_fit(lacking, TOKENS, 80 * GIB) is None
        assert largest_batch(lacking, "int4", TOKENS, 80 * GIB) is None


def test_a_memory_too_small_for_anything_fits_nothing() -> None:
    assert best_fit(card(), TOKENS, 1.0) == Fit(None, None)


@given(
    st.integers(1, 200).map(lambda gib: gib * GIB),
    st.integers(1, 8192),
    st.integers(1, 8),
    st.sampled_from(ORDER),
)
def test_the_largest_batch_fits_and_one_more_does_not(
    memory: int, tokens: int, gpus: int, precision: str
) -> None:
    batch = largest_batch(card(), precision, tokens, memory, gpus)
    assert batch is not None
    if batch:
        assert (gpu_bytes(card(), precision, batch * tokens, gpus) or 0) <= memory * (1 + 1e-9)
    assert (gpu_bytes(card(), precision, (batch + 1) * tokens, gpus) or 0) > memory * (1 - 1e-9)


@given(st.floats(1e9, 1e12), st.floats(1e9, 1e12), st.integers(1, 8192))
def test_more_memory_never_fits_less(one: float, other: float, tokens: int) -> None:
    small, large = (best_fit(card(), tokens, memory) for memory in sorted((one, other)))
    assert small is not None
    assert large is not None
    rank = [*ORDER, None]
    assert rank.index(large.precision) <= rank.index(small.precision)
