"""How many prompts a claim needs: variance components of a pilot, and the t test's power.

A prompt-level difference of two models has the variance ω² + σ_s²/S + σ_r²/(S·R) for S
texts a prompt and R judgments a text: only more prompts make its mean certain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq
from scipy.special import nctdtr

Array = NDArray[np.float64]
Component = Literal["prompt", "generation", "judge"]
Scores = Sequence[Sequence[Sequence[float]]]
"""Ragged scores: prompts, in each the texts, in each the repeated judgments."""

_MOST_PROMPTS = 10_000_000


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """Variances in squared score units, of one model's scores or of a difference of two.

    ``prompt`` ω² between prompts; ``generation`` σ_s² between texts of one prompt; ``judge``
    σ_r² between judgments of one text. For a difference, ω² is that of the true differences
    and the other two are sums over the two models.

    A component that the pilot cannot tell apart is None and is contained in the one above:
    ``judge`` where no text was judged twice, ``generation`` where no prompt has two texts.
    ``truncated`` names the components whose estimate was negative and was set to 0.
    """

    prompt: float
    generation: float | None
    judge: float | None
    truncated: tuple[Component, ...] = ()

    def variance(self, samples: int = 1, repeats: int = 1) -> float:
        """Return the variance of a prompt's mean (or difference) over texts and repeats.

        Raises:
            ValueError: samples < 1 or repeats < 1.
        """
        if samples < 1 or repeats < 1:
            raise ValueError("need samples >= 1 and repeats >= 1")
        within = (self.generation or 0.0) + (self.judge or 0.0) / repeats
        return self.prompt + within / samples


def variance_components(scores: Scores) -> VarianceComponents:
    """Estimate one model's components from a pilot by the method of moments.

    Nested ANOVA of unweighted means (Searle, Casella and McCulloch 1992, Variance
    Components, chapter 5), unbiased for ragged data and the ordinary ANOVA estimator for
    balanced data. ``scores[p][s][r]`` is judgment r of text s of prompt p, any number each.

    Raises:
        ValueError: fewer than two prompts, an empty prompt or text, or a score not finite.
    """
    pilot = _Pilot.of(scores)
    between = float(pilot.means.var(ddof=1)) - float(pilot.noise.mean())
    return _components(between, pilot.generation, pilot.judge)


def paired_components(candidate: Scores, baseline: Scores) -> VarianceComponents:
    """Estimate the components of the prompt-level difference candidate − baseline.

    As ``variance_components``; prompt p of both is the same prompt, numbers of texts and
    judgments may differ.

    Raises:
        ValueError: the models have different numbers of prompts; a component can be told
            apart for one model only; or as there.
    """
    if len(candidate) != len(baseline):
        raise ValueError(f"{len(candidate)} prompts against {len(baseline)}: they must be paired")
    one, other = _Pilot.of(candidate), _Pilot.of(baseline)
    noise = one.noise + other.noise
    between = float((one.means - other.means).var(ddof=1)) - float(noise.mean())
    return _components(
        between, _sum(one.generation, other.generation), _sum(one.judge, other.judge)
    )


def detectable_difference(
    variance: float, prompts: int, *, alpha: float = 0.05, family: int = 1, power: float = 0.8
) -> float:
    """Return the smallest true difference that a two-sided paired t test finds with ``power``.

    ``variance`` is that of one prompt's difference (``VarianceComponents.variance``: for a
    difference ω² + σ_w²/S with σ_w² the two models' within-prompt variances added up);
    ``family`` hypotheses share alpha (Bonferroni). In score units.

    The exact solution by the non-central t (Cohen 1988, Statistical Power Analysis), with
    the sign right. (t_{1−α/2,P−1} + t_{power,P−1})·√(variance/P) approximates it: to 0.1 %
    for one test, but 1.5 % too small for 20 prompts and a family of 24.

    Raises:
        ValueError: variance < 0, prompts < 2, family < 1, or not alpha < power within 0–1.
    """
    _check_plan(variance, alpha, family, power)
    if prompts < 2:
        raise ValueError("need prompts >= 2")
    df = prompts - 1
    critical = float(stats.t.isf(alpha / family / 2, df))

    def excess(noncentrality: float) -> float:
        return float(1 - nctdtr(df, noncentrality, critical)) - power

    above = 2 * critical + 10 + 4 * abs(float(stats.t.ppf(power, df)))
    noncentrality = float(brentq(excess, 0.0, above, xtol=1e-10))
    return noncentrality * math.sqrt(variance / prompts)


def power_at(
    difference: float, variance: float, prompts: int, *, alpha: float = 0.05, family: int = 1
) -> float:
    """Return the probability (0–1) of finding a true ``difference`` with its right sign.

    Non-central t; parameters as in ``detectable_difference``.

    Raises:
        ValueError: variance <= 0, prompts < 2, family < 1, or alpha not inside 0–1.
    """
    _check_plan(variance, alpha, family, power=1.0 - 1e-9)
    if prompts < 2 or variance == 0:
        raise ValueError("need prompts >= 2 and variance > 0")
    critical = stats.t.isf(alpha / family / 2, prompts - 1)
    noncentrality = abs(difference) / math.sqrt(variance / prompts)
    return float(1 - nctdtr(prompts - 1, noncentrality, critical))


def required_prompts(
    difference: float,
    variance: float,
    *,
    alpha: float = 0.05,
    family: int = 1,
    power: float = 0.8,
) -> int:
    """Return the fewest prompts whose detectable difference is at most ``difference``.

    Parameters as in ``detectable_difference``; ``difference`` in score units.

    Raises:
        ValueError: the difference is not positive, as there, or more than ten million
            prompts would be needed.
    """
    if not difference > 0:
        raise ValueError("need difference > 0")

    def enough(prompts: int) -> bool:
        found = detectable_difference(variance, prompts, alpha=alpha, family=family, power=power)
        return found <= difference

    if not enough(_MOST_PROMPTS):
        raise ValueError(f"more than {_MOST_PROMPTS:,} prompts would be needed")
    low, high = 1, 2
    while not enough(high):
        low, high = high, min(2 * high, _MOST_PROMPTS)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def optimal_repeats(
    components: VarianceComponents, generation_cost: float, judge_cost: float
) -> float:
    """Return R* = √((c_gen / c_judge) · σ_r² / σ_s²), judgments a text, at least 1.

    It minimises the variance that texts and judges add at a fixed cost, where a text costs
    ``generation_cost`` and each judgment of it ``judge_cost`` (any one unit). Infinite where
    texts do not differ (σ_s² = 0 < σ_r²): then only judging again helps.

    Raises:
        ValueError: a cost is not positive, or a component is not known from the pilot.
    """
    if not generation_cost > 0 or not judge_cost > 0:
        raise ValueError("costs must be positive")
    if components.generation is None or components.judge is None:
        raise ValueError("the pilot needs a prompt with two texts and a text judged twice")
    if components.judge == 0:
        return 1.0
    if components.generation == 0:
        return math.inf
    ratio = components.judge / components.generation
    return max(1.0, math.sqrt(generation_cost / judge_cost * ratio))


@dataclass(frozen=True, slots=True)
class _Pilot:
    """What the moments need: prompt means [P], their noise variances [P], components."""

    means: Array
    noise: Array
    generation: float | None
    judge: float | None

    @classmethod
    def of(cls, scores: Scores) -> _Pilot:
        data = _checked(scores)
        judge = _pooled_variance([text for prompt in data for text in prompt])
        sigma_r = judge or 0.0
        text_means = [np.array([text.mean() for text in prompt]) for prompt in data]
        # What judging adds to the variance of a text's mean, averaged over a prompt's texts.
        judging = [sigma_r * float(np.mean([1 / text.size for text in p])) for p in data]
        spread = _pooled_variance(text_means)
        generation = None
        if spread is not None:
            freedom = np.array([means.size - 1 for means in text_means])
            generation = spread - float(freedom @ judging / freedom.sum())
        sigma_s = generation or 0.0
        noise = [(sigma_s + j) / m.size for m, j in zip(text_means, judging, strict=True)]
        means = np.array([m.mean() for m in text_means])
        return cls(means, np.array(noise), generation, judge)


def _checked(scores: Scores) -> list[list[Array]]:
    if len(scores) < 2:
        raise ValueError(f"a pilot needs at least two prompts, got {len(scores)}")
    data = [[np.array(text, dtype=np.float64) for text in prompt] for prompt in scores]
    for p, prompt in enumerate(data):
        if not prompt or any(t.ndim != 1 or t.size == 0 for t in prompt):
            raise ValueError(f"prompt {p} has no text, or a text without a judgment")
        if not all(np.isfinite(t).all() for t in prompt):
            raise ValueError(f"prompt {p} has a score that is not finite")
    return data


def _pooled_variance(
    groups: Sequence[Array],
) -> float | None:
    """Return Σ squares about the group means / Σ (n − 1), or None where all n = 1."""
    freedom = sum(group.size - 1 for group in groups)
    if freedom == 0:
        return None
    return float(sum(((group - group.mean()) ** 2).sum() for group in groups) / freedom)


def _sum(one: float | None, other: float | None) -> float | None:
    if (one is None) != (other is None):
        raise ValueError("both models need several texts (or judgments of a text), or neither")
    return None if one is None or other is None else one + other


def _components(prompt: float, generation: float | None, judge: float | None) -> VarianceComponents:
    found: dict[Component, float | None] = {
        "prompt": prompt,
        "generation": generation,
        "judge": judge,
    }
    truncated = tuple(name for name, value in found.items() if value is not None and value < 0)
    kept = {name: None if v is None else max(0.0, v) for name, v in found.items()}
    return VarianceComponents(max(0.0, prompt), kept["generation"], kept["judge"], truncated)


def _check_plan(variance: float, alpha: float, family: int, power: float) -> None:
    if not (math.isfinite(variance) and variance >= 0):
        raise ValueError("the variance must be finite and not negative")
    if family < 1 or not 0 < alpha < power < 1:
        raise ValueError("need family >= 1 and 0 < alpha < power < 1")
