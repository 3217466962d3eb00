"""Standardised effect of paired differences with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import chdtri, nctdtr

_FAR = 1e4


@dataclass(frozen=True, slots=True)
class Effect:
    """``size`` = mean / SD of the prompt-level differences (Cohen's d_z), with its interval."""

    size: float
    low: float
    high: float


def standardised_effect(
    delta: float, se: float, sd: float, df: float, alpha: float = 0.05
) -> Effect:
    """Return the effect size and its two-sided 1 − ``alpha`` interval.

    ``delta`` has the standard error ``se`` with ``df`` degrees of freedom; ``sd`` is that of
    the differences, in one unit. The interval inverts the non-central t of delta/se
    (Steiger and Fouladi 1997, in What If There Were No Significance Tests?): exact for
    normal differences in one stratum, with Satterthwaite's df close to it in several.

    Raises:
        ValueError: se, sd or df is not positive, or alpha is not inside 0–1.
    """
    if not (se > 0 and sd > 0 and df > 0 and 0 < alpha < 1):
        raise ValueError("need se > 0, sd > 0, df > 0 and 0 < alpha < 1")
    t, unit = delta / se, se / sd
    low = _noncentrality(t, df, 1 - alpha / 2) * unit
    return Effect(delta / sd, low, -_noncentrality(-t, df, 1 - alpha / 2) * unit)


def _noncentrality(t: float, df: float, share: float) -> float:
    """Return the non-centrality under which a t below ``t`` has probability ``share``."""

    if abs(t) > _FAR:  # the normal part no longer matters beside the spread of s
        tail = share if t > 0 else 1 - share
        return t * math.sqrt(float(chdtri(df, tail)) / df)

    def excess(nc: float) -> float:
        # For t < 0 by symmetry: nctdtr loses its accuracy there.
        below = float(nctdtr(df, nc, t) if t >= 0 else 1 - nctdtr(df, -nc, -t))
        if math.isnan(below):  # so far out in a tail that nctdtr gives up
            below = 1.0 if nc < t else 0.0
        return below - share

    # The variance of t about its centre grows with t²/df.
    reach = 10 + 10 * abs(t) * (1 / math.sqrt(df) + 0.2)
    return float(brentq(excess, t - reach, t + reach, xtol=1e-9))
