"""Looking before all prompts are in, without a difference."""

from __future__ import annotations

from functools import partial

import numpy as np

from acceptance import ALPHA, Above, AtMost, Row
from kojudge.stats import combine_log_odds
from kojudge.stats.bootstrap import max_t
from kojudge.stats.sequential import batches, cosh_process, decide, obrien_fleming
from kojudge.stats.strata import stratify
from scenarios import (
    ASYM,
    CATEGORIES,
    COLLAPSE_RATE,
    SAMPLES,
    SYM,
    Floats,
    Writing,
    differences,
    pair_probabilities,
)

LOOKS = 5
NOMINAL = obrien_fleming(LOOKS, ALPHA).nominal
PROMPTS = 100
SET = [CATEGORIES[at % 3] for at in range(PROMPTS)]
TINY = 1e-9
"""A margin that never stops for "similar", which could only lower the error."""


def stops(
    levels: tuple[float, ...], world: Writing, rng: np.random.Generator, resamples: int
) -> bool:
    """Five looks at 100 prompts in three categories: does any stop for better or worse?

    Prompts arrive in the stratified batches of ``kojudge.stats.sequential``; each look from
    the second on is the engine's interval at its own level.
    """
    d = differences(rng, world, PROMPTS)
    dealt = batches(rng, SET, LOOKS)
    for look in range(2, LOOKS + 1):
        seen = np.concatenate(dealt[:look])
        strata = stratify([SET[at] for at in seen])
        found = max_t(d[seen], strata, rng, alpha=levels[look - 1], resamples=resamples)
        if decide(look, float(found.low[0]), float(found.high[0]), TINY) is not None:
            return True
    return False


def e_process_reaches(
    world: Writing, known_variance: bool, rng: np.random.Generator, _: int
) -> bool:
    """300 prompts, a look after each: does the e-process ever reach 1/α?"""
    d: Floats = differences(rng, world, 300)[:, 0]
    variance = variance_of(world)
    rate = 0.3 / np.sqrt(variance)
    process = cosh_process(d, rate, variance if known_variance else None)
    return bool(process.p_values[-1] <= ALPHA)


def e_process_of_wins(rng: np.random.Generator, _: int) -> bool:
    """The same for win scores less ½, whose variance is at most ¼ whatever they are."""
    wins = combine_log_odds(*pair_probabilities(rng, 300, bias=0.6)).mean(axis=1)
    return bool(cosh_process(wins - 0.5, 0.5, 0.25).p_values[-1] <= ALPHA)


def variance_of(world: Writing) -> float:
    """Return the variance of the prompt-level differences of ``world``."""
    fallen = world.collapse**2 * COLLAPSE_RATE * (1 - COLLAPSE_RATE)
    return 2 * world.own**2 + 2 * world.text**2 / SAMPLES + fallen


ROWS = (
    *(
        Row(
            f"obf-5-{name}",
            f"O'Brien–Fleming, 5 looks at 100 prompts in three strata, engine, {name}",
            AtMost(bound),
            partial(stops, NOMINAL, world),
            runs=4000,
            resamples=9999,
            quick=200,
            quick_resamples=1999,
        )
        for name, world, bound in (("sym", SYM, 0.05), ("asym", ASYM, 0.08))
    ),
    Row(
        "control-careless-looks",
        "negative control: every look at 5 %, sym",
        Above(0.08),
        partial(stops, (ALPHA,) * LOOKS, SYM),
        runs=4000,
        resamples=999,
        quick=200,
    ),
    Row(
        "cosh-e-sym",
        "cosh e-process, 300 looks, sym, no variance given",
        AtMost(0.05),
        partial(e_process_reaches, SYM, False),
        runs=10_000,
        resamples=None,
    ),
    *(
        Row(
            f"cosh-e-{name}-variance",
            f"cosh e-process, 300 looks, {name}, variance given",
            AtMost(0.05),
            partial(e_process_reaches, world, True),
            runs=10_000,
            resamples=None,
        )
        for name, world in (("sym", SYM), ("asym", ASYM))
    ),
    Row(
        "cosh-e-wins",
        "cosh e-process, 300 looks, win scores of even pairs, variance ≤ ¼",
        AtMost(0.05),
        e_process_of_wins,
        runs=10_000,
        resamples=None,
    ),
)
