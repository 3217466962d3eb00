"""Comparisons with the baseline: one family a judge and mode, category cells beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from kojudge.report.entries import (
    Hypothesis,
    Tested,
    entry_of,
    lower_across,
    missing_of,
    number,
    tested_of,
    with_critical,
)
from kojudge.report.families import Family
from kojudge.stats import (
    Estimates,
    MaxT,
    estimate,
    max_t,
    prompt_weights,
    sign_flip_family,
    stratify,
    win_share,
)
from kojudge.stats.verdict import MIN_PROMPTS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a family is tested, fixed before the data.

    ``margin`` is in the differences' unit; ``seed`` fixes the resamples.
    """

    margin: float
    alpha: float
    resamples: int
    seed: int
    primary: bool

    @property
    def rng(self) -> np.random.Generator:
        """A generator that every family starts anew, so that none depends on the others."""
        return np.random.default_rng(self.seed)


def hypotheses(family: Family) -> list[Hypothesis]:
    """Return every candidate × criterion of ``family``, by criterion and candidate."""
    found = []
    for criterion, scores in family.criteria.items():
        for at, candidate in enumerate(family.models[1:], start=1):
            low, high = family.extremes(criterion, at)
            theta = None
            if family.mode == "pointwise":
                theta = win_share(scores.texts[at], scores.texts[0]) - 0.5
            found.append(
                Hypothesis(
                    candidate,
                    criterion,
                    family.differences(criterion, at),
                    low,
                    high,
                    theta,
                    scores.scored[at],
                    scores.missing[at] + scores.missing[0],
                )
            )
    return [h for h in found if h.scored.any() or h.missing.any()]


def comparisons(family: Family, plan: Plan) -> list[dict[str, Any]]:
    """Return the comparison entries of results.json for one family.

    Overall rows are tested together: stratified bootstrap max-|T| over candidates ×
    criteria. Category rows carry 95 % intervals of their own and Benjamini–Hochberg
    p-values, and are exploratory.
    """
    shared = {"judge": family.judge, "mode": family.mode, "margin": plan.margin}
    cells = [
        shared | {"primary": False, "ci_kind": "pointwise-exploratory"} | entry
        for entry in _cells(hypotheses(family), family.categories, plan)
    ]
    return overall(family, plan) + cells


def overall(family: Family, plan: Plan) -> list[dict[str, Any]]:
    """Return the overall comparison entries of one family, without its categories."""
    shared = {"judge": family.judge, "mode": family.mode, "margin": plan.margin}
    return [
        shared | {"slice": "overall", "primary": plan.primary, "ci_kind": "simultaneous"} | entry
        for entry in _overall(hypotheses(family), family.categories, plan)
    ]


def _overall(
    found: Sequence[Hypothesis], categories: Sequence[str], plan: Plan
) -> Iterator[dict[str, Any]]:
    groupings = {
        "candidate": [h.candidate for h in found],
        "criterion": [h.criterion for h in found],
    }
    result, of = _test(found, categories, plan, groupings)
    flips = _flips(found, categories, plan)
    theta = _thetas(found, categories, plan)
    for at, hypothesis in enumerate(found):
        tested = tested_of(result, of, at, result.critical, flips[at])
        missing = missing_of(hypothesis, categories)
        entry = entry_of(hypothesis, tested, missing, margin=plan.margin, alpha=plan.alpha)
        alone = with_critical(entry, float(result.critical_within["candidate"][at]))
        across = float(result.critical_within["criterion"][at])
        yield entry | {
            "theta": theta[at],
            "verdict_alone": alone,
            "reasons": [*entry["reasons"], *(["family"] if alone != entry["verdict"] else [])],
            "lower_across_models": lower_across(entry, tested, across),
        }


def _cells(
    found: Sequence[Hypothesis], categories: Sequence[str], plan: Plan
) -> Iterator[dict[str, Any]]:
    cells: list[tuple[str, Hypothesis, Tested]] = []
    for category in sorted(set(categories)):
        kept = np.array([name == category for name in categories])
        own = [h for h in (one.within(kept) for one in found) if h.scored.any()]
        if not own:
            continue
        alike = [category] * int(kept.sum())
        result, of = _test(own, alike, plan, {"own": [str(at) for at in range(len(own))]})
        flips = _flips(own, alike, plan)
        for at, hypothesis in enumerate(own):
            critical = float(result.critical_within["own"][at])
            cells.append((category, hypothesis, tested_of(result, of, at, critical, flips[at])))
    tested = [t.p_value for _, _, t in cells if not np.isnan(t.p_value)]
    adjusted = iter(false_discovery_control(tested) if tested else ())
    for category, hypothesis, numbers in cells:
        missing = missing_of(hypothesis, [category] * hypothesis.values.size)
        entry = entry_of(hypothesis, numbers, missing, margin=plan.margin, alpha=plan.alpha)
        p = None if np.isnan(numbers.p_value) else float(next(adjusted))
        yield entry | {"slice": category, "p_adjusted": p, "p_stepdown": None}


def _test(
    found: Sequence[Hypothesis],
    categories: Sequence[str],
    plan: Plan,
    groupings: Mapping[str, Sequence[str]],
) -> tuple[MaxT, Estimates]:
    """Test together what has prompts enough; return the estimates of all."""
    columns = np.column_stack([h.values for h in found])
    strata = stratify(categories)
    few = (~np.isnan(columns)).sum(0) < MIN_PROMPTS
    result = max_t(
        np.where(few, np.nan, columns),
        strata,
        plan.rng,
        alpha=plan.alpha,
        resamples=plan.resamples,
        groupings=groupings,
    )
    return result, estimate(columns, strata)


def _flips(found: Sequence[Hypothesis], categories: Sequence[str], plan: Plan) -> Floats:
    columns = np.column_stack([h.values for h in found])
    weights = prompt_weights(columns, stratify(categories))
    return sign_flip_family(columns, weights, plan.rng, resamples=plan.resamples)


def _thetas(
    found: Sequence[Hypothesis], categories: Sequence[str], plan: Plan
) -> list[dict[str, Any] | None]:
    """Return the ordinal companion of each hypothesis: a family of its own, by the same engine."""
    columns = [h.theta for h in found if h.theta is not None]
    if len(columns) < len(found) or not columns:
        return [None] * len(found)
    matrix = np.column_stack(columns)
    few = (~np.isnan(matrix)).sum(0) < MIN_PROMPTS
    result = max_t(
        np.where(few, np.nan, matrix),
        stratify(categories),
        plan.rng,
        alpha=plan.alpha,
        resamples=plan.resamples,
    )
    value = estimate(matrix, stratify(categories)).delta
    return [
        {
            "value": number(0.5 + value[at]),
            "ci_low": number(0.5 + result.low[at]),
            "ci_high": number(0.5 + result.high[at]),
            "p_adjusted": number(result.p_adjusted[at]),
        }
        for at in range(len(found))
    ]
