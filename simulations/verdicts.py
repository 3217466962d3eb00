"""Verdicts against a margin that are wrong, and the power that was planned."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from acceptance import ALPHA, AtMost, Between, Row
from kojudge.stats import similar_or_better, verdict_of
from kojudge.stats.bootstrap import max_t
from kojudge.stats.power import VarianceComponents, detectable_difference
from kojudge.stats.strata import Strata
from scenarios import ASYM, SAMPLES, STRONG, SYM, Writing, differences, family, one_stratum

MARGIN = 0.5
SD_1_8 = Writing(shared=1.0, own=math.sqrt(0.8), text=math.sqrt(3.3))
"""Prompt-level differences of SD 1.8 with four texts."""
HUNDRED = one_stratum(100)


def interval(
    world: Writing, effect: float, rng: np.random.Generator, resamples: int
) -> tuple[float, float]:
    """Return the engine's 95 % interval of a true ``effect`` over 100 prompts."""
    found = max_t(differences(rng, world, 100, effect), HUNDRED, rng, resamples=resamples)
    return float(found.low[0]), float(found.high[0])


def not_worse(world: Writing, rng: np.random.Generator, resamples: int) -> bool:
    """Is a candidate that is worse by the margin said to be similar or better?"""
    low, _ = interval(world, -MARGIN, rng, resamples)
    return similar_or_better(low, MARGIN)


def similar(sign: int, rng: np.random.Generator, resamples: int) -> bool:
    """Is a candidate that differs by the margin called similar?"""
    low, high = interval(SD_1_8, sign * MARGIN, rng, resamples)
    return verdict_of(low, high, MARGIN) == "similar"


def found_alone(world: Writing, strata: Strata, rng: np.random.Generator, resamples: int) -> bool:
    """Is the difference that the plan says is detectable found, with its right sign?"""
    delta = planned(world, strata.index.size, 1)
    d = differences(rng, world, strata.index.size, delta)
    return bool(max_t(d, strata, rng, resamples=resamples).low[0] > 0)


def found_in_family(
    world: Writing, strata: Strata, rng: np.random.Generator, resamples: int
) -> bool:
    """The same for one of 24 hypotheses, the others null."""
    d = family(rng, world, strata.index.size, SAMPLES)
    d[:, 0] += planned(world, strata.index.size, 24)
    return bool(max_t(d, strata, rng, alpha=ALPHA, resamples=resamples).low[0] > 0)


def planned(world: Writing, prompts: int, size: int) -> float:
    """Return the difference that ``prompts`` find with 80 % power in a family of ``size``."""
    components = VarianceComponents(2 * world.own**2, 2 * world.text**2, None)
    return detectable_difference(components.variance(SAMPLES), prompts, family=size)


ROWS = (
    Row(
        "not-worse-at-margin",
        "P(not worse or better given δ = −Δ), P = 100, Δ = .5, SD 1.8",
        AtMost(0.025),
        partial(not_worse, SD_1_8),
        runs=10_000,
    ),
    Row(
        "not-worse-at-margin-asym",
        "P(not worse or better given δ = −Δ), P = 100, Δ = .5, asym",
        AtMost(0.05),
        partial(not_worse, ASYM),
        runs=10_000,
    ),
    *(
        Row(
            f"similar-at-{name}-margin",
            f"P(similar given δ = {symbol}Δ), P = 100, Δ = .5, SD 1.8",
            AtMost(0.025),
            partial(similar, sign),
            runs=10_000,
        )
        for name, symbol, sign in (("plus", "+", 1), ("minus", "−", -1))
    ),
    *(
        Row(
            f"planner-{name}-{prompts}",
            f"power of one test at the planned difference, {name} models, P = {prompts}",
            Between(0.75, 0.88),
            partial(found_alone, world, one_stratum(prompts)),
            runs=10_000,
            quick=1000,
        )
        for name, world, prompts in (("mid", SYM, 30), ("strong", STRONG, 100))
    ),
    *(
        Row(
            f"planner-{name}-{prompts}-family",
            f"power of one of 24 at the planned difference, {name} models, P = {prompts}",
            Between(0.75, 0.88),
            partial(found_in_family, world, one_stratum(prompts)),
            runs=4000,
            resamples=999,
            quick=600,
        )
        for name, world, prompts in (("mid", SYM, 60), ("strong", STRONG, 100))
    ),
)
