"""The leaderboard rows of results.json: levels, wins, facts about the texts, open ranks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from kojudge.records import Text
from kojudge.report.compare import Plan
from kojudge.report.counted import Counted
from kojudge.report.families import PANEL, Family
from kojudge.report.gather import Pair
from kojudge.stats import rank_ranges, stratify
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
    ranks = _ranks(points if counted.settings.primary_mode == "pointwise" else wins, plan)
    return [
        {
            "candidate": name,
            "baseline": name == baseline,
            "criteria": _levels(points, name),
            "pairs": _pairs([p for p in found if p.candidate == name]),
            "ranks": ranks.get(name, {}),
            "failed": failed[name],
            **_text_facts([t for t in counted.texts if t.candidate == name], counted),
        }
        for name in names
    ]


def headline(found: Sequence[Family]) -> Family | None:
    """Return the family that stands for a mode: the panel's, else the first judge's."""
    panel = [family for family in found if family.judge == PANEL]
    return next(iter([*panel, *found]), None)


def _levels(points: Sequence[Family], name: str) -> dict[str, Any]:
    """Return the mean score over prompts and judges by criterion; ``n`` counts judge × prompt."""
    by: dict[str, list[float]] = {}
    for family in points:
        if family.judge == PANEL or name not in family.models:
            continue
        at = family.models.index(name)
        for criterion, scores in family.criteria.items():
            means = scores.means[at]
            by.setdefault(criterion, []).extend(means[~np.isnan(means)].tolist())
    return {c: {"mean": float(np.mean(v)), "n": len(v)} for c, v in sorted(by.items()) if v}


def _ranks(found: Sequence[Family], plan: Plan) -> dict[str, dict[str, Any]]:
    """Return by model and criterion the rank and the ranks that are left open."""
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
        level = np.nanmean(means[known], axis=1)
        for at, model in enumerate(known):
            ranks.setdefault(family.models[model], {})[criterion] = {
                "rank": int((level > level[at] + 1e-12).sum()) + 1,
                "best": int(open_.best[at]),
                "worst": int(open_.worst[at]),
            }
    return ranks


def _pairs(found: Sequence[Pair]) -> dict[str, Any]:
    by: dict[str, list[Pair]] = {}
    for pair in found:
        by.setdefault(pair.criterion, []).append(pair)
    return {criterion: _tally(own) for criterion, own in sorted(by.items())}


def _tally(own: Sequence[Pair]) -> dict[str, Any]:
    prompts: dict[tuple[str, str], list[float]] = {}
    for pair in own:
        prompts.setdefault((pair.judge, pair.prompt_id), []).append(pair.win)
    # A pair is a win where the combined score clears a tie by more than rounding.
    wins = sum(p.win > 0.5 + 1e-9 for p in own)
    losses = sum(p.win < 0.5 - 1e-9 for p in own)
    return {
        "win_rate": float(np.mean([np.mean(w) for w in prompts.values()])),
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
