"""The ``transformers`` engine: windows of requests, sorted by length, run in batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Protocol, TypeVar

from kojudge.engines.base import Choice, ChoiceRequest, Completion, CompletionRequest
from kojudge.engines.local.chat import strip_thinking
from kojudge.engines.local.choose import (
    Prefix,
    Question,
    by_prefix,
    choose_batch,
    read_prefix,
)
from kojudge.engines.local.decode import Row, Written, decode
from kojudge.engines.local.faults import foreign_errors, is_out_of_memory
from kojudge.engines.local.loading import Loaded, load
from kojudge.engines.local.prompts import Prompts
from kojudge.engines.local.special import find_special_tokens
from kojudge.records import Json, ModelSpec


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


Item = TypeVar("Item", bound=_Keyed)
Result = TypeVar("Result", bound=_Keyed)

_WINDOW = 16
"""Batches looked at together, so that texts of like length share a batch."""
_MIN_PREFIX = 16
"""Shared tokens worth a pass of their own."""
_DEEPEST = 8
"""Prefixes within prefixes at most: a chain of nested texts must not pile up caches."""


class TransformersEngine:
    """One model on this machine's CPU or GPU."""

    def __init__(self, spec: ModelSpec, *, batch_size: int = 16, reuse_prefix: bool = True) -> None:
        self._spec = spec
        self._batch_size = batch_size
        self._reuse_prefix = reuse_prefix
        loaded = load(spec)
        self._loaded: Loaded | None = loaded
        self._prompts = Prompts(spec, loaded.tokenizer, loaded.turn_end)

    @property
    def loaded(self) -> Loaded:
        """The model in memory.

        Raises:
            RuntimeError: the engine was closed.
        """
        if self._loaded is None:
            raise RuntimeError("the engine was closed")
        return self._loaded

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        """Write a text for every request; each comes back as soon as it is finished."""
        for window in _windows(requests, self._batch_size * _WINDOW):
            with foreign_errors(self._spec):
                yield from self._complete_window(window)

    def _complete_window(self, window: Sequence[CompletionRequest]) -> Iterator[Completion]:
        rows: list[Row] = []
        for request in window:
            row = self._row(request)
            refusal = self._refusal(row.prompt, request.sampling.max_tokens)
            if refusal:
                yield Completion(request.key, "", "error", len(row.prompt), 0, 0.0, refusal)
            else:
                rows.append(row)
        rows.sort(key=lambda row: len(row.prompt))
        yield from self._write(rows)

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Give every option's log-probability; one prefill a request."""
        for window in _windows(requests, self._batch_size * _WINDOW):
            with foreign_errors(self._spec):
                yield from self._choose_window(window)

    def _choose_window(self, window: Sequence[ChoiceRequest]) -> Iterator[Choice]:
        questions: list[Question] = []
        for request in window:
            question = self._prompts.question(request)
            refusal = self._refusal(question.prompt, question.trie.longest)
            if refusal:
                yield Choice(request.key, (), len(question.prompt), 0.0, error=refusal)
            else:
                questions.append(question)
        yield from self._choose_group(None, (), questions, self._levels())

    def _levels(self) -> int:
        """Say how often questions are grouped by what they share.

        First by rubric. On a CPU further: by request, by text, and so on. On a GPU a full
        batch is worth more than the tokens saved.
        """
        if not self._reuse_prefix:
            return 0
        return _DEEPEST if self.loaded.device == "cpu" else 1

    def _choose_group(
        self, base: Prefix | None, shared: tuple[int, ...], group: list[Question], levels: int
    ) -> Iterator[Choice]:
        """Read the ``shared`` beginning of ``group`` once, then group what follows it.

        Only the caches on the way to this group are held: ``prefix`` goes with the call.
        """
        prefix = self._read_prefix(shared, base)
        fits = prefix.tokens == shared
        parts = by_prefix(group, len(shared) + _MIN_PREFIX) if levels and fits else [((), group)]
        for more, part in parts:
            if more:
                yield from self._choose_group(prefix, more, part, levels - 1)
            else:
                part.sort(key=lambda q: len(q.prompt))
                run = partial(self._choose_batch, prefix)
                yield from self._in_batches(part, run, _out_of_memory_choice)

    def _read_prefix(self, tokens: tuple[int, ...], base: Prefix | None = None) -> Prefix:
        try:
            return read_prefix(self.loaded, tokens, base)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            return read_prefix(self.loaded, ())  # then each question fits or fails by itself

    def _choose_batch(self, prefix: Prefix, batch: Sequence[Question]) -> Iterator[Choice]:
        started = time.perf_counter()
        answers = choose_batch(self.loaded, prefix, batch)
        share = (time.perf_counter() - started) / len(batch)
        for question, logprobs in zip(batch, answers, strict=True):
            yield Choice(question.key, logprobs, len(question.prompt), share)

    def special_tokens(self) -> frozenset[str]:
        """Return what this tokenizer and chat template do not take for text."""
        return find_special_tokens(self._spec, self.loaded.tokenizer)

    def describe(self) -> Mapping[str, Json]:
        """Say what ran."""
        return {"engine": "transformers", **self.loaded.describe(self._spec, self._batch_size)}

    def close(self) -> None:
        """Free the model's memory."""
        import gc

        self._loaded = None
        gc.collect()

    def _row(self, request: CompletionRequest) -> Row:
        prompt = self._prompts.text(request)
        return Row(request.key, prompt, request.sampling, request.seed, self._spec.stop)

    def _refusal(self, prompt: Sequence[int], room: int) -> str:
        """Return why a prompt cannot be read with ``room`` tokens after it, or nothing."""
        if not prompt:
            return "empty_prompt"
        return "prompt_too_long" if len(prompt) + room > self.loaded.context else ""

    def _write(self, rows: Sequence[Row]) -> Iterator[Completion]:
        """Write all rows, a full batch at a time; with half as many where memory runs out."""
        left = {row.key: row for row in rows}
        places = self._batch_size
        while left:
            places = min(places, len(left))
            try:
                for done in decode(self.loaded, list(left.values()), places):
                    yield self._completion(left.pop(done.key), done)
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                if places == 1:
                    yield _out_of_memory_text(left.pop(next(iter(left))))
                places = max(1, places // 2)

    def _completion(self, row: Row, done: Written) -> Completion:
        text = done.text
        if self._spec.thinking == "strip":
            text = strip_thinking(self.loaded.tokenizer.decode(row.prompt[-8:]), text)
        return Completion(
            done.key,
            text.strip(),
            done.finish_reason,
            done.prompt_tokens,
            done.completion_tokens,
            done.seconds,
        )

    def _in_batches(
        self,
        items: Sequence[Item],
        run: Callable[[Sequence[Item]], Iterator[Result]],
        failed: Callable[[Item], Result],
    ) -> Iterator[Result]:
        """Run ``items`` in batches; halve the batch where memory runs out."""
        queue = list(items)
        size = self._batch_size
        while queue:
            batch = queue[:size]
            finished: set[str] = set()
            try:
                for result in run(batch):
                    finished.add(result.key)
                    yield result
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                if len(batch) == 1:
                    finished.add(batch[0].key)
                    yield failed(batch[0])
                size = max(1, len(batch) // 2)
            queue = [item for item in batch if item.key not in finished] + queue[len(batch) :]


def _out_of_memory_text(row: Row) -> Completion:
    return Completion(row.key, "", "error", len(row.prompt), 0, 0.0, "out_of_memory")


def _out_of_memory_choice(question: Question) -> Choice:
    return Choice(question.key, (), len(question.prompt), 0.0, error="out_of_memory")


def _windows(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while window := list(islice(iterator, size)):
        yield window
