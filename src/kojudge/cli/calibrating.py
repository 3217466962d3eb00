"""Time a few real requests of every model that is here, each on the engine the run will use."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from kojudge.cards import CandidateCard, JudgeCard
from kojudge.cards.sources import WITHOUT_WEIGHTS, locate
from kojudge.cli.calibrations import Calibration, key_of
from kojudge.cli.sample_work import question_blocks, run_texts, sample_texts, stand_ins
from kojudge.cli.session import Session
from kojudge.cli.speeds import (
    JudgeSpeed,
    Line,
    Round,
    TextSpeed,
    fit,
    mean_length,
    observed_length,
)
from kojudge.engines import Completion, CompletionRequest, Engine
from kojudge.errors import EngineError, KojudgeError, Said, UnavailableError, said
from kojudge.judging import Method, Question, ask
from kojudge.models import open_model
from kojudge.records import Scored, Text
from kojudge.selection import Asked, WantedText, engine_for, placement_for
from kojudge.store.run import Run
from kojudge.workspace import Settings

__all__ = ["Calibrated", "at_once", "calibrate", "time_judgments", "time_texts"]

SECONDS = 25.0
"""A model is timed for about so long, loading not counted."""
_WARM_UP_TOKENS = 2
_FIRST_TOKENS = 8
_MOST = 64
"""A round is at most so many times the one before."""
_VLLM_ROWS = 64
"""Requests given to vLLM together: it batches by itself, and a GPU is not full with fewer."""

Clock = Callable[[], float]
Card = TypeVar("Card", CandidateCard, JudgeCard)


@dataclass(slots=True)
class Calibrated:
    """What came of it: ``found`` by key, and by name why a model was not timed."""

    found: dict[str, Calibration] = field(default_factory=dict)
    reasons: dict[str, Said] = field(default_factory=dict)


def calibrate(session: Session, asked: Asked, run: Run | None) -> Calibrated:
    """Time every candidate and judge; nothing is downloaded, what fails is told and left out.

    With a ``run`` the judges read its own texts, else stand-ins of the length expected.
    """
    result = Calibrated()
    written: dict[str, Sequence[Completion]] = {}
    tokens: dict[str, float] = {}
    wanted = sample_texts(asked)
    for writer in asked.candidates:
        with _told(session, result, writer.name), _opened(session, asked, writer) as (engine, load):
            together = at_once(writer, asked.settings)
            speed, texts = time_texts(engine, wanted[writer.name], together, load)
            written[writer.name], tokens[writer.name] = texts, speed.tokens.expected
            _add(result, writer, asked.settings, speed)
    texts_to_judge: Sequence[Text] = run_texts(run, asked) if run else ()
    texts_to_judge = texts_to_judge or stand_ins(asked, written, tokens)
    for judge in asked.judges:
        blocks = question_blocks(asked, judge, texts_to_judge)
        with _told(session, result, judge.name), _opened(session, asked, judge) as (engine, load):
            lines = time_judgments(engine, Method.of(judge), blocks)
            _add(result, judge, asked.settings, JudgeSpeed(load, lines))
    return result


def at_once(card: CandidateCard | JudgeCard, settings: Settings) -> int:
    """Return how many requests the card's engine works on together."""
    engine = engine_for(card, settings)
    if engine in ("openai", "systemone"):
        return card.server.concurrency
    workers = settings.workers if settings.engine == "ray" else 1
    return workers * (_VLLM_ROWS if engine == "vllm" else settings.batch_size)


def time_texts(
    engine: Engine,
    wanted: Sequence[WantedText],
    together: int,
    load: float = 0.0,
    *,
    seconds: float = SECONDS,
    clock: Clock = time.perf_counter,
) -> tuple[TextSpeed, list[Completion]]:
    """Write some of ``wanted``, ``together`` at a time: few tokens each, then as many as fit.

    Returns the speed and the texts of the last round. It ends at the texts' own limit, when
    all end by themselves, or when a round of twice the size would not fit into ``seconds``.

    Raises:
        EngineError: no text came back.
    """
    limit = max(item.sampling.max_tokens for item in wanted)
    count = min(together, len(wanted))
    list(engine.complete(_requests(wanted[:count], min(_WARM_UP_TOKENS, limit))))
    rounds: list[Round] = []
    cap, left = min(_FIRST_TOKENS, limit), seconds
    while True:
        batch = _turn(wanted, (len(rounds) + 1) * count, count)
        started = clock()
        texts = _written(engine.complete(_requests(batch, cap)))
        took = clock() - started
        rounds.append(Round(sum(text.completion_tokens for text in texts), took))
        left -= took
        ended = sum(text.finish_reason == "stop" for text in texts)
        whole = cap == limit or ended == len(texts)
        larger = _larger(cap, took, left)
        if whole or larger is None:
            break
        cap = min(larger, limit)
    lengths = [text.completion_tokens for text in texts]
    line = fit(rounds) if any(r.amount for r in rounds) else Line(rounds[-1].seconds, 0.0)
    if whole or not any(lengths):
        tokens = observed_length(lengths, limit)
    else:
        tokens = mean_length(lengths, ended, limit)
    return TextSpeed(load, line.fixed / count, line.each, tokens), texts


def time_judgments(
    engine: Engine,
    method: Method,
    blocks: Mapping[str, Sequence[Sequence[Question]]],
    *,
    seconds: float = SECONDS,
    clock: Clock = time.perf_counter,
) -> dict[str, Line]:
    """Ask by each rubric about the texts of one prompt, then about as many more as fit.

    Raises:
        EngineError: a rubric got no answer.
    """
    first = [own[0][:1] for own in blocks.values()][:1]
    for asked in first:
        list(ask(asked, engine, method))  # warms up; not timed
    return {
        key: _time_rubric(engine, method, own, seconds / len(blocks), clock)
        for key, own in blocks.items()
    }


def _time_rubric(
    engine: Engine,
    method: Method,
    blocks: Sequence[Sequence[Question]],
    seconds: float,
    clock: Clock,
) -> Line:
    rounds: list[Round] = []
    at, size, left = 0, 1, seconds
    while at < len(blocks):
        several = blocks[at : at + size]
        asked = [question for block in several for question in block]
        started = clock()
        outcomes = [answer.outcome for answer in ask(asked, engine, method)]
        took = clock() - started
        reasons = (o.reason for o in outcomes if not isinstance(o, Scored))
        failed = [reason for reason in reasons if reason.startswith("engine:")]
        if len(failed) == len(asked):
            raise _nothing_came(failed[0])
        rounds.append(Round(len(asked), took))
        at, left = at + size, left - took
        larger = _larger(len(several), took, left)
        if larger is None:
            break
        size = larger
    return fit(rounds)


def _larger(size: int, took: float, left: float) -> int | None:
    """Return how large a round fits into what is ``left``; None if not even twice the size."""
    larger = size * _MOST if took * _MOST <= left else int(size * left / took)
    return larger if larger >= 2 * size else None


def _requests(wanted: Sequence[WantedText], cap: int) -> Iterator[CompletionRequest]:
    for item in wanted:
        sampling = replace(item.sampling, max_tokens=min(cap, item.sampling.max_tokens))
        yield CompletionRequest(item.text_id, item.prompt.messages, sampling, item.seed)


def _turn(wanted: Sequence[WantedText], start: int, count: int) -> list[WantedText]:
    """Return the next ``count``: what was read before may be remembered by the engine."""
    return [wanted[(start + at) % len(wanted)] for at in range(count)]


def _written(done: Iterator[Completion]) -> list[Completion]:
    texts = list(done)
    good = [text for text in texts if not text.error]
    if not good:
        raise _nothing_came(texts[0].error)
    return good


def _nothing_came(why: str) -> EngineError:
    return EngineError(
        said(f"시험 삼아 보낸 요청이 모두 실패했습니다({why}).",
             f"Every request of the calibration failed ({why})."),
        said("`kojudge doctor`와 `kojudge models check`로 확인하세요.",
             "See `kojudge doctor` and `kojudge models check`."),
    )  # fmt: skip


def _add(result: Calibrated, card: Card, settings: Settings, speed: TextSpeed | JudgeSpeed) -> None:
    key = key_of(card, settings)
    result.found[key] = Calibration.now(key, card.name, speed)


@contextmanager
def _told(session: Session, result: Calibrated, name: str) -> Iterator[None]:
    """Keep the reason where a model cannot be timed; the others still are."""
    session.say(said(f"{name}: 속도를 재는 중", f"{name}: measuring its speed"))
    try:
        yield
    except KojudgeError as error:
        result.reasons[name] = error.message
        session.say(said(f"{name}: {error.message.ko}", f"{name}: {error.message.en}"))


@contextmanager
def _opened(
    session: Session, asked: Asked, card: CandidateCard | JudgeCard
) -> Iterator[tuple[Engine, float]]:
    """Open a model that is here as the run will; yield it and the seconds that took."""
    engine_name = engine_for(card, asked.settings)
    _refuse_download(card, engine_name)
    started = time.perf_counter()
    engine = open_model(
        card, engine_name, asked.settings.batch_size, session.pulling(card.name),
        placement_for(asked.settings),
    )  # fmt: skip
    try:
        yield engine, time.perf_counter() - started
    finally:
        engine.close()


def _refuse_download(card: CandidateCard | JudgeCard, engine: str) -> None:
    if engine in WITHOUT_WEIGHTS:
        return
    if locate(card) is None:
        raise UnavailableError(
            said("가중치가 이 컴퓨터에 없어 재지 않았습니다.", "Its weights are not on this machine."),
            said(f"`kojudge models pull {card.name}`로 받은 뒤 다시 재세요.",
                 f"Fetch them with `kojudge models pull {card.name}` and measure again."),
        )  # fmt: skip
    if card.adapter is not None and card.adapter.path is None:
        raise UnavailableError(
            said("어댑터를 허브에서 받아야 할 수 있어 재지 않았습니다.",
                 "Its adapter might have to be downloaded."),
            said("어댑터를 받아 카드의 adapter.path에 적으면 잴 수 있습니다.",
                 "Fetch the adapter and name its folder as adapter.path to have it measured."),
        )  # fmt: skip
