"""One judge, three ways to run it: the same answers to real judge questions.

In float32 transformers, vLLM offline and a vLLM server differ by the order in which they
add numbers up. bfloat16 keeps 8 bits of a number: its logits (10 to 30 for these models) lie
on a grid of 1/16 to 1/8, so that a log-probability may move by about as much, on either
engine; what the judge says, the expected level, moves far less.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest

from engines.remote.serving import VLLM_PYTHON, served
from engines.test_real_models import (
    REQUESTS,
    TEXTS,
    judge_pair,
    judge_text,
    rubric,
    spec_of,
)
from kojudge.engines import Choice, ChoiceRequest, CompletionRequest, Engine
from kojudge.engines.local.engine import TransformersEngine
from kojudge.engines.vllm.engine import VllmEngine
from kojudge.records import Message, ModelSpec, Sampling, Server

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.usefixtures("vllm_installed"),
    pytest.mark.timeout(900),
]

MODEL = "qwen2.5-coder-0.5b-instruct"
FLOAT32 = {"log-probability": 2e-3, "mass": 1e-3, "level": 1e-3}
BFLOAT16 = {"log-probability": 0.5, "mass": 0.05, "level": 0.15}
"""Largest differences from transformers in float32. ``level``: of the expected level, 1 to 5."""
OPTIONS = {"enforce_eager": True, "kv_cache_memory_bytes": 2**29, "max_model_len": 2048}
GREEDY = Sampling(temperature=0.0, max_tokens=32)

Answers = Mapping[str, Choice]
Say = Callable[[str], None]


def questions() -> list[ChoiceRequest]:
    """Six texts by two rubrics, and three pairs."""
    names = ("naturalness", "friendliness")
    asked = [
        replace(judge_text(rubric(name), text), key=f"{name} {n}")
        for name in names
        for n, text in enumerate(TEXTS)
    ]
    pair = rubric("naturalness-pairwise")
    return asked + [
        replace(judge_pair(pair, TEXTS[n], TEXTS[n + 1]), key=f"pair {n}") for n in range(3)
    ]


def greedy_requests() -> list[CompletionRequest]:
    return [CompletionRequest(str(n), (Message("user", REQUESTS[n]),), GREEDY, n) for n in range(6)]


class Asked:
    """What one engine answered."""

    def __init__(self, engine: Engine) -> None:
        try:
            self.answers: Answers = {c.key: c for c in engine.choose(questions())}
            self.texts = {done.key: done.text for done in engine.complete(greedy_requests())}
        finally:
            engine.close()


@pytest.fixture(scope="module")
def spec() -> ModelSpec:
    return spec_of(MODEL)


@pytest.fixture(scope="module")
def reference(spec: ModelSpec) -> Asked:
    """Transformers in float32."""
    return Asked(TransformersEngine(spec, batch_size=4))


@pytest.fixture(scope="module")
def offline(spec: ModelSpec) -> Asked:
    """VLLM's offline engine in float32."""
    return Asked(VllmEngine(replace(spec, options=OPTIONS)))


@pytest.fixture(scope="module")
def server(spec: ModelSpec, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """A vLLM server in float32, asked through the openai engine."""
    from kojudge.engines.remote.openai import OpenAIEngine

    log = tmp_path_factory.mktemp("server") / "log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VLLM_PYTHON, os.environ.get(VLLM_PYTHON, sys.executable))
        with served("vllm", spec.path, log=log) as running:
            where = Server(url=running.url)
            yield Asked(OpenAIEngine(replace(spec, path=running.name, server=where)))


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def call(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}")

    return call


def level(choice: Choice) -> float:
    """The expected level, from 1 up; of a pair, 1 and 2 for the first and the second."""
    return sum(n * p for n, p in enumerate(choice.probabilities, start=1))


def differences(one: Answers, other: Answers) -> dict[str, float]:
    """The largest difference of each kind over all questions."""
    pairs = [(one[key], other[key]) for key in one]
    logprobs = [abs(a - b) for x, y in pairs for a, b in zip(x.logprobs, y.logprobs, strict=True)]
    return {
        "log-probability": max(logprobs),
        "mass": max(abs((x.mass or 0) - (y.mass or 0)) for x, y in pairs),
        "level": max(abs(level(x) - level(y)) for x, y in pairs),
    }


def agree(one: Asked, other: Asked, most: Mapping[str, float], say: Say, name: str) -> None:
    assert one.answers.keys() == other.answers.keys()
    assert len(one.answers) >= 12
    for choice in (*one.answers.values(), *other.answers.values()):
        assert choice.error == ""
    counts = [
        {key: choice.prompt_tokens for key, choice in asked.answers.items()}
        for asked in (one, other)
    ]
    assert counts[0] == counts[1]  # the very same prompts
    found = differences(one.answers, other.answers)
    texts = sum(one.texts[key] == other.texts[key] for key in one.texts)
    numbers = "  ".join(f"{kind} {value:.2g}" for kind, value in found.items())
    say(f"{name}: {len(one.answers)} questions  {numbers}  greedy {texts}/{len(one.texts)}")
    assert {kind for kind, value in found.items() if value > most[kind]} == set()


def test_vllm_offline_is_transformers(reference: Asked, offline: Asked, say: Say) -> None:
    agree(reference, offline, FLOAT32, say, "vllm float32 / transformers float32")


def test_greedy_texts_are_the_same_up_to_ties(
    reference: Asked, offline: Asked, server: Asked
) -> None:
    """All six are, as a rule; one may part where two tokens are all but equally likely."""
    for other in (offline.texts, server.texts):
        parted = {key for key, text in reference.texts.items() if other[key] != text}
        assert len(parted) <= 1, parted


def test_a_vllm_server_is_transformers(reference: Asked, server: Asked, say: Say) -> None:
    agree(reference, server, FLOAT32, say, "vllm server float32 / transformers float32")


def test_a_vllm_server_is_vllm_offline(offline: Asked, server: Asked, say: Say) -> None:
    agree(offline, server, FLOAT32, say, "vllm server float32 / vllm float32")


@pytest.mark.parametrize("kind", ["transformers", "vllm"])
def test_bfloat16_says_the_same(spec: ModelSpec, reference: Asked, say: Say, kind: str) -> None:
    half = replace(spec, dtype="bfloat16", options=OPTIONS)
    engine: Engine = VllmEngine(half) if kind == "vllm" else TransformersEngine(half, batch_size=4)
    agree(reference, Asked(engine), BFLOAT16, say, f"{kind} bfloat16 / transformers float32")
