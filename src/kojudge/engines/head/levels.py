"""From standardised states to the probabilities of a head's answers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from kojudge.engines.head.file import Domain, Floats, Head, Line

__all__ = ["distribution", "outside", "preference", "standardise"]

Doubles = NDArray[np.float64]


def standardise(head: Head, states: NDArray[Any]) -> Floats:
    """Return pooled states [..., D] on the scale that the head's lines read."""
    return ((states - head.centre) / head.scale).astype(np.float32)


def distribution(line: Line, x: NDArray[Any]) -> Doubles:
    """Return the probability of every level, float64 [..., K], of states x [..., D].

    A cumulative link model with logistic links (proportional odds, McCullagh 1980).
    """
    z = _dot(x, line) + line.bias
    below = np.asarray(line.cuts - line.slope * z[..., None], dtype=np.float64)
    # Of two near 1 the difference is taken from their distance to 1: it keeps its digits.
    far = below[..., :-1] > 0
    low, high = below[..., :-1], below[..., 1:]
    inner = np.where(far, expit(-low) - expit(-high), expit(high) - expit(low))
    return np.concatenate([expit(below[..., :1]), inner, expit(-below[..., -1:])], axis=-1)


def preference(line: Line, xa: NDArray[Any], xb: NDArray[Any]) -> Doubles:
    """Return the probabilities of A, B and a tie, float64 [..., 3], of two texts' states.

    With the texts swapped the first two are swapped, to the last bit (Rao & Kupper 1967).
    """
    distance = line.slope * _dot(np.asarray(xa, np.float64) - np.asarray(xb, np.float64), line)
    first, second = expit(distance - line.cuts[0]), expit(-distance - line.cuts[0])
    return np.stack([first, second, np.maximum(0.0, 1.0 - (first + second))], axis=-1)


def outside(domain: Domain, x: NDArray[Any]) -> Doubles:
    """Return how far states x [..., D] lie from where the head learned, float64 [...].

    The root mean square of two distances, both 1 for the mean training text: along the
    components in their spreads, and off them in ``rest``.
    """
    apart = np.asarray(x, np.float64) - domain.centre
    components = domain.components.astype(np.float64)
    along = apart @ components.T
    left = apart - along @ components
    inside = np.mean((along / domain.spread) ** 2, axis=-1) if len(domain.spread) else 0.0
    return np.asarray(np.sqrt((inside + np.sum(left**2, axis=-1) / domain.rest**2) / 2))


def _dot(x: NDArray[Any], line: Line) -> Doubles:
    """Return x·weights, summed in float64: the same for a state alone and in a block."""
    return np.asarray(np.sum(np.asarray(x, np.float64) * line.weights, axis=-1))
