"""Which token contexts must be read to score several multi-token answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Tokens = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnswerTrie:
    """Token sequences of every spelling of every option.

    ``sequences[o][s]`` is the s-th spelling of option o. ``contexts`` are the longest
    proper prefixes that the model must read after the prompt (the empty one apart):
    the logits at their positions give every conditional probability needed.
    """

    sequences: tuple[tuple[Tokens, ...], ...]
    contexts: tuple[Tokens, ...]

    @property
    def longest(self) -> int:
        """Tokens the model reads after the prompt, at most."""
        return max((len(context) for context in self.contexts), default=0)

    def needed(self) -> dict[Tokens, tuple[int, ...]]:
        """Return, for each prefix, the tokens whose probability after it is wanted."""
        wanted: dict[Tokens, set[int]] = {}
        for spelling in self._spellings():
            for at, token in enumerate(spelling):
                wanted.setdefault(spelling[:at], set()).add(token)
        return {prefix: tuple(sorted(tokens)) for prefix, tokens in wanted.items()}

    def score(self, logprobs: Mapping[Tokens, Mapping[int, float]]) -> tuple[float, ...]:
        """Return each option's log-probability: the sum over its spellings."""
        totals = []
        for spellings in self.sequences:
            parts = [
                math.fsum(logprobs[tokens[:at]][token] for at, token in enumerate(tokens))
                for tokens in spellings
            ]
            top = max(parts)
            if top == -math.inf:
                totals.append(top)
                continue
            totals.append(top + math.log(math.fsum(math.exp(part - top) for part in parts)))
        return tuple(totals)

    def _spellings(self) -> list[Tokens]:
        return [tokens for spellings in self.sequences for tokens in spellings]


def build_trie(options: Sequence[Sequence[Tokens]], end: Tokens) -> AnswerTrie:
    """Build the trie of ``options``; spellings with equal tokens count once.

    Where one answer begins another (1 and 10), every answer is scored as a whole, up to
    the ``end`` of the turn.

    Raises:
        ValueError: a spelling has no tokens, or two options share a spelling.
    """
    sequences = tuple(tuple(dict.fromkeys(spellings)) for spellings in options)
    flat = [tokens for spellings in sequences for tokens in spellings]
    if not all(flat) or not all(sequences):
        raise ValueError("an option has no tokens")
    if len(set(flat)) < len(flat):
        raise ValueError("two options share a spelling")
    if any(a != b and b[: len(a)] == a for a in flat for b in flat):
        sequences = tuple(tuple(tokens + end for tokens in s) for s in sequences)
        flat = [tokens + end for tokens in flat]
    prefixes = {tokens[:at] for tokens in flat for at in range(1, len(tokens))}
    longest = [p for p in prefixes if not any(q != p and q[: len(p)] == p for q in prefixes)]
    return AnswerTrie(sequences, tuple(sorted(longest)))
