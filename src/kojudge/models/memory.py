"""How much memory a model takes: weights by precision, and the key-value cache."""

from __future__ import annotations

from dataclasses import dataclass

from kojudge.cards import CandidateCard, JudgeCard

BYTES_PER_PARAMETER = {"fp16": 2.0, "int8": 1.0, "int4": 0.5}
OVERHEAD = 1.04
"""What a loaded model takes beyond its parameters. With it the table of VRAM needs that the
project began from (7B: 14/7/4 GB … 65B: 135/68/34 GB) is met within 1 GB in every cell."""


def weight_bytes(parameters: int, precision: str) -> float:
    """Return the bytes that ``parameters`` weights take in ``fp16``, ``int8`` or ``int4``."""
    return parameters * BYTES_PER_PARAMETER[precision] * OVERHEAD


def kv_bytes_per_token(card: CandidateCard | JudgeCard) -> int | None:
    """Return the key-value cache of one token in bytes at 16 bits; None where unknown."""
    if card.kv is None:
        return None
    return 2 * card.kv.layers * card.kv.heads * card.kv.head_dim * 2


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one card needs, in bytes; ``fits`` by precision, None where memory is not given."""

    name: str
    role: str
    parameters: int | None
    weights: dict[str, float]
    kv_cache: float | None
    fits: dict[str, bool | None]


def footprint(
    card: CandidateCard | JudgeCard, role: str, tokens: int, memory: float | None
) -> Footprint:
    """Return the needs of ``card`` with ``tokens`` tokens in its cache.

    ``memory`` is what the GPU has, in bytes.
    """
    weights = (
        {p: weight_bytes(card.parameters, p) for p in BYTES_PER_PARAMETER}
        if card.parameters
        else {}
    )
    per_token = kv_bytes_per_token(card)
    cache = None if per_token is None else float(per_token * tokens)
    fits = {
        p: None if memory is None else need + (cache or 0) <= memory for p, need in weights.items()
    }
    return Footprint(card.name, role, card.parameters, weights, cache, fits)
