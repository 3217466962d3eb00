"""The win rate at equal length and style: how much of a preference the looks of a text buy.

Fractional logit (Papke and Wooldridge 1996, Journal of Applied Econometrics 11, 619–632)
of the win score on tanh(Δlength / SD) and on differences of style counts, read off at
Δ = 0, as in length-controlled AlpacaEval (Dubois et al. 2024, arXiv:2404.04475). Shown
beside the raw rate, never instead of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog
from scipy.special import expit, logit

from kojudge.stats.verdict import MIN_PROMPTS

Array = NDArray[np.float64]
Uncontrolled = Literal["few_prompts", "no_variation", "not_identified", "separation"]

_NEWTON_STEPS = 60
_TOLERANCE = 1e-10
# On slopes of unit-SD columns, a prompt: too small to be seen, but it keeps a slope finite
# that the data cannot bound (a style that only ever won) without touching the intercept.
_RIDGE = 1e-6
_CHUNK_CELLS = 2_000_000


@dataclass(frozen=True, slots=True)
class StyleControl:
    """A raw and a style-controlled win rate (0–1) over ``prompts`` prompts.

    ``raw`` is the mean of the prompts' mean win scores. ``controlled`` is the rate predicted
    where length and style are equal, ``interval`` its two-sided interval, ``se`` the
    cluster-robust standard error of logit(controlled). ``coefficients`` are log-odds: of the
    win at Δ = 0 (``intercept``), per unit of tanh(Δlength / ``length_sd``) (``length``), and
    per count for each style. ``extrapolated`` names features whose differences all lie on
    one side of 0, so that Δ = 0 is outside the data.

    ``reason`` says why ``controlled`` and all that follows from it are None:
    few_prompts (below 8, or below twice the coefficients), no_variation (all win scores are
    alike), not_identified (a difference is constant and not 0), separation (the features
    tell wins from losses perfectly).
    """

    prompts: int
    raw: float
    controlled: float | None
    interval: tuple[float, float] | None
    se: float | None
    coefficients: Mapping[str, float] | None
    length_sd: float
    extrapolated: tuple[str, ...]
    reason: Uncontrolled | None


@dataclass(frozen=True, slots=True)
class _Design:
    """Rows sorted by prompt: features ``x`` [N, k] (intercept first), scores, row weights.

    ``starts`` are the first rows of the P prompts, ``owner`` the prompt of each row.
    """

    x: Array
    score: Array
    weight: Array
    starts: NDArray[np.intp]
    owner: NDArray[np.intp]

    @property
    def prompts(self) -> int:
        return len(self.starts)


def style_controlled(
    scores: ArrayLike,
    prompts: ArrayLike,
    length: ArrayLike,
    style: Mapping[str, ArrayLike],
    *,
    rng: np.random.Generator,
    alpha: float = 0.05,
    resamples: int = 2000,
) -> StyleControl:
    """Return the win rate at equal length and style, from N pairs of texts.

    ``scores`` are win scores (0–1) of the candidate, ``prompts`` the prompt of each pair,
    ``length`` the difference candidate − baseline in characters, ``style`` the difference
    of each count (headers, bold, lists), all shape [N]. Every prompt weighs the same.

    The interval is a symmetric studentised bootstrap of prompts on the log-odds, the whole
    regression refitted in each of ``resamples`` resamples (the unit SD(Δlength) stays), then
    mapped to 0–1. An interval that held the slopes fixed would be too narrow.

    Raises:
        ValueError: shapes differ, nothing is given, a value is not finite, a score lies
            outside 0–1, alpha is not inside 0–1, or resamples < 100.
    """
    y, delta, counts = _checked(scores, prompts, length, style)
    if not 0 < alpha < 1 or resamples < 100:
        raise ValueError("need 0 < alpha < 1 and resamples >= 100")
    sd = float(delta.std())
    shape = np.tanh(delta / sd) if sd > 0 else np.sign(delta)
    features = {"length": shape, **counts}
    design, scale = _design(y, np.asarray(prompts), np.column_stack(list(features.values())))
    raw = float((design.weight * design.score).sum() / design.prompts)
    outside = tuple(n for n, f in features.items() if f.any() and (f.min() > 0 or f.max() < 0))
    reason = _obstacle(design)
    if reason is not None:
        return StyleControl(design.prompts, raw, None, None, None, None, sd, outside, reason)
    beta, se = _fit(design, np.ones((1, design.prompts)), _start(design))
    half = _studentised_quantile(design, beta, rng, resamples, alpha) * float(se[0])
    at_zero = float(beta[0, 0])
    return StyleControl(
        prompts=design.prompts,
        raw=raw,
        controlled=float(expit(at_zero)),
        interval=(float(expit(at_zero - half)), float(expit(at_zero + half))),
        se=float(se[0]),
        coefficients=dict(zip(("intercept", *features), (beta[0] / scale).tolist(), strict=True)),
        length_sd=sd,
        extrapolated=outside,
        reason=None,
    )


def _checked(
    scores: ArrayLike, prompts: ArrayLike, length: ArrayLike, style: Mapping[str, ArrayLike]
) -> tuple[Array, Array, dict[str, Array]]:
    y = np.asarray(scores, dtype=np.float64)
    delta = np.asarray(length, dtype=np.float64)
    counts = {name: np.asarray(values, dtype=np.float64) for name, values in style.items()}
    if y.ndim != 1 or y.size == 0:
        raise ValueError("scores must be one-dimensional and not empty")
    if {"length", "intercept"} & counts.keys():
        raise ValueError("a style may not be called length or intercept")
    shapes = {np.shape(prompts), delta.shape, *(c.shape for c in counts.values())}
    if shapes != {y.shape}:
        raise ValueError("prompts, length and each style must be as long as scores")
    if not all(np.isfinite(a).all() for a in (y, delta, *counts.values())):
        raise ValueError("scores, length and style must be finite")
    if y.min() < 0 or y.max() > 1:
        raise ValueError("scores must lie in 0–1")
    return y, delta, counts


def _design(y: Array, prompts: NDArray[np.generic], features: Array) -> tuple[_Design, Array]:
    """Sort rows by prompt and bring features to unit SD; the scale is undone at the end."""
    _, owner, size = np.unique(prompts, return_inverse=True, return_counts=True)
    order = np.argsort(owner, kind="stable")
    spread = features.std(axis=0)
    scale = np.concatenate([[1.0], np.where(spread > 0, spread, 1.0)])
    x = np.column_stack([np.ones(len(y)), features])[order] / scale
    owner = owner[order]
    starts = np.concatenate([[0], np.cumsum(size)[:-1]])
    return _Design(x, y[order], 1.0 / size[owner], starts, owner), scale


def _obstacle(design: _Design) -> Uncontrolled | None:
    """Say why the intercept cannot be had, if so."""
    if design.prompts < max(MIN_PROMPTS, 2 * design.x.shape[1]):
        return "few_prompts"
    if np.ptp(design.score) < 1e-12:
        return "no_variation"
    # Slopes may be collinear among themselves; the intercept must not lie in their span.
    if np.linalg.matrix_rank(design.x) == np.linalg.matrix_rank(design.x[:, 1:]):
        return "not_identified"
    return "separation" if _intercept_diverges(design) else None


def _intercept_diverges(design: _Design) -> bool:
    """Look for coefficients b ≠ 0 in the intercept along which no likelihood term falls.

    Needs x·b ≥ 0 where the score is 1, ≤ 0 where it is 0, = 0 in between (Albert and
    Anderson 1984, Biometrika 71, 1–10; Konis 2007 for the linear programme).
    """
    sign = np.where(design.score == 1, 1.0, np.where(design.score == 0, -1.0, 0.0))
    between = design.x[sign == 0]
    if np.linalg.matrix_rank(between) == design.x.shape[1]:
        return False
    certain = -(sign[:, None] * design.x)[sign != 0]
    goal = np.zeros(design.x.shape[1])
    for goal[0] in (1.0, -1.0):
        best = linprog(
            goal,
            A_ub=certain if len(certain) else None,
            b_ub=np.zeros(len(certain)) if len(certain) else None,
            A_eq=between if len(between) else None,
            b_eq=np.zeros(len(between)) if len(between) else None,
            bounds=[(-1.0, 1.0)] * design.x.shape[1],
        )
        if best.status == 0 and best.fun < -1e-7:
            return True
    return False


def _start(design: _Design) -> Array:
    start = np.zeros(design.x.shape[1])
    mean = np.average(design.score, weights=design.weight)
    start[0] = logit(np.clip(mean, 0.01, 0.99))
    return start


def _fit(design: _Design, counts: Array, start: Array) -> tuple[Array, Array]:
    """Fit each row of prompt ``counts`` [B, P]: coefficients [B, k], se of intercepts [B].

    Newton on the Bernoulli quasi-likelihood for all resamples at once; the standard error
    is the cluster sandwich with P / (P − 1).
    """
    x, k = design.x, design.x.shape[1]
    products = (x[:, :, None] * x[:, None, :]).reshape(len(x), k * k)
    row_weight = counts[:, design.owner] * design.weight
    ridge = np.full(k, _RIDGE * design.prompts)
    ridge[0] = 0.0
    beta = np.tile(start, (len(counts), 1))
    for _ in range(_NEWTON_STEPS):
        mean = expit(beta @ x.T)
        gradient = (row_weight * (design.score - mean)) @ x - ridge * beta
        information = _information(row_weight * mean * (1 - mean), products, ridge)
        step = np.linalg.solve(information, gradient[:, :, None])[:, :, 0]
        # A step of more than 3 log-odds comes from a flat region; the next one corrects it.
        step *= np.minimum(1.0, 3.0 / np.maximum(np.abs(step).max(axis=1), 1e-300))[:, None]
        beta = beta + step
        if np.abs(step).max() < _TOLERANCE:
            break
    mean = expit(beta @ x.T)
    information = _information(row_weight * mean * (1 - mean), products, ridge)
    first = np.zeros((len(beta), k, 1))
    first[:, 0] = 1.0
    influence = np.linalg.solve(information, first)[:, :, 0]
    by_row = (influence @ x.T) * design.weight * (design.score - mean)
    by_prompt = np.add.reduceat(by_row, design.starts, axis=1)
    variance = (counts * by_prompt**2).sum(axis=1) * design.prompts / (design.prompts - 1)
    return beta, np.sqrt(variance)


def _information(weight: Array, products: Array, ridge: Array) -> Array:
    # The small number keeps the matrix regular where every mean has reached 0 or 1.
    size = len(ridge)
    return (weight @ products).reshape(-1, size, size) + np.diag(ridge + 1e-12)


def _studentised_quantile(
    design: _Design, beta: Array, rng: np.random.Generator, resamples: int, alpha: float
) -> float:
    """Return the 1 − alpha quantile of |b* − b| / se* over resampled prompts."""
    number = design.prompts
    chunk = max(1, _CHUNK_CELLS // len(design.score))
    found = []
    for begin in range(0, resamples, chunk):
        rows = min(chunk, resamples - begin)
        drawn = rng.integers(number, size=(rows, number)) + number * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * number).reshape(rows, number)
        again, se = _fit(design, counts.astype(np.float64), beta[0])
        # A resample without any spread of scores says nothing is known: count it as extreme.
        gap = np.abs(again[:, 0] - beta[0, 0])
        found.append(np.divide(gap, se, out=np.full(rows, np.inf), where=se > 1e-12))
    return float(np.quantile(np.concatenate(found), 1 - alpha, method="higher"))
