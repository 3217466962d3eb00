"""Real servers of a real model: ``vllm serve`` and ``transformers serve``."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kojudge.cards import load_candidate
from kojudge.cards.sources import pull
from kojudge.engines import Choice, ChoiceRequest, CompletionRequest
from kojudge.engines.local.engine import TransformersEngine
from kojudge.engines.remote.openai import OpenAIEngine
from kojudge.errors import EngineError, UnavailableError
from kojudge.records import Message, ModelSpec, Sampling, Server

from .serving import Served, served

pytestmark = pytest.mark.servers
REPOSITORY = Path(__file__).resolve().parents[3]
MODEL = "qwen2.5-coder-0.5b-instruct"
TEXTS = (
    "오늘은 볕이 좋아서 이불을 널었어요. 괜히 마음이 가벼워지더라고요.",
    "해당 제품은 사용자에 의해 사용되어질 수 있는 것을 가지고 있다.",
    "너무 애쓰지 않아도 괜찮아. 네가 얼마나 열심히 했는지 다 알잖아.",
    "봄 봄 봄 봄 봄 봄 봄 봄 봄 봄",
)
LEVELS = tuple((f" {n}", str(n)) for n in range(1, 6))
TENS = tuple((f" {n}", str(n)) for n in (1, 5, 10))
YES_NO = ((" 예", "예"), (" 아니요", "아니요"))
SAME = 0.01
"""Largest difference of a probability between two programs in float32: they add up in
another order, and a difference of 1e-2 in a logit is one of at most 0.0025 in a probability."""


def questions() -> list[ChoiceRequest]:
    """Twelve: four texts on a scale of five, on one of ten, and as yes or no."""
    kinds = {
        "levels": ("1점부터 5점까지 점수를 매기세요. '점수: 숫자'로만 답하세요.", LEVELS, "점수:"),
        "tens": ("1점, 5점, 10점 가운데 하나를 주세요. '점수: 숫자'로만 답하세요.", TENS, "점수:"),
        "yes": ("사람이 쓴 글 같습니까? '답: 예'나 '답: 아니요'로만 답하세요.", YES_NO, "답:"),
    }
    return [
        ChoiceRequest(f"{kind}/{at}", (Message("user", f"{asked}\n\n[글]\n{text}"),), options, prefix)
        for kind, (asked, options, prefix) in kinds.items()
        for at, text in enumerate(TEXTS)
    ]  # fmt: skip


def texts(count: int, tokens: int) -> list[CompletionRequest]:
    sampling = Sampling(temperature=0.7, top_p=0.95, max_tokens=tokens)
    return [
        CompletionRequest(
            str(n), (Message("user", f"{n}월에 어울리는 짧은 글을 한국어로 써 줘."),), sampling, n
        )
        for n in range(1, count + 1)
    ]


def engine_on(server: Served, **options: int) -> OpenAIEngine:
    where = Server(url=server.url, timeout=120, **options)
    return OpenAIEngine(ModelSpec("served", server.name, server=where))


def by_key(choices: Iterator[Choice]) -> dict[str, Choice]:
    found = {choice.key: choice for choice in choices}
    assert all(choice.error == "" for choice in found.values())
    return found


@pytest.fixture(scope="session")
def weights() -> Path:
    return pull(load_candidate(REPOSITORY / "candidates", MODEL))


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session")
def vllm(weights: Path, logs: Path) -> Iterator[Served]:
    with served("vllm", weights, log=logs / "vllm.log") as server:
        yield server


@pytest.fixture(scope="session")
def transformers(weights: Path, logs: Path) -> Iterator[Served]:
    with served("transformers", weights, log=logs / "transformers.log") as server:
        yield server


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    def call(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}")

    return call


class TestVllm:
    def test_it_writes_korean_and_counts_it(self, vllm: Served) -> None:
        with closing(engine_on(vllm)) as engine:
            found = list(engine.complete(texts(3, 24)))
        assert {done.key for done in found} == {"1", "2", "3"}
        for done in found:
            assert done.error == ""
            assert any("가" <= c <= "힣" for c in done.text)
            assert done.prompt_tokens > 10
            assert 1 <= done.completion_tokens <= 24

    def test_a_seed_decides_the_text(self, vllm: Served) -> None:
        with closing(engine_on(vllm)) as engine:
            first, again = (sorted((d.key, d.text) for d in engine.complete(texts(2, 16)))
                            for _ in range(2))  # fmt: skip
        assert first == again

    def test_its_choices_are_those_of_the_model_in_memory(
        self, vllm: Served, weights: Path, say: Callable[[str], None]
    ) -> None:
        with closing(engine_on(vllm)) as engine:
            assert engine.describe()["choose"] == "token_ids"
            theirs = by_key(engine.choose(questions()))
        spec = ModelSpec(MODEL, str(weights), dtype="float32")
        with closing(TransformersEngine(spec, batch_size=4)) as local:
            ours = by_key(local.choose(questions()))
        worst = 0.0
        for key, choice in ours.items():
            pairs = zip(choice.logprobs, theirs[key].logprobs, strict=True)
            worst = max(worst, *(abs(math.exp(a) - math.exp(b)) for a, b in pairs))
            assert choice.prompt_tokens == theirs[key].prompt_tokens
        say(f"vLLM server and transformers: largest difference of a probability {worst:.5f}")
        assert worst < SAME

    def test_a_list_of_twenty_says_the_same_of_what_it_lists(
        self, vllm: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An option that is not listed counts as impossible, and is indeed unlikely."""
        asked = [q for q in questions() if q.key.startswith("levels")]
        with closing(engine_on(vllm)) as engine:
            exact = by_key(engine.choose(asked))
        monkeypatch.setattr("kojudge.engines.remote.abilities._tokenizes", lambda *_: False)
        with closing(engine_on(vllm)) as engine:
            assert engine.describe()["choose"] == "listed"
            listed = by_key(engine.choose(asked))
        for key, choice in exact.items():
            for full, seen in zip(choice.logprobs, listed[key].logprobs, strict=True):
                assert math.exp(seen) <= math.exp(full) + SAME
                assert math.exp(full) - math.exp(seen) < 0.05


class TestTransformers:
    def test_it_writes_korean_and_counts_it(self, transformers: Served) -> None:
        with closing(engine_on(transformers)) as engine:
            assert engine.describe()["choose"] == "sampled"
            found = list(engine.complete(texts(2, 16)))
        for done in found:
            assert done.error == ""
            assert any("가" <= c <= "힣" for c in done.text)
            assert done.prompt_tokens > 10
            assert 1 <= done.completion_tokens <= 16

    def test_it_does_not_pass_for_a_judge_where_it_does_not_sample(
        self, transformers: Served
    ) -> None:
        """It ignores logprobs, and samples only where the model's own settings say so."""
        with closing(engine_on(transformers)) as engine, pytest.raises(EngineError, match="same"):
            list(engine.choose(questions()[:1]))


def test_a_server_that_is_killed_costs_what_was_in_flight(weights: Path, logs: Path) -> None:
    """What was finished is kept; then there is one error; nothing comes twice."""
    found, error = [], None
    with (
        served("transformers", weights, log=logs / "killed.log") as server,
        closing(engine_on(server, retries=1, concurrency=2)) as engine,
    ):
        try:
            for done in engine.complete(texts(12, 12)):
                found.append(done)
                if len(found) == 3:
                    server.kill()
        except UnavailableError as raised:
            error = raised
    assert error is not None
    assert "cannot be reached" in error.message.en
    kept = [done.key for done in found if not done.error]
    assert len(kept) >= 3
    assert len({done.key for done in found}) == len(found) < 12
    assert {done.error for done in found if done.error} <= {"connection"}
