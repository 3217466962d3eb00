"""Real vLLM on a tiny random model: the numbers and texts of the transformers engine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engines.tiny import spec_of
from kojudge.engines import ChoiceRequest, CompletionRequest
from kojudge.engines.local.engine import TransformersEngine
from kojudge.engines.vllm.engine import VllmEngine
from kojudge.errors import ConfigError, EngineError, UnavailableError
from kojudge.records import Message, Sampling

from .conftest import CONTEXT, SMALL

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.filterwarnings("ignore"),  # what vLLM and its parts warn of on import
    pytest.mark.usefixtures("vllm_installed"),
    pytest.mark.timeout(240),
]

Same = Callable[..., TransformersEngine]
Engine = VllmEngine | TransformersEngine
TOLERANCE = 2e-4
"""Of a log-probability, float32 on both sides: the order of sums differs, nothing else."""
LEVELS = tuple((f" {n}", str(n)) for n in range(1, 6))
TENS = tuple((f" {n}", str(n)) for n in range(1, 11))
GREEDY = Sampling(temperature=0.0, max_tokens=24)
DRAWN = Sampling(temperature=0.9, top_p=0.95, max_tokens=24)


def questions(count: int, options: tuple[tuple[str, ...], ...]) -> list[ChoiceRequest]:
    shared = "이 글이 얼마나 자연스러운지 1점부터 5점까지 점수를 매기세요. " * 4
    return [
        ChoiceRequest(str(n), (Message("user", f"{shared}{n}번"),), options, "점수:")
        for n in range(count)
    ]


def request(
    key: int, sampling: Sampling, seed: int, prompt: str = "봄 글을 써 줘."
) -> CompletionRequest:
    return CompletionRequest(str(key), (Message("user", f"{prompt} {key}"),), sampling, seed)


def texts(engine: Engine, asked: list[CompletionRequest]) -> dict[str, str]:
    found = {done.key: done for done in engine.complete(asked)}
    assert all(done.error == "" for done in found.values())
    return {key: done.text for key, done in found.items()}


class TestChoices:
    @pytest.mark.parametrize("options", [LEVELS, TENS], ids=["1-5", "1-10"])
    def test_agree_with_transformers(
        self,
        tiny: VllmEngine,
        same: Same,
        folder: Path,
        options: tuple[tuple[str, ...], ...],
    ) -> None:
        asked = questions(9, options)
        expected = {c.key: c for c in same(folder).choose(asked)}
        found = {c.key: c for c in tiny.choose(asked)}
        assert found.keys() == expected.keys()
        for key, choice in found.items():
            assert choice.error == ""
            assert choice.prompt_tokens == expected[key].prompt_tokens
            assert choice.logprobs == pytest.approx(expected[key].logprobs, abs=TOLERANCE)
            assert choice.mass == pytest.approx(expected[key].mass, rel=TOLERANCE)
            assert 0 < (choice.mass or 0) < 1

    def test_asked_alone_or_together(self, tiny: VllmEngine) -> None:
        asked = questions(12, TENS)
        together = {c.key: c.logprobs for c in tiny.choose(asked)}
        for one in asked[::4]:
            (alone,) = tiny.choose([one])
            assert alone.logprobs == pytest.approx(together[one.key], abs=TOLERANCE)


class TestTexts:
    @pytest.mark.parametrize("penalty", [1.0, 1.3])
    def test_greedy_texts_agree_with_transformers(
        self, tiny: VllmEngine, same: Same, folder: Path, penalty: float
    ) -> None:
        sampling = Sampling(temperature=0.0, max_tokens=24, repetition_penalty=penalty)
        asked = [request(n, sampling, n) for n in range(8)]
        assert texts(tiny, asked) == texts(same(folder), asked)

    def test_a_seed_decides_its_text_whatever_its_batch_mates(self, tiny: VllmEngine) -> None:
        asked = [request(n, DRAWN, seed=n % 3) for n in range(12)]
        together = texts(tiny, asked)
        assert texts(tiny, asked[::-1]) == together
        for one in asked[:3]:
            assert texts(tiny, [one]) == {one.key: together[one.key]}

    def test_seeds_differ(self, tiny: VllmEngine) -> None:
        message = (Message("user", "봄 글을 써 줘."),)
        asked = [CompletionRequest(str(n), message, DRAWN, n) for n in range(6)]
        assert len(set(texts(tiny, asked).values())) == 6

    def test_a_stop_string_ends_the_text_before_it(
        self, tiny: VllmEngine, folder: Path, same: Same
    ) -> None:
        asked = [request(n, GREEDY, n) for n in range(4)]
        whole = texts(tiny, asked)
        stop = next(text[3] for text in whole.values() if len(text) > 6 and text[3].strip())
        engine = VllmEngine.__new__(VllmEngine)
        engine.__dict__.update(tiny.__dict__)
        engine._spec = spec_of(folder, stop=(stop,))
        found = {done.key: done for done in engine.complete(asked)}
        for key, text in whole.items():
            assert found[key].text == text.partition(stop)[0].strip()
            assert (found[key].finish_reason == "stop") or stop not in text

    def test_the_limit_ends_a_text(self, tiny: VllmEngine, same: Same, folder: Path) -> None:
        asked = [request(n, Sampling(temperature=0.0, max_tokens=3), n) for n in range(4)]
        for engine in (tiny, same(folder)):
            done = list(engine.complete(asked))
            assert {d.finish_reason for d in done} == {"length"}
            assert {d.completion_tokens for d in done} == {3}

    def test_what_does_not_fit_fails_alone(self, tiny: VllmEngine) -> None:
        long = request(0, GREEDY, 1, prompt="봄이 오면 " * CONTEXT)
        found = {done.key: done.error for done in tiny.complete([long, request(1, GREEDY, 1)])}
        assert found == {"0": "prompt_too_long", "1": ""}

    def test_a_prompt_that_vllm_refuses_fails_alone(
        self, tiny: VllmEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        encode = tiny._prompts.text
        monkeypatch.setattr(tiny._prompts, "text", lambda r: [10**6] if r.key == "1" else encode(r))
        found = {d.key: d.error for d in tiny.complete([request(n, GREEDY, n) for n in range(3)])}
        assert (found["0"], found["2"]) == ("", "")
        assert "out of vocabulary" in found["1"]

    def test_sampling_that_vllm_does_not_take_is_named(self, tiny: VllmEngine) -> None:
        with pytest.raises(ConfigError, match=r"temperature must be in \[0, 2\]"):
            list(tiny.complete([request(0, Sampling(temperature=3.0), 1)]))
        assert texts(tiny, [request(1, GREEDY, 1)])


def test_special_tokens_are_those_of_transformers(
    tiny: VllmEngine, same: Same, folder: Path
) -> None:
    assert tiny.special_tokens() == same(folder).special_tokens()


def test_describe_says_what_ran(tiny: VllmEngine) -> None:
    told = dict(tiny.describe())
    assert (told["engine"], told["dtype"], told["device"]) == ("vllm", "float32", "cpu")
    assert (told["logprobs_mode"], told["context"]) == ("raw_logprobs", CONTEXT)
    assert told["options"] == SMALL
    assert str(told["vllm"]).count(".") >= 2


def test_an_option_that_vllm_does_not_have(folder: Path) -> None:
    with pytest.raises(ConfigError, match="does not know: tensor_parallel"):
        VllmEngine(spec_of(folder, options={"tensor_parallel": 2}))


def test_a_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no such directory"):
        VllmEngine(spec_of(tmp_path / "nowhere"))


def test_a_context_beyond_the_models_is_refused_with_the_reason(folder: Path) -> None:
    before = engine_processes()
    with pytest.raises(UnavailableError, match="max_model_len"):
        VllmEngine(spec_of(folder, options={**SMALL, "max_model_len": 2 * CONTEXT}))
    assert engine_processes() == before


class TestAdapter:
    """LoRA weights over the model are the merged model."""

    @pytest.fixture(scope="class")
    def laid(self, folder: Path, adapter: Path) -> Iterator[VllmEngine]:
        engine = VllmEngine(spec_of(folder, adapter=str(adapter), options=SMALL))
        yield engine
        engine.close()

    def test_choices_and_texts_are_those_of_the_merged_model(
        self, laid: VllmEngine, same: Same, merged: Path, folder: Path
    ) -> None:
        asked, wanted = questions(5, TENS), [request(n, GREEDY, n) for n in range(5)]
        expected = {c.key: c.logprobs for c in same(merged).choose(asked)}
        without = {c.key: c.logprobs for c in same(folder).choose(asked)}
        for choice in laid.choose(asked):
            assert choice.logprobs == pytest.approx(expected[choice.key], abs=TOLERANCE)
            assert choice.logprobs != pytest.approx(without[choice.key], abs=0.05)
        assert texts(laid, wanted) == texts(same(merged), wanted)

    def test_describe_names_it_without_its_place(self, laid: VllmEngine) -> None:
        assert laid.describe()["adapter"] == "lora"

    def test_an_engine_whose_process_dies_says_so_and_closes(self, laid: VllmEngine) -> None:
        """Last of the class: the process is gone afterwards."""
        (child,) = laid.started.running.children
        long = [request(n, Sampling(max_tokens=1500), n) for n in range(1, 8)]
        stream = laid.complete([request(0, Sampling(max_tokens=1), 0), *long])
        assert next(stream).key == "0"
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="vLLM failed while running"):
            list(stream)
        laid.close()
        assert child.pid not in engine_processes()


def test_an_adapter_of_another_model_is_refused_at_once(
    folder: Path, adapter: Path, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import save_file

    other = tmp_path / "other"
    other.mkdir()
    config = (adapter / "adapter_config.json").read_text(encoding="utf-8")
    (other / "adapter_config.json").write_text(config, encoding="utf-8")
    name = "base_model.model.model.layers.0.nothing.lora_A.weight"
    save_file({name: torch.zeros(4, 128)}, other / "adapter_model.safetensors")
    before = engine_processes()
    with pytest.raises(UnavailableError, match="cannot load model"):
        VllmEngine(spec_of(folder, adapter=str(other), options=SMALL))
    assert engine_processes() == before


def test_a_closed_engine_leaves_no_process(folder: Path) -> None:
    engine = VllmEngine(spec_of(folder, options=SMALL))
    (child,) = engine.started.running.children
    workers = descendants(child.pid)
    assert workers
    engine.close()
    engine.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in (child.pid, *workers))


def engine_processes() -> set[int]:
    return {child.pid or 0 for child in multiprocessing.active_children()}


def descendants(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]
