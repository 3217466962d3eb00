"""Cards: what kojudge knows of a model that writes or judges."""

from kojudge.cards.leaderboard import Leaderboard, load_leaderboard
from kojudge.cards.load import (
    candidate_identity,
    judge_identity,
    load_candidate,
    load_candidates,
    load_judge,
    load_judges,
    to_spec,
    weights_of,
)
from kojudge.cards.schema import CandidateCard, Card, HeadSection, JudgeCard

__all__ = [
    "CandidateCard",
    "Card",
    "HeadSection",
    "JudgeCard",
    "Leaderboard",
    "candidate_identity",
    "judge_identity",
    "load_candidate",
    "load_candidates",
    "load_judge",
    "load_judges",
    "load_leaderboard",
    "to_spec",
    "weights_of",
]
