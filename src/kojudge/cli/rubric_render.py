"""What ``kojudge rubric render`` shows: a rubric as the judge reads it, character by character."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kojudge.audit.kinds import DIRECTIONS, WRITTEN
from kojudge.audit.texts import Source, load_sources
from kojudge.cards import JudgeCard, load_judge
from kojudge.certify.questions import UNASKED, criterion_of
from kojudge.cli.handed_text import read_text
from kojudge.cli.rubric_shape import answers_of
from kojudge.cli.rubric_tokens import Reader, open_reader, state_of
from kojudge.cli.session import Session
from kojudge.errors import ConfigError, Language, Said, said
from kojudge.judging import Question, reads
from kojudge.judging.ask import FIRST_WHY
from kojudge.prompts import for_tuning, load_prompts
from kojudge.records import Message, Prompt, identity
from kojudge.rubrics import Rubric, load_rubric
from kojudge.visible import visible
from kojudge.workspace import Workspace

if TYPE_CHECKING:
    from kojudge.selection import WantedJudgment

__all__ = ["Choice", "Shown", "questions_of", "show"]

RUN_TEXTS = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """The flags of one call."""

    name: str
    texts: tuple[Path, ...] = ()
    prompt: str | None = None
    run: str | None = None
    number: int | None = None
    judge: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A question for the judge, and what to call it."""

    title: str
    question: Question


def show(session: Session, choice: Choice) -> None:
    """Print on stdout what the judge reads about each chosen text.

    Raises:
        ConfigError: the rubric, a text or the run is not there, or they do not fit.
        UnavailableError: the judge's tokenizer is not on this machine.
    """
    workspace = session.workspace_or_starter()
    rubric = load_rubric(workspace.rubrics, choice.name)
    card = load_judge(workspace.judge, choice.judge) if choice.judge else None
    reader = _reader(card)
    questions = questions_of(session, workspace, rubric, card, choice)
    for number, one in enumerate(questions, start=1):
        head = f"── {number}/{len(questions)} · {rubric.name} · {one.title}"
        reasons = card is not None and card.rationale == "before"
        _show_question(head, one.question, reader, session.language, reasons=reasons)
    if reader is None:
        session.say(_without_tokenizer(card))


def questions_of(
    session: Session,
    workspace: Workspace,
    rubric: Rubric,
    card: JudgeCard | None,
    choice: Choice,
) -> list[Shown]:
    """Return what to ask: about texts handed over, of a run, or of the audit set."""
    if choice.texts and choice.run:
        raise ConfigError(
            said("--text와 --run은 함께 쓸 수 없습니다.", "--text and --run exclude each other."),
            said("둘 가운데 하나만 쓰세요.", "Give one of them."),
        )
    if choice.texts:
        return _handed(session, workspace, rubric, choice)
    if choice.run:
        return _of_run(session, rubric, card, choice.run, choice.number or RUN_TEXTS)
    return _of_audit(workspace, rubric, choice.number or 1)


def _handed(session: Session, workspace: Workspace, rubric: Rubric, choice: Choice) -> list[Shown]:
    needed = 2 if rubric.mode == "pairwise" else 1
    if len(choice.texts) != needed:
        raise ConfigError(
            said(f"'{rubric.name}'은(는) {rubric.mode} 루브릭이라 --text가 {needed}개 있어야 합니다.",
                 f"'{rubric.name}' is {rubric.mode}: it needs --text {needed} time(s)."),
            said("둘 견주기라면 --text 첫째 --text 둘째로 적으세요. 먼저 적은 글이 A입니다.",
                 "For a pair: --text FIRST --text SECOND; the first is shown as A."),
        )  # fmt: skip
    texts = [read_text(path).removesuffix("\n") for path in choice.texts]
    prompt = _prompt(session, workspace, choice.prompt)
    title = " | ".join(str(path) for path in choice.texts)
    return [_shown(title, rubric, prompt, texts)]


def _prompt(session: Session, workspace: Workspace, request: str | None) -> Prompt:
    """Return the request given, or, saying so, the first of the workspace."""
    if request is not None:
        return Prompt("given", "all", (Message("user", request),))
    sets = sorted(path.stem for path in workspace.prompts.glob("*.jsonl"))
    first = for_tuning(load_prompts(workspace.prompts, sets))[0]
    session.say(said(
        f"부탁을 주지 않아 '{first.name}'의 부탁을 넣었습니다(--prompt로 바꿀 수 있습니다).",
        f"No request was given: that of '{first.name}' is shown (change it with --prompt).",
    ))  # fmt: skip
    return first


def _of_audit(workspace: Workspace, rubric: Rubric, number: int) -> list[Shown]:
    sources = load_sources(workspace.judge / "audit")[:number]
    return [_audit_question(source, rubric) for source in sources]


def _audit_question(source: Source, rubric: Rubric) -> Shown:
    request = source.prompt or UNASKED
    prompt = Prompt(source.source_id, source.category, (Message("user", request),))
    if rubric.mode == "pointwise":
        return _shown(f"{source.source_id} · original", rubric, prompt, [source.original])
    kind = _worse_kind(source, rubric)
    title = f"{source.source_id} · A original · B {kind}"
    return _shown(title, rubric, prompt, [source.original, source.rewrites[kind]])


def _worse_kind(source: Source, rubric: Rubric) -> str:
    """Return a rewrite to put beside the original, for choice one that must lose to it."""
    criterion = criterion_of(rubric)
    claims = DIRECTIONS[criterion] if criterion else {}
    there = [kind for kind in WRITTEN if kind in source.rewrites]
    lower = [kind for kind in there if claims.get(kind) == "lower"]
    if not there:
        raise ConfigError(
            said(f"{source.place}: 견줄 다른 글이 없는 원문입니다.",
                 f"{source.place}: this original has no rewrite to compare it with."),
            said("--text를 두 번 주거나 --run을 쓰세요.", "Give --text twice, or use --run."),
        )  # fmt: skip
    return (lower or there)[0]


def _shown(title: str, rubric: Rubric, prompt: Prompt, texts: Sequence[str]) -> Shown:
    key = identity(["render", rubric.rubric_id, prompt.request, *texts])
    if rubric.mode == "pairwise":
        return Shown(title, Question(key, rubric, prompt, texts[0], texts[1], "AB"))
    return Shown(title, Question(key, rubric, prompt, texts[0]))


def _of_run(
    session: Session, rubric: Rubric, card: JudgeCard | None, path: str, number: int
) -> list[Shown]:
    """Return the run's own questions, fence marker and all; a pair with the candidate first."""
    from kojudge.selection import current_texts, held_out, wanted_judgments, wanted_texts

    run = session.open_run(path)
    asked, _ = session.ask(run, {}, {})
    judge = card or asked.judges[0]
    asked = replace(
        asked,
        rubrics=(rubric,),
        judges=(judge,),
        prompts=tuple(for_tuning(asked.prompts)),
        settings=asked.settings.model_copy(update={"mode": rubric.mode}),
    )
    hidden = held_out(asked)
    there = current_texts(run, {item.text_id for item in wanted_texts(asked)})
    texts = [text for text in there if text.prompt_id not in hidden]
    items = [item for item in wanted_judgments(asked, texts) if item.order != "BA"]
    if not items:
        raise ConfigError(
            said(f"{run.path}에 이 루브릭으로 심사할 글이 없습니다.",
                 f"{run.path} has no text that this rubric judges."),
            said("`kojudge generate`로 글을 만들거나, 둘 견주기라면 기준 모델의 글이 있는지 보세요. "
                 "holdout 프롬프트의 글은 보이지 않습니다.",
                 "Make texts with `kojudge generate`; for a pair the baseline must have texts too. "
                 "Texts of held-out prompts are not shown."),
        )  # fmt: skip
    return [_run_question(item) for item in items[:: max(1, len(items) // number)][:number]]


def _run_question(item: WantedJudgment) -> Shown:
    names = [item.text.prompt_name or item.text.prompt_id, item.text.candidate]
    if item.baseline is not None:
        names[1:] = [f"A {item.text.candidate}", f"B {item.baseline.candidate}"]
    other = item.baseline.text if item.baseline else None
    question = Question(
        item.judgment_id, item.rubric, item.prompt, item.text.text, other, item.order
    )
    return Shown(" · ".join(names), question)


def _reader(card: JudgeCard | None) -> Reader | None:
    """Open the judge's tokenizer; a judge that a server runs has none here."""
    if card is None or state_of(card) == "elsewhere":
        return None
    return open_reader(card)


def _without_tokenizer(card: JudgeCard | None) -> Said:
    if card is None:
        return said(
            "사용자 메시지만 보였습니다. 특수 토큰까지 보려면 --judge로 심사 모델을 고르세요.",
            "This is the user message. Name a judge with --judge to see its special tokens too.",
        )
    if card.engine == "head":
        return said(
            f"'{card.name}'은(는) 헤드라서 이 메시지를 읽지 않습니다. 부탁과 글만 읽습니다.",
            f"'{card.name}' is a head and does not read this message: request and text alone.",
        )
    return said(
        f"'{card.name}'은(는) 토크나이저가 이 컴퓨터에 없는 엔진으로 돕니다. 채팅 형식은 그쪽에서 입힙니다.",
        f"'{card.name}' runs on an engine without a tokenizer here, which adds its own chat format.",
    )


def _show_question(
    head: str, question: Question, reader: Reader | None, language: Language, *, reasons: bool
) -> None:
    """Print each message the question takes, then the answers that count.

    ``reasons``: the judge is asked for them first, and they stand before its answer.
    """
    rubric = question.rubric
    if reasons:
        rubric = replace(rubric, answer_prefix=f"⟨…⟩\n{rubric.answer_prefix}")
    specials = reader.specials if reader else frozenset()
    for asked in rubric.questions or ("",):
        message = reads(question, specials, asked)
        if reasons:
            message = f"{message}\n\n{FIRST_WHY[rubric.language]}"
        read = message if reader is None else reader.reads(message, rubric)
        color = False if os.environ.get("NO_COLOR") else None
        click.secho(head, bold=True, color=color)
        click.echo(_highlighted(visible(read), specials), color=color)
        click.secho(f"{_legal(rubric, reader, read).in_(language)}\n", bold=True, color=color)


def _legal(rubric: Rubric, reader: Reader | None, read: str) -> Said:
    answers = " | ".join(answers_of(rubric))
    if reader is not None:
        count = len(reader.encode(read))
        return said(
            f"── 쓸 수 있는 답: {answers} · 토큰 {count}",
            f"── legal answers: {answers} · {count} tokens",
        )
    opening = rubric.answer_prefix.rstrip()
    return said(
        f"── 쓸 수 있는 답: {answers} · 답을 여는 말: {opening!r}",
        f"── legal answers: {answers} · the answer opens with {opening!r}",
    )


def _highlighted(read: str, specials: frozenset[str]) -> str:
    """Colour the special tokens, on a terminal."""
    if not specials:
        return read
    pattern = "|".join(re.escape(token) for token in sorted(specials, key=len, reverse=True))
    return re.sub(pattern, lambda found: click.style(found.group(), fg="magenta", bold=True), read)
