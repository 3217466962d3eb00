"""Read the answers of a server of typed decisions, and believe nothing that does not fit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kojudge.engines.base import Decision
from kojudge.engines.remote.client import BadReply
from kojudge.records import Json

__all__ = ["Answers", "read_answers"]

_SUM = 0.01
"""How far from 1 probabilities may sum: some servers round them to two or three digits."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Probabilities of the options, question by question; tokens of the whole request."""

    probabilities: tuple[tuple[float, ...], ...]
    prompt_tokens: int


def read_answers(body: Mapping[str, Json], asked: Mapping[str, Decision]) -> Answers:
    """Return the answers to ``asked``, in its order; each sums to 1.

    Raises:
        BadReply: an answer is missing, is one too many, or is not a distribution over the
            options of its question.
    """
    answers = body.get("answers")
    if not isinstance(answers, dict):
        raise BadReply("no_answers")
    if set(answers) != set(asked):
        raise BadReply("other_questions")
    found = tuple(_distribution(answers[name], decision) for name, decision in asked.items())
    return Answers(found, _tokens(body.get("usage")))


def _distribution(answer: Json, decision: Decision) -> tuple[float, ...]:
    if not isinstance(answer, dict) or answer.get("type") != decision.kind:
        raise BadReply("other_type")
    given, names = answer.get("probabilities"), _names(decision)
    if not isinstance(given, dict) or set(given) != set(names):
        raise BadReply("other_options")
    values = [_probability(given[name]) for name in names]
    total = math.fsum(values)
    if abs(total - 1) > _SUM:
        raise BadReply("not_summing_to_1")
    return tuple(value / total for value in values)


def _names(decision: Decision) -> Sequence[str]:
    """Return the names the options are answered by: levels count from 0."""
    if decision.kind == "score":
        return [str(level) for level in range(len(decision.options))]
    return [name for name, _ in decision.options]


def _probability(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadReply("not_a_probability")  # NaN compares false, too
    return float(value)


def _tokens(usage: Json) -> int:
    tokens = usage.get("input_tokens") if isinstance(usage, dict) else None
    return tokens if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens > 0 else 0
