"""Ask one judge its pending judgments and store each batch as it comes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kojudge.engines import Engine
from kojudge.judging import Answer, Method, Question, ask, reads
from kojudge.records import Judgment, Outcome, Scored, Unscored
from kojudge.score.controls import damaged
from kojudge.selection import WantedJudgment
from kojudge.store.flush import Flusher
from kojudge.store.run import Run

NOTHING_TO_DAMAGE = "control_unchanged"
"""Why a control has no judgment: its text reads the same when damaged."""


@dataclass(frozen=True, slots=True)
class ScoreCount:
    """What became of the judgments asked for.

    ``left_out`` are controls whose text has nothing to damage: there was nothing to judge.
    ``remarks`` are the engine's on judgments that count (:attr:`kojudge.engines.Choice.remark`).
    """

    scored: int = 0
    unscored: int = 0
    failed: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    left_out: int = 0
    remarks: tuple[tuple[str, int], ...] = ()

    @property
    def done(self) -> int:
        """Judgments answered, one way or another."""
        return self.scored + self.unscored + self.failed + self.left_out

    def plus(self, other: ScoreCount) -> ScoreCount:
        """Return the sum of two counts."""
        reasons = Counter(dict(self.reasons)) + Counter(dict(other.reasons))
        remarks = Counter(dict(self.remarks)) + Counter(dict(other.remarks))
        return ScoreCount(
            self.scored + other.scored,
            self.unscored + other.unscored,
            self.failed + other.failed,
            tuple(sorted(reasons.items())),
            self.left_out + other.left_out,
            tuple(sorted(remarks.items())),
        )

    def after(self, judgment: Judgment) -> ScoreCount:
        """Return the count with one more judgment."""
        reasons = dict(self.reasons)
        reason = "" if isinstance(judgment.outcome, Scored) else judgment.outcome.reason
        if reason:
            reasons[reason] = reasons.get(reason, 0) + 1
        left_out = reason == NOTHING_TO_DAMAGE
        remarks = Counter(dict(self.remarks))
        remark = json.loads(judgment.extra).get("remark", "")
        if remark:
            remarks[remark] += 1
        return ScoreCount(
            self.scored + (judgment.status == "scored"),
            self.unscored + (judgment.status == "unscored" and not left_out),
            self.failed + (judgment.status == "failed"),
            tuple(sorted(reasons.items())),
            self.left_out + left_out,
            tuple(sorted(remarks.items())),
        )


def score(
    run: Run,
    wanted: Sequence[WantedJudgment],
    engine: Engine,
    on_count: Callable[[ScoreCount], None],
    *,
    flush_every: int,
) -> ScoreCount:
    """Ask ``engine`` for the judgments in ``wanted``; flushed as the texts of generate are."""
    count = ScoreCount()
    with Flusher(run.append_judgments, flush_every) as flusher:
        for judgment in _judged(wanted, engine):
            flusher.add(judgment)
            count = count.after(judgment)
            on_count(count)
    return count


def _judged(wanted: Sequence[WantedJudgment], engine: Engine) -> Iterator[Judgment]:
    asked: dict[str, WantedJudgment] = {}
    for item in wanted:
        shown = damaged(item) if item.control else item
        if item.flagged:
            yield to_judgment(item, flagged_outcome(item))
        elif shown is None:
            yield to_judgment(item, Unscored(NOTHING_TO_DAMAGE))
        else:
            asked[item.judgment_id] = shown
    for method, own in _by_method(asked.values()):
        for answer in ask(map(_question, own), engine, method):
            yield to_judgment(asked[answer.key], answer.outcome, answer)


def _by_method(
    items: Iterable[WantedJudgment],
) -> list[tuple[Method, list[WantedJudgment]]]:
    groups: dict[Method, list[WantedJudgment]] = {}
    for item in items:
        groups.setdefault(Method.of(item.judge), []).append(item)
    return list(groups.items())


def judge_reads(item: WantedJudgment) -> str:
    """Return the message the judge reads; of several questions, the first."""
    return reads(_question(item), asked=next(iter(item.rubric.questions), ""))


def _question(item: WantedJudgment) -> Question:
    other = item.baseline.text if item.baseline else None
    return Question(item.judgment_id, item.rubric, item.prompt, item.text.text, other, item.order)


def flagged_outcome(item: WantedJudgment) -> Scored:
    """Return what ``flagged = "minimum"`` gives: the scale's minimum, or the pair lost."""
    low, high = item.rubric.scale
    if item.baseline is None:
        return Scored(low, "flagged")
    lost, won = (one.text_id in item.flagged for one in (item.text, item.baseline))
    return Scored((low + high) / 2 if lost and won else low if lost else high, "flagged")


def to_judgment(item: WantedJudgment, outcome: Outcome, answer: Answer | None = None) -> Judgment:
    """Record an outcome, a refusal included."""
    return Judgment(
        judgment_id=item.judgment_id,
        text_id=item.text.text_id,
        prompt_id=item.text.prompt_id,
        category=item.text.category,
        candidate=item.text.candidate,
        sample=item.text.sample,
        criterion=item.rubric.criterion,
        rubric=item.rubric.name,
        judge=item.judge.name,
        mode=item.rubric.mode,
        outcome=outcome,
        baseline_text_id=item.baseline.text_id if item.baseline else None,
        baseline=item.baseline.candidate if item.baseline else None,
        order=item.order,
        rubric_id=item.rubric.rubric_id,
        judge_id=item.judge_id,
        scale=item.rubric.scale,
        turn=item.text.turn,
        rationale=answer.rationale if answer else "",
        seconds=answer.seconds if answer else None,
        prompt_tokens=answer.prompt_tokens if answer else None,
        extra=answer.extra if answer else "{}",
    )
