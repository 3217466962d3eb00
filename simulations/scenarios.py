"""The worlds the simulations draw from.

Scores are on 0–10. A text's score is the prompt's own effect, shared by all models, plus
the model's own effect on that prompt, plus what sampling and judging add. A model that
*collapses* loses ``collapse`` points on 12 % of the prompts and wins so much on the others
that its mean is that of the baseline: the null hypothesis holds, without symmetry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from kojudge.stats.strata import Strata, stratify

Floats = NDArray[np.float64]
COLLAPSE_RATE = 0.12
SAMPLES = 4
CATEGORIES = ("blog", "emotional", "imaginative")


@dataclass(frozen=True, slots=True)
class Writing:
    """Standard deviations of ``shared`` and ``own`` prompt effects and of single texts.

    ``own`` and ``text`` are each model's; the difference of two has twice their variance.
    """

    shared: float
    own: float
    text: float
    collapse: float = 0.0


SYM = Writing(shared=1.0, own=math.sqrt(1.6), text=math.sqrt(6.6))
"""Mid-size models on real Korean writing: differences with ω² = 3.2, within prompts 13.2."""
STRONG = Writing(shared=1.0, own=0.5, text=math.sqrt(1.45))
"""Strong models: ω² = .5, within prompts 2.9."""
ASYM = Writing(shared=0.9, own=0.75, text=1.1, collapse=5.0)
"""Mean zero, collapsing; prompt-level differences have a skewness of −1.1."""
BRITTLE = Writing(shared=0.5, own=0.1, text=0.5, collapse=2.5)
"""Mean zero, collapsing, and steady otherwise: a skewness of −1.7."""
HIGH_ICC = Writing(shared=0.3, own=1.26, text=0.8)
"""Texts of one prompt and model resemble each other: ICC .72."""


def one_stratum(prompts: int) -> Strata:
    """Return a single category."""
    return stratify(["all"] * prompts)


def three_strata(prompts: int) -> Strata:
    """Return the three categories, as even as ``prompts`` allow."""
    return stratify([CATEGORIES[at % 3] for at in range(prompts)])


def texts(
    rng: np.random.Generator, world: Writing, prompts: int, effect: float = 0.0
) -> tuple[Floats, Floats]:
    """Return the scores of candidate and baseline, each [prompts, samples]."""
    shared = rng.normal(0, world.shared, (prompts, 1))
    candidate, baseline = (
        shared
        + rng.normal(0, world.own, (prompts, 1))
        + rng.normal(0, world.text, (prompts, SAMPLES))
        for _ in range(2)
    )
    return candidate + effect + collapses(rng, world, (prompts, 1)), baseline


def differences(
    rng: np.random.Generator, world: Writing, prompts: int, effect: float = 0.0
) -> Floats:
    """Return prompt-level differences [prompts, 1], samples averaged, mean ``effect``."""
    candidate, baseline = texts(rng, world, prompts, effect)
    found: Floats = (candidate - baseline).mean(axis=1, keepdims=True)
    return found


def family(
    rng: np.random.Generator,
    world: Writing,
    prompts: int,
    samples: int,
    *,
    models: int = 12,
    criteria: int = 2,
) -> Floats:
    """Return prompt-level differences [prompts, models × criteria] from one baseline.

    All candidates meet the same baseline texts, which correlates the hypotheses by about ½;
    a model collapses on both criteria at once.
    """

    def means(count: int) -> Floats:
        shape = (prompts, count, criteria)
        drawn: Floats = rng.normal(0, math.hypot(world.own, world.text / math.sqrt(samples)), shape)
        return drawn

    fallen = collapses(rng, world, (prompts, models, 1))
    return (means(models) + fallen - means(1)).reshape(prompts, models * criteria)


def collapses(rng: np.random.Generator, world: Writing, shape: tuple[int, ...]) -> Floats:
    """Return the loss on 12 % of the prompts and the gain on the rest, mean zero."""
    fallen = rng.random(shape) < COLLAPSE_RATE
    gain = world.collapse * COLLAPSE_RATE
    return np.where(fallen, gain - world.collapse, gain)


def pair_probabilities(
    rng: np.random.Generator, prompts: int, bias: float
) -> tuple[Floats, Floats]:
    """Return P(candidate wins) shown first and second, each [prompts, samples].

    Neither model is better. The judge leans to the first text by ``bias`` in log-odds, with
    an SD of .3 from prompt to prompt, and answers each order with an SD of .5.
    """
    strength = rng.normal(size=(prompts, 1)) + rng.normal(size=(prompts, SAMPLES))
    lean = rng.normal(bias, 0.3, (prompts, 1))
    first, second = rng.normal(0, 0.5, (2, prompts, SAMPLES))
    return expit(strength + lean + first), expit(strength - lean + second)


def people_and_judge(rng: np.random.Generator, prompts: int, r: float) -> tuple[Floats, Floats]:
    """Return people's differences, mean .3, and a judge's that correlate with them by ``r``.

    The judge has a scale and a bias of its own. Both [prompts].
    """
    y, noise = rng.normal(size=(2, prompts))
    return 0.3 + y, 0.7 * (r * y + math.sqrt(1 - r * r) * noise) - 0.4
