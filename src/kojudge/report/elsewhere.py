"""A public leaderboard's scores of the models, and whether writing ranks them alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kojudge.cards import CandidateCard, Leaderboard
from kojudge.report.families import PANEL
from kojudge.stats.rank_correlation import rank_correlation

AVERAGE = "average"
"""The name, in any case, under which a candidate card keeps the leaderboard's own average."""

Scores = Mapping[str, Mapping[str, float]]
"""Scores by model and benchmark."""


def scores_elsewhere(
    cards: Iterable[CandidateCard], imported: Iterable[str], board: Leaderboard | None
) -> dict[str, dict[str, float]]:
    """Return each model's scores: the leaderboard's by its hub name, and its card's before those.

    ``imported`` models have no card; they are found where they go by their hub name.
    """
    found = {
        card.name: {**_own(board, card.source.hub or ""), **_named(card.leaderboard, board)}
        for card in cards
    }
    return {name: _own(board, name) for name in imported} | found


def averages(scores: Scores) -> dict[str, float]:
    """Return each model's average as the leaderboard gives it; a model without one has none.

    It is never computed from the benchmarks: averages over others could not be compared.
    """
    return {
        model: value
        for model, own in scores.items()
        for name, value in own.items()
        if name.casefold() == AVERAGE
    }


def rank_correlations(
    scores: Scores, comparisons: Iterable[Mapping[str, Any]], baseline: str
) -> list[dict[str, Any]]:
    """Return by criterion and benchmark how the leaderboard and writing rank the models.

    Spearman's ρ; the leaderboard's average comes first. Writing is the difference from the
    baseline (0 for itself) in the comparisons that carry verdicts, of the panel or else the
    first judge. ``n`` counts the models that have both; ``rho`` and its 95 % interval are
    None below 5. The intervals are not corrected for the number of benchmarks.
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
        for benchmark in _benchmarks(scores):
            known = {name: own[benchmark] for name, own in scores.items() if benchmark in own}
            head = {"criterion": criterion, "judge": judge, "benchmark": benchmark}
            rows.append({**head, **_row(known, by_judge[judge])})
    return rows


def _own(board: Leaderboard | None, model: str) -> dict[str, float]:
    return {} if board is None else _named(board.of(model), board)


def _named(own: Mapping[str, float], board: Leaderboard | None) -> dict[str, float]:
    """Return the scores with the average under one name, whatever the leaderboard calls it."""
    names = {AVERAGE} if board is None else {AVERAGE, board.average.casefold()}
    return {(AVERAGE if name.casefold() in names else name): own[name] for name in own}


def _benchmarks(scores: Scores) -> list[str]:
    """Return the names of all scores, the average first."""
    names = dict.fromkeys(name for own in scores.values() for name in own)
    return sorted(names, key=lambda name: name.casefold() != AVERAGE)


def _row(known: Mapping[str, float], writing: Mapping[str, float]) -> dict[str, Any]:
    both: Sequence[str] = [name for name in writing if name in known]
    found = rank_correlation([known[name] for name in both], [writing[name] for name in both])
    return {"n": found.n, "rho": found.rho, "ci_low": found.low, "ci_high": found.high}
