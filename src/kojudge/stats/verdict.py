"""What a simultaneous interval says, given a margin fixed before the data."""

from __future__ import annotations

from typing import Literal

Verdict = Literal["better", "similar", "not worse", "worse", "undecided", "refused"]

MIN_PROMPTS = 8
"""Below this many prompts no verdict is given."""
FEW_PROMPTS = 20
"""Below this many prompts a verdict carries a warning."""


def verdict_of(low: float, high: float, margin: float) -> Verdict:
    """Return the verdict for the interval [``low``, ``high``] and ±``margin``, in this order.

    better: low > 0 · worse: high < 0 · similar: −margin < low and high < margin ·
    not worse: low > −margin · undecided. Superiority after non-inferiority needs no extra
    alpha, for the hypotheses are nested.

    Raises:
        ValueError: low > high, or the margin is not positive.
    """
    if not low <= high or not margin > 0:
        raise ValueError("need low <= high and margin > 0")
    if low > 0:
        return "better"
    if high < 0:
        return "worse"
    if -margin < low and high < margin:
        return "similar"
    return "not worse" if low > -margin else "undecided"


def similar_or_better(low: float, margin: float) -> bool:
    """Tell whether the interval's lower bound lies above −``margin``."""
    return low > -margin


def still_holds(verdict: Verdict, low: float, high: float, margin: float) -> bool:
    """Tell whether what ``verdict`` claims is also true of another interval [low, high].

    "not worse" holds of a better one too; "undecided" and "refused" claim nothing.
    """
    claims = {
        "better": low > 0,
        "worse": high < 0,
        "similar": -margin < low and high < margin,
        "not worse": low > -margin,
    }
    return claims.get(verdict, True)
