"""How wide a cascade's interval is against the strong judge's calls; prints the README's table.

python simulations/cascade_widths.py
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from acceptance import ALPHA, SEED
from cascades import PROMPTS, STRATA, Judges, follows, result, unsure
from kojudge.stats.bootstrap import max_t
from kojudge.stats.cascade_size import expected_half_width
from scenarios import SYM

FRACTIONS = (0.1, 0.2, 0.3, 0.5)
RUNS = 400
RESAMPLES = 399


def main() -> None:
    print("| judges | " + " | ".join(f"{round(100 * f)} % of the calls" for f in FRACTIONS) + " |")
    print("|" + "---|" * (1 + len(FRACTIONS)))
    for r in (0.0, 0.5, 0.7, 0.9):
        world = partial(follows, SYM, r)
        _line(f"r = {r:g}", [_widths(world, f, uncertain=False) for f in FRACTIONS])
        _line(f"r = {r:g}, as planned", [_planned(r, f) for f in FRACTIONS])
    for name, uncertain in (("even draw", False), ("uncertain more often", True)):
        found = [_widths(unsure, f, uncertain=uncertain) for f in FRACTIONS]
        _line(f"errs where unsure, {name}", found)


def _line(name: str, cells: list[tuple[float, float]]) -> None:
    shown = (
        f"{mean:.2f}" if np.isnan(full) else f"{mean:.2f} ({full:.2f})" for mean, full in cells
    )
    print(f"| {name} | " + " | ".join(shown) + " |", flush=True)


def _widths(
    world: Callable[[np.random.Generator], Judges], fraction: float, *, uncertain: bool
) -> tuple[float, float]:
    """Return the interval's width over that of the strong judge on all 300, and ``full``'s."""
    rng = np.random.default_rng([SEED, round(100 * fraction)])
    means, fulls = [], []
    for _ in range(RUNS):
        found, _ = result(world, fraction, uncertain, rng, RESAMPLES)
        everywhere = max_t(world(rng)[0], STRATA, rng, alpha=ALPHA, resamples=RESAMPLES)
        alone = everywhere.high[0] - everywhere.low[0]
        low, high = found.full
        means.append((found.tested.high[0] - found.tested.low[0]) / alone)
        fulls.append((high[0] - low[0]) / alone)
    return float(np.mean(means)), float(np.mean(fulls))


def _planned(r: float, fraction: float) -> tuple[float, float]:
    drawn = round(fraction * PROMPTS)
    found, everywhere = (
        expected_half_width(n, PROMPTS, 1.0, r, strata=3) for n in (drawn, PROMPTS)
    )
    return found / everywhere, float("nan")


if __name__ == "__main__":
    main()
