"""Ask the audit's questions that have no answer yet, and store each batch as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from kojudge.cards import JudgeCard
from kojudge.certify.questions import AuditQuestion
from kojudge.engines import Engine
from kojudge.judging import Answer, Method, ask
from kojudge.records import Judgment
from kojudge.store.flush import Flusher
from kojudge.store.run import Run

__all__ = ["answered", "ask_pending", "pending"]

ORIGINAL_TEXT = "original"
"""Stands for the baseline in the stored pairs of an audit."""


def pending(run: Run, questions: Sequence[AuditQuestion]) -> list[AuditQuestion]:
    """Return the questions that ``run`` holds no answer to."""
    left = set(run.pending("judgments", [q.question.key for q in questions]))
    return [q for q in questions if q.question.key in left]


def ask_pending(
    run: Run,
    questions: Sequence[AuditQuestion],
    card: JudgeCard,
    judge_id: str,
    engine: Engine,
    on_answer: Callable[[int], None],
    *,
    flush_every: int,
) -> None:
    """Ask ``engine`` all of ``questions``; ``on_answer`` is told how many are answered.

    A kill loses at most what was not flushed; it is asked again.
    """
    asked = {q.question.key: q for q in questions}
    with Flusher(run.append_judgments, flush_every) as flusher:
        answers = ask((q.question for q in questions), engine, Method.of(card))
        for number, answer in enumerate(answers, start=1):
            flusher.add(_judgment(asked[answer.key], answer, card.name, judge_id))
            on_answer(number)


def answered(run: Run, questions: Iterable[AuditQuestion]) -> Mapping[str, Judgment]:
    """Return the stored answers by the question's key; a question not asked has none."""
    found = run.judgments([q.question.key for q in questions])
    return {judgment.judgment_id: judgment for judgment in found}


def _judgment(asked: AuditQuestion, answer: Answer, judge: str, judge_id: str) -> Judgment:
    question, rubric = asked.question, asked.question.rubric
    name = f"{asked.kind}+{asked.attack}" if asked.attack else asked.kind
    pair = rubric.mode == "pairwise"
    return Judgment(
        judgment_id=question.key,
        text_id=question.key,
        prompt_id=asked.source_id,
        category=asked.category,
        candidate=name,
        sample=0,
        criterion=rubric.criterion,
        rubric=rubric.name,
        judge=judge,
        mode=rubric.mode,
        outcome=answer.outcome,
        baseline=ORIGINAL_TEXT if pair else None,
        order=question.order,
        repeat=asked.repeat,
        rubric_id=rubric.rubric_id,
        judge_id=judge_id,
        scale=rubric.scale,
        rationale=answer.rationale,
        seconds=answer.seconds,
        prompt_tokens=answer.prompt_tokens,
        extra=answer.extra,
    )
