"""Comparisons with the baseline: one family a judge and mode, category cells beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from kojudge.report.families import Family
from kojudge.stats import (
    Estimates,
    MaxT,
    Verdict,
    estimate,
    max_t,
    prompt_weights,
    sign_flip_family,
    similar_or_better,
    standardised_effect,
    stratify,
    verdict_of,
    win_share,
)
from kojudge.stats.verdict import FEW_PROMPTS, MIN_PROMPTS, still_holds

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


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One candidate's prompt-level differences from the baseline on one criterion, [P] each.

    ``values`` is NaN where either has no score; ``low`` and ``high`` are what missing scores
    leave possible; ``theta`` (pointwise) is the share of text pairs won less ½. ``scored``
    counts the candidate's judgments (or pairs) by prompt, ``missing`` those of both models
    that were asked for and have no score.
    """

    candidate: str
    criterion: str
    values: Floats
    low: Floats
    high: Floats
    theta: Floats | None
    scored: NDArray[np.intp]
    missing: NDArray[np.intp]

    def within(self, kept: NDArray[np.bool_]) -> Hypothesis:
        """Return the hypothesis on the prompts ``kept`` [P]."""
        return Hypothesis(
            self.candidate,
            self.criterion,
            self.values[kept],
            self.low[kept],
            self.high[kept],
            None if self.theta is None else self.theta[kept],
            self.scored[kept],
            self.missing[kept],
        )


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


@dataclass(frozen=True, slots=True)
class _Tested:
    """One hypothesis's numbers; ``critical`` is what its interval's half-width is in SE."""

    n: int
    delta: float
    se: float
    df: float
    sd: float
    critical: float
    p_value: float
    p_adjusted: float
    p_stepdown: float
    p_signflip: float

    @property
    def low(self) -> float:
        return self.delta - self.critical * self.se

    @property
    def high(self) -> float:
        return self.delta + self.critical * self.se


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
        tested = _tested(result, of, at, result.critical, flips[at])
        entry = _entry(hypothesis, tested, categories, plan)
        alone = _with_critical(entry, float(result.critical_within["candidate"][at]), plan)
        across = float(result.critical_within["criterion"][at])
        yield entry | {
            "theta": theta[at],
            "verdict_alone": alone,
            "reasons": [*entry["reasons"], *(["family"] if alone != entry["verdict"] else [])],
            "lower_across_models": _lower_across(entry, tested, across),
        }


def _lower_across(entry: Mapping[str, Any], tested: _Tested, across: float) -> float | None:
    """Return the lower bound that holds across models for one criterion, at the worst."""
    if entry["verdict"] == "refused":
        return None
    low = tested.delta - across * tested.se
    missing = entry["missing"]
    return _number(low if missing is None else min(low, _worst_low(missing, across)))


def _with_critical(entry: Mapping[str, Any], critical: float, plan: Plan) -> Verdict:
    """Return the verdict if only this candidate had been tested."""
    if entry["verdict"] == "refused":
        return "refused"
    half = critical * entry["se"]
    return verdict_of(entry["delta"] - half, entry["delta"] + half, plan.margin)


def _cells(
    found: Sequence[Hypothesis], categories: Sequence[str], plan: Plan
) -> Iterator[dict[str, Any]]:
    cells: list[tuple[str, Hypothesis, _Tested]] = []
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
            cells.append((category, hypothesis, _tested(result, of, at, critical, flips[at])))
    tested = [t.p_value for _, _, t in cells if not np.isnan(t.p_value)]
    adjusted = iter(false_discovery_control(tested) if tested else ())
    for category, hypothesis, numbers in cells:
        entry = _entry(hypothesis, numbers, [category] * hypothesis.values.size, plan)
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


def _tested(result: MaxT, of: Estimates, at: int, critical: float, flip: float) -> _Tested:
    return _Tested(
        int(of.n[at]),
        float(of.delta[at]),
        float(of.se[at]),
        float(of.df[at]),
        float(of.sd[at]),
        critical,
        float(result.p_value[at]),
        float(result.p_adjusted[at]),
        float(result.p_stepdown[at]),
        float(flip),
    )


def _entry(
    h: Hypothesis,
    tested: _Tested,
    categories: Sequence[str],
    plan: Plan,
) -> dict[str, Any]:
    reasons: list[str] = []
    missing = _missing(h, categories)
    verdict: Verdict = "refused"
    flag = False
    if tested.n == 0 and missing is not None:
        reasons.append("missing")
    elif tested.n < MIN_PROMPTS:
        reasons.append("too_few_prompts")
    elif np.isnan(tested.se):
        reasons.append("no_variation")
    else:
        verdict = verdict_of(tested.low, tested.high, plan.margin)
        flag = similar_or_better(tested.low, plan.margin)
        if missing is not None:
            flag = _worst_low(missing, tested.critical) > -plan.margin
            if not _survives(verdict, missing, tested.critical, plan.margin):
                verdict, flag = "refused", False
                reasons.append("missing")
        if tested.n < FEW_PROMPTS:
            reasons.append("few_prompts")
        if verdict == "worse" and flag:
            reasons.append("within_margin")
    interval = tested.n >= MIN_PROMPTS and not np.isnan(tested.se)
    effect = (
        standardised_effect(tested.delta, tested.se, tested.sd, tested.df, plan.alpha)
        if interval
        else None
    )
    return {
        "candidate": h.candidate,
        "criterion": h.criterion,
        "n_prompts": tested.n,
        "n_samples": int(h.scored.sum()),
        "delta": _number(tested.delta),
        "se": _number(tested.se),
        "df": _number(tested.df),
        "ci_low": _number(tested.low) if interval else None,
        "ci_high": _number(tested.high) if interval else None,
        "p_value": _number(tested.p_value),
        "p_adjusted": _number(tested.p_adjusted),
        "p_stepdown": _number(tested.p_stepdown),
        "p_signflip": _number(tested.p_signflip) if interval else None,
        "effect_size": effect and effect.size,
        "effect_low": effect and effect.low,
        "effect_high": effect and effect.high,
        "missing": missing,
        "verdict": verdict,
        "similar_or_better": flag,
        "withheld": False,
        "reasons": reasons,
    }


def _missing(h: Hypothesis, categories: Sequence[str]) -> dict[str, Any] | None:
    """Return how much is missing and the estimates if all of it went one way; None if nothing."""
    lost = int(h.missing.sum())
    if lost == 0:
        return None
    found = estimate(np.column_stack([h.low, h.high]), stratify(categories))
    return {
        "judgments": lost,
        "prompts": int((h.missing > 0).sum()),
        "delta_low": _number(found.delta[0]),
        "delta_high": _number(found.delta[1]),
        "se_low": _number(found.se[0]),
        "se_high": _number(found.se[1]),
    }


def _worst_low(missing: Mapping[str, Any], critical: float) -> float:
    """Return the interval's lower end if all that is missing spoke against the candidate."""
    return float(missing["delta_low"] - critical * (missing["se_low"] or 0.0))


def _survives(verdict: Verdict, missing: Mapping[str, Any], critical: float, margin: float) -> bool:
    """Tell whether the verdict holds wherever on the scale the missing scores might lie."""
    halves = {end: critical * (missing[f"se_{end}"] or 0.0) for end in ("low", "high")}
    return all(
        still_holds(
            verdict,
            missing[f"delta_{end}"] - halves[end],
            missing[f"delta_{end}"] + halves[end],
            margin,
        )
        for end in ("low", "high")
    )


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
            "value": _number(0.5 + value[at]),
            "ci_low": _number(0.5 + result.low[at]),
            "ci_high": _number(0.5 + result.high[at]),
            "p_adjusted": _number(result.p_adjusted[at]),
        }
        for at in range(len(found))
    ]


def _number(value: float) -> float | None:
    """Return a JSON number, None for what could not be computed."""
    return float(value) if np.isfinite(value) else None
