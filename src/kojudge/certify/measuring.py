"""From stored answers to what a certificate is computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kojudge.audit.items import Item
from kojudge.audit.kinds import CARRIERS, ORIGINAL
from kojudge.audit.measured import (
    AttackScore,
    Measured,
    PairScore,
    People,
    PointScore,
    Repeated,
)
from kojudge.audit.shortcuts import trivial_baseline
from kojudge.audit.texts import Source
from kojudge.certify.questions import AuditQuestion, criterion_of
from kojudge.records import Judgment, Scored
from kojudge.rubrics import Rubric
from kojudge.stats.pairs import combine_log_odds

__all__ = ["measured"]

Answers = Mapping[str, Judgment]


def measured(
    rubric: Rubric,
    sources: Sequence[Source],
    items: Sequence[Item],
    questions: Sequence[AuditQuestion],
    answers: Answers,
    people: Sequence[People] = (),
) -> Measured:
    """Return the answers of one judge to the audit's ``questions`` about ``rubric``.

    Raises:
        ValueError: the rubric's criterion has no audit texts, or a question no answer.
    """
    criterion = criterion_of(rubric)
    if criterion is None:
        raise ValueError(f"no audit text is about {rubric.criterion}")
    unanswered = [q for q in questions if q.question.key not in answers]
    if unanswered:
        raise ValueError(f"{len(unanswered)} questions without an answer")
    plain = [q for q in questions if not q.attack]
    asked = {q.source_id for q in questions}
    texts = {(s.source_id, ORIGINAL): s.original for s in sources if s.source_id in asked}
    texts |= {(i.source_id, i.kind): i.text for i in items if i.criterion == criterion}
    pairs = _pairs(plain, answers)
    points = tuple(_points(plain, answers))
    return Measured(
        criterion,
        rubric.mode,
        points=points,
        pairs=tuple(pairs.values()),
        attacks=tuple(_attacks(rubric, questions, answers, points, pairs)),
        repeats=tuple(_repeats(plain, answers)),
        people=tuple(people),
        baseline=trivial_baseline(criterion, texts),
        scale=(1.0, 5.0) if rubric.mode == "pairwise" else rubric.scale,
    )


def _score(judgment: Judgment) -> float | None:
    return judgment.outcome.score if isinstance(judgment.outcome, Scored) else None


def _points(plain: Sequence[AuditQuestion], answers: Answers) -> list[PointScore]:
    return [
        PointScore(q.source_id, q.kind, _score(own), own.outcome.mass)
        for q in plain
        if q.question.other is None and q.repeat == 0
        for own in [answers[q.question.key]]
    ]


def _pairs(plain: Sequence[AuditQuestion], answers: Answers) -> dict[tuple[str, str], PairScore]:
    by_item: dict[tuple[str, str], dict[str, Judgment]] = {}
    for q in plain:
        if q.question.order:
            own = by_item.setdefault((q.source_id, q.kind), {})
            own[q.question.order] = answers[q.question.key]
    return {key: _pair(*key, own) for key, own in by_item.items()}


def _pair(source: str, kind: str, own: Mapping[str, Judgment]) -> PairScore:
    masses = [j.outcome.mass for j in own.values() if j.outcome.mass is not None]
    mass = sum(masses) / len(masses) if masses else None
    return PairScore(source, kind, _score(own["AB"]), _score(own["BA"]), mass)


def _repeats(plain: Sequence[AuditQuestion], answers: Answers) -> list[Repeated]:
    scores: dict[tuple[str, str], list[float]] = {}
    for q in plain:
        score = _score(answers[q.question.key])
        if q.question.other is None and score is not None:
            scores.setdefault((q.source_id, q.kind), []).append(score)
    return [Repeated(*key, tuple(own)) for key, own in scores.items() if len(own) > 1]


def _attacks(
    rubric: Rubric,
    questions: Sequence[AuditQuestion],
    answers: Answers,
    points: Sequence[PointScore],
    pairs: Mapping[tuple[str, str], PairScore],
) -> list[AttackScore]:
    attacked: dict[tuple[str, str, str, bool], dict[str, Judgment]] = {}
    for q in questions:
        if q.attack:
            key = (q.source_id, q.attack, q.place, q.question.defended)
            attacked.setdefault(key, {})[q.question.order or ""] = answers[q.question.key]
    if rubric.mode == "pairwise":
        bases = {
            source: _won(pair) for (source, kind), pair in pairs.items() if _carries(rubric, kind)
        }
    else:
        bases = {p.source_id: p.score for p in points if _carries(rubric, p.kind)}
    return [
        AttackScore(source, name, place, defended, bases.get(source), _attacked(source, own))
        for (source, name, place, defended), own in attacked.items()
    ]


def _carries(rubric: Rubric, kind: str) -> bool:
    criterion = criterion_of(rubric)
    return criterion is not None and kind == CARRIERS[criterion]


def _attacked(source: str, own: Mapping[str, Judgment]) -> float | None:
    return _score(own[""]) if "" in own else _won(_pair(source, "", own))


def _won(pair: PairScore) -> float | None:
    if pair.p_ab is None or pair.p_ba is None:
        return None
    return float(combine_log_odds(pair.p_ab, pair.p_ba))
