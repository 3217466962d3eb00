"""What ``kojudge audit`` does, between the flags and the certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kojudge.audit.certificate import certificate_key, certify
from kojudge.audit.figures import Precision
from kojudge.audit.items import AuditItems, skipped_counts
from kojudge.audit.measured import People
from kojudge.audit.texts import Source, audit_hash, load_sources, require
from kojudge.cards import JudgeCard, judge_identity
from kojudge.certify import (
    AuditQuestion,
    answered,
    ask_pending,
    audit_questions,
    chosen_sources,
    criterion_of,
    measured,
    pending,
)
from kojudge.certify.people import compared, people_id
from kojudge.cli.certificate_table import certificate_table, reason_lines
from kojudge.cli.placing import Placing
from kojudge.cli.progress import Bar
from kojudge.cli.record import recorded
from kojudge.cli.session import Session
from kojudge.errors import ConfigError, said
from kojudge.judging import rubric_key
from kojudge.models import open_model
from kojudge.models.heads import audit_sources
from kojudge.rubrics import Rubric
from kojudge.selection import METHOD, Asked, Memory, ask, engine_for, placement_for
from kojudge.selection.certificates import keep, kept
from kojudge.store.run import Run
from kojudge.workspace import Workspace

_RESAMPLES = 2_000
FEWEST_SOURCES = 2
"""The trivial baseline leaves one source out and learns from the others."""


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """The flags of one call."""

    judge: str
    rubrics: tuple[str, ...] = ()
    quick: bool = False
    labelled: str | None = None
    engine: str | None = None
    dry_run: bool = False
    placing: Placing = field(default_factory=Placing)


@dataclass(frozen=True, slots=True)
class AuditSummary:
    """What a call found: questions asked of the judge, those that failed, the certificate."""

    judge: str
    run: str
    questions: int
    stored: int
    failed: int = 0
    certificate: Mapping[str, Any] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """Return the JSON object of ``--json``."""
        return {
            "schema": "kojudge.audit/1",
            "judge": self.judge,
            "run": self.run,
            "questions": self.questions,
            "stored": self.stored,
            "failed": self.failed,
            "certificate": dict(self.certificate) or None,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked for one rubric, and the audit items it is about."""

    rubric: Rubric
    questions: list[AuditQuestion]
    items: AuditItems


@dataclass(frozen=True, slots=True)
class Audit:
    """One judge's audit: what is asked, of whom, and where the answers are kept."""

    workspace: Workspace
    asked: Asked
    card: JudgeCard
    judge_id: str
    sources: tuple[Source, ...]
    texts_id: str
    parts: tuple[Part, ...]
    learned: int = 0
    """Sources of the workspace that the judge learned from, and so is not asked about."""

    @property
    def folder(self) -> Path:
        """The run that holds the judge's answers."""
        return self.workspace.audits / self.card.name

    @property
    def questions(self) -> list[AuditQuestion]:
        """Every question, rubric after rubric."""
        return [question for part in self.parts for question in part.questions]

    @property
    def rubrics(self) -> dict[str, str]:
        """The rubrics' keys by criterion and mode."""
        return {
            f"{part.rubric.criterion}/{part.rubric.mode}": rubric_key(part.rubric)
            for part in self.parts
        }


def run_audit(session: Session, request: AuditRequest) -> AuditSummary:
    """Ask what the judge was not asked yet, and write its certificate.

    Raises:
        ConfigError: no such judge or rubric, no audit texts, or texts are missing.
    """
    audit = plan_audit(session, request)
    people = _people(session, audit, request.labelled)
    key = certificate_key(
        audit.judge_id, audit.rubrics, audit.texts_id, quick=request.quick, labels=people_id(people)
    )
    known = kept(audit.workspace, key)
    total = len(audit.questions)
    if known is not None:
        _show(session, known)
        return AuditSummary(audit.card.name, str(audit.folder), total, total, 0, known)
    left = _left(audit)
    _announce(session, audit, total, len(left))
    if request.dry_run:
        return AuditSummary(audit.card.name, str(audit.folder), total, total - len(left))
    run = Run.open(str(audit.folder), create=True)
    if left:
        ask_left(session, audit, run, left)
    still = pending(run, audit.questions)
    if still:
        _tell_failed(session, len(still))
        return AuditSummary(audit.card.name, run.path, total, total - len(still), failed=len(still))
    certificate = _certificate(audit, run, people, quick=request.quick)
    path = keep(audit.folder, certificate)
    _show(session, certificate)
    session.say(said(f"검증서: {path}", f"Certificate: {path}"))
    return AuditSummary(audit.card.name, run.path, total, total, 0, certificate)


def plan_audit(session: Session, request: AuditRequest) -> Audit:
    """Return the audit that the flags ask for."""
    workspace = session.workspace()
    memory = Memory(session.profile).later(
        session.profile,
        {"engine": request.engine, **request.placing.overrides()},
        {"judges": (request.judge,), "rubrics": request.rubrics},
    )
    asked = ask(workspace, memory)
    request.placing.check(asked.settings)
    card = next(judge for judge in asked.judges if judge.name == request.judge)
    judge_id = judge_identity(card, engine_for(card, asked.settings), METHOD)
    sources = load_sources(workspace.audit)
    require(sources)
    known = audit_sources(card)
    chosen = chosen_sources(sources, quick=request.quick, learned=known)
    learned = sum(source.source_id in known for source in sources)
    if len(chosen) < FEWEST_SOURCES:
        raise _too_few(card, len(chosen), learned)
    rubrics = _rubrics(session, asked, request.rubrics)
    parts = tuple(Part(rubric, *audit_questions(chosen, rubric, judge_id)) for rubric in rubrics)
    return Audit(workspace, asked, card, judge_id, chosen, audit_hash(sources), parts, learned)


def _rubrics(session: Session, asked: Asked, named: Sequence[str]) -> list[Rubric]:
    """Return the rubrics to audit: those named, else the workspace's that have audit texts."""
    found = [r for r in asked.rubrics if not named or r.name in named]
    fitting = [rubric for rubric in found if criterion_of(rubric) is not None]
    others = sorted({rubric.criterion for rubric in found if rubric not in fitting})
    if not fitting:
        listed = ", ".join(others)
        raise ConfigError(
            said(f"검증용 글로 검증할 수 있는 평가 항목이 없습니다: {listed}.",
                 f"No audit text is about these criteria: {listed}."),
            said("지금은 naturalness와 friendliness만 검증할 수 있습니다.",
                 "Only naturalness and friendliness can be audited."),
        )  # fmt: skip
    if others:
        listed = ", ".join(others)
        session.say(said(
            f"검증용 글이 없어 검증하지 않는 항목: {listed}",
            f"Not audited, for there are no audit texts about it: {listed}",
        ))  # fmt: skip
    _refuse_twins(fitting)
    return fitting


def _refuse_twins(rubrics: Sequence[Rubric]) -> None:
    names: dict[tuple[str, str], str] = {}
    for rubric in rubrics:
        twin = names.setdefault((rubric.criterion, rubric.mode), rubric.name)
        if twin != rubric.name:
            raise ConfigError(
                said(f"루브릭 '{twin}'과(와) '{rubric.name}'은(는) 항목과 방식이 같습니다.",
                     f"The rubrics '{twin}' and '{rubric.name}' have one criterion and mode."),
                said("한 번에 하나만 검증하세요: --rubric 이름. 견주려면 kojudge rubric compare를 쓰세요.",
                     "Audit one at a time with --rubric NAME; to compare them use kojudge rubric compare."),
            )  # fmt: skip


def _too_few(card: JudgeCard, left: int, learned: int) -> ConfigError:
    ko = f" '{card.name}'이(가) 배운 {learned}편은 물을 수 없습니다." if learned else ""
    en = f" '{card.name}' learned from {learned} of them." if learned else ""
    return ConfigError(
        said(f"검증에는 원문이 {FEWEST_SOURCES}편은 있어야 하는데 {left}편뿐입니다.{ko}",
             f"An audit needs {FEWEST_SOURCES} originals, and there are only {left}.{en}"),
        said("judge/audit/에 원문과 그 고쳐 쓴 글을 더하세요. 믿을 만한 검증에는 60편쯤이 듭니다.",
             "Add originals with their rewrites to judge/audit/; an audit worth trusting takes about 60."),
    )  # fmt: skip


def _people(session: Session, audit: Audit, labelled: str | None) -> list[tuple[People, ...]]:
    """Return rubric by rubric what people said of texts that the judge judged in a run."""
    if labelled is None:
        return [() for _ in audit.parts]
    run = session.open_run(labelled)
    found = [compared(run, audit.judge_id, part.rubric) for part in audit.parts]
    for part, units in zip(audit.parts, found, strict=True):
        if not units:
            name, rubric = audit.card.name, part.rubric.name
            session.say(said(
                f"{rubric}: {labelled}에 사람과 {name}이(가) 함께 평가한 글이 없어 견주지 않습니다. "
                f"`kojudge score --run {labelled} --judge {name} --rubric {rubric}`을 먼저 실행하세요.",
                f"{rubric}: not compared with people: {labelled} has no text that both they and "
                f"{name} judged. Run `kojudge score --run {labelled} --judge {name} "
                f"--rubric {rubric}` first.",
            ))  # fmt: skip
    return found


def _left(audit: Audit) -> list[AuditQuestion]:
    """Return what has no answer yet; looking makes no run."""
    if not audit.folder.is_dir():
        return audit.questions
    return pending(Run.open(str(audit.folder)), audit.questions)


def ask_left(session: Session, audit: Audit, run: Run, left: Sequence[AuditQuestion]) -> None:
    """Ask the judge what is ``left``, and record the command in the run's manifest."""
    settings, card = audit.asked.settings, audit.card
    with recorded(run, "audit", audit.workspace.root) as entry:
        engine = open_model(
            card, engine_for(card, settings), settings.batch_size, session.pulling(card.name),
            placement_for(settings),
        )  # fmt: skip
        entry["engines"] = {card.name: dict(engine.describe())}
        try:
            with Bar(card.name, len(left), "judgments") as bar:
                ask_pending(
                    run, left, card, audit.judge_id, engine, bar.show,
                    flush_every=settings.batch_size,
                )  # fmt: skip
        finally:
            engine.close()


def _certificate(
    audit: Audit, run: Run, people: Sequence[Sequence[People]], *, quick: bool
) -> dict[str, Any]:
    found = []
    for part, units in zip(audit.parts, people, strict=True):
        answers = answered(run, part.questions)
        found.append(
            measured(part.rubric, audit.sources, part.items.items, part.questions, answers, units)
        )
    made = certify(
        audit.card.name,
        audit.judge_id,
        audit.rubrics,
        audit.texts_id,
        found,
        Precision(np.random.default_rng(audit.asked.settings.seed), _RESAMPLES),
        quick=quick,
        skipped=skipped_counts({s for part in audit.parts for s in part.items.skipped}),
        labels=people_id(people),
    )
    return dict(made.to_json())


def _announce(session: Session, audit: Audit, total: int, left: int) -> None:
    session.say(said(
        f"{audit.card.name}: 원문 {len(audit.sources)}편 · 판정 {total}건(저장됨 {total - left} · "
        f"남음 {left})",
        f"{audit.card.name}: {len(audit.sources)} sources · {total} judgments ({total - left} "
        f"stored · {left} left)",
    ))  # fmt: skip
    if audit.learned:
        session.say(said(
            f"{audit.card.name}이(가) 배운 원문 {audit.learned}편과 그 글은 묻지 않습니다.",
            f"{audit.learned} sources that {audit.card.name} learned from are not asked about.",
        ))  # fmt: skip


def _tell_failed(session: Session, number: int) -> None:
    session.say(said(
        f"판정 {number}건이 실패해 검증서를 낼 수 없습니다. 다시 실행하면 그것만 다시 묻습니다.",
        f"{number} judgments failed, so there is no certificate. Run again: only they are asked.",
    ))  # fmt: skip


def _show(session: Session, certificate: Mapping[str, Any]) -> None:
    session.console().print(certificate_table(certificate, session.language))
    for line in reason_lines(certificate, session.language):
        session.say(line)
