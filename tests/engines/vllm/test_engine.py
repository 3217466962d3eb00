"""The engine around vLLM: order, refusals, failures as records. vLLM itself is a stand-in."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from engines.tiny import make_tokenizer
from kojudge.engines import Choice, ChoiceRequest, CompletionRequest
from kojudge.engines.vllm import engine as module
from kojudge.engines.vllm.engine import VllmEngine
from kojudge.engines.vllm.loading import Running, Started
from kojudge.errors import ConfigError, EngineError
from kojudge.records import Message, ModelSpec, Sampling

CONTEXT = 256
LEVELS = tuple((f" {n}", str(n)) for n in range(1, 6))
TENS = tuple((f" {n}", str(n)) for n in (1, 5, 10))


class StandIn:
    """Stands for vLLM's ``LLMEngine``: every token is one in ``vocabulary``, evenly likely.

    A request takes as many steps as tokens are asked of it, so short ones overtake long ones.
    """

    def __init__(self, vocabulary: int, end: int) -> None:
        self.even = -math.log(vocabulary)
        self.end = end
        self.running: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[list[int], dict[str, Any]]] = []
        self.aborted: list[str] = []
        self.most = 0
        self.failure: Exception | None = None
        self.reason = "stop"
        self.lost: set[int] = set()
        config = SimpleNamespace(max_num_seqs=4)
        self.vllm_config = SimpleNamespace(scheduler_config=config)
        self.engine_core = SimpleNamespace(shutdown=lambda timeout: None)

    def add_request(
        self, name: str, prompt: Mapping[str, Any], parameters: dict[str, Any], *, lora_request: Any
    ) -> None:
        assert name not in self.running
        if any(token < 0 for token in prompt["prompt_token_ids"]):
            raise ValueError("token out of vocabulary")
        self.asked.append((prompt["prompt_token_ids"], parameters))
        self.running[name] = {"left": parameters["max_tokens"], **parameters}
        self.most = max(self.most, len(self.running))

    def abort_request(self, names: list[str]) -> None:
        self.aborted += names
        for name in names:
            del self.running[name]

    def step(self) -> list[Any]:
        if self.failure is not None:
            raise self.failure
        for request in self.running.values():
            request["left"] -= 1
        done = [name for name, request in self.running.items() if not request["left"]]
        return [self._output(name, self.running.pop(name)) for name in done]

    def _output(self, name: str, request: dict[str, Any]) -> Any:
        wanted = request.get("logprob_token_ids", ())
        position = {
            t: SimpleNamespace(logprob=self.even) for t in (*wanted, 0) if t not in self.lost
        }
        tokens = [40 + n for n in range(request["max_tokens"] - 1)] + [self.end]
        output = SimpleNamespace(
            token_ids=tokens, finish_reason=self.reason, logprobs=[position] if wanted else None
        )
        return SimpleNamespace(request_id=name, finished=True, outputs=[output])


class Opened(SimpleNamespace):
    """An engine and the stand-in below it."""

    engine: VllmEngine
    below: StandIn


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Opened]:
    def call(**spec: Any) -> Opened:
        tokenizer = make_tokenizer()
        end = tokenizer.convert_tokens_to_ids("<|im_end|>")
        below = StandIn(len(tokenizer), end)
        llm = SimpleNamespace(llm_engine=below)
        running = Running(llm, (), SimpleNamespace(end=lambda: None))
        started = Started(running, tokenizer, CONTEXT, frozenset({end}), end, None)
        monkeypatch.setattr(module, "start", lambda spec: started)
        monkeypatch.setattr(VllmEngine, "_parameters", lambda self, arguments: dict(arguments))
        return Opened(engine=VllmEngine(ModelSpec("m", "p", **spec)), below=below)

    return call


def texts(lengths: Sequence[int], prompt: str = "봄 글을 써 줘.") -> Iterator[CompletionRequest]:
    for n, length in enumerate(lengths):
        message = Message("user", f"{prompt} {n}")
        yield CompletionRequest(str(n), (message,), Sampling(max_tokens=length), n)


def questions(
    count: int, options: tuple[tuple[str, ...], ...] = LEVELS, prompt: str = "점수를 매기세요."
) -> Iterator[ChoiceRequest]:
    for n in range(count):
        yield ChoiceRequest(str(n), (Message("user", f"{prompt} {n}"),), options, "점수:")


class TestTexts:
    def test_each_comes_back_as_soon_as_it_is_finished(self, opened: Callable[..., Opened]) -> None:
        done = list(opened().engine.complete(texts([9, 2, 5])))
        assert [d.key for d in done] == ["1", "2", "0"]
        assert [d.completion_tokens for d in done] == [2, 5, 9]
        assert all(d.finish_reason == "stop" and d.error == "" for d in done)
        assert all(d.prompt_tokens > 0 and d.seconds >= 0 for d in done)

    def test_requests_are_taken_only_as_vllm_needs_them(
        self, opened: Callable[..., Opened]
    ) -> None:
        made = opened()
        taken: list[int] = []

        def lazily() -> Iterator[CompletionRequest]:
            for request in texts([3] * 40):
                taken.append(1)
                yield request

        first = next(made.engine.complete(lazily()))
        assert first.key == "0"
        assert len(taken) == 8  # twice what runs at once
        assert made.below.most == 8

    def test_all_are_written_however_many(self, opened: Callable[..., Opened]) -> None:
        done = list(opened().engine.complete(texts([n % 7 + 1 for n in range(50)])))
        assert sorted((d.key for d in done), key=int) == [str(n) for n in range(50)]

    def test_a_prompt_that_does_not_fit_is_its_own_failure(
        self, opened: Callable[..., Opened]
    ) -> None:
        made = opened()
        asked = [*texts([3]), *(texts([CONTEXT]))]
        long = CompletionRequest("long", asked[1].messages, asked[1].sampling, 1)
        found = {d.key: d for d in made.engine.complete([long, asked[0]])}
        assert (found["long"].error, found["long"].finish_reason) == ("prompt_too_long", "error")
        assert found["0"].error == ""

    def test_an_empty_prompt_is_its_own_failure(self, opened: Callable[..., Opened]) -> None:
        made = opened(format="completion", completion_template="{{ request }}")
        empty = CompletionRequest("e", (Message("user", ""),), Sampling(max_tokens=2), 1)
        found = {d.key: d.error for d in made.engine.complete([empty, *texts([2])])}
        assert found == {"e": "empty_prompt", "0": ""}

    def test_what_vllm_refuses_is_its_own_failure(
        self, opened: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = opened()
        encode = made.engine._prompts.text
        monkeypatch.setattr(
            made.engine._prompts, "text", lambda r: [-1] if r.key == "1" else encode(r)
        )
        found = {d.key: d.error for d in made.engine.complete(texts([2, 2, 2]))}
        assert found == {"0": "", "1": "refused: token out of vocabulary", "2": ""}

    def test_what_vllm_gives_up_is_no_text(self, opened: Callable[..., Opened]) -> None:
        made = opened()
        made.below.reason = "abort"
        (done,) = made.engine.complete(texts([2]))
        assert (done.text, done.finish_reason, done.error) == ("", "error", "vllm: abort")

    def test_whoever_stops_listening_calls_the_rest_back(
        self, opened: Callable[..., Opened]
    ) -> None:
        made = opened()
        stream = made.engine.complete(texts([2, 50, 50]))
        assert next(stream).key == "0"
        stream.close()
        assert len(made.below.aborted) == 2
        assert not made.below.running
        assert len(list(made.engine.complete(texts([2, 2])))) == 2

    def test_sampling_that_vllm_does_not_take_is_named(
        self, opened: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = opened()

        def refuse(self: VllmEngine, arguments: Any) -> Any:
            raise ConfigError(module.said("온도", "temperature must be in [0, 2]"))

        monkeypatch.setattr(VllmEngine, "_parameters", refuse)
        with pytest.raises(ConfigError, match="temperature"):
            list(made.engine.complete(texts([2])))


class TestChoices:
    def test_answers_of_one_token_take_one_request(self, opened: Callable[..., Opened]) -> None:
        made = opened()
        (choice,) = made.engine.choose(questions(1, tuple((str(n),) for n in range(1, 6))))
        assert len(made.below.asked) == 1
        assert choice.logprobs == pytest.approx([made.below.even] * 5)
        assert choice.mass == pytest.approx(5 * math.exp(made.below.even))

    def test_spellings_are_summed(self, opened: Callable[..., Opened]) -> None:
        made = opened()
        (choice,) = made.engine.choose(questions(1))
        tokenizer = made.engine.started.tokenizer
        spelled = [len(tokenizer(s)["input_ids"]) for s in LEVELS[0]]
        expected = math.log(sum(math.exp(made.below.even * n) for n in spelled))
        assert choice.logprobs[0] == pytest.approx(expected)

    def test_inner_tokens_are_asked_once_the_prompt_is_known(
        self, opened: Callable[..., Opened]
    ) -> None:
        made = opened()
        (choice,) = made.engine.choose(questions(1, TENS))
        prompts = [prompt for prompt, _ in made.below.asked]
        assert len(prompts) > 1
        assert all(p[: len(prompts[0])] == prompts[0] for p in prompts)
        assert made.below.most == len(prompts) - 1  # the first went alone
        assert len(choice.logprobs) == 3

    def test_all_are_answered_however_many(self, opened: Callable[..., Opened]) -> None:
        found = list(opened().engine.choose(questions(30, TENS)))
        assert sorted((c.key for c in found), key=int) == [str(n) for n in range(30)]
        assert all(c.error == "" for c in found)

    def test_the_token_drawn_needs_room_too(self, opened: Callable[..., Opened]) -> None:
        made = opened()
        single = tuple((str(n),) for n in range(1, 6))
        (fits,) = made.engine.choose(questions(1, single))
        room = CONTEXT - fits.prompt_tokens
        object.__setattr__(made.engine.started, "context", CONTEXT - room + 1)
        assert [c.error for c in made.engine.choose(questions(1, single))] == [""]
        object.__setattr__(made.engine.started, "context", CONTEXT - room)
        assert [c.error for c in made.engine.choose(questions(1, single))] == ["prompt_too_long"]

    @pytest.mark.parametrize("options", [LEVELS, TENS])
    def test_a_missing_probability_is_a_failure_and_not_a_number(
        self, opened: Callable[..., Opened], options: tuple[tuple[str, ...], ...]
    ) -> None:
        made = opened()
        made.below.lost = {made.engine.started.tokenizer.convert_tokens_to_ids("1")}
        found = list(made.engine.choose(questions(2, options)))
        assert [(c.error, c.logprobs) for c in found] == [("no_logprobs", ())] * 2

    def test_answers_that_a_tokenizer_cannot_tell_apart(
        self, opened: Callable[..., Opened]
    ) -> None:
        with pytest.raises(ConfigError, match="cannot tell the answers"):
            list(opened().engine.choose(questions(1, (("1",), ("1",)))))


def test_a_dead_engine_is_an_engine_error(opened: Callable[..., Opened]) -> None:
    made = opened()
    made.below.failure = RuntimeError("EngineCore died")
    with pytest.raises(EngineError, match="EngineCore died"):
        list(made.engine.complete(texts([2])))
    assert made.below.aborted == []  # there is nobody left to call


def test_a_closed_engine_says_so(opened: Callable[..., Opened]) -> None:
    engine = opened().engine
    engine.close()
    engine.close()
    with pytest.raises(RuntimeError, match="closed"):
        engine.special_tokens()


def test_special_tokens_are_those_of_the_tokenizer(opened: Callable[..., Opened]) -> None:
    assert {"<|im_start|>", "<|im_end|>"} <= opened().engine.special_tokens()


def test_choices_are_records(opened: Callable[..., Opened]) -> None:
    (choice,) = opened().engine.choose(questions(1))
    assert isinstance(choice, Choice)
    assert (choice.method, choice.renormalised) == ("expected", False)
