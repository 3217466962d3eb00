"""What fraction of the prompts the strong judge of a cascade must read.

From a pilot that both judges have read: the strong judge's SD over prompts and how far the
cheap judge follows it. With n of P prompts drawn the variance of the estimate is about

    sd² [1/P + (1 − r²)(1/n − 1/P)]

(Angelopoulos, Duchi and Zrnic 2023, arXiv:2311.01453, at the best λ): asking the strong judge
more often helps only in the second part, and asking it everywhere leaves sd²/P.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from kojudge.stats.cascade import MIN_STRONG


def expected_half_width(
    drawn: int,
    prompts: int,
    sd: float,
    correlation: float,
    *,
    alpha: float = 0.05,
    tests: int = 1,
    strata: int = 1,
) -> float:
    """Return the expected half-width of one of ``tests`` simultaneous intervals, in sd's unit.

    ``sd`` is that of the strong judge's prompt-level differences within strata and
    ``correlation`` that with the cheap judge's. The critical value is Bonferroni's t, a bound
    of the max-|T| that the interval will have: candidates share the baseline, so theirs is
    lower.

    Raises:
        ValueError: sd < 0, |correlation| > 1, alpha outside 0–1, tests or strata < 1, or
            drawn not between strata + 2 and prompts.
    """
    if sd < 0 or not -1 <= correlation <= 1 or not 0 < alpha < 1 or tests < 1 or strata < 1:
        raise ValueError("need sd >= 0, a correlation from −1 to 1, 0 < alpha < 1, tests, strata")
    if not strata + 2 <= drawn <= prompts:
        raise ValueError(f"need {strata + 2} <= drawn <= prompts, not {drawn} of {prompts}")
    df = drawn - strata - 1
    unknown = (1 - correlation**2) * (1 / drawn - 1 / prompts) * (df + 1) / df
    critical = float(stats.t.ppf(1 - alpha / 2 / tests, df))
    return critical * sd * math.sqrt(1 / prompts + unknown)


def fraction_needed(
    half_width: float,
    prompts: int,
    sd: float,
    correlation: float,
    *,
    alpha: float = 0.05,
    tests: int = 1,
    strata: int = 1,
) -> float | None:
    """Return the least fraction of ``prompts`` (0–1] whose interval is as narrow as wanted.

    At least ``MIN_STRONG`` prompts are drawn. None where all prompts are not enough: then
    only more prompts help.

    Raises:
        ValueError: half_width <= 0, fewer than ``MIN_STRONG`` prompts, or as for
            :func:`expected_half_width`.
    """
    if half_width <= 0 or prompts < MIN_STRONG:
        raise ValueError(f"need half_width > 0 and at least {MIN_STRONG} prompts")

    def wide(drawn: int) -> bool:
        found = expected_half_width(
            drawn, prompts, sd, correlation, alpha=alpha, tests=tests, strata=strata
        )
        return found > half_width

    low, high = max(MIN_STRONG, strata + 2), prompts
    if wide(high):
        return None
    while low < high:  # the width falls with every prompt drawn
        middle = (low + high) // 2
        low, high = (middle + 1, high) if wide(middle) else (low, middle)
    return low / prompts


def cautious_correlation(correlation: float, pilot: int, level: float = 0.9) -> float:
    """Return a correlation that the true one exceeds with probability ``level``, at least 0.

    ``correlation`` was seen on ``pilot`` prompts; Fisher's z. A fraction planned with what a
    small pilot happened to show would be too small half of the time.

    Raises:
        ValueError: |correlation| > 1, pilot < 4 or level outside 0–1.
    """
    if not -1 <= correlation <= 1 or pilot < 4 or not 0 < level < 1:
        raise ValueError("need a correlation from −1 to 1, pilot >= 4 and 0 < level < 1")
    size = min(abs(correlation), 1 - 1e-12)
    z = np.arctanh(size) - stats.norm.ppf(level) / math.sqrt(pilot - 3)
    return float(max(0.0, np.tanh(z)))
