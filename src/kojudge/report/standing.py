"""The leaderboard rows of results.json: levels, wins, facts about the texts, open ranks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kojudge.records import Text
from kojudge.report.compare import Plan
from kojudge.report.counted import Counted
from kojudge.report.elsewhere import averages
from kojudge.report.families import PANEL, Family
from kojudge.report.gather import Pair
from kojudge.stats import Strata, estimate, rank_ranges, stratify
from kojudge.store.run import Run

_RANK_RESAMPLES = 2_000
"""Enough for the .95 quantile that ranks need; all pairs of many models are a large family."""


def leaderboard(
    run: Run,
    counted: Counted,
    points: Sequence[Family],
    wins: Sequence[Family],
    found: Sequence[Pair],
    plan: Plan,
) -> list[dict[str, Any]]:
    """Return a row for every model, the baseline first."""
    baseline = counted.settings.baseline
    scored = {name for family in (*points, *wins) for name in family.models}
    names = dict.fromkeys(
        [baseline]
        + [text.candidate for text in counted.texts]
        + list(counted.absent)
        + sorted(scored | {p.candidate for p in found})
    )
    failed = Counter(
        run.query("SELECT candidate FROM texts WHERE status = 'failed'")["candidate"].to_pylist()
    )
    average = averages(counted.elsewhere)
    ranks = _ranks(points if counted.settings.primary_mode == "pointwise" else wins, plan)
    return [
        {
            "candidate": name,
            "baseline": name == baseline,
            "criteria": _levels(points, name),
            "pairs": _pairs([p for p in found if p.candidate == name], _levels(wins, name)),
            "ranks": ranks.get(name, {}),
            "failed": failed[name],
            "leaderboard_average": average.get(name),
            **_text_facts([t for t in counted.texts if t.candidate == name], counted),
        }
        for name in names
    ]


def headline(found: Sequence[Family]) -> Family | None:
    """Return the family that stands for a mode: the panel's, else the first judge's."""
    panel = [family for family in found if family.judge == PANEL]
    return next(iter([*panel, *found]), None)


def _levels(points: Sequence[Family], name: str) -> dict[str, Any]:
    """Return the mean score by criterion, over the judges; ``n`` counts judge × prompt."""
    by: dict[str, list[tuple[float, int]]] = {}
    for family in points:
        if family.judge == PANEL or name not in family.models:
            continue
        at = family.models.index(name)
        strata = stratify(family.categories)
        for criterion, scores in family.criteria.items():
            means = scores.means[at : at + 1]
            n = int((~np.isnan(means)).sum())
            if n:
                by.setdefault(criterion, []).append((float(_levels_of(means, strata)[0]), n))
    return {
        c: {"mean": float(np.mean([mean for mean, _ in v])), "n": sum(n for _, n in v)}
        for c, v in sorted(by.items())
    }


def _levels_of(means: NDArray[np.float64], strata: Strata) -> NDArray[np.float64]:
    """Return each model's mean over prompts [M] of ``means`` [M, P], categories weighing alike.

    The plain mean where no category has two prompts.
    """
    weighted = estimate(means.T, strata).delta
    levels: NDArray[np.float64] = np.where(np.isnan(weighted), np.nanmean(means, axis=1), weighted)
    return levels


def _ranks(found: Sequence[Family], plan: Plan) -> dict[str, dict[str, Any]]:
    """Return by model and criterion the rank, the worst that is left open, and the place.

    ``rank`` is 1 + the number of models significantly better (all pairs, one family), so
    several can share one; it is also the best rank left open. ``place`` is that of the mean
    alone, whatever its uncertainty.
    """
    family = headline(found)
    ranks: dict[str, dict[str, Any]] = {}
    if family is None:
        return ranks
    strata = stratify(family.categories)
    for criterion, scores in family.criteria.items():
        means = scores.means
        known = np.flatnonzero(~np.isnan(means).all(1))
        if known.size < 2:
            continue
        open_ = rank_ranges(
            means[known].T, strata, plan.rng, alpha=plan.alpha, resamples=_RANK_RESAMPLES
        )
        level = _levels_of(means[known], strata)
        for at, model in enumerate(known):
            ranks.setdefault(family.models[model], {})[criterion] = {
                "rank": int(open_.best[at]),
                "worst": int(open_.worst[at]),
                "place": int((level > level[at] + 1e-12).sum()) + 1,
            }
    return ranks


def _pairs(found: Sequence[Pair], rates: Mapping[str, Any]) -> dict[str, Any]:
    by: dict[str, list[Pair]] = {}
    for pair in found:
        by.setdefault(pair.criterion, []).append(pair)
    return {
        criterion: {"win_rate": rates[criterion]["mean"], **_tally(own)}
        for criterion, own in sorted(by.items())
    }


def _tally(own: Sequence[Pair]) -> dict[str, Any]:
    # A pair is a win where the combined score clears a tie by more than rounding.
    wins = sum(p.win > 0.5 + 1e-9 for p in own)
    losses = sum(p.win < 0.5 - 1e-9 for p in own)
    return {
        "wins": wins,
        "ties": len(own) - wins - losses,
        "losses": losses,
        "flips": sum(p.flipped for p in own),
        "n": len(own),
    }


def _text_facts(texts: Sequence[Text], counted: Counted) -> dict[str, Any]:
    gates = Counter(gate for text in texts for gate in counted.flags.get(text.text_id, ()))
    return {
        "texts": len(texts),
        "empty": gates["empty"],
        "truncated": gates["truncated"],
        "mean_chars": float(np.mean([len(t.text) for t in texts])) if texts else None,
    }
