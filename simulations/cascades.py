"""A cascade: the strong judge asked about a part of 300 prompts, the cheap one about all.

The two judges' worlds have three categories. *sym* and *asym* are those of the other rows;
the cheap judge has a scale and a bias of its own everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from acceptance import ALPHA, Above, AtMost, Row
from kojudge.stats.bootstrap import estimate
from kojudge.stats.cascade import Cascade, cascade
from kojudge.stats.cascade_draw import draw, draw_uncertain
from kojudge.stats.paired import paired_mean
from scenarios import ASYM, SYM, Floats, Writing, collapses, differences, family, three_strata

PROMPTS = 300
STRATA = three_strata(PROMPTS)
Judges = tuple[Floats, Floats, Floats]
"""The strong and the cheap judge's differences [P, H] and how unsure the cheap one is [P]."""
World = Callable[[np.random.Generator], Judges]


def follows(writing: Writing, r: float, rng: np.random.Generator) -> Judges:
    """Return a strong judge of ``writing`` and a cheap one that correlates with it by ``r``."""
    y = differences(rng, writing, PROMPTS)
    return y, cheaper(rng, y, r), np.ones(PROMPTS)


def cheaper(rng: np.random.Generator, y: Floats, r: float) -> Floats:
    """Return differences that correlate with ``y`` by ``r``, in another unit and biased."""
    noise = rng.normal(size=y.shape)
    found: Floats = 0.6 * (r * y / 2.5 + math.sqrt(1 - r * r) * noise) - 0.5
    return found


def blind(rng: np.random.Generator) -> Judges:
    """The cheap judge does not see that the candidate collapses on 12 % of the prompts."""
    seen = rng.normal(0, 1.2, (PROMPTS, 1))
    cheap = 0.5 * seen + rng.normal(0, 0.4, seen.shape) + 1
    return seen + collapses(rng, ASYM, seen.shape), cheap, np.ones(PROMPTS)


def levels(rng: np.random.Generator) -> Judges:
    """Both judges answer in whole points from 1 to 5, most of them 4."""

    def whole(x: Floats) -> Floats:
        found: Floats = np.clip(np.round(x), 1, 5)
        return found

    candidate, baseline = (rng.normal(4, 0.8, (PROMPTS, 1)) for _ in range(2))
    noise = rng.normal(0, 0.5, (2, PROMPTS, 1))
    cheap = whole(0.6 * candidate + 1.5 + noise[0]) - whole(0.6 * baseline + 1.3 + noise[1])
    return whole(candidate) - whole(baseline), cheap, np.ones(PROMPTS)


def heavy(rng: np.random.Generator) -> Judges:
    """Student's t with 3 degrees of freedom; the uncertainty is made up and tells nothing."""
    y = rng.standard_t(3, (PROMPTS, 1))
    cheap = 0.5 * y + rng.standard_t(3, y.shape)
    return y, cheap, np.abs(rng.normal(size=PROMPTS)) + 0.1


def unsure(rng: np.random.Generator) -> Judges:
    """The cheap judge errs more where it is unsure, and knows roughly where."""
    spread = np.exp(rng.normal(0, 0.8, (PROMPTS, 1)))
    seen = rng.normal(size=(PROMPTS, 1))
    y = seen + spread * rng.normal(size=seen.shape)
    return y, 0.8 * seen + 0.3, (spread * np.exp(rng.normal(0, 0.3, spread.shape)))[:, 0]


def result(
    world: World, fraction: float, uncertain: bool, rng: np.random.Generator, resamples: int
) -> tuple[Cascade, Floats]:
    """Return one cascade and the strong judge's own estimate on all prompts [H]."""
    y, f, unsure_of = world(rng)
    asked = (
        draw_uncertain(rng, STRATA, fraction, unsure_of)
        if uncertain
        else draw(rng, STRATA, fraction)
    )
    hidden = np.where(asked.drawn[:, None], y, np.nan)
    found = cascade(hidden, f, asked, STRATA, rng, alpha=ALPHA, resamples=resamples)
    return found, estimate(y, STRATA).delta


def misses_full(
    world: World, fraction: float, uncertain: bool, rng: np.random.Generator, resamples: int
) -> bool:
    """Does the interval miss what the strong judge says when asked about every prompt?"""
    found, full = result(world, fraction, uncertain, rng, resamples)
    low, high = found.full
    return not low[0] <= full[0] <= high[0]


def misses_mean(
    world: World, fraction: float, uncertain: bool, rng: np.random.Generator, resamples: int
) -> bool:
    """Does the verdict's interval miss the strong judge's mean over prompts like these (0)?"""
    found, _ = result(world, fraction, uncertain, rng, resamples)
    return not found.tested.low[0] <= 0 <= found.tested.high[0]


def any_rejected(
    writing: Writing, fraction: float, rng: np.random.Generator, resamples: int
) -> bool:
    """One family of 24 without a difference: is any of them rejected?"""
    y = family(rng, writing, PROMPTS, 3)
    asked = draw(rng, STRATA, fraction)
    found = cascade(y, cheaper(rng, y, 0.7), asked, STRATA, rng, alpha=ALPHA, resamples=resamples)
    return bool(np.nanmin(found.tested.p_adjusted) <= ALPHA)


def cheap_alone_misses(rng: np.random.Generator, _: int) -> bool:
    """Does the biased cheap judge's own interval, rescaled, miss the strong judge's mean?"""
    _, f, _ = follows(SYM, 0.8, rng)
    found = paired_mean(f[:, 0] * 2.5 / 0.6).interval(ALPHA)
    return found is None or not found[0] <= 0 <= found[1]


def weights_forgotten(rng: np.random.Generator, _: int) -> bool:
    """Is the strong judge's plain mean over prompts chosen for being long, say, wrong?"""
    y, _, _ = follows(SYM, 0.8, rng)
    asked = draw_uncertain(rng, STRATA, 0.3, np.exp(y[:, 0] / 3), floor=0.25)
    found = paired_mean(y[asked.drawn, 0]).interval(ALPHA)
    return found is None or not found[0] <= 0 <= found[1]


CORRELATED, UNRELATED = partial(follows, SYM, 0.8), partial(follows, SYM, 0.0)
WORLDS: tuple[tuple[str, str, World, bool], ...] = (
    ("correlated", "r = .8, biased", CORRELATED, False),
    ("unrelated", "r = 0, biased", UNRELATED, False),
    ("blind", "collapses that the cheap judge does not see", blind, False),
    ("levels", "whole points 1–5 of both judges", levels, False),
    ("heavy", "t with 3 df", heavy, False),
    ("unsure", "uncertain prompts more often", unsure, True),
    ("unsure-wrongly", "t with 3 df, a senseless uncertainty", heavy, True),
)

ROWS = (
    *(
        Row(
            f"cascade-full-{name}-{round(100 * fraction)}",
            f"cascade misses the strong judge's full estimate: {said}, {round(100 * fraction)} % of 300",
            AtMost(0.07),
            partial(misses_full, world, fraction, uncertain),
            runs=4000,
            resamples=999,
            quick=400,
        )
        for name, said, world, uncertain in WORLDS
        for fraction in (0.1, 0.2, 0.5)
    ),
    *(
        Row(
            f"cascade-mean-{name}-10",
            f"cascade misses the strong judge's mean: {said}, 10 % of 300",
            AtMost(0.07),
            partial(misses_mean, world, 0.1, uncertain),
            runs=4000,
            resamples=999,
            quick=400,
        )
        for name, said, world, uncertain in WORLDS
    ),
    *(
        Row(
            f"cascade-fwer-{name}-10",
            f"cascade, 24 hypotheses, {name}, 10 % of 300",
            AtMost(0.08),
            partial(any_rejected, writing, 0.1),
            runs=2000,
            resamples=999,
            quick=200,
        )
        for name, writing in (("sym", SYM), ("asym", ASYM))
    ),
    Row(
        "control-cheap-alone",
        "negative control: the biased cheap judge alone, on all 300",
        Above(0.20),
        cheap_alone_misses,
        runs=4000,
        resamples=None,
    ),
    Row(
        "control-weights-forgotten",
        "negative control: unequal probabilities, plain mean, 30 % of 300",
        Above(0.20),
        weights_forgotten,
        runs=4000,
        resamples=None,
    ),
)
