"""Write texts: left-padded prefills, then a token a row a step; finished rows make room."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kojudge.engines.local.loading import Loaded
from kojudge.engines.local.sampling import penalise, pick_token
from kojudge.records import Sampling

_SHARE = 8
"""Rows join when an eighth of the places is free: reading prompts holds up who is writing."""


@dataclass(slots=True)
class Row:
    """One text in the making. ``prompt`` and ``written`` are token ids.

    ``began`` and ``mates``: when it joined a batch, and how many rows that then had.
    """

    key: str
    prompt: list[int]
    sampling: Sampling
    seed: int
    stop: tuple[str, ...] = ()
    written: list[int] = field(default_factory=list)
    began: float = 0.0
    mates: int = 1


@dataclass(frozen=True, slots=True)
class Written:
    """A finished row: its text, why it ended and how many tokens it took.

    ``seconds``: from when it joined its batch until it was finished, divided by the rows there.
    """

    key: str
    text: str
    finish_reason: Literal["stop", "length"]
    prompt_tokens: int
    completion_tokens: int
    seconds: float = 0.0


def decode(loaded: Loaded, rows: Sequence[Row], places: int) -> Iterator[Written]:
    """Yield each row as it finishes; ``places`` rows are written at a time, in their order.

    Rows that wait take the places of those that finished, so that no text waits for a long
    one to end. What a row writes depends on itself alone.
    """
    import torch

    waiting = deque(rows)
    for row in rows:
        row.written.clear()
    with torch.inference_mode():
        batch = _Batch(loaded)
        logits: list[Any] = []
        while waiting or batch.rows:
            count = min(places - len(batch.rows), len(waiting))
            if batch.admits(count, len(waiting), places):
                logits += batch.join([waiting.popleft() for _ in range(count)])
            alive, tokens = [], []
            for at, row in enumerate(batch.rows):
                token = _next_token(row, logits[at])
                done = _finish(loaded, row, token)
                if done is None:
                    alive.append(at)
                    tokens.append(token)
                else:
                    yield done
            batch.keep(alive)
            logits = batch.step(tokens) if alive else []


class _Batch:
    """The rows being written, with their keys and values.

    All rows end in the last column of the cache; shorter ones are padded on the left.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.rows: list[Row] = []
        self.cache: Any = None
        self.mask: Any = None
        self.position: Any = None

    def admits(self, count: int, waiting: int, places: int) -> bool:
        """Say whether ``count`` of the rows that wait should join now."""
        if not self.rows or not count:
            return bool(count)
        worth = count == waiting or count * _SHARE >= places
        return worth and self.cache is not None and _can_grow(self.cache)

    def join(self, rows: list[Row]) -> list[Any]:
        """Read the prompts of new rows; return their logits, an array [vocabulary] each."""
        began = time.perf_counter()
        logits = self._prefill(rows) if not self.rows else self._prefill_beside(rows)
        self.rows = [*self.rows, *rows]
        for row in rows:
            row.began, row.mates = began, len(self.rows)
        return logits

    def step(self, tokens: list[int]) -> list[Any]:
        """Read one more token a row; return their logits, an array [vocabulary] each."""
        import torch

        self.mask = torch.cat([self.mask, self.mask.new_ones(len(tokens), 1)], dim=1)
        self.position = self.position + 1
        ids = torch.tensor(tokens, device=self.loaded.device)[:, None]
        return self._forward(ids, self.position)

    def keep(self, alive: list[int]) -> None:
        """Drop the rows that are done."""
        import torch

        if len(alive) == len(self.rows):
            return
        index = torch.tensor(alive, device=self.loaded.device, dtype=torch.long)
        self.rows = [self.rows[at] for at in alive]
        self.mask = self.mask[index]
        self.position = self.position[index]
        self.cache.batch_select_indices(index)

    def _prefill(self, rows: list[Row]) -> list[Any]:
        """Begin a batch: read all prompts into a new cache."""
        import torch

        width = max(len(row.prompt) for row in rows)
        pads = [width - len(row.prompt) for row in rows]
        filler = next(iter(self.loaded.end_ids))
        ids = [[filler] * pad + row.prompt for pad, row in zip(pads, rows, strict=True)]
        mask = [[0] * pad + [1] * (width - pad) for pad in pads]
        device = self.loaded.device
        self.cache = _new_cache(self.loaded)
        self.mask = torch.tensor(mask, device=device)
        positions = (self.mask.cumsum(1) - 1).clamp(min=0)
        self.position = positions[:, -1:]
        return self._forward(torch.tensor(ids, device=device), positions)

    def _prefill_beside(self, rows: list[Row]) -> list[Any]:
        """Read prompts by themselves, then put them below the rows that are under way."""
        import torch

        came = _Batch(self.loaded)
        logits = came._prefill(rows)
        longest = int(self.mask.sum(1).max())
        width = max(longest, came.mask.shape[1])
        self.mask = torch.cat([_fitted(mask, width, 1) for mask in (self.mask, came.mask)])
        self.position = torch.cat([self.position, came.position])
        for layer, new in zip(self.cache.layers, came.cache.layers, strict=True):
            if layer.is_initialized:
                layer.keys = torch.cat([_fitted(t, width, 2) for t in (layer.keys, new.keys)])
                layer.values = torch.cat([_fitted(t, width, 2) for t in (layer.values, new.values)])
        return logits

    def _forward(self, ids: Any, positions: Any) -> list[Any]:
        output = self.loaded.model(
            input_ids=ids,
            attention_mask=self.mask,
            position_ids=positions,
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return list(output.logits[:, -1].float().cpu().numpy())


def _new_cache(loaded: Loaded) -> Any:
    """Return a cache whose rows can be joined by others, where the model's layers allow it.

    Without a config every layer keeps all its keys, a sliding-window layer too: a window cut
    at one length could not be laid beside another. The window acts through the mask.
    """
    from transformers.cache_utils import DynamicCache, DynamicLayer, DynamicSlidingWindowLayer

    cache = DynamicCache(config=loaded.model.config)
    keys = (DynamicLayer, DynamicSlidingWindowLayer)
    return DynamicCache() if all(type(layer) in keys for layer in cache.layers) else cache


def _can_grow(cache: Any) -> bool:
    from transformers.cache_utils import DynamicLayer

    return all(type(layer) is DynamicLayer for layer in cache.layers)


def _fitted(tensor: Any, width: int, dim: int) -> Any:
    """Return ``tensor`` cut or padded on the left of ``dim`` to ``width``; what is cut is padding."""
    import torch

    have = tensor.shape[dim]
    if have >= width:
        return tensor.narrow(dim, have - width, width)
    shape = list(tensor.shape)
    shape[dim] = width - have
    return torch.cat([tensor.new_zeros(shape), tensor], dim=dim)


def _next_token(row: Row, logits: Any) -> int:
    if row.sampling.repetition_penalty != 1.0:
        seen = list({*row.prompt, *row.written})
        logits = penalise(logits, seen, row.sampling.repetition_penalty)
    return pick_token(logits, row.sampling, row.seed, len(row.written))


def _finish(loaded: Loaded, row: Row, token: int) -> Written | None:
    """Take ``token`` into the row; return the text where that ends it."""
    decode = loaded.tokenizer.decode
    if token in loaded.end_ids:
        return _written(row, decode(row.written, skip_special_tokens=True), "stop", 1)
    row.written.append(token)
    if row.stop:
        # A token is at least a byte, so that this many tokens hold any stop that just ended.
        width = max(len(stop.encode()) for stop in row.stop) + 4
        tail = decode(row.written[-width:], skip_special_tokens=True)
        if any(stop in tail for stop in row.stop):
            text = decode(row.written, skip_special_tokens=True)
            ends = [text.find(stop) for stop in row.stop if stop in text]
            if ends:
                return _written(row, text[: min(ends)], "stop")
    if len(row.written) >= row.sampling.max_tokens:
        # The limit may fall inside a character; half of one is not part of the text.
        text = decode(row.written, skip_special_tokens=True).rstrip("\ufffd")
        return _written(row, text, "length")
    return None


def _written(row: Row, text: str, reason: Literal["stop", "length"], extra: int = 0) -> Written:
    seconds = (time.perf_counter() - row.began) / row.mates
    tokens = len(row.written) + extra
    return Written(row.key, text.strip(), reason, len(row.prompt), tokens, seconds)
