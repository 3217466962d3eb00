"""How much memory a model takes: weights by precision, key-value cache, working memory.

A card gives a parameter count and a cache's shape, no more. What follows from the width of a
model (embeddings, what a layer writes while it reads) is taken to grow with the 0.4th power
of the parameters, as it does from 7 to 72 billion. ``benchmarks/memory_table.py`` holds the
estimates to published file sizes and measured GPU memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kojudge.cards import CandidateCard, JudgeCard

__all__ = [
    "BYTES_PER_PARAMETER",
    "OVERHEAD",
    "RUNTIME",
    "Footprint",
    "Precision",
    "bare_bytes",
    "file_bytes",
    "footprint",
    "gpu_bytes",
    "kv_bytes_per_token",
    "weight_bytes",
    "windowed",
    "working_bytes",
]

Precision = Literal["fp32", "fp16", "int8", "int4"]
"""``fp16`` is any 16-bit float, ``int8`` also FP8, ``int4`` AWQ, GPTQ or GGUF's Q4_K_M."""

BYTES_PER_PARAMETER: dict[Precision, float] = {"fp32": 4.0, "fp16": 2.0, "int8": 1.0, "int4": 0.5}
OVERHEAD = 1.04
"""What a loaded model takes beyond its file. With it the table of VRAM needs that the
project began from (7B: 14/7/4 GB … 65B: 135/68/34 GB) is met within 1 GB in every cell."""
RUNTIME = 1e9
"""Bytes that a GPU's own runtime, its kernels and the gaps between allocations are given."""

_SCALES = {"int8": 0.02, "int4": 0.02}
"""Bytes a quantised weight adds as its share of the scale and zero point of every 128."""
_WIDTH = 0.4
_KEPT = 0.5e9
_KEPT_AT_MOST = 0.25
_WORKING = 55_000
_WINDOWED = frozenset({"gemma-2", "gemma-3", "exaone-4"})
"""Families some of whose layers look back over a window only (their cards say which)."""


def bare_bytes(parameters: int, precision: Precision) -> float:
    """Return the bytes of ``parameters`` weights if every one were ``precision``: a rule of thumb.

    The starting table reckons so. Real quantised files are larger: see :func:`file_bytes`.
    """
    return parameters * BYTES_PER_PARAMETER[precision] * OVERHEAD


def file_bytes(parameters: int, precision: Precision) -> float:
    """Return about the bytes of a checkpoint's weights in ``precision``.

    A quantised one keeps its embeddings and output head at 16 bits, and a scale and a zero
    point for every 128 weights. Embeddings are those of a vocabulary of about 150,000; older
    models with 32,000 take up to a quarter less than this says.
    """
    each = BYTES_PER_PARAMETER[precision]
    if precision not in _SCALES:
        return parameters * each
    kept = min(_KEPT_AT_MOST * parameters, _KEPT * _width(parameters))
    return (parameters - kept) * (each + _SCALES[precision]) + kept * BYTES_PER_PARAMETER["fp16"]


def weight_bytes(parameters: int, precision: Precision) -> float:
    """Return about the bytes that the loaded weights take."""
    return file_bytes(parameters, precision) * OVERHEAD


def working_bytes(parameters: int, tokens: int) -> float:
    """Return the bytes of working memory while ``tokens`` tokens are read in one pass."""
    return _WORKING * _width(parameters) * tokens


def _width(parameters: int) -> float:
    return float((parameters / 1e9) ** _WIDTH)


def kv_bytes_per_token(card: CandidateCard | JudgeCard) -> int | None:
    """Return the key-value cache of one token in bytes at 16 bits; None where unknown."""
    if card.kv is None:
        return None
    return 2 * card.kv.layers * card.kv.heads * card.kv.head_dim * 2


def windowed(card: CandidateCard | JudgeCard) -> bool:
    """Tell whether an engine that drops what lies outside a layer's window needs less cache.

    vLLM does; the transformers engine keeps everything, to share a prefix.
    """
    return card.family in _WINDOWED


def gpu_bytes(
    card: CandidateCard | JudgeCard, precision: Precision, tokens: int, gpus: int = 1
) -> float | None:
    """Return the bytes that each of ``gpus`` needs with ``tokens`` tokens read together.

    Weights are split evenly, the cache by its heads (two GPUs hold one head twice where there
    are fewer heads than GPUs); working memory and runtime are not split. None where the card
    lacks its parameters or its cache's shape.
    """
    cache = kv_bytes_per_token(card)
    if card.parameters is None or card.kv is None or cache is None:
        return None
    weights = weight_bytes(card.parameters, precision) / gpus
    shared = cache * tokens / min(gpus, card.kv.heads)
    return weights + shared + working_bytes(card.parameters, tokens) + RUNTIME


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one card needs, in bytes; ``fits`` by precision, None where it cannot be told.

    ``kv_cache`` and ``working`` are those of ``tokens`` tokens; ``kv_at_most`` says that some
    engines need less cache. ``fits`` is about each GPU, and counts ``RUNTIME`` as well.
    """

    name: str
    role: str
    parameters: int | None
    weights: dict[Precision, float]
    kv_cache: float | None
    fits: dict[Precision, bool | None]
    tokens: int = 0
    working: float | None = None
    kv_at_most: bool = False


def footprint(
    card: CandidateCard | JudgeCard, role: str, tokens: int, memory: float | None, *, gpus: int = 1
) -> Footprint:
    """Return the needs of ``card`` with ``tokens`` tokens in its cache.

    ``memory`` is what each of ``gpus`` has, in bytes.
    """
    size = card.parameters
    weights = {p: weight_bytes(size, p) for p in BYTES_PER_PARAMETER} if size else {}
    per_token = kv_bytes_per_token(card)
    return Footprint(
        card.name,
        role,
        size,
        weights,
        None if per_token is None else float(per_token * tokens),
        {p: _fits(card, p, tokens, memory, gpus) for p in weights},
        tokens,
        working_bytes(size, tokens) if size else None,
        windowed(card),
    )


def _fits(
    card: CandidateCard | JudgeCard,
    precision: Precision,
    tokens: int,
    memory: float | None,
    gpus: int,
) -> bool | None:
    """Tell whether it fits; without a cache's shape only that the weights alone do not."""
    if memory is None or card.parameters is None:
        return None
    need = gpu_bytes(card, precision, tokens, gpus)
    if need is None:
        alone = weight_bytes(card.parameters, precision) / gpus + RUNTIME
        return False if alone > memory else None
    return need <= memory
