"""A choice keeps the raw probabilities; the distribution and the legal mass follow."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.engines import Choice, Engine, open_engine
from kojudge.engines.fake import FakeEngine
from kojudge.errors import ConfigError
from kojudge.records import ModelSpec


def choice(*probabilities: float) -> Choice:
    logs = tuple(math.log(p) if p else -math.inf for p in probabilities)
    return Choice("k", logs, prompt_tokens=1, seconds=0.0)


def test_mass_is_what_the_legal_answers_hold() -> None:
    assert choice(0.1, 0.2, 0.3).mass == pytest.approx(0.6)


def test_mass_never_exceeds_one() -> None:
    assert choice(0.7, 0.3000001).mass == 1.0


def test_probabilities_are_renormalised() -> None:
    assert choice(0.1, 0.3, 0.0).probabilities == pytest.approx((0.25, 0.75, 0.0))


def test_tiny_probabilities_do_not_underflow() -> None:
    found = Choice("k", (-2000.0, -2000.0), 1, 0.0)
    assert found.probabilities == (0.5, 0.5)
    assert found.mass == 0.0


def test_a_judge_that_gives_no_answer_any_probability_has_no_distribution() -> None:
    with pytest.raises(ValueError, match="no option"):
        _ = choice(0.0, 0.0).probabilities


@given(st.lists(st.floats(-50, 0), min_size=1, max_size=10))
def test_probabilities_sum_to_one(logprobs: list[float]) -> None:
    assert math.fsum(Choice("k", tuple(logprobs), 1, 0.0).probabilities) == pytest.approx(1.0)


def test_engines_are_opened_by_name() -> None:
    engine: Engine = open_engine("fake", ModelSpec("m", "fake:warm"), batch_size=4)
    assert isinstance(engine, FakeEngine)
    assert engine.describe() == {"engine": "fake", "behaviour": "warm"}


def test_an_unknown_engine_is_named_with_the_one_meant() -> None:
    with pytest.raises(
        ConfigError, match=r"No engine 'transformer'\. Did you mean: transformers"
    ) as e:
        open_engine("transformer", ModelSpec("m", "p"), batch_size=4)
    assert "엔진이 없습니다" in e.value.message.ko
