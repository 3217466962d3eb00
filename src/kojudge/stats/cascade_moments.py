"""The arithmetic of a cascade: from two judges' differences to λ, an estimate and its variance.

Everything follows from weighted sums over prompts, so that one resample more is one product
of matrices more. In a stratum of P prompts with n of them drawn, v = 1/π and all means of the
drawn prompts weighted by v:

    estimate  Σ_k w_k [mean(Y) + λ (mean f of all − mean f of the drawn)]
    λ         Σ_k g_k Cov_k(Y, f) / Σ_k g_k Var_k(f),  g_k = w_k² (1/n_k − 1/P_k)
    variance  Σ_k w_k² [λ² s²(f of all)/P_k + n/(n−1) Σ v² e²/(Σ v)²],  e = Y − λ f, centred

times what estimating λ costs (one degree of freedom) in the last term. That λ makes the
variance smallest for an even draw; it is one for all strata, because a category of ten drawn
prompts cannot bear one of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kojudge.stats.bootstrap import canonical_order, resample_counts
from kojudge.stats.cascade_draw import Draw
from kojudge.stats.strata import Strata

Floats = NDArray[np.float64]
_FLAT = 1e-12
_BLOCK = 500
"""Resamples made at once: bounds memory."""
_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True, slots=True)
class Judged:
    """Two judges' differences of P prompts and H hypotheses, centred and scaled; [P, H] each.

    ``y`` of the drawn prompts and ``f`` of the same are centred by their weighted mean in the
    stratum, ``f_all`` by the mean of all prompts there; 0 where there is none. ``v`` is 1/π
    where the strong judge has a score, else 0. ``there`` tells what there is to judge.
    ``centre`` [K, H] is the strong judge's mean by stratum, ``gap`` [K, H] what f of all
    prompts lies above f of the drawn; ``unit`` and ``cheap_unit`` [H] undo the scaling of
    y and f.
    """

    y: Floats
    f: Floats
    f_all: Floats
    v: Floats
    there: NDArray[np.bool_]
    inclusion: Floats
    drawn: NDArray[np.bool_]
    strata: Strata
    centre: Floats
    gap: Floats
    unit: Floats
    cheap_unit: Floats

    @property
    def n(self) -> NDArray[np.intp]:
        """Prompts with a score of the strong judge by stratum, [K, H]."""
        return (_members(self.strata) @ (self.v > 0)).astype(np.intp)


@dataclass(frozen=True, slots=True)
class Solved:
    """What a set of sums comes to, [..., H]: ``slope`` λ, how far the estimate is ``moved``
    from the centre, its ``variance``; ``shares`` [..., K, H] what each stratum weighs.

    ``spread`` and ``cheap_spread`` are the weighted variances of Y and f within strata and
    ``joint`` their covariance.
    """

    slope: Floats
    moved: Floats
    variance: Floats
    shares: Floats
    spread: Floats
    cheap_spread: Floats
    joint: Floats


def judged(
    strong: ArrayLike, cheap: ArrayLike, asked: Draw, strata: Strata, there: ArrayLike | None
) -> Judged:
    """Return the differences ready for sums; arguments as for :func:`kojudge.stats.cascade`.

    Raises:
        ValueError: shapes that differ, or an infinite value.
    """
    y, f, exists = _checked(strong, cheap, asked, strata, there)
    labelled = exists & asked.drawn[:, None] & ~np.isnan(y)
    v = labelled / asked.inclusion[:, None]
    members, at = _members(strata), strata.index
    f = _filled(f, exists & ~np.isnan(f), strata)
    y = np.where(labelled, y, 0.0)
    total = np.maximum(members @ v, _TINY)
    centre, f_mean = members @ (v * y) / total, members @ (v * f) / total
    f_every = members @ np.where(exists, f, 0.0) / np.maximum(members @ exists, 1)
    y, unit = _scaled(np.where(labelled, y - centre[at], 0.0), centre)
    f_all, cheap_unit = _scaled(np.where(exists, f - f_every[at], 0.0), f_every)
    f_drawn = np.where(labelled & (f_all.any(0)), (f - f_mean[at]) / cheap_unit, 0.0)
    gap = (f_every - f_mean) / cheap_unit
    return Judged(
        y, f_drawn, f_all, v, exists, asked.inclusion, asked.drawn, strata, centre, gap, unit,
        cheap_unit,
    )  # fmt: skip


def observed(data: Judged, slope: Floats | None = None) -> Solved:
    """Solve the sums as they are; ``slope`` [H] fixes λ."""
    once = [np.ones((1, rows.size)) for rows in _groups(data)]
    solved = _solve(*_sums(data, once), data.strata.weights, slope)
    return Solved(*(getattr(solved, name)[0] for name in Solved.__slots__))


def variance_left(data: Judged, solved: Solved) -> Floats:
    """Return the variance about the strong judge's estimate on all P prompts, [H]; scaled.

    Only not having asked everywhere counts: Σ v² (1 − π) e² by stratum.
    """
    members = _members(data.strata)
    there = np.maximum(members @ (data.there & data.drawn[:, None]), 1)
    answered = (data.n / there)[data.strata.index]  # of the drawn prompts, those with a score
    left = 1 - np.minimum(1.0, data.inclusion[:, None] * answered)
    e = data.y - solved.slope * data.f
    total = np.where(data.n > 0, members @ data.v, 1.0)
    parts = members @ (data.v**2 * left * e**2) / total**2 * _unbiased(data.n)
    found: Floats = _cost(data.n, solved) * (solved.shares**2 * parts).sum(0)
    return found


def resampled(
    data: Judged, slope: Floats, rng: np.random.Generator, resamples: int
) -> NDArray[np.float32]:
    """Return |T*| of every resample and hypothesis, [B, H]; λ is estimated anew in each.

    Drawn and other prompts are resampled apart, within their stratum: the numbers drawn were
    fixed. A resample that does not vary counts as infinitely far off.
    """
    groups = _ordered(data, slope)
    blocks = []
    for start in range(0, resamples, _BLOCK):
        size = min(_BLOCK, resamples - start)
        counts = [_counts(rng, size, rows.size) for rows in groups]
        found = _solve(*_sums(data, counts, groups), data.strata.weights, None)
        with np.errstate(invalid="ignore", divide="ignore"):
            t = np.abs(found.moved) / np.sqrt(found.variance)
        still = np.where(np.abs(found.moved) < 1e-9, 0.0, np.inf)
        blocks.append(np.where(found.variance <= 1e-20, still, t).astype(np.float32))
    return np.concatenate(blocks)


def _counts(rng: np.random.Generator, size: int, prompts: int) -> Floats:
    if prompts == 0:  # the strong judge was asked about the whole stratum
        return np.zeros((size, 0))
    return resample_counts(rng, size, prompts).astype(np.float64)


def _groups(data: Judged) -> list[NDArray[np.intp]]:
    """Return the rows of each stratum's drawn, then its other prompts: 2·K groups."""
    index, drawn = data.strata.index, data.drawn
    return [
        np.flatnonzero((index == k) & (drawn == which))
        for k in range(data.strata.weights.size)
        for which in (True, False)
    ]


def _ordered(data: Judged, slope: Floats) -> list[NDArray[np.intp]]:
    """Return the groups in an order that names and signs do not enter."""
    rectified = np.where(
        data.drawn[:, None], data.v * (data.y - slope * data.f), slope * data.f_all
    )
    order = canonical_order(rectified, 2 * data.strata.index + ~data.drawn)
    place = np.empty(order.size, dtype=np.intp)
    place[order] = np.arange(order.size)
    return [rows[np.argsort(place[rows])] for rows in _groups(data)]


def _sums(
    data: Judged, counts: list[Floats], groups: list[NDArray[np.intp]] | None = None
) -> tuple[Floats, Floats]:
    """Return the sums of the drawn prompts [B, K, 13, H] and of f of all [B, K, 3, H]."""
    drawn_columns, all_columns = _columns(data)
    groups = _groups(data) if groups is None else groups
    drawn_sums, all_sums = [], []
    for k in range(data.strata.weights.size):
        (drawn, rest), (often, others) = groups[2 * k : 2 * k + 2], counts[2 * k : 2 * k + 2]
        drawn_sums.append(often @ drawn_columns[drawn])
        all_sums.append(often @ all_columns[drawn] + others @ all_columns[rest])
    size, hypotheses = counts[0].shape[0], data.y.shape[1]
    return (
        np.stack(drawn_sums, 1).reshape(size, -1, 13, hypotheses),
        np.stack(all_sums, 1).reshape(size, -1, 3, hypotheses),
    )


def _columns(data: Judged) -> tuple[Floats, Floats]:
    y, f, v, w = data.y, data.f, data.v, data.v**2
    products = [
        (v > 0).astype(np.float64),
        *(u * x for u in (v, w) for x in (np.ones_like(y), y, f, y * y, f * f, y * f)),
    ]
    every = [data.there.astype(np.float64), data.f_all, data.f_all**2]
    return np.hstack(products), np.hstack(every)


def _solve(drawn: Floats, every: Floats, weights: Floats, slope: Floats | None) -> Solved:
    n, v, vy, vf, vyy, vff, vyf, w, wy, wf, wyy, wff, wyf = np.moveaxis(drawn, 2, 0)
    size, f1, f2 = np.moveaxis(every, 2, 0)
    usable = n >= 2
    shares = np.where(usable, weights[:, None], 0.0)
    shares = shares / np.maximum(shares.sum(-2, keepdims=True), _TINY)
    v, n_, size = np.where(usable, v, 1.0), np.maximum(n, 2), np.maximum(size, 2)
    y_mean, f_mean, f_every = vy / v, vf / v, f1 / size
    spread, cheap = vyy / v - y_mean**2, vff / v - f_mean**2
    joint = vyf / v - y_mean * f_mean
    g = shares**2 * np.maximum(1 / n_ - 1 / size, 0.0)
    fixed = slope is not None
    if slope is None:
        top, bottom = (g * joint).sum(-2), (g * cheap).sum(-2)
        varies = bottom > _FLAT**2 * np.maximum(g.sum(-2), _TINY)
        slope = np.where(varies, top / np.where(varies, bottom, 1.0), 0.0)
    b = slope[..., None, :]
    m = y_mean - b * f_mean
    e2 = wyy - 2 * b * wyf + b**2 * wff - 2 * m * (wy - b * wf) + m**2 * w
    own = np.maximum(e2, 0.0) / v**2 * n_ / (n_ - 1)
    others = np.maximum(f2 / size - f_every**2, 0.0) / (size - 1)
    spent = 1.0 if fixed else _spent(n, usable, slope)
    variance = spent * (shares**2 * own).sum(-2) + slope**2 * (shares**2 * others).sum(-2)
    return Solved(
        slope,
        (shares * (y_mean + b * (f_every - f_mean))).sum(-2),
        variance,
        shares,
        (shares * spread).sum(-2),
        (shares * cheap).sum(-2),
        (shares * joint).sum(-2),
    )


def _spent(n: Floats, usable: NDArray[np.bool_], slope: Floats) -> Floats:
    """Return what λ's degree of freedom costs: (n − K)/(n − K − 1); 1 where there is no λ."""
    free = np.where(usable, n - 1, 0.0).sum(-2)
    cost: Floats = np.where((slope != 0) & (free > 1), free / np.maximum(free - 1, 1.0), 1.0)
    return cost


def _cost(n: NDArray[np.intp], solved: Solved) -> Floats:
    return _spent(n.astype(np.float64), n >= 2, solved.slope)


def _unbiased(n: NDArray[np.intp]) -> Floats:
    found: Floats = np.where(n >= 2, n / np.maximum(n - 1, 1), 0.0)
    return found


def _members(strata: Strata) -> Floats:
    found: Floats = np.eye(strata.weights.size)[strata.index].T
    return found


def _filled(f: Floats, known: NDArray[np.bool_], strata: Strata) -> Floats:
    """Return ``f`` with its stratum's mean where it is not known."""
    members = _members(strata)
    mean = members @ np.where(known, f, 0.0) / np.maximum(members @ known, 1)
    return np.where(known, f, mean[strata.index])


def _scaled(x: Floats, centre: Floats) -> tuple[Floats, Floats]:
    """Return ``x`` with a largest value of 1 and the unit; 0 where it varies by rounding alone."""
    largest = np.abs(x).max(0, initial=0.0)
    size = np.maximum(1.0, np.abs(centre).max(0, initial=0.0))
    unit = np.where(largest > _FLAT * size, largest, np.inf)
    return x / unit, np.where(np.isinf(unit), 1.0, unit)


def _checked(
    strong: ArrayLike, cheap: ArrayLike, asked: Draw, strata: Strata, there: ArrayLike | None
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    y, f = (np.asarray(one, dtype=np.float64) for one in (strong, cheap))
    if y.ndim != 2 or y.shape[0] != strata.index.size or y.shape != f.shape:
        raise ValueError("strong and cheap must have shape [prompts, hypotheses]")
    if asked.drawn.shape != strata.index.shape:
        raise ValueError("asked must be of the same prompts")
    if np.isinf(y).any() or np.isinf(f).any():
        raise ValueError("differences must be finite, or NaN where there is none")
    exists = np.ones(y.shape, np.bool_) if there is None else np.asarray(there, dtype=np.bool_)
    if exists.shape != y.shape:
        raise ValueError("there must have the shape of strong")
    return y, f, exists
