"""What ``kojudge score`` does, between the flags and the stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kojudge.cards import JudgeCard
from kojudge.cli.against_plan import Tick, judgments_plan, timed_judgments
from kojudge.cli.annotating import measure, tell_flags
from kojudge.cli.placing import Placing
from kojudge.cli.progress import Bar
from kojudge.cli.record import recorded, remember
from kojudge.cli.session import Session
from kojudge.engines import Engine
from kojudge.errors import ConfigError, Said, said
from kojudge.models import open_model
from kojudge.records import Text
from kojudge.score import ScoreCount, judge_reads, score
from kojudge.selection import (
    Asked,
    Memory,
    WantedJudgment,
    apart,
    current_texts,
    engine_for,
    evidence_of,
    flags_of,
    placement_for,
    wanted_controls,
    wanted_judgments,
    wanted_texts,
)
from kojudge.store.run import Run

if TYPE_CHECKING:
    from kojudge.selection.looks import LookPlan


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
    placing: Placing = field(default_factory=Placing)


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """What a call found and did; counts of judgments. ``reasons``: why some have no score.

    ``remarks``: what the judge had to say of others.
    """

    run: str
    texts: int
    pairs: int
    wanted: int
    stored: int
    scored: int = 0
    unscored: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    remarks: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """What a call is about: the texts there are, and the judgments wanted of them.

    ``controls`` are the judgments of the baseline's texts made worse, asked along.
    """

    run: Run
    asked: Asked
    memory: Memory
    texts: tuple[Text, ...]
    wanted: tuple[WantedJudgment, ...]
    controls: tuple[WantedJudgment, ...] = ()

    @property
    def everything(self) -> tuple[WantedJudgment, ...]:
        """What is wanted and the control judged along."""
        return (*self.wanted, *self.controls)

    def pending(self, wanted: Iterable[WantedJudgment] | None = None) -> list[WantedJudgment]:
        """Return those of ``wanted`` (default: everything) that have no answer yet."""
        items = list(self.everything if wanted is None else wanted)
        left = set(self.run.pending("judgments", [item.judgment_id for item in items]))
        return [item for item in items if item.judgment_id in left]

    def summary(self, pending: int, count: ScoreCount | None = None) -> ScoreSummary:
        """Return what there was, with ``pending`` of it left, and what came of it."""
        pairs = len({(i.text.text_id, i.baseline.text_id) for i in self.wanted if i.baseline})
        count = count or ScoreCount()
        return ScoreSummary(
            self.run.path, len(self.texts), pairs, len(self.everything),
            len(self.everything) - pending,
            count.scored, count.unscored, count.failed, dict(count.reasons), dict(count.remarks),
        )  # fmt: skip


def run_score(session: Session, request: ScoreRequest) -> ScoreSummary:
    """Ask every judge for what is missing."""
    work = find_work(session, request)
    work = _after_cascade(session, _after_looks(session, work))
    pending = work.pending()
    summary = work.summary(len(pending))
    session.say(said(
        f"글 {summary.texts} · 쌍 {summary.pairs} · 저장됨 {summary.stored}/{summary.wanted} · "
        f"남음 {len(pending)}",
        f"{summary.texts} texts · {summary.pairs} pairs · stored {summary.stored}/{summary.wanted} "
        f"· left {len(pending)}",
    ))  # fmt: skip
    try_rubrics(pending)
    if request.dry_run:
        return summary
    remember(work.run, work.asked, work.memory)
    if not pending:
        return summary
    plan = judgments_plan(session, work.asked, pending)
    with (
        recorded(work.run, "score", session.workspace().root, plan=plan) as entry,
        one_judge_at_a_time(session, work.asked) as opened,
    ):
        count = ask_judges(session, work, pending, opened, entry)
    summary = work.summary(len(pending), count)
    conclude(session, summary)
    return summary


def find_work(session: Session, request: ScoreRequest) -> Work:
    """Find the texts of the run and the judgments that the flags choose.

    Raises:
        ConfigError: there are no texts, or nothing to judge.
    """
    run = session.open_run(request.run_path)
    asked, memory = _ask(session, run, request)
    texts = _texts(run, asked, request.limit)
    if not request.dry_run:  # before any id is made: a gate may settle a judgment unasked
        measure(session, run, texts)
    flags = flags_of(texts, evidence_of(run, texts))
    tell_flags(session, flags, minimum=asked.settings.flagged == "minimum")
    wanted = _chosen(wanted_judgments(asked, texts, flags), request)
    if not wanted:
        raise _nothing_to_judge(asked)
    controls = _chosen(wanted_controls(asked, texts), request)
    _tell_apart(session, asked, texts)
    return Work(run, asked, memory, tuple(texts), tuple(wanted), tuple(controls))


def _after_looks(session: Session, work: Work) -> Work:
    """Return the work of a run whose looks are all done; while they are not, refuse."""
    from kojudge.selection.looks import stored_plan

    plan = stored_plan(work.run)
    if plan is None:
        return work
    if not plan.complete:
        raise _mid_plan(plan)
    kept = plan.within(work.wanted, None)
    if len(kept) < len(work.wanted):
        session.say(said(
            f"중간 분석 계획에 없던 프롬프트의 판정 {len(work.wanted) - len(kept)}건은 묻지 않습니다. "
            "함께 판정하려면 새 실행이 필요합니다.",
            f"{len(work.wanted) - len(kept)} judgments are of prompts outside the planned looks: "
            "not asked. Begin a new run to judge them too.",
        ))  # fmt: skip
    return replace(work, wanted=tuple(kept), controls=tuple(plan.within(work.controls, None)))


def _after_cascade(session: Session, work: Work) -> Work:
    from kojudge.cli.cascading import within_cascade

    return within_cascade(session, work)


def _mid_plan(plan: LookPlan) -> ConfigError:
    done = len(plan.done)
    if plan.stopped:
        return ConfigError(
            said(f"이 실행은 중간 분석 {done}/{plan.looks}에서 계획대로 멈췄습니다. 여기서 더 판정하면 "
                 "그 결론의 오류율을 보장할 수 없습니다.",
                 f"This run stopped as planned at look {done} of {plan.looks}. Judging on would void "
                 "the error rate of its verdicts."),
            said("`kojudge report`로 결과를 보세요. 모두 판정하려면 `--run`으로 새 실행을 시작하세요.",
                 "See them with `kojudge report`. To judge everything, begin a new run with `--run`."),
        )  # fmt: skip
    return ConfigError(
        said(f"이 실행은 중간 분석 {plan.looks}회로 나누어 심사하기로 정해 두었습니다({done}회 마침).",
             f"This run is planned to be judged in {plan.looks} looks ({done} done)."),
        said(f"`kojudge score --looks {plan.looks}`로 이어서 하세요.",
             f"Go on with `kojudge score --looks {plan.looks}`."),
    )  # fmt: skip


def _ask(session: Session, run: Run, request: ScoreRequest) -> tuple[Asked, Memory]:
    """Return what to judge. ``--mode`` chooses among it; like a name, it adds what is new."""
    overrides: dict[str, Any] = {"flagged": request.flagged, "engine": request.engine}
    overrides |= request.placing.overrides()
    named = {"judges": request.judges, "rubrics": request.rubrics}
    asked, memory = session.ask(run, overrides, named)
    request.placing.check(asked.settings)
    if request.mode is not None and asked.settings.mode not in ("both", request.mode):
        return session.ask(run, overrides | {"mode": "both"}, named)
    return asked, memory


def try_rubrics(pending: Sequence[WantedJudgment]) -> None:
    """Fill each rubric once, so that a mistake in one shows before a judge is loaded."""
    for item in {item.rubric.name: item for item in pending}.values():
        judge_reads(item)


def _tell_apart(session: Session, asked: Asked, texts: Sequence[Text]) -> None:
    """Say how many texts are not compared in pairs though the baseline has one beside them."""
    number = 0 if asked.settings.mode == "pointwise" else apart(asked, texts)
    if number:
        session.say(said(
            f"글 {number}편은 앞선 대화가 기준 모델의 것과 달라 쌍으로 견주지 않고 점수만 매깁니다.",
            f"{number} texts go on from another conversation than the baseline's: scored, not "
            "compared in pairs.",
        ))  # fmt: skip


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


def _chosen(items: Iterable[WantedJudgment], request: ScoreRequest) -> list[WantedJudgment]:
    return [
        item
        for item in items
        if request.mode in (None, "both", item.rubric.mode)
        and (not request.judges or item.judge.name in request.judges)
        and (not request.rubrics or item.rubric.name in request.rubrics)
    ]


def _nothing_to_judge(asked: Asked) -> ConfigError:
    return ConfigError(
        said("심사할 것이 없습니다: 고른 방식에 맞는 루브릭이나, 기준 모델의 글이 없습니다.",
             "Nothing to judge: no rubric fits the mode, or the baseline has no texts."),
        said(f"기준 모델 '{asked.settings.baseline}'의 글과 루브릭의 mode를 확인하세요.",
             f"Check the texts of the baseline '{asked.settings.baseline}' and the rubrics' mode."),
    )  # fmt: skip


@contextmanager
def one_judge_at_a_time(session: Session, asked: Asked) -> Iterator[Callable[[JudgeCard], Engine]]:
    """Yield a function that opens a judge; the one before is closed first, the last at the end.

    Asked for the same judge again, it hands out the same engine.
    """
    loaded: dict[str, Engine] = {}

    def close() -> None:
        for name in list(loaded):
            loaded.pop(name).close()

    def opened(card: JudgeCard) -> Engine:
        if card.name not in loaded:
            close()
            settings = asked.settings
            loaded[card.name] = open_model(
                card, engine_for(card, settings), settings.batch_size, session.pulling(card.name),
                placement_for(settings),
            )  # fmt: skip
        return loaded[card.name]

    try:
        yield opened
    finally:
        close()


def ask_judges(
    session: Session,
    work: Work,
    pending: Sequence[WantedJudgment],
    opened: Callable[[JudgeCard], Engine],
    entry: dict[str, Any],
) -> ScoreCount:
    """Ask each judge its share of ``pending``; add engines and counts to the record ``entry``."""
    total = ScoreCount()
    size = work.asked.settings.batch_size
    engines = entry.setdefault("engines", {})
    before = dict(entry.get("counts", {}))
    for card in work.asked.judges:
        own = [item for item in pending if item.judge.name == card.name]
        if not own:
            continue
        with timed_judgments(session, work.asked, card, own, entry) as tick:
            engine = opened(card)
            engines[card.name] = dict(engine.describe())
            with Bar(card.name, len(own), "judgments") as bar:

                def show(count: ScoreCount, bar: Bar = bar, tick: Tick = tick) -> None:
                    tick(count.done)
                    bar.show(count.done, _note(session, count))

                total = total.plus(score(work.run, own, engine, show, flush_every=size))
        counts = {"scored": total.scored, "unscored": total.unscored, "failed": total.failed}
        entry["counts"] = {key: before.get(key, 0) + n for key, n in counts.items()}
    return total


def _note(session: Session, count: ScoreCount) -> str:
    return said(
        f"점수 없음 {count.unscored} · 실패 {count.failed}",
        f"{count.unscored} unscored · {count.failed} failed",
    ).in_(session.language)


def conclude(session: Session, summary: ScoreSummary) -> None:
    """Tell what came of it, why some have no score, and what comes next."""
    session.say(said(
        f"판정 {summary.scored}건에 점수가 나왔습니다(점수 없음 {summary.unscored}, "
        f"실패 {summary.failed}).\n다음: kojudge report --run {summary.run}",
        f"{summary.scored} judgments scored ({summary.unscored} unscored, {summary.failed} failed)."
        f"\nNext: kojudge report --run {summary.run}",
    ))  # fmt: skip
    for reason, number in sorted(summary.reasons.items()):
        session.say(reason_line(reason, number))
    for remark, number in sorted(summary.remarks.items()):
        session.say(reason_line(remark, number))


_REASONS = {
    "out_of_domain": said(
        "심사 모델이 배운 글과 많이 다른 글이라 점수를 믿기 어렵습니다. 열에 하나를 넘는 비교는 보고서에서 판정을 보류합니다.",
        "of texts unlike those the judge learned from: the score is doubtful. Where they are more than a "
        "tenth, the report withholds the verdict.",
    ),
    "cut": said(
        "글이 너무 길어 뒷부분을 읽지 않고 판정했습니다.",
        "of texts so long that their end was not read.",
    ),
    "control_unchanged": said(
        "대조용으로 망가뜨릴 데가 없는 글이라 건너뛰었습니다.",
        "a control text with nothing in it to damage was left out.",
    ),
    "engine:no_rationale": said(
        "심사 모델이 까닭을 쓰지 않았습니다. 다시 실행하면 다시 묻습니다.",
        "the judge gave no reasons. Run again to ask again.",
    ),
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
    """Return what to tell about ``number`` judgments without a score, or with a remark."""
    known = _REASONS.get(reason, said(reason, reason))
    return said(f"  {number}건: {known.ko} ({reason})", f"  {number}: {known.en} ({reason})")
