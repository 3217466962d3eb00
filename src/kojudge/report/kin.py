"""Self-preference: a judge whose model is of the same family as one that it judges."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kojudge.report.compare import Plan
from kojudge.report.counted import Counted
from kojudge.report.families import PANEL, Family
from kojudge.stats import estimate, max_t, stratify
from kojudge.stats.verdict import MIN_PROMPTS

Floats = NDArray[np.float64]
Kin = tuple[str, str]
"""A judge and a model of its family."""


def relatives(counted: Counted) -> set[Kin]:
    """Return every judge with every model whose card names the same family."""
    return {
        (judge, candidate)
        for judge, card in counted.judge_cards.items()
        for candidate, family in counted.candidate_families.items()
        if family and family == card.family
    }


def concerns(kin: Collection[Kin], judge: str, candidate: str, baseline: str) -> bool:
    """Tell whether ``judge`` is related to one side of a comparison."""
    return (judge, candidate) in kin or (judge, baseline) in kin


def self_preference(
    counted: Counted, kin: Collection[Kin], found: Sequence[Family], plan: Plan
) -> list[dict[str, Any]]:
    """Return the ``self_preference`` of results.json, a row for each judge and relative.

    ``differences``, by criterion and mode: how much more than the judges of other families the
    judge favours its relative over the baseline (where the relative is the baseline: the
    baseline over the candidates), with an interval by prompt; empty where there is no other.
    """
    rows = []
    for judge, model in sorted(kin):
        own = [f for f in found if f.judge == judge and model in f.models]
        if own:
            row = {"judge": judge, "candidate": model, "family": counted.judge_cards[judge].family}
            others = [f for f in found if f.judge != PANEL and (f.judge, model) not in kin]
            rows.append(row | {"differences": _differences(own, others, model, plan)})
    return rows


def _differences(
    own: Sequence[Family], others: Sequence[Family], model: str, plan: Plan
) -> list[dict[str, Any]]:
    rows = []
    for family in own:
        for criterion in family.criteria:
            peers = [
                one
                for one in others
                if one.mode == family.mode and criterion in one.criteria and model in one.models
            ]
            if peers:
                column = _favour(family, criterion, model, family.prompts)
                column -= np.mean(
                    [_favour(one, criterion, model, family.prompts) for one in peers], axis=0
                )
                rows.append(_row(family, criterion, column, plan))
    return rows


def _favour(family: Family, criterion: str, model: str, prompts: Sequence[str]) -> Floats:
    """Return by how much a judge puts ``model`` above its rival, by prompt of ``prompts`` [P]."""
    at = family.models.index(model)
    if at:
        values = family.differences(criterion, at)
    else:
        rivals = np.array([family.differences(criterion, i) for i in range(1, len(family.models))])
        known = ~np.isnan(rivals)
        total = np.where(known, rivals, 0.0).sum(0)
        values = -np.where(known.any(0), total / np.maximum(known.sum(0), 1), np.nan)
    by_prompt: Mapping[str, float] = dict(zip(family.prompts, values.tolist(), strict=True))
    return np.array([by_prompt.get(prompt, np.nan) for prompt in prompts])


def _row(family: Family, criterion: str, column: Floats, plan: Plan) -> dict[str, Any]:
    n = int((~np.isnan(column)).sum())
    row: dict[str, Any] = {"criterion": criterion, "mode": family.mode, "n_prompts": n}
    strata = stratify(family.categories)
    delta = float(estimate(column[:, None], strata).delta[0])
    row |= {"difference": delta if np.isfinite(delta) else None, "ci_low": None, "ci_high": None}
    if n >= MIN_PROMPTS:
        tested = max_t(
            column[:, None], strata, plan.rng, alpha=plan.alpha, resamples=plan.resamples
        )
        low, high = float(tested.low[0]), float(tested.high[0])
        if np.isfinite(low) and np.isfinite(high):
            row |= {"ci_low": low, "ci_high": high}
    return row
