"""What ``kojudge rubric compare`` does, between the flags and the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kojudge.audit.figures import Precision, as_json
from kojudge.audit.rubric_comparison import Comparison, Cost, Side, compare
from kojudge.audit.texts import Source, audit_hash, load_sources, require
from kojudge.cards import judge_identity
from kojudge.certify import (
    answered,
    ask_pending,
    audit_questions,
    chosen_sources,
    criterion_of,
    measured,
    pending,
)
from kojudge.cli.auditing import Audit, Part
from kojudge.cli.progress import Bar
from kojudge.cli.record import recorded
from kojudge.cli.rubric_rated import Labelled, open_labelled, rated, wanted_of
from kojudge.cli.scoring import one_judge_at_a_time
from kojudge.cli.session import Session
from kojudge.errors import ConfigError, said
from kojudge.models.heads import audit_sources
from kojudge.records import Judgment
from kojudge.rubrics import Rubric, load_rubric
from kojudge.score import score
from kojudge.selection import METHOD, Memory, WantedJudgment, ask, engine_for
from kojudge.store.run import Run

__all__ = ["CompareRequest", "Compared", "run_compare"]

_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """The flags of one call."""

    a: str
    b: str
    judge: str | None = None
    labels: str | None = None
    run: str | None = None
    quick: bool = False
    engine: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """What a call found: judgments needed, stored before it, failed; the comparison.

    ``texts`` are the audit texts by (source, kind). ``comparison`` is None where nothing was
    asked (dry run) or something failed.
    """

    judge: str
    judgments: int
    stored: int
    failed: int = 0
    comparison: Comparison | None = None
    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """Return the JSON object of ``--json``."""
        found: Any = self.comparison and as_json(self.comparison)
        for row in found["disagreements"] if found else []:
            row["text"] = self.texts[row["source_id"], row["kind"]]
        return {
            "schema": "kojudge.rubric-compare/1",
            "judge": self.judge,
            "judgments": self.judgments,
            "stored": self.stored,
            "failed": self.failed,
            "comparison": found,
        }


@dataclass(frozen=True, slots=True)
class _Work:
    """Everything asked for both rubrics; ``wanted`` are judgments of labelled texts, by rubric."""

    audit: Audit
    labelled: Labelled | None
    wanted: Mapping[str, list[WantedJudgment]]

    @property
    def judgments(self) -> list[str]:
        """The ids of all judgments."""
        labelled = [item.judgment_id for own in self.wanted.values() for item in own]
        return [q.question.key for q in self.audit.questions] + labelled


def run_compare(session: Session, request: CompareRequest) -> Compared:
    """Ask the judge what it was not asked yet by either rubric, and compare the two.

    Raises:
        ConfigError: a rubric, judge or label is not there, or the rubrics cannot be compared.
    """
    work = _plan(session, request)
    audit = work.audit
    if work.labelled is not None:
        _tell_labels(session, work, work.labelled)
    there = _there(work)
    total = len(work.judgments)
    found = Compared(audit.card.name, total, total - len(_missing(work, there)))
    session.say(said(
        f"{audit.card.name}: 원문 {len(audit.sources)}편 · 판정 {total}건"
        f"(저장됨 {found.stored} · 남음 {total - found.stored})",
        f"{audit.card.name}: {len(audit.sources)} sources · {total} judgments "
        f"({found.stored} stored · {total - found.stored} left)",
    ))  # fmt: skip
    if request.dry_run:
        return found
    run = Run.open(str(audit.folder), create=True)
    if total > found.stored:
        _ask(session, work, run)
    failed = len(_missing(work, [run, *there]))
    if failed:
        session.say(said(
            f"판정 {failed}건이 실패해 견줄 수 없습니다. 다시 실행하면 그것만 다시 묻습니다.",
            f"{failed} judgments failed, so nothing is compared. Run again: only they are asked.",
        ))  # fmt: skip
        return Compared(found.judge, total, found.stored, failed)
    one, other = (_side(work, part, run) for part in audit.parts)
    precision = Precision(np.random.default_rng(audit.asked.settings.seed), _RESAMPLES)
    texts = {(q.source_id, q.kind): q.question.text for q in audit.questions}
    return Compared(found.judge, total, found.stored, 0, compare(one, other, precision), texts)


def _plan(session: Session, request: CompareRequest) -> _Work:
    workspace = session.workspace()
    a, b = (load_rubric(workspace.rubrics, name) for name in (request.a, request.b))
    _refuse_unlike(a, b)
    named = {"judges": (request.judge,) if request.judge else ()}
    memory = Memory().later(session.profile, {"engine": request.engine}, named)
    asked = ask(workspace, memory)
    card = next(
        card for card in asked.judges if request.judge is None or card.name == request.judge
    )
    judge_id = judge_identity(card, engine_for(card, asked.settings), METHOD)
    sources = load_sources(workspace.audit)
    require(sources)
    asked_of = chosen_sources(sources, quick=request.quick, learned=audit_sources(card))
    chosen = _unseen(asked_of, a, b)
    parts = tuple(_part(rubric, chosen, judge_id) for rubric in (a, b))
    audit = Audit(workspace, asked, card, judge_id, chosen, audit_hash(sources), parts)
    if request.labels is None:
        return _Work(audit, None, {})
    labelled = open_labelled(session, request.labels, request.run, a)
    wanted = {
        rubric.name: wanted_of(labelled, rubric, card, asked.settings.engine) for rubric in (a, b)
    }
    return _Work(audit, labelled, wanted)


def _tell_labels(session: Session, work: _Work, labelled: Labelled) -> None:
    """Say how many labelled texts there are, and what cannot be compared with them."""
    a, b = (part.rubric for part in work.audit.parts)
    found = labelled.units_of(work.wanted[a.name])
    session.say(said(
        f"{labelled.run.path}: 사람이 평가한 글 {len(labelled.opinions)}편 가운데 {len(found)}편을 심사합니다.",
        f"{labelled.run.path}: {len(found)} of {len(labelled.opinions)} texts rated by people "
        "are judged.",
    ))  # fmt: skip
    if labelled.held_out:
        session.say(said(
            f"holdout 프롬프트의 글 {labelled.held_out}편은 라벨이 있어도 읽지 않습니다.",
            f"{labelled.held_out} labelled texts of held-out prompts stay unread.",
        ))  # fmt: skip
    if a.scale != b.scale or not all(labelled.fits(rubric) for rubric in (a, b)):
        session.say(said(
            "라벨과 두 루브릭의 점수 범위가 달라 κ와 α는 내지 않고, 차이의 상관(r)만 냅니다.",
            "Labels and rubrics are on different scales: no κ and α, only r of differences.",
        ))  # fmt: skip


def _refuse_unlike(a: Rubric, b: Rubric) -> None:
    if a.rubric_id == b.rubric_id:
        raise ConfigError(
            said(f"'{a.name}'과(와) '{b.name}'은(는) 같은 루브릭입니다.",
                 f"'{a.name}' and '{b.name}' are the same rubric."),
            said("루브릭을 복사해 고친 다음 견주세요.", "Copy a rubric, edit the copy, compare."),
        )  # fmt: skip
    if (a.criterion, a.mode) != (b.criterion, b.mode):
        raise ConfigError(
            said(f"'{a.name}'({a.criterion}, {a.mode})과(와) '{b.name}'({b.criterion}, {b.mode})은(는) "
                 "견줄 수 없습니다.",
                 f"'{a.name}' ({a.criterion}, {a.mode}) and '{b.name}' ({b.criterion}, {b.mode}) "
                 "cannot be compared."),
            said("criterion과 mode가 같은 두 루브릭을 고르세요.",
                 "Choose two rubrics of one criterion and one mode."),
        )  # fmt: skip
    if criterion_of(a) is None:
        raise ConfigError(
            said(f"검증용 글이 '{a.criterion}'을(를) 다루지 않습니다.",
                 f"No audit text is about '{a.criterion}'."),
            said("지금은 naturalness와 friendliness만 견줄 수 있습니다.",
                 "Only rubrics for naturalness and friendliness can be compared."),
        )  # fmt: skip


def _unseen(sources: Sequence[Source], a: Rubric, b: Rubric) -> tuple[Source, ...]:
    """Return the sources that neither rubric shows as an example."""
    shown = {example.source for rubric in (a, b) for example in rubric.examples}
    return tuple(source for source in sources if source.source_id not in shown)


def _part(rubric: Rubric, sources: Sequence[Source], judge_id: str) -> Part:
    """Return the plain questions: a comparison needs no attacks and no repeats."""
    questions, items = audit_questions(sources, rubric, judge_id)
    plain = [q for q in questions if not q.attack and not q.repeat]
    return Part(rubric, plain, items)


def _there(work: _Work) -> list[Run]:
    """Return the runs that may hold answers already; looking makes no run."""
    folder = work.audit.folder
    runs = [Run.open(str(folder))] if folder.is_dir() else []
    return [*runs, work.labelled.run] if work.labelled else runs


def _missing(work: _Work, runs: Sequence[Run]) -> list[str]:
    left = work.judgments
    for run in runs:
        left = run.pending("judgments", left)
    return left


def _ask(session: Session, work: _Work, run: Run) -> None:
    """Ask what is missing of both rubrics, and record the command in the judge's run."""
    audit, size = work.audit, work.audit.asked.settings.batch_size
    questions = pending(run, audit.questions)
    left = set(_missing(work, [run, *_there(work)]))
    rest = [i for own in work.wanted.values() for i in own if i.judgment_id in left]
    with ExitStack() as stack:
        entry = stack.enter_context(recorded(run, "rubric compare", audit.workspace.root))
        opened = stack.enter_context(one_judge_at_a_time(session, audit.asked))
        bar = stack.enter_context(Bar(audit.card.name, len(questions) + len(rest), "judgments"))
        engine = opened(audit.card)
        entry["engines"] = {audit.card.name: dict(engine.describe())}
        ask_pending(run, questions, audit.card, audit.judge_id, engine, bar.show, flush_every=size)
        done = len(questions)
        score(run, rest, engine, lambda count: bar.show(done + count.done), flush_every=size)


def _side(work: _Work, part: Part, run: Run) -> Side:
    rubric = part.rubric
    answers = answered(run, part.questions)
    own = measured(rubric, work.audit.sources, part.items.items, part.questions, answers)
    if work.labelled is None:
        return Side(rubric.name, own, _cost(list(answers.values())))
    wanted = work.wanted[rubric.name]
    ids = [item.judgment_id for item in wanted]
    judged = {j.judgment_id: j for one in (work.labelled.run, run) for j in one.judgments(ids)}
    texts, differences = rated(work.labelled, rubric, wanted, judged)
    return Side(rubric.name, own, _cost(list(answers.values())), texts, differences)


def _cost(answers: Sequence[Judgment]) -> Cost:
    tokens = [answer.prompt_tokens for answer in answers if answer.prompt_tokens is not None]
    seconds = [answer.seconds for answer in answers if answer.seconds is not None]
    return Cost(
        len(answers),
        float(np.mean(tokens)) if tokens else None,
        float(np.mean(seconds)) if seconds else None,
    )
