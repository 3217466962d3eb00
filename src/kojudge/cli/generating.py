"""What ``kojudge generate`` does, between the flags and the stage."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from kojudge.cards import CandidateCard
from kojudge.cli.against_plan import Tick, texts_plan, timed_texts
from kojudge.cli.placing import Placing
from kojudge.cli.progress import Bar
from kojudge.cli.record import recorded, remember
from kojudge.cli.session import Session
from kojudge.engines import Engine
from kojudge.errors import said
from kojudge.generate import GenerateCount, generate
from kojudge.models import open_model
from kojudge.prompts import first_of_each, load_prompts
from kojudge.records import Prompt
from kojudge.selection import Asked, WantedText, engine_for, placement_for, wanted_texts
from kojudge.store import manifest
from kojudge.store.run import Run
from kojudge.store.storage import open_directory


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """The flags of one call."""

    run_path: str | None = None
    candidates: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    samples: int | None = None
    engine: str | None = None
    limit: int | None = None
    dry_run: bool = False
    placing: Placing = field(default_factory=Placing)


@dataclass(frozen=True, slots=True)
class GenerateSummary:
    """What a call found and did; counts of texts."""

    run: str
    wanted: int
    stored: int
    written: int = 0
    failed: int = 0
    empty: int = 0
    truncated: int = 0
    tokens: int = 0
    max_new_tokens: int = 0


def run_generate(session: Session, request: GenerateRequest) -> GenerateSummary:
    """Write what is missing, candidate by candidate."""
    path = session.run_path(request.run_path)
    run = _existing(session, path)
    overrides = {
        "samples": request.samples,
        "engine": request.engine,
        **request.placing.overrides(),
    }
    named = {"candidates": request.candidates, "prompts": request.prompts}
    asked, memory = session.ask(run, overrides, named)
    request.placing.check(asked.settings)
    wanted = _chosen(session, asked, request)
    if not request.dry_run:  # and not before: a misspelt flag leaves no empty run behind
        run = session.open_run(path, create=True)
    pending = _pending(run, wanted)
    summary = GenerateSummary(
        run=path,
        wanted=len(wanted),
        stored=len(wanted) - len(pending),
        max_new_tokens=sum(item.sampling.max_tokens for item in pending),
    )
    _announce(session, summary, wanted, len(pending))
    if run is None or request.dry_run:
        return summary
    remember(run, asked, memory)
    if not pending:
        return summary
    plan = texts_plan(session, asked, pending)
    with recorded(run, "generate", session.workspace().root, plan=plan) as entry:
        count = _write(session, run, asked, pending, entry)
        summary = GenerateSummary(
            path, len(wanted), summary.stored, count.done, count.failed, count.empty,
            count.truncated, count.tokens, summary.max_new_tokens,
        )  # fmt: skip
    _conclude(session, summary)
    return summary


def _existing(session: Session, path: str) -> Run | None:
    """Open the run if there is one; make none."""
    there = open_directory(path).read(manifest.MANIFEST) is not None
    return session.open_run(path) if there else None


def _chosen(session: Session, asked: Asked, request: GenerateRequest) -> list[WantedText]:
    names = {card.name for card in asked.candidates}
    prompts = _limited(session, asked, request)
    chosen = set(request.candidates) or names
    return [
        item
        for item in wanted_texts(asked)
        if item.candidate in chosen and item.prompt.prompt_id in prompts
    ]


def _limited(session: Session, asked: Asked, request: GenerateRequest) -> set[str]:
    """Return the prompt ids of the sets named, the first ``limit`` of each category."""
    prompts: Sequence[Prompt] = asked.prompts
    if request.prompts:
        folder, settings = session.workspace().prompts, asked.settings
        prompts = load_prompts(folder, request.prompts, mini=settings.mini, split=settings.split)
    return {prompt.prompt_id for prompt in first_of_each(prompts, request.limit)}


def _pending(run: Run | None, wanted: Sequence[WantedText]) -> list[WantedText]:
    if run is None:
        return list(wanted)
    left = set(run.pending("texts", [item.text_id for item in wanted]))
    return [item for item in wanted if item.text_id in left]


def _write(
    session: Session,
    run: Run,
    asked: Asked,
    pending: Sequence[WantedText],
    entry: dict[str, Any],
) -> GenerateCount:
    total = GenerateCount()
    entry["engines"] = {}
    for card in asked.candidates:
        own = [item for item in pending if item.candidate == card.name]
        if not own:
            continue
        with (
            timed_texts(session, asked, card, len(own), entry) as tick,
            closing(_opened(session, asked, card)) as engine,
            Bar(card.name, len(own), "texts") as bar,
        ):
            entry["engines"][card.name] = dict(engine.describe())

            def show(count: GenerateCount, bar: Bar = bar, tick: Tick = tick) -> None:
                tick(count.done + count.failed)
                bar.show(count.done + count.failed, _note(session, count))

            count = generate(run, own, engine, show, flush_every=asked.settings.batch_size)
        total = total.plus(count)
        entry["counts"] = {"written": total.done, "failed": total.failed, "tokens": total.tokens}
    return total


def _opened(session: Session, asked: Asked, card: CandidateCard) -> Engine:
    return open_model(
        card,
        engine_for(card, asked.settings),
        asked.settings.batch_size,
        session.pulling(card.name),
        placement_for(asked.settings),
    )


def _note(session: Session, count: GenerateCount) -> str:
    return said(
        f"토큰 {count.tokens} · 실패 {count.failed}",
        f"{count.tokens} tokens · {count.failed} failed",
    ).in_(session.language)


def _announce(
    session: Session, summary: GenerateSummary, wanted: Sequence[WantedText], left: int
) -> None:
    models = len({item.candidate for item in wanted})
    prompts = len({item.prompt.prompt_id for item in wanted})
    session.say(said(
        f"모델 {models} · 프롬프트 {prompts} · 저장됨 {summary.stored}/{summary.wanted} · 남음 {left}"
        f" · 새 토큰 최대 {summary.max_new_tokens}",
        f"{models} models · {prompts} prompts · stored {summary.stored}/{summary.wanted} · "
        f"left {left} · at most {summary.max_new_tokens} new tokens",
    ))  # fmt: skip


def _conclude(session: Session, summary: GenerateSummary) -> None:
    session.say(said(
        f"글 {summary.written}편을 썼습니다(빈 글 {summary.empty}, 잘린 글 {summary.truncated}, "
        f"실패 {summary.failed}). {summary.run}\n다음: kojudge score --run {summary.run}",
        f"Wrote {summary.written} texts ({summary.empty} empty, {summary.truncated} cut off, "
        f"{summary.failed} failed) into {summary.run}\nNext: kojudge score --run {summary.run}",
    ))  # fmt: skip
    if summary.failed:
        session.say(said("같은 명령을 다시 실행하면 실패한 글만 다시 씁니다.",
                         "Run the same command again to retry the failed ones."))  # fmt: skip
