"""What ``kojudge score --judge CHEAP --with STRONG`` does: one reads all, the other a part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from kojudge.cards import JudgeCard
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
from kojudge.errors import ConfigError, said
from kojudge.score import ScoreCount
from kojudge.selection import WantedJudgment
from kojudge.selection.cascades import CascadePlan, fix_cascade, make_cascade, stored_cascade
from kojudge.selection.looks import stored_plan
from kojudge.selection.unsure import unsure_of
from kojudge.store.run import Run

FRACTION = 0.2
"""The part the strong judge reads where none is named."""


@dataclass(frozen=True, slots=True)
class CascadeRequest:
    """The flags of a cascade; ``fraction`` None: the plan's, or a fifth."""

    strong: str
    fraction: float | None = None
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class CascadeCount:
    """How far the cascade is: prompts, and judgments of the strong judge.

    ``judgments_saved`` is what it is not asked; ``complete`` tells whether nothing is left.
    """

    judge: str
    strong: str
    fraction: float
    uncertain: bool
    prompts: int
    prompts_strong: int
    judgments_strong: int
    judgments_saved: int
    complete: bool


def run_cascade(
    session: Session, request: ScoreRequest, flags: CascadeRequest
) -> tuple[ScoreSummary, CascadeCount]:
    """Ask the cheap judge about every prompt and the strong one about the part planned.

    The same command finishes what was interrupted; nothing is asked twice.

    Raises:
        ConfigError: a flag does not go with a cascade, the strong judge has judged already, or
            what the plan fixed has changed.
    """
    cheap = _check_flags(request, flags)
    whole = find_work(session, replace(request, judges=(cheap, flags.strong)))
    if stored_plan(whole.run) is not None:
        raise _looks_stand(stored=True)
    plan = _plan(whole, cheap, flags)
    work = _within(whole, plan)
    _announce(session, plan, work)
    pending = work.pending()
    try_rubrics(pending)
    if request.dry_run:
        return work.summary(len(pending)), _count(plan, whole, complete=not pending)
    remember(work.run, work.asked, work.memory)
    plan = fix_cascade(work.run, plan)
    plan.check_same(cheap, flags.strong, flags.fraction, flags.uncertain)
    total = ScoreCount()
    with (
        recorded(work.run, "score", session.workspace().root) as entry,
        one_judge_at_a_time(session, work.asked) as opened,
    ):
        total, left = _ask(session, _within(whole, plan), cheap, opened, entry)
        if not plan.ready and not left:
            plan = fix_cascade(work.run, plan.drawn_by(_unsure(whole, cheap)))
        if plan.ready:
            after, left_too = _ask(session, _within(whole, plan), flags.strong, opened, entry)
            total, left = total.plus(after), left + left_too
    work = _within(whole, plan)
    summary = work.summary(len(pending), total)
    conclude(session, summary)
    _tell_end(session, plan, work.run, left)
    return summary, _count(plan, whole, complete=plan.ready and not left)


def within_cascade(session: Session, work: Work) -> Work:
    """Return what a run with a cascade has left to ask without ``--with``; all where it has none.

    Raises:
        ConfigError: it is not drawn yet which prompts the strong judge reads.
    """
    plan = stored_cascade(work.run)
    if plan is None:
        return work
    if not plan.ready and any(item.judge.name == plan.strong for item in work.wanted):
        command = plan.command(work.run.path, session.profile)
        raise ConfigError(
            said(f"이 실행에서는 '{plan.strong}'이(가) 읽을 프롬프트를 아직 뽑지 않았습니다.",
                 f"It is not drawn yet which prompts '{plan.strong}' reads in this run."),
            said(f"`{command}`로 이어서 하세요.", f"Go on with `{command}`."),
        )  # fmt: skip
    kept = plan.within(work.wanted)
    if len(kept) < len(work.wanted):
        session.say(said(
            f"나누어 심사하기로 정한 실행입니다. 계획에 없는 판정 {len(work.wanted) - len(kept)}건은 묻지 않습니다.",
            f"This run is a cascade: {len(work.wanted) - len(kept)} judgments outside its plan are "
            "not asked.",
        ))  # fmt: skip
    return replace(work, wanted=tuple(kept), controls=_controls(work, plan))


def as_json(summary: ScoreSummary, cascade: CascadeCount) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {"schema": "kojudge.score/1", **asdict(summary), "cascade": asdict(cascade)}


def _check_flags(request: ScoreRequest, flags: CascadeRequest) -> str:
    """Return the one cheap judge."""
    if len(request.judges) != 1 or request.judges[0] == flags.strong:
        raise ConfigError(
            said("--with를 쓸 때는 모두 읽을 심사 모델 하나를 --judge로, 일부만 읽을 다른 하나를 --with로 고릅니다.",
                 "--with needs one judge of all prompts in --judge, and another in --with."),
            said("예: kojudge score --judge small --with large --fraction 0.2",
                 "For example: kojudge score --judge small --with large --fraction 0.2"),
        )  # fmt: skip
    if request.limit is not None:
        raise ConfigError(
            said("--with와 --limit은 함께 쓸 수 없습니다: 계획은 글이 있는 프롬프트 전부에 걸칩니다.",
                 "--with and --limit do not go together: a plan is over all prompts with texts."),
            said("프롬프트를 줄이려면 `kojudge generate --limit N`으로 새 실행을 만드세요.",
                 "For fewer prompts begin a new run with `kojudge generate --limit N`."),
        )  # fmt: skip
    return request.judges[0]


def _looks_stand(*, stored: bool) -> ConfigError:
    ko, en = (
        ("이 실행은 중간 분석을 하기로 정해 두었습니다.", "This run is planned to be judged in looks.")
        if stored
        else ("--with와 --looks는 함께 쓸 수 없습니다.", "--with and --looks do not go together.")
    )  # fmt: skip
    return ConfigError(
        said(ko, en),
        said("둘 가운데 하나만 고르고, 필요하면 `--run`으로 새 실행을 시작하세요.",
             "Choose one of the two, in a new run with `--run` if need be."),
    )  # fmt: skip


def refuse_both() -> ConfigError:
    """Return the refusal of ``--looks`` and ``--with`` in one command."""
    return _looks_stand(stored=False)


def _plan(work: Work, cheap: str, flags: CascadeRequest) -> CascadePlan:
    plan = stored_cascade(work.run)
    if plan is not None:
        plan.check_same(cheap, flags.strong, flags.fraction, flags.uncertain)
        known = [item for item in work.wanted if item.text.prompt_id in {*plan.prompts}]
        plan.check(work.asked.settings, known)
        return plan
    own = [item for item in work.everything if item.judge.name == flags.strong]
    stored = len(own) - len(work.pending(own))
    if stored:
        raise ConfigError(
            said(f"'{flags.strong}'의 판정이 이 실행에 이미 {stored}건 있습니다. 무엇을 읽힐지는 판정을 보기 전에 "
                 "뽑아야 합니다.",
                 f"This run holds {stored} judgments of '{flags.strong}' already. What it reads must be "
                 "drawn before any is seen."),
            said("--with 없이 계속하거나, `kojudge export`와 `import`로 글만 새 실행에 옮겨 시작하세요.",
                 "Go on without --with, or take the texts alone to a new run with `kojudge export` "
                 "and `import`."),
        )  # fmt: skip
    return make_cascade(
        cheap, flags.strong, FRACTION if flags.fraction is None else flags.fraction,
        flags.uncertain, work.asked.settings, work.wanted, _now(),
    )  # fmt: skip


def _within(work: Work, plan: CascadePlan) -> Work:
    return replace(work, wanted=tuple(plan.within(work.wanted)), controls=_controls(work, plan))


def _controls(work: Work, plan: CascadePlan) -> tuple[WantedJudgment, ...]:
    """Return the controls that go with the plan, of the judges and rubrics asked for."""
    chosen = {(item.judge.name, item.rubric.name) for item in work.wanted}
    found = plan.controls(work.asked, work.texts)
    return tuple(item for item in found if (item.judge.name, item.rubric.name) in chosen)


def _ask(
    session: Session,
    work: Work,
    judge: str,
    opened: Callable[[JudgeCard], Engine],
    entry: dict[str, Any],
) -> tuple[ScoreCount, int]:
    """Ask ``judge`` what is left for it; return what came of it and how much still fails."""
    own = [item for item in work.everything if item.judge.name == judge]
    pending = work.pending(own)
    if not pending:
        return ScoreCount(), 0
    return ask_judges(session, work, pending, opened, entry), len(work.pending(own))


def _unsure(work: Work, cheap: str) -> dict[str, float]:
    """Return how unsure the cheap judge is, from the judgments that carry the verdicts."""
    mode = work.asked.settings.primary_mode
    own = [i for i in work.wanted if i.judge.name == cheap and i.rubric.mode == mode]
    found = unsure_of(work.run, [item.judgment_id for item in own])
    if not found:
        raise ConfigError(
            said(f"'{cheap}'의 답에 확률이 없어 어느 프롬프트가 불확실한지 알 수 없습니다.",
                 f"The answers of '{cheap}' carry no probabilities: nothing tells where it is unsure."),
            said("새 실행에서 --uncertain 없이 하세요.", "Leave out --uncertain, in a new run."),
        )  # fmt: skip
    return found


def _announce(session: Session, plan: CascadePlan, work: Work) -> None:
    strong = sum(item.judge.name == plan.strong for item in work.everything)
    session.say(said(
        f"나누어 심사하기: '{plan.judge}'은(는) 프롬프트 {len(plan.prompts)}개를 모두, "
        f"'{plan.strong}'은(는) {plan.number}개를 읽습니다"
        + (f"(판정 {strong}건)." if plan.ready else "(무엇을 읽을지는 첫 심사가 끝나면 뽑습니다)."),
        f"Cascade: '{plan.judge}' reads all {len(plan.prompts)} prompts, '{plan.strong}' "
        f"{plan.number} of them"
        + (f" ({strong} judgments)." if plan.ready else ", drawn when the first judge is done."),
    ))  # fmt: skip


def _tell_end(session: Session, plan: CascadePlan, run: Run, left: int) -> None:
    if left:
        command = plan.command(run.path, session.profile)
        session.say(said(
            f"판정하지 못한 것이 {left}건 남았습니다. `{command}`를 다시 실행하면 그것만 다시 묻습니다.",
            f"{left} judgments failed. `{command}` asks only those again.",
        ))  # fmt: skip


def _count(plan: CascadePlan, whole: Work, *, complete: bool) -> CascadeCount:
    own: Sequence[WantedJudgment] = [i for i in whole.wanted if i.judge.name == plan.strong]
    reads = [item for item in own if item.text.prompt_id in {*plan.drawn}]
    return CascadeCount(
        plan.judge, plan.strong, plan.fraction, plan.uncertain, len(plan.prompts), plan.number,
        len(reads), len(own) - len(reads), complete,
    )  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
