"""Sign-flip permutation test of a mean difference: a secondary column, never the verdict.

Under the null that each prompt's difference is symmetric about 0, every pattern of signs
is equally likely (Fisher 1935, The Design of Experiments, section 21).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kojudge.stats.bootstrap import canonical_order

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

    As :func:`sign_flip_family` for one hypothesis.

    Raises:
        ValueError: no differences, or one that is not finite.
    """
    d = np.asarray(differences, dtype=np.float64)
    if d.ndim != 1 or d.size == 0 or not np.isfinite(d).all():
        raise ValueError("differences must be one-dimensional, finite and not empty")
    w = np.ones(d.size) if weights is None else np.asarray(weights, dtype=np.float64)
    [p] = sign_flip_family(
        d[:, None], w[:, None], rng, resamples=resamples, exact_up_to=exact_up_to
    )
    return float(p)


def sign_flip_family(
    differences: ArrayLike,
    weights: ArrayLike,
    rng: np.random.Generator,
    *,
    resamples: int = 10_000,
    exact_up_to: int = EXACT_PROMPTS,
) -> NDArray[np.float64]:
    """Return the two-sided p of each Σ w·d, shape [H]; not adjusted for their number.

    ``differences`` [P, H] are prompt-level, NaN where a prompt has none; ``weights`` [P, H]
    are those of the estimate. Exact for hypotheses of at most ``exact_up_to`` prompts;
    otherwise (1 + b)/(B + 1) over random sign patterns, the same for all hypotheses. Ties
    count, with 1e-9 relative slack for rounding. The smallest possible p is 2^(1−P). NaN
    for a hypothesis without prompts.

    Raises:
        ValueError: the shapes differ, or a difference is infinite.
    """
    d, w = np.asarray(differences, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if d.ndim != 2 or d.shape != w.shape or np.isinf(d).any():
        raise ValueError("differences and weights must be [prompts, hypotheses], not infinite")
    known = ~np.isnan(d)
    weighted = np.where(known, d * w, 0.0)
    floor = np.abs(weighted.sum(0)) - _SLACK * np.maximum(
        np.finfo(np.float64).tiny, np.abs(weighted).sum(0)
    )
    exact = known.sum(0) <= exact_up_to
    p = np.full(d.shape[1], np.nan)
    for h in np.flatnonzero(exact & known.any(0)):
        p[h] = _exact(weighted[known[:, h], h], floor[h])
    if (~exact).any():
        # The signs must not depend on what the prompts are called.
        dealt = weighted[canonical_order(weighted, np.zeros(len(weighted), dtype=np.intp))]
        p[~exact] = _sampled(dealt[:, ~exact], floor[~exact], rng, resamples)
    return p


def _sampled(
    weighted: NDArray[np.float64],
    floor: NDArray[np.float64],
    rng: np.random.Generator,
    resamples: int,
) -> NDArray[np.float64]:
    beyond = np.zeros(floor.size)
    for start in range(0, resamples, _BLOCK):
        size = (min(_BLOCK, resamples - start), weighted.shape[0])
        signs = rng.integers(0, 2, size=size, dtype=np.int8) * np.float64(2) - 1
        beyond += (np.abs(signs @ weighted) >= floor).sum(0)
    p: NDArray[np.float64] = (1 + beyond) / (resamples + 1)
    return p


def _exact(weighted: NDArray[np.float64], floor: float) -> float:
    patterns = 2**weighted.size
    beyond = 0
    for start in range(0, patterns, _BLOCK):
        codes = np.arange(start, min(start + _BLOCK, patterns))
        signs = ((codes[:, None] >> np.arange(weighted.size)) & 1) * 2 - 1
        beyond += int((np.abs(signs @ weighted) >= floor).sum())
    return float(beyond / patterns)
