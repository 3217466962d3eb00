"""The ``vllm`` engine: vLLM batches continuously, each result comes back when it is finished."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kojudge.engines.base import Choice, ChoiceRequest, Completion, CompletionRequest
from kojudge.engines.local.chat import strip_thinking
from kojudge.engines.local.choose import LogProbs, Question
from kojudge.engines.local.prompts import Prompts
from kojudge.engines.local.special import find_special_tokens
from kojudge.engines.local.trie import Tokens
from kojudge.engines.vllm.adapting import (
    answer_arguments,
    answer_parts,
    is_refusal,
    read_logprobs,
    text_arguments,
    written_text,
)
from kojudge.engines.vllm.flight import Flight, Refused
from kojudge.engines.vllm.loading import Started, start
from kojudge.errors import ConfigError, EngineError, KojudgeError, said
from kojudge.records import Json, ModelSpec

_AHEAD = 2
"""Requests handed in, for each that vLLM runs at once: it never waits for the next."""


@dataclass(frozen=True, slots=True)
class _Writing:
    """A text on its way."""

    request: CompletionRequest
    prompt: list[int]


@dataclass(slots=True)
class _Reading:
    """A question on its way: ``asked`` parts not yet back, ``later`` ones not yet asked."""

    question: Question
    later: list[tuple[Tokens, Tokens]]
    asked: int = 0
    found: LogProbs = field(default_factory=dict)
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    """One request of a question: ``wanted`` tokens after the answer tokens ``read``."""

    reading: _Reading
    read: Tokens
    wanted: Tokens


class VllmEngine:
    """One model in vLLM's offline engine, on this machine's GPUs or CPU."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec
        self._started: Started | None = start(spec)
        self._prompts = Prompts(spec, self.started.tokenizer, self.started.turn_end)

    @property
    def started(self) -> Started:
        """The running vLLM.

        Raises:
            RuntimeError: the engine was closed.
        """
        if self._started is None:
            raise RuntimeError("the engine was closed")
        return self._started

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        """Write a text for every request; each comes back as soon as it is finished."""
        flight: Flight[_Writing]
        with self._foreign_errors(), self._flight() as flight:
            for request in requests:
                prompt = self._prompts.text(request)
                refusal = self._refusal(prompt, request.sampling.max_tokens)
                refusal = refusal or self._hand_in_text(flight, _Writing(request, prompt))
                if refusal:
                    yield Completion(request.key, "", "error", len(prompt), 0, 0.0, refusal)
                while len(flight) >= self._most:
                    yield from self._texts(flight)
            while len(flight):
                yield from self._texts(flight)

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Give every option's log-probability, before vLLM masks or scales anything.

        One prefill a request; answers of several tokens read their inner tokens in further
        requests, for which vLLM's prefix cache holds the prompt.
        """
        flight: Flight[_Part]
        with self._foreign_errors(), self._flight() as flight:
            for request in requests:
                question = self._prompts.question(request)
                # vLLM writes a token after what it reads; that one needs room as well.
                refusal = self._refusal(question.prompt, question.trie.longest + 1)
                if refusal:
                    yield Choice(request.key, (), len(question.prompt), 0.0, error=refusal)
                    continue
                reading = _Reading(question, list(answer_parts(question.trie)))
                yield from self._go_on(flight, reading)
                while len(flight) >= self._most:
                    yield from self._choices(flight)
            while len(flight):
                yield from self._choices(flight)

    def special_tokens(self) -> frozenset[str]:
        """Return what this tokenizer and chat template do not take for text."""
        return find_special_tokens(self._spec, self.started.tokenizer)

    def describe(self) -> Mapping[str, Json]:
        """Say what ran."""
        import torch
        import transformers
        import vllm
        from vllm.platforms import current_platform

        config = self.started.running.llm.model_config
        adapter = self._spec.adapter
        return {
            "engine": "vllm",
            "model": self._spec.name,
            "dtype": str(config.dtype).removeprefix("torch."),
            "dtype_asked": self._spec.dtype,
            "device": str(current_platform.device_type),
            "quantization": config.quantization,
            "context": self.started.context,
            "logprobs_mode": config.logprobs_mode,
            "adapter": None if adapter is None else Path(adapter).name,
            "options": dict(self._spec.options),
            "vllm": str(vllm.__version__),
            "torch": str(torch.__version__),
            "transformers": str(transformers.__version__),
        }

    def close(self) -> None:
        """End vLLM's processes and free the model's memory."""
        if self._started is not None:
            started, self._started = self._started, None
            started.running.stop()

    @property
    def _most(self) -> int:
        """Requests handed in at once, at most."""
        config = self.started.running.llm.llm_engine.vllm_config.scheduler_config
        return _AHEAD * int(config.max_num_seqs)

    def _flight(self) -> Flight[Any]:
        return Flight(self.started.running.llm.llm_engine, self._parameters, self.started.adapter)

    def _parameters(self, arguments: Mapping[str, Any]) -> Any:
        from vllm import SamplingParams

        try:
            return SamplingParams(**arguments)
        except Exception as error:
            if not is_refusal(error):
                raise
            raise ConfigError(
                said(f"vLLM이 '{self._spec.name}'의 생성 설정을 받지 않습니다: {error}",
                     f"vLLM does not take the sampling of '{self._spec.name}': {error}"),
                said("카드의 sampling 항목을 고치세요.", "Correct the card's sampling section."),
            ) from error  # fmt: skip

    def _refusal(self, prompt: Sequence[int], room: int) -> str:
        """Return why a prompt cannot be read with ``room`` tokens after it, or nothing."""
        if not prompt:
            return "empty_prompt"
        return "prompt_too_long" if len(prompt) + room > self.started.context else ""

    def _hand_in_text(self, flight: Flight[_Writing], writing: _Writing) -> str:
        """Hand the text in; return why vLLM refuses it, or nothing."""
        arguments = text_arguments(writing.request, self._spec.stop, self.started.end_ids)
        try:
            flight.add(writing, writing.prompt, arguments)
        except Refused as error:
            return f"refused: {error}"
        return ""

    def _texts(self, flight: Flight[_Writing]) -> Iterator[Completion]:
        """Yield the texts finished next."""
        for writing, output, seconds in flight.wait():
            done = output.outputs[0]
            key, count = writing.request.key, len(writing.prompt)
            if done.finish_reason not in ("stop", "length"):
                error = f"vllm: {done.finish_reason}"
                yield Completion(key, "", "error", count, 0, seconds, error)
                continue
            text = self._text(writing, done)
            written = len(done.token_ids)
            yield Completion(key, text, done.finish_reason, count, written, seconds)

    def _text(self, writing: _Writing, done: Any) -> str:
        decode = self.started.tokenizer.decode
        text = written_text(
            decode, done.token_ids, done.finish_reason, self._spec.stop, self.started.end_ids
        )
        if self._spec.thinking == "strip":
            text = strip_thinking(decode(writing.prompt[-8:]), text)
        return text.strip()

    def _go_on(self, flight: Flight[_Part], reading: _Reading) -> Iterator[Choice]:
        """Ask the parts that come next, or yield the choice when all are back."""
        if not reading.later or reading.error:
            yield _choice(reading)
            return
        # What follows the prompt alone comes first: then the prompt is in vLLM's cache.
        first = not reading.found
        now = [part for part in reading.later if not (first and part[0])]
        reading.later = [part for part in reading.later if part not in now]
        for read, wanted in now:
            tokens = (*reading.question.prompt, *read)
            try:
                flight.add(_Part(reading, read, wanted), tokens, answer_arguments(wanted))
                reading.asked += 1
            except Refused as error:
                reading.error = f"refused: {error}"
        if not reading.asked:
            yield _choice(reading)

    def _choices(self, flight: Flight[_Part]) -> Iterator[Choice]:
        """Yield the choices whose last part is finished next."""
        for part, output, seconds in flight.wait():
            reading = part.reading
            reading.asked -= 1
            reading.seconds += seconds
            try:
                position = output.outputs[0].logprobs[0]
                reading.found.setdefault(part.read, {}).update(read_logprobs(position, part.wanted))
            except (ValueError, IndexError, TypeError):
                reading.error = reading.error or "no_logprobs"
            if not reading.asked:
                yield from self._go_on(flight, reading)

    @contextmanager
    def _foreign_errors(self) -> Iterator[None]:
        """Translate what vLLM raises."""
        try:
            yield
        except KojudgeError:
            raise
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            name = self._spec.name
            raise EngineError(
                said(f"vLLM이 모델 '{name}'을(를) 돌리다가 실패했습니다: {why}",
                     f"vLLM failed while running the model '{name}': {why}"),
                said("원인은 위의 vLLM 기록에 있습니다. 메모리가 모자라면 카드의 vllm 항목에서"
                     " max_num_seqs나 max_model_len을 줄이세요.",
                     "vLLM's own messages above say why. Where memory is short, lower"
                     " max_num_seqs or max_model_len in the card's vllm section."),
            ) from error  # fmt: skip


def _choice(reading: _Reading) -> Choice:
    question = reading.question
    if reading.error:
        return Choice(question.key, (), len(question.prompt), reading.seconds, error=reading.error)
    logprobs = question.trie.score(reading.found)
    return Choice(question.key, logprobs, len(question.prompt), reading.seconds)
