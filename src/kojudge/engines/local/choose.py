"""Read the probability of each answer off one prefill.

The tokens all requests share are read once and their keys and values reused; each row
then reads only its own tokens, padded on the right, so that no position moves. Answers
of several tokens take one more short pass over the same keys and values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kojudge.engines.local.loading import Loaded
from kojudge.engines.local.trie import AnswerTrie, Tokens

LogProbs = dict[Tokens, dict[int, float]]


@dataclass(frozen=True, slots=True)
class Question:
    """One prompt (token ids, answer prefix included) and the answers to score after it."""

    key: str
    prompt: tuple[int, ...]
    trie: AnswerTrie


@dataclass(frozen=True, slots=True)
class Prefix:
    """Tokens read once for many questions, and the cache that holds them (batch of 1)."""

    tokens: tuple[int, ...]
    cache: Any


def shared_prefix(prompts: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the longest token prefix of all ``prompts`` that leaves each at least one token."""
    if len(prompts) < 2:
        return ()
    first, last = min(prompts), max(prompts)
    length = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    limit = min(len(p) for p in prompts) - 1
    return tuple(first[: limit if length is None else min(length, limit)])


def by_prefix(
    questions: Sequence[Question], least: int
) -> Iterator[tuple[tuple[int, ...], list[Question]]]:
    """Yield the questions in groups that share a prefix of at least ``least`` tokens.

    Neighbours in token order share a group where they share a quarter of the shorter one,
    so that a chat format's opening lines alone do not join two rubrics. What shares
    nothing comes last, with an empty prefix.
    """
    groups: list[list[Question]] = []
    for question in sorted(questions, key=lambda q: q.prompt):
        last = groups[-1][-1].prompt if groups else ()
        common = len(shared_prefix((last, question.prompt))) if last else 0
        if common >= max(least, min(len(last), len(question.prompt)) / 4):
            groups[-1].append(question)
        else:
            groups.append([question])
    yield from ((shared_prefix([q.prompt for q in g]), g) for g in groups if len(g) > 1)
    alone = [group[0] for group in groups if len(group) == 1]
    if alone:
        yield (), alone


def read_prefix(loaded: Loaded, tokens: tuple[int, ...], base: Prefix | None = None) -> Prefix:
    """Read the shared tokens once; what ``base`` holds of them is not read again."""
    import torch
    from transformers import DynamicCache

    # Without a config every layer keeps all its keys: a sliding-window layer that kept only
    # its window could not be rolled or shared. The window itself still acts through the mask.
    cache = DynamicCache() if base is None else _copies(base, 1)
    read = 0 if base is None else len(base.tokens)
    if tokens[read:]:
        with torch.inference_mode():
            ids = torch.tensor([tokens[read:]], device=loaded.device)
            loaded.model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
    return Prefix(tokens, cache)


def choose_batch(
    loaded: Loaded, prefix: Prefix, questions: Sequence[Question]
) -> list[tuple[float, ...]]:
    """Return, for each question, the natural-log probability of each option."""
    import torch

    with torch.inference_mode():
        rows = [list(q.prompt[len(prefix.tokens) :]) for q in questions]
        cache = _copies(prefix, len(rows))
        logits = _read(loaded, cache, len(prefix.tokens), rows)
        found: list[LogProbs] = [
            {(): _wanted(logits[at, len(row) - 1], q.trie.needed()[()])}
            for at, (row, q) in enumerate(zip(rows, questions, strict=True))
        ]
        del logits
        if any(q.trie.contexts for q in questions):
            _align_right(cache, [len(row) for row in rows])
            for at, more in enumerate(_read_contexts(loaded, cache, prefix, rows, questions)):
                found[at] |= more
    return [q.trie.score(f) for q, f in zip(questions, found, strict=True)]


def _copies(prefix: Prefix, count: int) -> Any:
    """Return a cache for ``count`` rows that all begin with the prefix."""
    from transformers import DynamicCache

    if not prefix.tokens:
        return DynamicCache()
    layers = [
        (layer.keys.expand(count, -1, -1, -1), layer.values.expand(count, -1, -1, -1))
        for layer in prefix.cache.layers
    ]
    return DynamicCache(layers)


def _read(loaded: Loaded, cache: Any, past: int, rows: list[list[int]]) -> _RowLogits:
    """Read right-padded ``rows`` after ``past`` cached tokens."""
    import torch

    lengths = [len(row) for row in rows]
    width = max(lengths)
    filler = next(iter(loaded.end_ids))
    device = loaded.device
    ids = torch.tensor([row + [filler] * (width - len(row)) for row in rows], device=device)
    mask = torch.tensor([[1] * (past + n) + [0] * (width - n) for n in lengths], device=device)
    positions = torch.arange(past, past + width, device=device).expand(len(rows), -1)
    ends = sorted({n - 1 for n in lengths})
    output = loaded.model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=positions,
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=torch.tensor(ends, device=device),
    )
    return _RowLogits(output.logits, {position: at for at, position in enumerate(ends)})


@dataclass(frozen=True, slots=True)
class _RowLogits:
    """Logits at the positions that were asked for: [row, position] → [vocabulary]."""

    kept: Any
    index: Mapping[int, int]

    def __getitem__(self, place: tuple[int, int]) -> Any:
        row, position = place
        return self.kept[row, self.index[position]]


def _align_right(cache: Any, lengths: list[int]) -> None:
    """Move each row's padding to the left, so that new tokens follow its last real one."""
    import torch

    pads = [max(lengths) - n for n in lengths]
    for layer in cache.layers:
        for name in ("keys", "values"):
            tensor = getattr(layer, name)
            rolled = [torch.roll(t, pad, dims=1) for t, pad in zip(tensor, pads, strict=True)]
            setattr(layer, name, torch.stack(rolled))


def _read_contexts(
    loaded: Loaded, cache: Any, prefix: Prefix, rows: list[list[int]], questions: Sequence[Question]
) -> list[LogProbs]:
    """Read every answer's inner tokens after its row; return log-probabilities by context."""
    import torch

    device = loaded.device
    past = len(prefix.tokens)
    owner = [at for at, q in enumerate(questions) for _ in q.trie.contexts]
    tails = [context for q in questions for context in q.trie.contexts]
    cache.batch_select_indices(torch.tensor(owner, device=device))
    longest = max(len(row) for row in rows)
    width = max(len(tail) for tail in tails)
    filler = next(iter(loaded.end_ids))
    ids, mask, positions = [], [], []
    for at, tail in zip(owner, tails, strict=True):
        pad, own = longest - len(rows[at]), past + len(rows[at])
        ids.append([*tail, *[filler] * (width - len(tail))])
        mask.append([0] * pad + [1] * (own + len(tail)) + [0] * (width - len(tail)))
        positions.append(list(range(own, own + width)))
    logits = loaded.model(
        input_ids=torch.tensor(ids, device=device),
        attention_mask=torch.tensor(mask, device=device),
        position_ids=torch.tensor(positions, device=device),
        past_key_values=cache,
        use_cache=True,
    ).logits
    found: list[LogProbs] = [{} for _ in questions]
    for row, (at, tail) in enumerate(zip(owner, tails, strict=True)):
        needed = questions[at].trie.needed()
        for length in range(1, len(tail) + 1):
            if tail[:length] in needed:
                found[at][tail[:length]] = _wanted(logits[row, length - 1], needed[tail[:length]])
    return found


def _wanted(logits: Any, tokens: tuple[int, ...]) -> dict[int, float]:
    values = logits.float().cpu().numpy().astype(np.float64)
    best = values.max()
    if not np.isfinite(best):
        raise FloatingPointError("the model's logits are not numbers")
    total = best + np.log(np.exp(values - best).sum())
    return {token: float(values[token] - total) for token in tokens}
