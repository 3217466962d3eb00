"""The primary engine: stratified, studentised cluster bootstrap with a symmetric max-|T|.

Prompts are the clusters. They are resampled within their stratum, all hypotheses together,
so that the correlation between candidates and criteria is kept. Each resample's largest
studentised deviation gives one critical value for all intervals (single step) and the
p-values that agree with them; the step-down p stands beside (Westfall & Young 1993;
Romano & Wolf 2005). Studentising keeps the error rate where scores collapse on a few
prompts, which sign-flip, Wilcoxon and percentile methods do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kojudge.stats.strata import Strata

_BLOCK = 1000
"""Resamples made at once: bounds memory at _BLOCK × P counts."""
_SLACK = 1e-5
"""|T*| of scores in few levels often equals |T|; float32 must not decide such a tie."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimates:
    """H weighted mean differences. Arrays have shape [H]; NaN where undefined.

    ``n`` counts the prompts that weigh in it; ``df`` is Satterthwaite's; ``sd`` is that of the
    prompt-level differences within strata, weighted as ``delta`` is.
    """

    n: NDArray[np.intp]
    delta: Floats
    se: Floats
    df: Floats
    sd: Floats


@dataclass(frozen=True, slots=True)
class MaxT:
    """A family tested together. Arrays have shape [H]; NaN for hypotheses without a ``se``.

    ``critical`` is the (1 − alpha) quantile of max |T*|; intervals are delta ± critical·se.
    ``p_value`` is each hypothesis's own bootstrap p, ``p_adjusted`` the single-step and
    ``p_stepdown`` the step-down one. ``resamples`` is B; no p is below 1/(B+1).
    ``critical_within`` holds, by the name of a grouping, the critical value of the smaller
    family that each hypothesis's own group would be.
    """

    estimates: Estimates
    critical: float
    low: Floats
    high: Floats
    p_value: Floats
    p_adjusted: Floats
    p_stepdown: Floats
    resamples: int
    critical_within: Mapping[str, Floats] = field(default_factory=dict)


def estimate(differences: ArrayLike, strata: Strata) -> Estimates:
    """Return δ = Σ w_k mean_k and SE² = Σ w_k² s_k²/P_k of each hypothesis.

    ``differences`` has shape [P, H]: prompt-level differences, NaN where a prompt has none.
    A hypothesis weighs the strata in which it has two prompts or more; SE is NaN where
    nothing varies.

    Raises:
        ValueError: wrong shape, or an infinite value.
    """
    d = _checked(differences, strata)
    count, mean, variance = _moments(d, strata)
    usable = count >= 2
    w = np.where(usable, strata.weights[:, None], 0.0)
    total = w.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        w = w / total
        parts = np.where(usable, w**2 * variance / np.maximum(count, 1), 0.0)
        se2 = parts.sum(0)
        df = se2**2 / np.where(usable, parts**2 / np.maximum(count - 1, 1), 0.0).sum(0)
        delta = np.where(total > 0, np.where(usable, w * mean, 0.0).sum(0), np.nan)
        sd = np.sqrt(np.where(usable, w * variance, 0.0).sum(0))
    # A spread below the rounding error of the values themselves is no variation.
    size = np.nanmax(np.abs(d), axis=0, initial=0.0)
    flat = ~(sd > 1e-12 * np.maximum(1.0, size)) | (total == 0)
    nan = np.where(flat, np.nan, 1.0)
    return Estimates(
        np.where(usable, count, 0).sum(0), delta, np.sqrt(se2) * nan, df * nan, sd * nan
    )


def prompt_weights(differences: ArrayLike, strata: Strata) -> Floats:
    """Return what each prompt's difference weighs in δ, [P, H]; 0 where it has none.

    ``differences`` as for :func:`estimate`; the weights of a hypothesis sum to 1.

    Raises:
        ValueError: wrong shape, or an infinite value.
    """
    d = _checked(differences, strata)
    count, _, _ = _moments(d, strata)
    w = np.where(count >= 2, strata.weights[:, None], 0.0)
    shares = w / np.maximum(w.sum(0), np.finfo(np.float64).tiny) / np.maximum(count, 1)
    weights: Floats = np.where(np.isnan(d), 0.0, shares[strata.index])
    return weights


def max_t(
    differences: ArrayLike,
    strata: Strata,
    rng: np.random.Generator,
    *,
    alpha: float = 0.05,
    resamples: int = 10_000,
    groupings: Mapping[str, Sequence[str]] | None = None,
) -> MaxT:
    """Test H hypotheses δ_h = 0 together.

    ``differences`` as for :func:`estimate`. Each of ``groupings`` names a group for every
    hypothesis, [H]; see ``critical_within``.

    Raises:
        ValueError: wrong shape, or alpha or resamples out of range.
    """
    if not 0 < alpha < 1 or resamples < 1:
        raise ValueError("need 0 < alpha < 1 and resamples >= 1")
    d = _checked(differences, strata)
    found = estimate(d, strata)
    tested = np.flatnonzero(~np.isnan(found.se))
    if tested.size == 0:
        return adjusted(found, np.empty((resamples, 0), np.float32), alpha, groupings)
    deviations = resampled_t(d[:, tested], strata, rng, resamples)
    return adjusted(found, deviations, alpha, groupings)


def adjusted(
    found: Estimates,
    deviations: NDArray[np.float32],
    alpha: float,
    groupings: Mapping[str, Sequence[str]] | None = None,
) -> MaxT:
    """Return the family of ``found`` tested together, given ``deviations`` |T*|, [B, tested].

    A column stands for each estimate with a standard error, in their order; ``groupings`` as
    for :func:`max_t`.
    """
    groupings, resamples = groupings or {}, deviations.shape[0]
    tested = np.flatnonzero(~np.isnan(found.se))
    nan = np.full(found.se.size, np.nan)
    if tested.size == 0:
        alone = dict.fromkeys(groupings, nan)
        return MaxT(found, np.nan, nan, nan, nan, nan, nan, resamples, alone)
    observed = np.abs(found.delta[tested] / found.se[tested]) * (1 - _SLACK)
    largest = deviations.max(1)
    critical = _critical(largest, alpha, resamples)
    p_value, p_adjusted, p_stepdown = nan.copy(), nan.copy(), nan.copy()
    p_value[tested] = _share(deviations >= observed, resamples)
    p_adjusted[tested] = _share(largest[:, None] >= observed, resamples)
    p_stepdown[tested] = _step_down(deviations, observed, resamples)
    half = critical * found.se
    return MaxT(
        found,
        critical,
        found.delta - half,
        found.delta + half,
        p_value,
        p_adjusted,
        p_stepdown,
        resamples,
        {name: _within(deviations, tested, of, alpha) for name, of in groupings.items()},
    )


def _within(
    deviations: NDArray[np.float32], tested: NDArray[np.intp], groups: Sequence[str], alpha: float
) -> Floats:
    """Return each hypothesis's critical value in a family of its own group, [H]."""
    names = np.asarray(groups)
    critical = np.full(names.size, np.nan)
    for name in dict.fromkeys(names[tested].tolist()):
        own = names[tested] == name
        critical[tested[own]] = _critical(deviations[:, own].max(1), alpha, deviations.shape[0])
    return critical


def resampled_t(
    d: Floats, strata: Strata, rng: np.random.Generator, resamples: int
) -> NDArray[np.float32]:
    """Return |T*| of every resample and hypothesis, shape [B, H].

    T* is the weighted mean of the centred differences over its own standard error. A
    resample that does not vary counts as infinitely far off, unless it is exactly at 0.
    """
    mask = ~np.isnan(d)
    _, mean, _ = _moments(d, strata)
    centred = np.where(mask, d - mean[strata.index], 0.0)
    centred = centred / np.maximum(
        np.abs(centred).max(0), np.finfo(np.float64).tiny
    )  # T has no unit
    order = canonical_order(centred, strata.index)
    c = centred[order].astype(np.float32)
    columns = np.hstack([c, c * c] if mask.all() else [c, c * c, mask[order].astype(np.float32)])
    index = strata.index[order]
    blocks = [
        _block(columns, index, strata.weights, rng, (min(_BLOCK, resamples - start), c.shape[1]))
        for start in range(0, resamples, _BLOCK)
    ]
    return np.concatenate(blocks)


def canonical_order(centred: Floats, index: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return an order of the prompts that names, the hypotheses' order and sign do not enter."""
    x = centred / (np.abs(centred).max(initial=0.0) or 1.0)
    cubes = x * x * x
    if cubes.sum() + (x.sum(1) ** 3).sum() < -1e-9:  # candidate and baseline swapped
        x, cubes = -x, -cubes
    size = (x * x).sum(1)
    # Votes are often alike but for the hypotheses they belong to: these have shapes to tell.
    shapes = size @ x + (x * x + cubes).sum(0)
    keys = (x @ shapes, cubes.sum(1), size, x.sum(1))
    return np.lexsort((*(np.round(key, 9) for key in keys), index))


def _block(
    columns: NDArray[np.float32],
    index: NDArray[np.intp],
    weights: Floats,
    rng: np.random.Generator,
    shape: tuple[int, int],
) -> NDArray[np.float32]:
    """Return |T*| of ``shape`` [B, H]; ``columns`` hold d, d² and, where any is missing, n."""
    size, hypotheses = shape
    top, se2, total = (np.zeros(shape) for _ in range(3))
    for k, weight in enumerate(weights):
        rows = np.flatnonzero(index == k)
        sums = (resample_counts(rng, size, rows.size) @ columns[rows]).astype(np.float64)
        first, second = sums[:, :hypotheses], sums[:, hypotheses : 2 * hypotheses]
        n = sums[:, 2 * hypotheses :] if columns.shape[1] > 2 * hypotheses else np.array(rows.size)
        w = np.where(n >= 2, weight, 0.0)
        safe = np.maximum(n, 2.0)
        mean = first / safe
        variance = np.maximum(second / safe - mean * mean, 0.0)
        top += w * mean
        se2 += w * w / (safe - 1) * variance
        total += w
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.abs(top) / np.sqrt(se2)
    still = se2 <= 1e-14 * np.maximum(total, 1e-300)
    return np.where(still, np.where(np.abs(top) < 1e-7, 0.0, np.inf), t).astype(np.float32)


def resample_counts(rng: np.random.Generator, size: int, prompts: int) -> NDArray[np.float32]:
    """Return how often each of ``prompts`` is drawn in ``size`` resamples, [size, prompts]."""
    drawn = rng.integers(0, prompts, size=(size, prompts))
    drawn += np.arange(size)[:, None] * prompts
    flat = np.bincount(drawn.ravel(), minlength=size * prompts)
    return flat.reshape(size, prompts).astype(np.float32)


def _moments(d: Floats, strata: Strata) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Return count, mean and variance (n − 1) by stratum, each of shape [K, H]."""
    members = np.eye(strata.weights.size)[strata.index]
    mask = ~np.isnan(d)
    count = (members.T @ mask).astype(np.intp)
    filled = np.where(mask, d, 0.0)
    mean = members.T @ filled / np.maximum(count, 1)
    centred = np.where(mask, d - mean[strata.index], 0.0)
    variance = members.T @ centred**2 / np.maximum(count - 1, 1)
    return count, mean, variance


def _step_down(deviations: NDArray[np.float32], observed: Floats, resamples: int) -> Floats:
    """Return Westfall–Young step-down p: each against the maximum over those not above it."""
    order = np.argsort(-observed)
    running = np.maximum.accumulate(deviations[:, order][:, ::-1], axis=1)[:, ::-1]
    stepped = np.maximum.accumulate(_share(running >= observed[order], resamples))
    p = np.empty_like(stepped)
    p[order] = stepped
    return p


def _share(exceeds: NDArray[np.bool_], resamples: int) -> Floats:
    shares: Floats = (1.0 + exceeds.sum(0)) / (resamples + 1.0)
    return shares


def _critical(largest: NDArray[np.float32], alpha: float, resamples: int) -> float:
    """Return the value that |T| exceeds exactly where the adjusted p is at most ``alpha``."""
    allowed = int(np.floor(alpha * (resamples + 1) + 1e-9))
    if allowed == 0:  # no p can be that small with so few resamples
        return float("inf")
    return float(np.sort(largest)[resamples - allowed]) / (1 - _SLACK)


def _checked(differences: ArrayLike, strata: Strata) -> Floats:
    d = np.asarray(differences, dtype=np.float64)
    if d.ndim != 2 or d.shape[0] != strata.index.size:
        raise ValueError("differences must have shape [prompts, hypotheses]")
    if np.isinf(d).any():
        raise ValueError("differences must be finite, or NaN where there is none")
    return d
