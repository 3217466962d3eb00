"""What ``kojudge score --looks K`` does: judge in batches, look after each, stop when decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from kojudge.cards import JudgeCard
from kojudge.cli.cascading import refuse_both
from kojudge.cli.record import recorded, remember
from kojudge.cli.scoring import (
    ScoreRequest,
    ScoreSummary,
    Work,
    ask_judges,
    conclude,
    find_work,
    one_judge_at_a_time,
    try_rubrics,
)
from kojudge.cli.session import Session
from kojudge.engines import Engine
from kojudge.errors import ConfigError, Said, said
from kojudge.report import count
from kojudge.report.results import compare
from kojudge.score import ScoreCount
from kojudge.selection.cascades import stored_cascade
from kojudge.selection.looks import Decision, Look, LookPlan, fix, make_plan, record, stored_plan
from kojudge.stats.sequential import decide
from kojudge.store.run import Run

OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class LookCount:
    """How far the looks are: numbers of looks, prompts, comparisons and judgments.

    ``judgments_saved`` is what a planned stop leaves unasked; ``complete`` tells whether
    every look that was begun is finished.
    """

    planned: int
    done: int
    stopped: bool
    complete: bool
    decided: int
    hypotheses: int
    prompts_used: int
    prompts_planned: int
    judgments_saved: int


def run_looks(
    session: Session, request: ScoreRequest, looks: int
) -> tuple[ScoreSummary, LookCount]:
    """Ask what the next batches need, look after each, until all is decided or none is left.

    The same command finishes what was interrupted; nothing is asked twice.

    Raises:
        ConfigError: a flag does not go with looks, the run was judged without a plan, or
            what the plan fixed has changed.
    """
    _check_flags(request)
    _refuse_imported(session.open_run(request.run_path))
    work = find_work(session, request)
    _check_mode(work)
    if stored_cascade(work.run) is not None:
        raise refuse_both()
    plan = stored_plan(work.run)
    if plan is None:
        plan = _new_plan(work, looks)
    else:
        plan.check(looks, work.asked.settings, plan.within(work.wanted, None))
    work = replace(
        work,
        wanted=tuple(plan.within(work.wanted, None)),
        controls=tuple(plan.within(work.controls, None)),
    )
    _announce(session, plan, work)
    pending = work.pending()
    try_rubrics(pending)
    if request.dry_run:
        return work.summary(len(pending)), _count(plan, work, complete=not pending)
    remember(work.run, work.asked, work.memory)
    plan = fix(work.run, plan)
    plan.check(looks, work.asked.settings, work.wanted)
    if plan.over and not work.pending(plan.within(work.everything, len(plan.done))):
        _tell_end(session, plan, work)
        return work.summary(len(pending)), _count(plan, work, complete=True)
    return _go_on(session, work, plan, len(pending))


def _go_on(
    session: Session, work: Work, plan: LookPlan, pending: int
) -> tuple[ScoreSummary, LookCount]:
    total, complete = ScoreCount(), False
    with (
        recorded(work.run, "score", session.workspace().root) as entry,
        one_judge_at_a_time(session, work.asked) as opened,
    ):
        while not complete:
            asked, left = _judge_look(session, work, plan, opened, entry)
            total = total.plus(asked)
            if left:
                break
            complete = plan.over
            if not complete:
                plan = record(work.run, _look(work, plan))
                _tell(session, plan)
    summary = work.summary(pending, total)
    conclude(session, summary)
    if complete:
        _tell_end(session, plan, work)
    else:
        _tell_left(session, plan)
    return summary, _count(plan, work, complete=complete)


def _judge_look(
    session: Session,
    work: Work,
    plan: LookPlan,
    opened: Callable[[JudgeCard], Engine],
    entry: dict[str, Any],
) -> tuple[ScoreCount, int]:
    """Ask what the next look still needs; return what came of it and how much still fails."""
    upto = len(plan.done) if plan.over else len(plan.done) + 1
    within = plan.within(work.everything, upto)
    pending = work.pending(within)
    if not pending:
        return ScoreCount(), 0
    asked = ask_judges(session, work, pending, opened, entry)
    return asked, len(work.pending(within))


def _look(work: Work, plan: LookPlan) -> Look:
    """Test the primary family on the prompts up to the next look."""
    number = len(plan.done) + 1
    counted = count(work.run, work.asked, number)
    mode = plan.rules.primary_mode
    # The other mode decides nothing, so it is not tested here.
    primary = tuple(item for item in counted.wanted if item.rubric.mode == mode)
    entries = compare(work.run, replace(counted, wanted=primary)).entries
    decided = decisions(entries, number, plan.rules.margins[mode])
    return Look(
        number,
        len(plan.prompts(number)),
        len(plan.within(work.wanted, number)),
        tuple(decided),
        number < plan.looks and len(decided) >= plan.hypotheses,
        _now(),
    )


def decisions(entries: Sequence[Mapping[str, Any]], look: int, margin: float) -> list[Decision]:
    """Return the primary comparisons of results.json that ``look`` (from 1) decides.

    A withheld verdict decides nothing: more prompts do not make the judge see better, but
    stopping on it would pass for a result.
    """
    found = []
    for entry in entries:
        if not entry["primary"] or entry["slice"] != OVERALL or entry["withheld"]:
            continue
        if entry["verdict"] == "refused" or None in (entry["ci_low"], entry["ci_high"]):
            continue
        stop = decide(look, entry["ci_low"], entry["ci_high"], margin)
        if stop is not None:
            found.append(Decision(entry["judge"], entry["candidate"], entry["criterion"], stop))
    return found


def _check_flags(request: ScoreRequest) -> None:
    if request.limit is not None:
        raise ConfigError(
            said("--looks와 --limit은 함께 쓸 수 없습니다: 계획은 글이 있는 프롬프트 전부에 걸칩니다.",
                 "--looks and --limit do not go together: a plan is over all prompts with texts."),
            said("프롬프트를 줄이려면 `kojudge generate --limit N`으로 새 실행을 만드세요.",
                 "For fewer prompts begin a new run with `kojudge generate --limit N`."),
        )  # fmt: skip


def _check_mode(work: Work) -> None:
    primary = work.asked.settings.primary_mode
    if not any(item.rubric.mode == primary for item in work.wanted):
        raise ConfigError(
            said(f"--looks로 나눌 판정이 없습니다: 판정을 맡은 방식({primary})의 심사가 빠졌습니다.",
                 f"Nothing to look at: the mode that carries the verdicts ({primary}) is not judged."),
            said(f"--mode와 --rubric이 {primary}을(를) 빼는지, 기준 모델의 글이 있는지 확인하세요.",
                 f"See whether --mode or --rubric leaves {primary} out, and whether the baseline "
                 "has texts."),
        )  # fmt: skip


def _new_plan(work: Work, looks: int) -> LookPlan:
    """Make a plan, unless the family was judged already: looks are planned before the data."""
    settings = work.asked.settings
    own = [item for item in work.wanted if item.rubric.mode == settings.primary_mode]
    stored = len(own) - len(work.pending(own))
    if stored:
        raise _too_late(said(f"이 실행에는 판정이 이미 {stored}건 있습니다.",
                             f"This run holds {stored} judgments already."))  # fmt: skip
    return make_plan(looks, settings, work.wanted, _now())


def _refuse_imported(run: Run) -> None:
    number = len(run.query("SELECT 1 FROM judgments WHERE origin = 'imported'"))
    if number:
        raise _too_late(said(f"이 실행에는 들여온 판정이 {number}건 있습니다.",
                             f"This run holds {number} imported judgments."))  # fmt: skip


def _too_late(found: Said) -> ConfigError:
    return ConfigError(
        said(f"{found.ko} 중간 분석은 판정을 보기 전에 계획해야 오류율이 지켜집니다.",
             f"{found.en} Looks keep their error rate only if planned before any judgment."),
        said("--looks 없이 계속하거나, `kojudge export`와 `import`로 글만 새 실행에 옮겨 --looks로 시작하세요.",
             "Go on without --looks, or take the texts alone to a new run with `kojudge export` "
             "and `import` and begin there with --looks."),
    )  # fmt: skip


def _announce(session: Session, plan: LookPlan, work: Work) -> None:
    sizes = [len(batch) for batch in plan.batches]
    session.say(said(
        f"중간 분석 {plan.looks}회: 프롬프트 {sum(sizes)}개를 {min(sizes)}~{max(sizes)}개씩 무작위로 "
        f"나누었습니다. 비교 {plan.hypotheses}건 · 판정 최대 {len(work.wanted)}건 · {len(plan.done)}회 마침",
        f"{plan.looks} looks: {sum(sizes)} prompts in random batches of {min(sizes)}–{max(sizes)} · "
        f"{plan.hypotheses} comparisons · at most {len(work.wanted)} judgments · {len(plan.done)} done",
    ))  # fmt: skip


def _tell(session: Session, plan: LookPlan) -> None:
    """Say counts only: which comparison, and which way, waits for the report."""
    last = plan.done[-1]
    session.say(said(
        f"중간 분석 {last.look}/{plan.looks}: 프롬프트 {last.prompts}개까지 심사 · "
        f"비교 {plan.hypotheses}건 가운데 {len(last.decided)}건 결론",
        f"look {last.look}/{plan.looks}: {last.prompts} prompts judged · "
        f"{len(last.decided)} of {plan.hypotheses} comparisons decided",
    ))  # fmt: skip


def _tell_end(session: Session, plan: LookPlan, work: Work) -> None:
    counted = _count(plan, work, complete=True)
    if plan.stopped:
        session.say(said(
            f"모든 비교의 결론이 나서 멈췄습니다. 프롬프트 {counted.prompts_planned}개 가운데 "
            f"{counted.prompts_used}개만 심사해 판정 {counted.judgments_saved}건을 아꼈습니다.",
            f"Every comparison is decided, so judging stopped after {counted.prompts_used} of "
            f"{counted.prompts_planned} prompts; {counted.judgments_saved} judgments saved.",
        ))  # fmt: skip
    else:
        session.say(
            said(
                f"마지막 분석까지 마쳤습니다. 프롬프트 {counted.prompts_used}개를 모두 심사했습니다.",
                f"The last look is done; all {counted.prompts_used} prompts were judged.",
            )
        )


def _tell_left(session: Session, plan: LookPlan) -> None:
    session.say(said(
        f"중간 분석 {len(plan.done) + 1}/{plan.looks}에 판정하지 못한 것이 남아 아직 분석하지 않았습니다. "
        "같은 명령을 다시 실행하면 그것만 다시 묻습니다.",
        f"Look {len(plan.done) + 1}/{plan.looks} waits for judgments that failed. The same command "
        "asks only those again.",
    ))  # fmt: skip


def _count(plan: LookPlan, work: Work, *, complete: bool) -> LookCount:
    used = plan.within(work.wanted, len(plan.done))
    return LookCount(
        plan.looks,
        len(plan.done),
        plan.stopped,
        complete,
        len(plan.done[-1].decided) if plan.done else 0,
        plan.hypotheses,
        len(plan.prompts(len(plan.done))),
        len(plan.prompts()),
        len(work.wanted) - len(used) if plan.stopped else 0,
    )


def as_json(summary: ScoreSummary, looks: LookCount) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {"schema": "kojudge.score/1", **asdict(summary), "looks": asdict(looks)}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
