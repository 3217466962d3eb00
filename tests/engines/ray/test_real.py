"""A real model on two workers answers as the same model in this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kojudge.cards import load_candidate
from kojudge.cards.load import to_spec
from kojudge.cards.sources import pull
from kojudge.engines import ChoiceRequest, CompletionRequest, Engine, Placement, open_engine
from kojudge.records import Message, Sampling

pytest.importorskip("ray.data", reason="needs the extra [ray]")
pytestmark = [pytest.mark.ray, pytest.mark.real]

REPOSITORY = Path(__file__).resolve().parents[3]
TOPICS = ("봄비", "이사", "김밥", "첫눈", "시험", "고양이", "산책", "편지")
LEVELS = tuple((f" {n}", str(n)) for n in range(1, 6))
GREEDY = Sampling(temperature=0.0, top_p=1.0, max_tokens=16)


def says(topic: str) -> tuple[Message, ...]:
    return (Message("user", f"{topic}에 대한 짧은 글을 써 주세요."),)


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[Engine, Engine]]:
    """The model here, and on two workers."""
    card = load_candidate(REPOSITORY / "candidates", "smollm2-135m-instruct")
    spec = replace(to_spec(card, pull(card)), dtype="float32")
    alone = open_engine("transformers", spec, batch_size=4)
    on_ray = open_engine("transformers", spec, batch_size=4, placement=Placement(2))
    yield alone, on_ray
    on_ray.close()
    alone.close()


def test_the_probabilities_are_the_same(engines: tuple[Engine, Engine]) -> None:
    asked = [ChoiceRequest(topic, says(topic), LEVELS, "점수:") for topic in TOPICS]
    here, there = ({c.key: c for c in engine.choose(asked)} for engine in engines)
    assert here.keys() == there.keys() == set(TOPICS)
    for key, choice in here.items():
        assert there[key].logprobs == pytest.approx(choice.logprobs, abs=1e-3)
        assert there[key].prompt_tokens == choice.prompt_tokens


def test_greedy_texts_are_the_same(engines: tuple[Engine, Engine]) -> None:
    asked = [CompletionRequest(topic, says(topic), GREEDY, 1) for topic in TOPICS]
    here, there = ({c.key: c.text for c in engine.complete(asked)} for engine in engines)
    assert here == there


def test_it_says_what_ran(engines: tuple[Engine, Engine]) -> None:
    alone, on_ray = engines
    told = on_ray.describe()
    assert told == {**told, **alone.describe()}
    assert told["workers"] == 2
    assert on_ray.special_tokens() == alone.special_tokens()
