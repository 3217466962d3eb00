"""Votes of MT-bench: question_id model_a model_b judge winner turn, the order shown unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kojudge.bridges.base import Named
from kojudge.bridges.peer_files import (
    Line,
    Name,
    Record,
    checked,
    identifier,
    kept_id,
    original_id,
    wrong,
)
from kojudge.errors import said
from kojudge.records import Label

__all__ = ["INCONSISTENT", "WINNERS", "Vote", "label_lines", "vote_of", "vote_record"]

WINNERS = {"model_a": 1.0, "model_b": 0.0, "tie": 0.5}
INCONSISTENT = "tie (inconsistent)"
"""A judge's vote where its two orders disagreed."""


class _Vote(Record):
    model_a: Name
    model_b: Name
    judge: Name
    winner: Name


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote; model_a is the candidate, but where it is the baseline.

    ``preference`` is 1, ½ or 0 for the candidate; ``winner`` is of a and b as they became.
    """

    prompt_id: str
    candidate: str
    baseline: str
    judge: str
    winner: str
    preference: float
    turn: int
    kept: Line = field(default_factory=dict)


def vote_of(data: Line, baseline: str) -> Vote:
    """Return the vote of one record; raise LineError where it is wrong."""
    record = checked(_Vote, data)
    turn = data.get("turn", 1)
    if not isinstance(turn, int) or isinstance(turn, bool) or turn < 1:
        problem = said("1 이상의 정수여야 합니다.", "must be an integer of at least 1.")
        raise wrong("turn", problem, turn)
    if record.winner not in (*WINNERS, INCONSISTENT):
        listed = ", ".join((*WINNERS, INCONSISTENT))
        raise wrong("winner", said(f"{listed} 가운데 하나여야 합니다.", f"must be one of {listed}."),
                    record.winner)  # fmt: skip
    turned = record.model_b != baseline == record.model_a
    kept = {k: v for k, v in (record.model_extra or {}).items() if k not in ("question_id", "turn")}
    winner, (one, other) = record.winner, (record.model_a, record.model_b)
    if turned:
        winner = {"model_a": "model_b", "model_b": "model_a"}.get(winner, winner)
        one, other = other, one
    return Vote(
        prompt_id=identifier(data, "question_id"),
        candidate=one,
        baseline=other,
        judge=record.judge,
        winner=winner,
        preference=WINNERS.get(winner, 0.5),
        turn=turn,
        kept=kept | kept_id(data, "question_id"),
    )


def label_lines(named: Named, data: Line) -> Iterator[Line]:
    """Yield the label of one vote; one whose orders disagreed is a tie, as it says itself."""
    vote = vote_of(data, named.baseline)
    kept = vote.kept | ({"winner": vote.winner} if vote.winner == INCONSISTENT else {})
    line: Line = {
        "prompt_id": vote.prompt_id,
        "candidate": vote.candidate,
        "baseline": vote.baseline,
        "sample": 0,
        "criterion": named.criterion,
        "rater": vote.judge,
        "preference": vote.preference,
    }
    line |= {"turn": vote.turn} if vote.turn != 1 else {}
    yield line | ({"mt_bench": kept} if kept else {})


def vote_record(label: Label) -> Line:
    """Return the label of a pair, a win, tie or loss, as a vote."""
    given = label.extra.get("mt_bench")
    kept: Line = dict(given) if isinstance(given, dict) else {}
    winners = {preference: winner for winner, preference in WINNERS.items()}
    record: Line = {
        "judge": label.rater,
        "model_a": label.candidate,
        "model_b": label.baseline,
        "question_id": original_id(label.prompt_id, kept, "question_id"),
        "turn": label.extra.get("turn", 1),
        "winner": winners[label.preference or 0.0],
    }
    return record | kept
