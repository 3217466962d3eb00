"""Strengths of all models from pairs with several baselines: Davidson, with intervals by prompt.

With one baseline the model is saturated and says no more than wins over losses, so there is
no such ranking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kojudge.report.compare import Plan
from kojudge.report.gather import Pair
from kojudge.stats.ranking import Ranking, davidson, tally

Floats = NDArray[np.float64]
_RESAMPLES = 300


def all_pairs(found: Mapping[str, Sequence[Pair]], plan: Plan) -> list[dict[str, Any]]:
    """Return strengths by judge and criterion; ``found`` are the complete pairs by baseline.

    ``strength`` π sums to 1 over the models; ``ci_low`` and ``ci_high`` are 95 % percentiles
    over resampled prompts, None where a tenth of the resamples has no finite estimate.
    Where the data have none there is a row without strengths and a ``reason``.
    """
    groups: dict[tuple[str, str], list[tuple[str, Pair]]] = {}
    for baseline, pairs in found.items():
        for pair in pairs:
            if pair.candidate != baseline:
                groups.setdefault((pair.judge, pair.criterion), []).append((baseline, pair))
    return [
        {"judge": judge, "criterion": criterion, **_fitted(own, plan)}
        for (judge, criterion), own in sorted(groups.items())
        if len({baseline for baseline, _ in own}) > 1
    ]


def expected_share(
    ranking: Mapping[str, Any], model: Mapping[str, Any], other: Mapping[str, Any]
) -> float:
    """Return the win rate (0–1, a tie half a win) of ``model`` against ``other`` under ``ranking``.

    All three are from the rows that :func:`all_pairs` returns.
    """
    fitted = Ranking((model["strength"], other["strength"]), ranking["tie_propensity"], 0.0)
    win, tie, _ = fitted.probabilities(0, 1)
    return win + tie / 2


def _fitted(own: Sequence[tuple[str, Pair]], plan: Plan) -> dict[str, Any]:
    names = sorted({name for baseline, pair in own for name in (baseline, pair.candidate)})
    place = {name: at for at, name in enumerate(names)}
    prompts: dict[str, list[tuple[str, Pair]]] = {}
    for baseline, pair in own:
        prompts.setdefault(pair.prompt_id, []).append((baseline, pair))
    counts = np.array(
        [
            tally(
                [place[pair.candidate] for _, pair in rows],
                [place[baseline] for baseline, _ in rows],
                [_vote(pair) for _, pair in rows],
                len(names),
            )
            for rows in prompts.values()
        ]
    )
    total = counts.sum(0)
    try:
        fitted = davidson(*total)
    except ValueError as error:
        return {"models": [], "tie_propensity": None, "pairs": len(own), "reason": str(error)}
    low, high = _interval(counts, plan)
    order = np.argsort(fitted.strengths)[::-1]
    return {
        "models": [
            {
                "candidate": names[at],
                "strength": fitted.strengths[at],
                "ci_low": low[at] if low is not None else None,
                "ci_high": high[at] if high is not None else None,
            }
            for at in order
        ],
        "tie_propensity": fitted.tie_propensity,
        "pairs": len(own),
        "reason": None,
    }


def _vote(pair: Pair) -> float:
    """Win, tie or loss of the two orders together."""
    return 0.5 if abs(pair.win - 0.5) <= 1e-9 else float(pair.win > 0.5)


def _interval(counts: Floats, plan: Plan) -> tuple[list[float] | None, list[float] | None]:
    rng, size = plan.rng, len(counts)
    strengths = []
    for _ in range(_RESAMPLES):
        drawn = np.bincount(rng.integers(size, size=size), minlength=size)
        fitted = _try(np.tensordot(drawn, counts, axes=1))
        if fitted is not None:
            strengths.append(fitted.strengths)
    if len(strengths) < 0.9 * _RESAMPLES:
        return None, None
    low, high = np.quantile(strengths, [plan.alpha / 2, 1 - plan.alpha / 2], axis=0)
    return low.tolist(), high.tolist()


def _try(counts: Floats) -> Ranking | None:
    """Return the fit of one resample; None where a model never lost in it."""
    try:
        return davidson(counts[0], counts[1])
    except ValueError:
        return None
