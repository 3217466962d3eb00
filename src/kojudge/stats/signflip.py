"""Sign-flip permutation test of a mean difference: a secondary column, never the verdict.

Under the null that each prompt's difference is symmetric about 0, every pattern of signs
is equally likely (Fisher 1935, The Design of Experiments, section 21).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

EXACT_PROMPTS = 13
"""Up to so many prompts all 2^P sign patterns are enumerated."""
_SLACK = 1e-9
_BLOCK = 4096


def sign_flip_p(
    differences: ArrayLike,
    rng: np.random.Generator,
    *,
    weights: ArrayLike | None = None,
    resamples: int = 10_000,
    exact_up_to: int = EXACT_PROMPTS,
) -> float:
    """Return the two-sided p of Σ w·d for prompt-level ``differences``, shape [P].

    ``weights`` [P] default to equal ones. Exact for P ≤ ``exact_up_to``; otherwise
    (1 + b)/(B + 1) over random sign patterns. Ties count, with 1e-9 relative slack for
    rounding. The smallest possible p is 2^(1−P).

    Raises:
        ValueError: no differences, or one that is not finite.
    """
    d = np.asarray(differences, dtype=np.float64)
    if d.ndim != 1 or d.size == 0 or not np.isfinite(d).all():
        raise ValueError("differences must be one-dimensional, finite and not empty")
    weighted = d if weights is None else d * np.asarray(weights, dtype=np.float64)
    observed = abs(weighted.sum()) - _SLACK * max(1.0, np.abs(weighted).sum())
    if d.size <= exact_up_to:
        return _exact(weighted, observed)
    beyond = 0
    for start in range(0, resamples, _BLOCK):
        signs = rng.integers(0, 2, size=(min(_BLOCK, resamples - start), d.size)) * 2 - 1
        beyond += int((np.abs(signs @ weighted) >= observed).sum())
    return float((1 + beyond) / (resamples + 1))


def _exact(weighted: NDArray[np.float64], observed: float) -> float:
    patterns = 2**weighted.size
    beyond = 0
    for start in range(0, patterns, _BLOCK):
        codes = np.arange(start, min(start + _BLOCK, patterns))
        signs = ((codes[:, None] >> np.arange(weighted.size)) & 1) * 2 - 1
        beyond += int((np.abs(signs @ weighted) >= observed).sum())
    return float(beyond / patterns)
