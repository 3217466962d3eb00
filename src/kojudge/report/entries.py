"""One entry of results.json's comparisons: from a hypothesis's numbers to its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kojudge.stats import (
    Estimates,
    MaxT,
    Verdict,
    estimate,
    similar_or_better,
    standardised_effect,
    stratify,
    verdict_of,
)
from kojudge.stats.verdict import FEW_PROMPTS, MIN_PROMPTS, still_holds

Floats = NDArray[np.float64]


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


@dataclass(frozen=True, slots=True)
class Tested:
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
        """The interval's lower end."""
        return self.delta - self.critical * self.se

    @property
    def high(self) -> float:
        """The interval's upper end."""
        return self.delta + self.critical * self.se


def tested_of(result: MaxT, of: Estimates, at: int, critical: float, flip: float) -> Tested:
    """Return hypothesis ``at`` of ``result``, with the estimates ``of`` all that were asked for."""
    return Tested(
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


def lower_across(entry: Mapping[str, Any], tested: Tested, across: float) -> float | None:
    """Return the lower bound that holds across models for one criterion, at the worst."""
    if entry["verdict"] == "refused":
        return None
    low = tested.delta - across * tested.se
    missing = entry["missing"]
    return number(low if missing is None else min(low, _worst_low(missing, across)))


def with_critical(entry: Mapping[str, Any], critical: float) -> Verdict:
    """Return the verdict of ``entry``, a whole one, if only this candidate had been tested."""
    if entry["verdict"] == "refused":
        return "refused"
    half = critical * entry["se"]
    return verdict_of(entry["delta"] - half, entry["delta"] + half, entry["margin"])


def entry_of(
    h: Hypothesis,
    tested: Tested,
    missing: Mapping[str, Any] | None,
    *,
    margin: float,
    alpha: float,
    least: int = MIN_PROMPTS,
) -> dict[str, Any]:
    """Return the numbers and the verdict of one hypothesis.

    ``missing`` is what :func:`missing_of` says of it; a verdict needs ``least`` prompts.
    """
    reasons: list[str] = []
    verdict: Verdict = "refused"
    flag = False
    if tested.n == 0 and missing is not None:
        reasons.append("missing")
    elif tested.n < least:
        reasons.append("too_few_prompts")
    elif np.isnan(tested.se):
        reasons.append("no_variation")
    else:
        verdict = verdict_of(tested.low, tested.high, margin)
        flag = similar_or_better(tested.low, margin)
        if missing is not None:
            flag = _worst_low(missing, tested.critical) > -margin
            if not _survives(verdict, missing, tested.critical, margin):
                verdict, flag = "refused", False
                reasons.append("missing")
        if tested.n < FEW_PROMPTS:
            reasons.append("few_prompts")
        if verdict == "worse" and flag:
            reasons.append("within_margin")
    interval = tested.n >= least and not np.isnan(tested.se)
    effect = (
        standardised_effect(tested.delta, tested.se, tested.sd, tested.df, alpha)
        if interval
        else None
    )
    return {
        "candidate": h.candidate,
        "criterion": h.criterion,
        "n_prompts": tested.n,
        "n_samples": int(h.scored.sum()),
        "delta": number(tested.delta),
        "se": number(tested.se),
        "df": number(tested.df),
        "ci_low": number(tested.low) if interval else None,
        "ci_high": number(tested.high) if interval else None,
        "p_value": number(tested.p_value),
        "p_adjusted": number(tested.p_adjusted),
        "p_stepdown": number(tested.p_stepdown),
        "p_signflip": number(tested.p_signflip) if interval else None,
        "effect_size": effect and effect.size,
        "effect_low": effect and effect.low,
        "effect_high": effect and effect.high,
        "missing": missing,
        "margin": margin,
        "verdict": verdict,
        "similar_or_better": flag,
        "withheld": False,
        "reasons": reasons,
    }


def missing_of(h: Hypothesis, categories: Sequence[str]) -> dict[str, Any] | None:
    """Return how much is missing and the estimates if all of it went one way; None if nothing."""
    lost = int(h.missing.sum())
    if lost == 0:
        return None
    found = estimate(np.column_stack([h.low, h.high]), stratify(categories))
    return {
        "judgments": lost,
        "prompts": int((h.missing > 0).sum()),
        "delta_low": number(found.delta[0]),
        "delta_high": number(found.delta[1]),
        "se_low": number(found.se[0]),
        "se_high": number(found.se[1]),
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


def number(value: float) -> float | None:
    """Return a JSON number, None for what could not be computed."""
    return float(value) if np.isfinite(value) else None
