"""The A/A noise: how far a rerun of the baseline would come out from the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy.stats import norm

from kojudge.report.compare import Plan
from kojudge.report.families import EVEN, Family
from kojudge.report.gather import Pair
from kojudge.stats import paired_mean, prompt_weights, stratify


def rerun_noise(
    found: Sequence[Family], pairs: Sequence[Pair], points: Plan, wins: Plan
) -> list[dict[str, Any]]:
    """Return by judge, criterion and mode the half-width that an A/A difference stays within.

    At level 1 − alpha for one comparison, in the unit of the mode's differences: on the scale
    from the baseline's several texts a prompt, in win rate from its pairs with a rerun of
    itself. Without either there is no row: one text tells nothing about another.
    """
    return [*_between_texts(found, points), *_against_itself(pairs, wins)]


def _against_itself(pairs: Sequence[Pair], plan: Plan) -> Iterator[dict[str, Any]]:
    """Pairs of the baseline with its own rerun: the spread of their prompt means."""
    groups: dict[tuple[str, str], dict[str, list[float]]] = {}
    for pair in pairs:
        prompts = groups.setdefault((pair.judge, pair.criterion), {})
        prompts.setdefault(pair.prompt_id, []).append(pair.win)
    for (judge, criterion), prompts in sorted(groups.items()):
        se = paired_mean([np.mean(wins) - EVEN for wins in prompts.values()]).se
        if se is not None:
            yield _row((judge, criterion, "pairwise"), se, plan, len(prompts))


def _row(place: tuple[str, str, str], se: float, plan: Plan, prompts: int) -> dict[str, Any]:
    judge, criterion, mode = place
    return {
        "judge": judge,
        "criterion": criterion,
        "mode": mode,
        "half_width": float(norm.isf(plan.alpha / 2) * se),
        "margin": plan.margin,
        "prompts": prompts,
    }


def _between_texts(found: Sequence[Family], plan: Plan) -> Iterator[dict[str, Any]]:
    """Two sets of S texts on a prompt differ by 2σ²/S, σ² the variance between such texts."""
    for family in found:
        for criterion, scores in family.criteria.items():
            texts = scores.texts[0]
            n = (~np.isnan(texts)).sum(1)
            several = n >= 2
            if not several.any():
                continue
            pooled = np.nanvar(texts[several], axis=1, ddof=1) @ (n[several] - 1)
            variance = pooled / (n[several] - 1).sum()
            means = scores.means[0][:, None]
            weights = prompt_weights(means, stratify(family.categories))[:, 0]
            known = n > 0
            se = np.sqrt((weights[known] ** 2 * 2 * variance / n[known]).sum())
            place = (family.judge, criterion, family.mode)
            yield _row(place, float(se), plan, int(several.sum()))
