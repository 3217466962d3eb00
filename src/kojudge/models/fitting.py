"""The best a GPU can do with a model: the finest precision that fits, and how much at once."""

from __future__ import annotations

from dataclasses import dataclass

from kojudge.cards import CandidateCard, JudgeCard
from kojudge.models.memory import Precision, gpu_bytes

__all__ = ["ORDER", "Fit", "best_fit", "largest_batch"]

ORDER: tuple[Precision, ...] = ("fp16", "int8", "int4")
"""From the finest. 32 bits are left out: no judge here was published in them."""


@dataclass(frozen=True, slots=True)
class Fit:
    """``precision`` and the largest ``batch`` with it; both None: nothing fits."""

    precision: Precision | None
    batch: int | None


def best_fit(
    card: CandidateCard | JudgeCard, tokens: int, memory: float, gpus: int = 1
) -> Fit | None:
    """Return the finest precision in which items of ``tokens`` tokens fit, at least one at once.

    ``memory`` is each GPU's, in bytes. None where the card lacks its parameters or its
    cache's shape.
    """
    for precision in ORDER:
        batch = largest_batch(card, precision, tokens, memory, gpus)
        if batch is None:
            return None
        if batch:
            return Fit(precision, batch)
    return Fit(None, None)


def largest_batch(
    card: CandidateCard | JudgeCard, precision: Precision, tokens: int, memory: float, gpus: int = 1
) -> int | None:
    """Return how many items of ``tokens`` tokens fit at once; None where that is not known."""
    fixed = gpu_bytes(card, precision, 0, gpus)
    one = gpu_bytes(card, precision, tokens, gpus)
    if fixed is None or one is None:
        return None
    return max(0, int((memory - fixed) // (one - fixed)))
