"""Stopping early without paying for it in errors.

Group-sequential looks with O'Brien–Fleming boundaries (O'Brien and Fleming 1979,
Biometrics 35, 549–556; Jennison and Turnbull 2000, Group Sequential Methods, chapters 2
and 9) for planned looks; a cosh e-process for those who look at any time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.optimize import brentq
from scipy.special import ndtr

from kojudge.stats.verdict import verdict_of

Array = NDArray[np.float64]
Stop = Literal["better", "worse", "similar"]


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Two-sided O'Brien–Fleming boundaries for K equally spaced looks.

    ``constant`` is C_B(K, alpha); ``critical`` c_k = C_B √(K/k) bounds |z| at look k;
    ``nominal`` is its two-sided level 2(1 − Φ(c_k)): the alpha of the interval, the t or the
    bootstrap test at that look; ``spent`` the error used up by then. All shape [K].
    """

    looks: int
    alpha: float
    constant: float
    critical: tuple[float, ...]
    nominal: tuple[float, ...]
    spent: tuple[float, ...]


def obrien_fleming(looks: int = 5, alpha: float = 0.05) -> Boundaries:
    """Return the boundaries whose total two-sided error over ``looks`` is ``alpha``.

    Recursive integration of the joint density of the partial sums (Armitage, McPherson and
    Rowe 1969, JRSS A 132, 235–244). Exact for normal z with known variance at equally spaced
    information; with t or a bootstrap, use ``nominal`` (Jennison and Turnbull, section 4.4).
    Not stopping for efficacy at the first look (see ``decide``) only lowers the error.

    Raises:
        ValueError: looks < 2, or alpha is not inside 0–1.
    """
    if looks < 2 or not 0 < alpha < 1:
        raise ValueError("need looks >= 2 and 0 < alpha < 1")

    def excess(constant: float) -> float:
        return sum(_crossings(looks, constant * math.sqrt(looks), 0.0)) - alpha

    single = float(stats.norm.isf(alpha / 2))
    constant = float(brentq(excess, 0.9 * single, 2 * single + 2, xtol=1e-12))
    critical = [constant * math.sqrt(looks / k) for k in range(1, looks + 1)]
    spent = np.cumsum(_crossings(looks, constant * math.sqrt(looks), 0.0))
    return Boundaries(
        looks=looks,
        alpha=alpha,
        constant=constant,
        critical=tuple(critical),
        nominal=tuple((2 * stats.norm.sf(critical)).tolist()),
        spent=tuple(spent.tolist()),
    )


def crossings(boundaries: Boundaries, drift: float) -> tuple[float, ...]:
    """Return the probability of stopping for efficacy at each look, shape [K].

    ``drift`` is the expected z at the last look: (δ/σ)√P for a mean difference δ of SD σ
    over P prompts. The sum is the power at that drift. As in ``decide`` the first look
    never stops; stops for "similar" are not counted.
    """
    height = boundaries.constant * math.sqrt(boundaries.looks)
    step = drift / math.sqrt(boundaries.looks)
    return tuple(_crossings(boundaries.looks, height, step, first=2))


def expected_share(boundaries: Boundaries, drift: float) -> float:
    """Return the expected share (0–1) of the maximal prompts that is used at ``drift``."""
    first = np.array(crossings(boundaries, drift))
    share = np.arange(1, boundaries.looks + 1) / boundaries.looks
    return float(first @ share + 1 - first.sum())


def inflation(boundaries: Boundaries, power: float = 0.8) -> float:
    """Return maximal prompts / prompts of a fixed design of the same alpha and ``power``.

    Jennison and Turnbull's R_B(K, alpha, beta), a little above 1.

    Raises:
        ValueError: power does not lie between alpha and 1.
    """
    if not boundaries.alpha < power < 1:
        raise ValueError("need alpha < power < 1")
    fixed = float(stats.norm.isf(boundaries.alpha / 2) + stats.norm.ppf(power))
    drift = brentq(lambda d: sum(crossings(boundaries, d)) - power, 0.0, 2 * fixed + 5)
    return float((drift / fixed) ** 2)


def _crossings(looks: int, height: float, drift: float, first: int = 1) -> list[float]:
    """Return the probabilities that |S_k| ≥ height first at look k, for looks from ``first``.

    S is a walk of N(drift, 1) steps. Its density inside (−height, height) is carried on
    Gauss–Legendre nodes, a dozen to a unit of width, which gives more than ten digits.
    """
    nodes, weights = np.polynomial.legendre.leggauss(max(64, math.ceil(8 * height)))
    at, mass = height * nodes, height * weights
    kernel = _normal_density(at[:, None] - at[None, :] - drift) * mass
    leaves = (ndtr(at + drift - height) + ndtr(-at - drift - height)) * mass
    mean, sd = drift * first, math.sqrt(first)
    inside = _normal_density((at - mean) / sd) / sd
    found = [0.0] * (first - 1)
    found.append(float(ndtr((mean - height) / sd) + ndtr((-mean - height) / sd)))
    while len(found) < looks:
        found.append(float(leaves @ inside))
        inside = kernel @ inside
    return found


def _normal_density(x: Array) -> Array:
    density: Array = np.exp(-0.5 * x**2) / math.sqrt(2 * math.pi)
    return density


def decide(look: int, low: float, high: float, margin: float) -> Stop | None:
    """Return the verdict to stop with after ``look`` (from 1), or None to go on.

    [low, high] is the interval of level 1 − ``nominal[look − 1]`` (family-adjusted where
    there is a family): a repeated confidence interval (Jennison and Turnbull 1989, JRSS B
    51, 305–361). All looks' intervals cover together with probability 1 − alpha, so a
    verdict read off any of them keeps its error rate, whatever made one stop. Stop on
    better, worse or similar (``verdict_of``); "not worse" waits for the last look.

    The first look never stops for better or worse: its alpha is below what a bootstrap of
    any sensible size can resolve.

    Raises:
        ValueError: look < 1, low > high, or the margin is not positive.
    """
    if look < 1:
        raise ValueError("looks count from 1")
    verdict = verdict_of(low, high, margin)
    if verdict == "similar":
        return verdict
    if look > 1 and (verdict == "better" or verdict == "worse"):
        return verdict
    return None


@dataclass(frozen=True, slots=True)
class CoshProcess:
    """Evidence against a mean of 0 after each of n prompts, shape [n] (or [R, n]).

    ``e_values`` ≥ 0 have expectation at most 1 under the null at any stopping time;
    ``p_values`` = min(1, 1 / running maximum) may be read after every prompt.
    """

    e_values: Array
    p_values: Array


def cosh_process(differences: ArrayLike, rate: float, variance: float | None) -> CoshProcess:
    """Return e_t = exp(−λ² V_t / 2) · cosh(λ S_t), S_t the sum of the first t differences.

    The even mixture of the exponential supermartingales for +λ and −λ. ``differences`` are
    prompt-level, in random order, shape [n] or [R, n]; ``rate`` λ > 0 is fixed beforehand,
    best near δ/σ² for the difference δ one plans for. ``variance`` picks V_t:

    * a number σ², an upper bound of the variance known beforehand (for differences within
      ±c, c² always holds): V_t = (Σ d² + 2tσ²)/3, valid for any shape of d (Delyon 2009,
      Electronic Journal of Probability 14, 793–829; Howard et al. 2020, Probability Surveys
      17, 257–317, table 3);
    * None: V_t = Σ d², valid only where d is symmetric about 0 under the null (de la Peña
      1999, Annals of Probability 27, 537–564), hence not for a candidate that now and then
      collapses.

    p = 1 / max e by Ville's inequality.

    Raises:
        ValueError: a difference is not finite, or rate or variance is not positive.
    """
    d = np.asarray(differences, dtype=np.float64)
    if d.ndim not in (1, 2) or not np.isfinite(d).all():
        raise ValueError("differences must be finite, of shape [n] or [R, n]")
    if not rate > 0 or (variance is not None and not variance > 0):
        raise ValueError("rate and variance must be positive")
    total = np.abs(np.cumsum(d, axis=-1)) * rate
    spread = np.cumsum(d**2, axis=-1)
    if variance is not None:
        spread = (spread + 2 * variance * np.arange(1, d.shape[-1] + 1)) / 3
    # log cosh x = x + log((1 + e^(−2x)) / 2), which does not overflow.
    log_e = total + np.log1p(np.exp(-2 * total)) - math.log(2) - rate**2 * spread / 2
    best = np.maximum.accumulate(log_e, axis=-1)
    return CoshProcess(np.exp(np.minimum(log_e, 700.0)), np.exp(-np.maximum(best, 0.0)))


def batches(
    rng: np.random.Generator, strata: Sequence[str], looks: int = 5
) -> tuple[NDArray[np.intp], ...]:
    """Deal prompts into ``looks`` random batches, stratified; the seed of ``rng`` fixes them.

    ``strata[p]`` is the category of prompt p. Returns the prompt numbers of each batch:
    sizes differ by one at most, and each category is spread evenly over them: a category of
    n among P prompts in C categories is at every look within 1 + n·C/P of its share.

    Raises:
        ValueError: looks < 1, or there are fewer prompts than looks.
    """
    if looks < 1 or len(strata) < looks:
        raise ValueError(f"need 1 <= looks <= prompts, got {looks} looks, {len(strata)} prompts")
    labels = np.asarray(strata)
    place = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        steps = np.arange(members.size) + rng.random()
        place[rng.permutation(members)] = steps / members.size
    return tuple(np.array_split(np.argsort(place, kind="stable"), looks))
