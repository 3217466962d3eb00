"""What ``kojudge score`` does, between the flags and the stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kojudge.cli.progress import Bar
from kojudge.cli.record import recorded, remember
from kojudge.cli.session import Session
from kojudge.errors import ConfigError, Said, said
from kojudge.models import open_model
from kojudge.records import Text
from kojudge.score import ScoreCount, judge_reads, score
from kojudge.selection import (
    Asked,
    Memory,
    WantedJudgment,
    current_texts,
    engine_for,
    wanted_judgments,
    wanted_texts,
)
from kojudge.store.run import Run


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """The flags of one call."""

    run_path: str | None = None
    judges: tuple[str, ...] = ()
    rubrics: tuple[str, ...] = ()
    mode: str | None = None
    flagged: str | None = None
    engine: str | None = None
    limit: int | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """What a call found and did; counts of judgments. ``reasons``: why some have no score."""

    run: str
    texts: int
    pairs: int
    wanted: int
    stored: int
    scored: int = 0
    unscored: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


def run_score(session: Session, request: ScoreRequest) -> ScoreSummary:
    """Ask every judge for what is missing."""
    run = session.open_run(request.run_path)
    asked, memory = _ask(session, run, request)
    texts = _texts(run, asked, request.limit)
    wanted = _chosen(asked, texts, request)
    left = set(run.pending("judgments", [item.judgment_id for item in wanted]))
    pending = [item for item in wanted if item.judgment_id in left]
    pairs = len({(i.text.text_id, i.baseline.text_id) for i in wanted if i.baseline})
    stored = len(wanted) - len(pending)
    session.say(said(
        f"글 {len(texts)} · 쌍 {pairs} · 저장됨 {stored}/{len(wanted)} · 남음 {len(pending)}",
        f"{len(texts)} texts · {pairs} pairs · stored {stored}/{len(wanted)} · left {len(pending)}",
    ))  # fmt: skip
    summary = ScoreSummary(run.path, len(texts), pairs, len(wanted), stored)
    _try_rubrics(pending)
    if request.dry_run:
        return summary
    remember(run, asked, memory)
    if not pending:
        return summary
    with recorded(run, "score", session.workspace().root) as entry:
        count = _judge(session, run, asked, pending, entry)
    summary = ScoreSummary(
        run.path, len(texts), pairs, len(wanted), stored,
        count.scored, count.unscored, count.failed, dict(count.reasons),
    )  # fmt: skip
    _conclude(session, summary)
    return summary


def _ask(session: Session, run: Run, request: ScoreRequest) -> tuple[Asked, Memory]:
    """Return what to judge. ``--mode`` chooses among it; like a name, it adds what is new."""
    overrides: dict[str, Any] = {"flagged": request.flagged, "engine": request.engine}
    named = {"judges": request.judges, "rubrics": request.rubrics}
    asked, memory = session.ask(run, overrides, named)
    if request.mode is not None and asked.settings.mode not in ("both", request.mode):
        return session.ask(run, overrides | {"mode": "both"}, named)
    return asked, memory


def _try_rubrics(pending: Sequence[WantedJudgment]) -> None:
    """Fill each rubric once, so that a mistake in one shows before a judge is loaded."""
    for item in {item.rubric.name: item for item in pending}.values():
        judge_reads(item)


def _texts(run: Run, asked: Asked, limit: int | None) -> list[Text]:
    texts = current_texts(run, {item.text_id for item in wanted_texts(asked)})
    if not texts:
        raise ConfigError(
            said(f"{run.path}에 심사할 글이 없습니다.", f"{run.path} holds no texts to judge."),
            said(
                "`kojudge generate`로 글을 만들거나 `kojudge import --texts`로 들여오세요. "
                "카드나 프롬프트를 고쳤다면 글도 새로 만들어야 합니다.",
                "Make them with `kojudge generate`, or bring them with `kojudge import --texts`. "
                "Texts of changed cards or prompts must be made anew.",
            ),
        )
    if limit is None:
        return texts
    kept: dict[str, list[str]] = {}
    for text in texts:
        ids = kept.setdefault(text.category, [])
        if text.prompt_id not in ids and len(ids) < limit:
            ids.append(text.prompt_id)
    return [text for text in texts if text.prompt_id in kept[text.category]]


def _chosen(asked: Asked, texts: Sequence[Text], request: ScoreRequest) -> list[WantedJudgment]:
    wanted = [
        item
        for item in wanted_judgments(asked, texts)
        if request.mode in (None, "both", item.rubric.mode)
        and (not request.judges or item.judge.name in request.judges)
        and (not request.rubrics or item.rubric.name in request.rubrics)
    ]
    if not wanted:
        raise ConfigError(
            said("심사할 것이 없습니다: 고른 방식에 맞는 루브릭이나, 기준 모델의 글이 없습니다.",
                 "Nothing to judge: no rubric fits the mode, or the baseline has no texts."),
            said(f"기준 모델 '{asked.settings.baseline}'의 글과 루브릭의 mode를 확인하세요.",
                 f"Check the texts of the baseline '{asked.settings.baseline}' and the rubrics' mode."),
        )  # fmt: skip
    return wanted


def _judge(
    session: Session,
    run: Run,
    asked: Asked,
    pending: Sequence[WantedJudgment],
    entry: dict[str, Any],
) -> ScoreCount:
    total = ScoreCount()
    size = asked.settings.batch_size
    entry["engines"] = {}
    for card in asked.judges:
        own = [item for item in pending if item.judge.name == card.name]
        if not own:
            continue
        engine = open_model(
            card, engine_for(card, asked.settings), size, session.pulling(card.name)
        )
        entry["engines"][card.name] = dict(engine.describe())
        try:
            with Bar(card.name, len(own), "judgments") as bar:

                def show(count: ScoreCount, bar: Bar = bar) -> None:
                    bar.show(count.done, _note(session, count))

                count = score(run, own, engine, show, flush_every=size)
        finally:
            engine.close()
        total = total.plus(count)
        entry["counts"] = {
            "scored": total.scored, "unscored": total.unscored, "failed": total.failed,
        }  # fmt: skip
    return total


def _note(session: Session, count: ScoreCount) -> str:
    return said(
        f"점수 없음 {count.unscored} · 실패 {count.failed}",
        f"{count.unscored} unscored · {count.failed} failed",
    ).in_(session.language)


def _conclude(session: Session, summary: ScoreSummary) -> None:
    session.say(said(
        f"판정 {summary.scored}건에 점수가 나왔습니다(점수 없음 {summary.unscored}, "
        f"실패 {summary.failed}).\n다음: kojudge report --run {summary.run}",
        f"{summary.scored} judgments scored ({summary.unscored} unscored, {summary.failed} failed)."
        f"\nNext: kojudge report --run {summary.run}",
    ))  # fmt: skip
    for reason, number in sorted(summary.reasons.items()):
        session.say(reason_line(reason, number))


_REASONS = {
    "low_mass": said(
        "심사 모델이 정해진 답을 하지 않았습니다. 루브릭의 답 형식을 다듬거나 더 큰 모델을 쓰세요.",
        "the judge did not give a legal answer. Fix the rubric's answer format, or use a larger one.",
    ),
    "no_legal_answer": said(
        "심사 모델이 정해진 답을 전혀 내놓지 않습니다. 카드의 채팅 형식을 확인하세요.",
        "the judge gives no legal answer any probability. Check the card's chat format.",
    ),
    "engine:prompt_too_long": said(
        "심사할 글이 모델의 문맥 길이를 넘습니다. 문맥이 더 긴 심사 모델을 쓰세요.",
        "the text does not fit the judge's context. Use a judge with a longer one.",
    ),
    "engine:out_of_memory": said(
        "메모리가 모자랍니다. batch_size를 줄이고 다시 실행하세요.",
        "out of memory. Lower batch_size and run again.",
    ),
}


def reason_line(reason: str, number: int) -> Said:
    """Return what to tell about ``number`` judgments without a score."""
    known = _REASONS.get(reason, said(reason, reason))
    return said(f"  {number}건: {known.ko} ({reason})", f"  {number}: {known.en} ({reason})")
