"""The engine around the model: windows, failures as records, foreign errors translated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kojudge.engines import Choice, ChoiceRequest, Completion, CompletionRequest
from kojudge.engines.local import engine as module
from kojudge.engines.local.decode import Written
from kojudge.engines.local.engine import TransformersEngine
from kojudge.errors import ConfigError, EngineError
from kojudge.records import Message, Sampling

from .tiny import CHATML

Open = Callable[..., TransformersEngine]
SAMPLING = Sampling(max_tokens=6)
LEVELS = tuple((f" {n}", str(n)) for n in range(1, 11))
ALLOCATORS = [
    RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    MemoryError(),
]


def texts(count: int, prompt: str = "봄 글을 써 줘.") -> list[CompletionRequest]:
    return [
        CompletionRequest(str(n), (Message("user", f"{prompt} {n}"),), SAMPLING, n)
        for n in range(count)
    ]


def questions(count: int, prompt: str = "자연스러운지 점수를 매기세요.") -> list[ChoiceRequest]:
    return [
        ChoiceRequest(str(n), (Message("user", f"{prompt} {n}"),), LEVELS, "점수:")
        for n in range(count)
    ]


def keys(results: list[Any]) -> list[str]:
    return sorted((result.key for result in results), key=int)


class Crowded:
    """Stands for ``decode`` or ``choose_batch`` on a device that holds few rows."""

    def __init__(self, run: Callable[..., Any], room: int, error: BaseException) -> None:
        self.run, self.room, self.error = run, room, error
        self.sizes: list[int] = []

    def __call__(self, *arguments: Any) -> Any:
        last = arguments[-1]
        self.sizes.append(last if isinstance(last, int) else len(last))
        if self.sizes[-1] > self.room:
            raise self.error
        return self.run(*arguments)


class TestOutOfMemory:
    """The batch is halved until it fits; nothing is lost and nothing comes twice."""

    @pytest.mark.parametrize("error", ALLOCATORS, ids=["cuda", "cpu", "python"])
    def test_texts_all_come_back_once(
        self, open_tiny: Open, monkeypatch: pytest.MonkeyPatch, error: BaseException
    ) -> None:
        expected = {done.key: done.text for done in open_tiny().complete(texts(11))}
        crowded = Crowded(module.decode, 2, error)
        monkeypatch.setattr(module, "decode", crowded)
        found = list(open_tiny(batch_size=8).complete(texts(11)))
        assert keys(found) == [str(n) for n in range(11)]
        assert {done.key: done.text for done in found} == expected
        assert crowded.sizes == [8, 4, 2]

    @pytest.mark.parametrize("error", ALLOCATORS, ids=["cuda", "cpu", "python"])
    def test_choices_all_come_back_once(
        self, open_tiny: Open, monkeypatch: pytest.MonkeyPatch, error: BaseException
    ) -> None:
        monkeypatch.setattr(module, "choose_batch", Crowded(module.choose_batch, 3, error))
        found = list(open_tiny(batch_size=8).choose(questions(11)))
        assert keys(found) == [str(n) for n in range(11)]
        assert all(len(choice.logprobs) == len(LEVELS) for choice in found)

    def test_what_does_not_fit_alone_is_an_error_record(
        self, open_tiny: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        crowded = Crowded(module.decode, 0, ALLOCATORS[0])
        monkeypatch.setattr(module, "decode", crowded)
        monkeypatch.setattr(module, "choose_batch", Crowded(module.choose_batch, 0, ALLOCATORS[1]))
        engine = open_tiny(batch_size=4)
        done = list(engine.complete(texts(3)))
        chosen = list(engine.choose(questions(3)))
        assert keys(done) == keys(chosen) == ["0", "1", "2"]
        assert {(d.error, d.finish_reason, d.text) for d in done} == {
            ("out_of_memory", "error", "")
        }
        assert {(c.error, c.logprobs) for c in chosen} == {("out_of_memory", ())}
        assert crowded.sizes == [3, 1, 1, 1]

    def test_texts_finished_before_memory_ran_out_are_not_written_again(
        self, open_tiny: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, calls = module.decode, []

        def fails_midway(loaded: Any, rows: Any, places: int) -> Iterator[Written]:
            calls.append([row.key for row in rows])
            for at, done in enumerate(real(loaded, rows, places)):
                if len(calls) == 1 and at == 2:
                    raise ALLOCATORS[0]
                yield done

        monkeypatch.setattr(module, "decode", fails_midway)
        found = list(open_tiny(batch_size=4).complete(texts(4)))
        assert keys(found) == ["0", "1", "2", "3"]
        assert len(calls[0]) == 4
        assert len(calls[1]) == 2

    def test_a_shared_prefix_that_does_not_fit_is_read_with_each_question(
        self, open_tiny: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        expected = {c.key: c.logprobs for c in open_tiny().choose(questions(3))}
        real = module.read_prefix

        def crowded(loaded: Any, tokens: tuple[int, ...], *base: Any) -> Any:
            if tokens:
                raise ALLOCATORS[0]
            return real(loaded, tokens, *base)

        monkeypatch.setattr(module, "read_prefix", crowded)
        found = {c.key: c.logprobs for c in open_tiny().choose(questions(3))}
        for key, logprobs in expected.items():
            assert found[key] == pytest.approx(logprobs, abs=1e-5)


class TestForeignErrors:
    """Nothing but the project's own errors leaves the engine."""

    @pytest.mark.parametrize(
        "error", [RuntimeError("mat1 and mat2 shapes"), IndexError("index"), ValueError("x")]
    )
    def test_are_translated(
        self, open_tiny: Open, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        monkeypatch.setattr(module, "decode", Crowded(module.decode, 0, error))
        monkeypatch.setattr(module, "choose_batch", Crowded(module.choose_batch, 0, error))
        engine = open_tiny()
        for run in (lambda: engine.complete(texts(2)), lambda: engine.choose(questions(2))):
            with pytest.raises(EngineError, match="'llama' failed while running") as caught:
                list(run())
            assert caught.value.__cause__ is error
            assert caught.value.hint is not None
            assert "실패했습니다" in caught.value.message.ko

    def test_a_model_whose_output_is_not_a_number(self, open_tiny: Open) -> None:
        import torch

        engine = open_tiny()
        with torch.no_grad():
            engine.loaded.model.lm_head.weight.fill_(float("nan"))
        with pytest.raises(EngineError, match="not numbers"):
            list(engine.complete(texts(1)))
        with pytest.raises(EngineError, match="not numbers"):
            list(engine.choose(questions(1)))

    def test_the_callers_own_errors_pass_through(self, open_tiny: Open) -> None:
        def broken() -> Iterator[CompletionRequest]:
            yield from texts(1)
            raise LookupError("the caller's")

        with pytest.raises(LookupError, match="the caller's"):
            list(open_tiny().complete(broken()))

    def test_a_model_without_chat_template_is_a_configuration_error(self, open_tiny: Open) -> None:
        engine = open_tiny()
        engine.loaded.tokenizer.chat_template = None
        with pytest.raises(ConfigError, match="no chat template"):
            list(engine.complete(texts(1)))
        with pytest.raises(ConfigError, match="no chat template"):
            list(engine.choose(questions(1)))


class TestContext:
    """What does not fit the model's context fails alone."""

    def test_a_long_prompt_is_an_error_record(self, open_tiny: Open) -> None:
        engine = open_tiny(context=64)
        (long,) = texts(1, "봄" * 80)
        expected = list(engine.complete(texts(4)[1:]))
        found = {done.key: done for done in engine.complete([long, *texts(4)[1:]])}
        assert (found["0"].error, found["0"].finish_reason) == ("prompt_too_long", "error")
        assert found["0"].prompt_tokens > 64
        assert [found[done.key].text for done in expected] == [done.text for done in expected]

    def test_a_long_question_is_an_error_record(self, open_tiny: Open) -> None:
        (long,) = questions(1, "봄" * 80)
        found = {c.key: c for c in open_tiny(context=96).choose([long, *questions(4)[1:]])}
        assert (found["0"].error, found["0"].logprobs) == ("prompt_too_long", ())
        assert all(found[key].error == "" for key in ("1", "2", "3"))

    def test_a_prompt_that_just_fits_is_written_to_the_last_position(self, open_tiny: Open) -> None:
        engine = open_tiny("gpt2", context=64)  # learned positions: one too many is an error
        (probe,) = engine.complete(texts(1))
        room = 64 - probe.prompt_tokens
        (request,) = texts(1)
        for tokens, error in ((room, ""), (room + 1, "prompt_too_long")):
            asked = CompletionRequest("k", request.messages, Sampling(max_tokens=tokens), 0)
            (done,) = engine.complete([asked])
            assert done.error == error

    def test_a_prompt_without_tokens_is_an_error_record(self, open_tiny: Open) -> None:
        engine = open_tiny(format="completion", completion_template="{{ request }}")
        asked = [
            CompletionRequest(key, (Message("user", text),), SAMPLING, 0)
            for key, text in (("0", ""), ("1", "봄이"))
        ]
        found = {done.key: done.error for done in engine.complete(asked)}
        assert found == {"0": "empty_prompt", "1": ""}
        (choice,) = engine.choose([ChoiceRequest("k", (Message("user", ""),), LEVELS)])
        assert choice.error == "empty_prompt"


class TestStreaming:
    """Requests are taken a window at a time; results come back before the last is asked."""

    @pytest.mark.parametrize("count", [0, 1, 16, 17, 40])
    def test_every_request_is_answered_once(self, open_tiny: Open, count: int) -> None:
        engine = open_tiny(batch_size=1)
        assert keys(list(engine.complete(texts(count)))) == [str(n) for n in range(count)]
        assert keys(list(engine.choose(questions(count)))) == [str(n) for n in range(count)]

    def test_results_come_back_early(self, open_tiny: Open) -> None:
        taken: list[str] = []

        def asked() -> Iterator[CompletionRequest]:
            for request in texts(100):
                taken.append(request.key)
                yield request

        first = next(iter(open_tiny(batch_size=1).complete(asked())))
        assert isinstance(first, Completion)
        assert len(taken) < 100

    def test_seconds_are_shares_of_the_batch(self, open_tiny: Open) -> None:
        engine = open_tiny()
        assert all(done.seconds > 0 for done in engine.complete(texts(3)))
        assert all(c.seconds > 0 for c in engine.choose(questions(3)) if isinstance(c, Choice))


class TestThinking:
    """Thoughts never reach the text; a judge never thinks."""

    TEMPLATE = CHATML + "{% if enable_thinking %}<think>\n{% endif %}"

    @pytest.mark.parametrize(
        ("thinking", "text"), [("strip", "글입니다."), ("off", "음… </think> 글입니다.")]
    )
    def test_strip_cuts_them(
        self, open_tiny: Open, monkeypatch: pytest.MonkeyPatch, thinking: str, text: str
    ) -> None:
        prompts: list[str] = []
        engine = open_tiny(chat_template=self.TEMPLATE, thinking=thinking)

        def thinks(loaded: Any, rows: Any, places: int) -> Iterator[Written]:
            for row in rows:
                prompts.append(loaded.tokenizer.decode(row.prompt))
                yield Written(row.key, "음… </think> 글입니다.", "stop", 3, 9)

        monkeypatch.setattr(module, "decode", thinks)
        (done,) = engine.complete(texts(1))
        assert done.text == text
        assert prompts[0].endswith("<think>\n") == (thinking == "strip")

    def test_a_thought_the_limit_cut_off_leaves_no_text(
        self, open_tiny: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        engine = open_tiny(chat_template=self.TEMPLATE, thinking="strip")
        cut = Written("0", "음, 봄이라면", "length", 3, 9)
        monkeypatch.setattr(module, "decode", lambda loaded, rows, places: iter([cut]))
        (done,) = engine.complete(texts(1))
        assert (done.text, done.finish_reason, done.error) == ("", "length", "")

    def test_a_judge_is_asked_without_a_thought(self, open_tiny: Open) -> None:
        plain = list(open_tiny().choose(questions(2)))
        strip = list(open_tiny(chat_template=self.TEMPLATE, thinking="strip").choose(questions(2)))
        assert [c.logprobs for c in strip] == [c.logprobs for c in plain]


def test_describe_says_what_ran(open_tiny: Open) -> None:
    import torch
    import transformers

    assert dict(open_tiny(batch_size=5).describe()) == {
        "engine": "transformers",
        "model": "llama",
        "dtype": "float32",
        "dtype_asked": "float32",
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "batch_size": 5,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }


def test_a_closed_engine_holds_no_model(open_tiny: Open) -> None:
    engine = open_tiny()
    engine.close()
    with pytest.raises(RuntimeError, match="closed"):
        _ = engine.loaded
