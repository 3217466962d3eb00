"""The pooled states of a model over texts: one forward pass a text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kojudge.engines.head.file import Floats, Pooling
from kojudge.engines.local.chat import encode_answer, encode_prompt, render_prompt
from kojudge.engines.local.faults import foreign_errors, is_out_of_memory
from kojudge.engines.local.loading import Loaded, load
from kojudge.engines.local.special import find_special_tokens
from kojudge.errors import ConfigError, said
from kojudge.records import Json, Message, ModelSpec

__all__ = ["LONGEST", "Passage", "Place", "Reader", "State", "with_evidence"]

Place = tuple[int, Pooling]
"""A layer, from 1 (what the first layer gives) to :attr:`Reader.layers`, and how it is pooled."""

LONGEST = 4096
"""Tokens of one text that are read at most: some 8,000 Korean characters."""
_TOGETHER = 8192
"""Tokens in one batch, padding included; a longer text is read alone."""
_STEP = 64
"""Batches are padded to whole steps: for every other shape the libraries below keep memory."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A ``text`` as the answer to the turns ``before`` it; both neutralised already."""

    before: tuple[Message, ...]
    text: str


def with_evidence(turns: tuple[Message, ...], counted: str) -> tuple[Message, ...]:
    """Return ``turns`` with what a program counted in their answer put below the request."""
    last = turns[-1]
    return (*turns[:-1], Message(last.role, f"{last.content}\n\n[글에서 세어 본 것]\n{counted}"))


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What the model makes of one passage: ``vectors`` float32 [D] by place.

    ``tokens`` counts what was read, the turns before the text included; ``cut`` tells that
    the end of the text was not. ``error`` says why there are no vectors, or is empty.
    """

    vectors: Mapping[Place, Floats] = field(default_factory=dict)
    tokens: int = 0
    cut: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """Token ids of passage ``at``; its text begins at ``start``."""

    at: int
    ids: list[int]
    start: int
    cut: bool


class Reader:
    """A model in memory that reads texts and writes nothing."""

    def __init__(self, spec: ModelSpec, *, batch_size: int = 16) -> None:
        """Load the model.

        Raises:
            UnavailableError: libraries or weights are missing or unreadable.
        """
        self._spec = spec
        self._batch_size = batch_size
        self._loaded: Loaded | None = load(spec)
        with foreign_errors(spec):
            self._blocks = _layers_of(self.loaded.model)

    @property
    def loaded(self) -> Loaded:
        """The model.

        Raises:
            RuntimeError: the reader was closed.
        """
        if self._loaded is None:
            raise RuntimeError("the reader was closed")
        return self._loaded

    @property
    def layers(self) -> int:
        """How many layers the model has."""
        return len(self._blocks)

    @property
    def width(self) -> int:
        """D: numbers in a state."""
        return int(self.loaded.model.config.get_text_config().hidden_size)

    def special_tokens(self) -> frozenset[str]:
        """Return what must be neutralised in passages (``rubrics.neutralise``)."""
        return find_special_tokens(self._spec, self.loaded.tokenizer)

    def read(self, passages: Sequence[Passage], places: Collection[Place]) -> dict[Place, Floats]:
        """Return the states of ``passages`` at each place, float32 [N, D], in their order.

        A passage that could not be read is a row of NaN (:meth:`states` says why).
        """
        made = {p: np.full((len(passages), self.width), np.nan, np.float32) for p in places}
        for at, state in self.states(passages, places):
            for place, vector in state.vectors.items():
                made[place][at] = vector
        return made

    def states(
        self, passages: Sequence[Passage], places: Collection[Place]
    ) -> Iterator[tuple[int, State]]:
        """Yield the state of every passage with its number, shortest passages first.

        Raises:
            ConfigError: the model has no such layer, or its template refuses the turns.
            EngineError: the libraries below failed.
        """
        for layer, _ in places:
            if not 1 <= layer <= self.layers:
                raise _no_layer(self._spec, layer, self.layers)
        with foreign_errors(self._spec):
            rows = []
            for at, passage in enumerate(passages):
                row = self._row(at, passage)
                if isinstance(row, _Row):
                    rows.append(row)
                else:
                    yield at, row
            for batch in self._batches(sorted(rows, key=lambda row: len(row.ids))):
                yield from self._read(batch, places)

    def describe(self) -> Mapping[str, Json]:
        """Say what reads."""
        return self.loaded.describe(self._spec, self._batch_size)

    def close(self) -> None:
        """Free the model's memory."""
        import gc

        self._loaded = None
        self._blocks = []
        gc.collect()

    def _row(self, at: int, passage: Passage) -> _Row | State:
        """Return the tokens of a passage, or why it cannot be read."""
        tokenizer = self.loaded.tokenizer
        rendered = render_prompt(self._spec, tokenizer, passage.before)
        prompt = encode_prompt(self._spec, tokenizer, rendered)
        text = list(encode_answer(tokenizer, "", passage.text))
        room = min(LONGEST, self.loaded.context - len(prompt))
        if room < 1:
            return State(tokens=len(prompt), error="prompt_too_long")
        if not prompt and not text:
            return State(error="empty_prompt")
        # Of an empty text the token before it is pooled: where it would have begun.
        start = len(prompt) if text else len(prompt) - 1
        return _Row(at, prompt + text[:room], start, len(text) > room)

    def _batches(self, rows: Sequence[_Row]) -> Iterator[list[_Row]]:
        batch: list[_Row] = []
        for row in rows:
            full = len(batch) == self._batch_size or (len(batch) + 1) * len(row.ids) > _TOGETHER
            if batch and full:
                yield batch
                batch = []
            batch.append(row)
        if batch:
            yield batch

    def _read(
        self, batch: Sequence[_Row], places: Collection[Place]
    ) -> Iterator[tuple[int, State]]:
        """Read a batch, in halves where memory runs out."""
        try:
            found = self._pooled(batch, places)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            if len(batch) > 1:
                half = len(batch) // 2
                yield from self._read(batch[:half], places)
                yield from self._read(batch[half:], places)
            else:
                yield batch[0].at, State(tokens=len(batch[0].ids), error="out_of_memory")
            return
        for row, vectors in zip(batch, found, strict=True):
            yield row.at, State(vectors, len(row.ids), row.cut)

    def _pooled(
        self, batch: Sequence[_Row], places: Collection[Place]
    ) -> list[dict[Place, Floats]]:
        """Run one forward pass up to the deepest layer asked for; pool each text's own tokens."""
        import torch

        loaded = self.loaded
        longest = _rounded(max(len(row.ids) for row in batch), loaded.context)
        ids = torch.zeros((len(batch), longest), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for at, row in enumerate(batch):  # padded on the right: a text begins where it would alone
            ids[at, : len(row.ids)] = torch.tensor(row.ids)
            mask[at, : len(row.ids)] = 1
        with torch.inference_mode():
            seen = self._seen(ids.to(loaded.device), mask.to(loaded.device), {p[0] for p in places})
            return [
                {p: _pool(seen[p[0]][at, row.start : len(row.ids)], p[1]) for p in places}
                for at, row in enumerate(batch)
            ]

    def _seen(self, ids: Any, mask: Any, layers: Collection[int]) -> dict[int, Any]:
        """Return what ``layers`` give, [B, L, D] each; nothing after the deepest is computed."""
        seen: dict[int, Any] = {}
        deepest = max(layers)

        def keep(layer: int, given: Any) -> None:
            seen[layer] = given[0] if isinstance(given, tuple) else given
            if layer == deepest:
                raise _Enough

        hooks = [
            self._blocks[layer - 1].register_forward_hook(
                lambda _, __, given, layer=layer: keep(layer, given)
            )
            for layer in layers
        ]
        try:
            with suppress(_Enough):
                self.loaded.model(input_ids=ids, attention_mask=mask, use_cache=False)
        finally:
            for hook in hooks:
                hook.remove()
        return seen


def _rounded(length: int, most: int) -> int:
    """Return ``length`` in whole steps, but not beyond ``most``, where positions may end."""
    return max(length, min(-(-length // _STEP) * _STEP, most))


class _Enough(Exception):  # noqa: N818 - no error: it leaves the model's forward pass
    """The deepest layer asked for has been seen."""


def _pool(states: Any, pooling: Pooling) -> Floats:
    """Pool [tokens, D] to [D] in float32."""
    wide = states.float()
    # A copy: a view would keep the states of all tokens in memory.
    one: Floats = (wide.mean(0) if pooling == "mean" else wide[-1].clone()).cpu().numpy()
    return one


def _layers_of(model: Any) -> Sequence[Any]:
    """Return the model's own list of layers, whatever the architecture calls it."""
    from torch.nn import ModuleList

    number = model.config.get_text_config().num_hidden_layers
    lists = [m for m in model.modules() if isinstance(m, ModuleList) and len(m) == number]
    if not lists:
        raise ValueError(f"no list of {number} layers in {type(model).__name__}")
    return list(lists[0])


def _no_layer(spec: ModelSpec, layer: int, layers: int) -> ConfigError:
    return ConfigError(
        said(f"모델 '{spec.name}'에는 {layer}번째 층이 없습니다. 층은 1부터 {layers}까지입니다.",
             f"The model '{spec.name}' has no layer {layer}: its layers are 1 to {layers}."),
        said("헤드를 학습한 그 기반 모델인지 카드의 source를 확인하세요.",
             "See whether the card's source is the base model that the head was trained on."),
    )  # fmt: skip
