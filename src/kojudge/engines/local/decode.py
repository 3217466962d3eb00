"""Write a batch of texts: one left-padded prefill, then a token a row a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kojudge.engines.local.loading import Loaded
from kojudge.engines.local.sampling import penalise, pick_token
from kojudge.records import Sampling


@dataclass(slots=True)
class Row:
    """One text in the making. ``prompt`` and ``written`` are token ids."""

    key: str
    prompt: list[int]
    sampling: Sampling
    seed: int
    stop: tuple[str, ...] = ()
    written: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Written:
    """A finished row: its text, why it ended and how many tokens it took."""

    key: str
    text: str
    finish_reason: Literal["stop", "length"]
    prompt_tokens: int
    completion_tokens: int


def decode_batch(loaded: Loaded, rows: Sequence[Row]) -> Iterator[Written]:
    """Yield each row of the batch as it finishes; finished rows stop costing time."""
    import torch

    for row in rows:
        row.written.clear()
    with torch.inference_mode():
        batch = _Batch(loaded, list(rows))
        logits = batch.prefill()
        while True:
            alive, tokens = [], []
            for at, row in enumerate(batch.rows):
                token = _next_token(row, logits[at])
                done = _finish(loaded, row, token)
                if done is None:
                    alive.append(at)
                    tokens.append(token)
                else:
                    yield done
            if not alive:
                return
            batch.keep(alive)
            logits = batch.step(tokens)


class _Batch:
    """The rows still being written, with their keys and values."""

    def __init__(self, loaded: Loaded, rows: list[Row]) -> None:
        from transformers import DynamicCache

        self.loaded = loaded
        self.rows = rows
        self.cache: Any = DynamicCache(config=loaded.model.config)
        self.mask: Any = None
        self.position: Any = None

    def prefill(self) -> Any:
        """Read all prompts; return logits of shape [rows, vocabulary]."""
        import torch

        width = max(len(row.prompt) for row in self.rows)
        pads = [width - len(row.prompt) for row in self.rows]
        filler = next(iter(self.loaded.end_ids))
        ids = [[filler] * pad + row.prompt for pad, row in zip(pads, self.rows, strict=True)]
        mask = [[0] * pad + [1] * (width - pad) for pad in pads]
        device = self.loaded.device
        self.mask = torch.tensor(mask, device=device)
        positions = (self.mask.cumsum(1) - 1).clamp(min=0)
        self.position = positions[:, -1:]
        return self._forward(torch.tensor(ids, device=device), positions)

    def step(self, tokens: list[int]) -> Any:
        """Read one more token a row; return logits of shape [rows, vocabulary]."""
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
        index = torch.tensor(alive, device=self.loaded.device)
        self.rows = [self.rows[at] for at in alive]
        self.mask = self.mask[index]
        self.position = self.position[index]
        self.cache.batch_select_indices(index)

    def _forward(self, ids: Any, positions: Any) -> Any:
        output = self.loaded.model(
            input_ids=ids,
            attention_mask=self.mask,
            position_ids=positions,
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return output.logits[:, -1].float().cpu().numpy()


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
    return Written(row.key, text.strip(), reason, len(row.prompt), len(row.written) + extra)
