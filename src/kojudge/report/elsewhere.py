"""The models' averages on a public leaderboard, and whether writing ranks them alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kojudge.report.families import PANEL
from kojudge.stats.rank_correlation import rank_correlation

AVERAGE = "average"
"""The name, in any case, under which a candidate card keeps the leaderboard's own average."""


def averages(leaderboards: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return each model's average as its card gives it; a card without one has none.

    It is never computed from the tasks: averages over other tasks could not be compared.
    """
    return {
        model: value
        for model, scores in leaderboards.items()
        for name, value in scores.items()
        if name.casefold() == AVERAGE
    }


def rank_correlations(
    average: Mapping[str, float], comparisons: Iterable[Mapping[str, Any]], baseline: str
) -> list[dict[str, Any]]:
    """Return by criterion how leaderboard averages and writing rank the models, Spearman's ρ.

    Writing is the difference from the baseline (0 for itself) in the comparisons that carry
    verdicts, of the panel or else the first judge. ``n`` counts the models that have both;
    ``rho`` and its 95 % interval are None below 5.
    """
    levels: dict[str, dict[str, dict[str, float]]] = {}
    for found in comparisons:
        if found["primary"] and found["slice"] == "overall" and found["delta"] is not None:
            by_judge = levels.setdefault(found["criterion"], {})
            by_judge.setdefault(found["judge"], {baseline: 0.0})[found["candidate"]] = found[
                "delta"
            ]
    rows = []
    for criterion, by_judge in levels.items():
        judge = PANEL if PANEL in by_judge else next(iter(by_judge))
        rows.append({"criterion": criterion, "judge": judge, **_row(average, by_judge[judge])})
    return rows if average else []


def _row(average: Mapping[str, float], writing: Mapping[str, float]) -> dict[str, Any]:
    both: Sequence[str] = [name for name in writing if name in average]
    found = rank_correlation([average[name] for name in both], [writing[name] for name in both])
    return {"n": found.n, "rho": found.rho, "ci_low": found.low, "ci_high": found.high}
