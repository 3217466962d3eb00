"""The score stage: what a judge is asked, what its answer becomes, and when it is stored."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from kojudge.cards import JudgeCard
from kojudge.engines import Choice, ChoiceRequest, Completion, CompletionRequest
from kojudge.judging import Answer
from kojudge.records import Json, Message, Prompt, Scored, Text, Unscored
from kojudge.rubrics import Rubric, load_rubric
from kojudge.score import ScoreCount, judge_reads, score
from kojudge.score.stage import flagged_outcome, to_judgment
from kojudge.selection import WantedJudgment
from kojudge.store.run import Run

PROMPT = Prompt("mail-1", "mail", (Message("user", "안부를 물어 줘."),))
JUDGE = JudgeCard.model_validate({"name": "reader", "source": {"path": "fake"}})
HEAD = """\
---
criterion: naturalness
name_ko: 자연스러움
name_en: naturalness
version: 1
mode: {mode}
scale: {scale}
answer_prefix: "점수: "
---
"""


@pytest.fixture
def points(tmp_path: Path) -> Rubric:
    head = HEAD.format(mode="pointwise", scale="{1: 나쁘다, 2: 보통, 3: 좋다}")
    (tmp_path / "points.md.j2").write_text(head + "{{ text }}", encoding="utf-8")
    return load_rubric(tmp_path, "points")


@pytest.fixture
def pairs(tmp_path: Path) -> Rubric:
    head = HEAD.format(mode="pairwise", scale="{A: 첫째, B: 둘째}")
    (tmp_path / "pairs.md.j2").write_text(head + "A={{ text_a }} B={{ text_b }}", encoding="utf-8")
    return load_rubric(tmp_path, "pairs")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


def text(candidate: str, words: str = "") -> Text:
    return Text(f"t-{candidate}", PROMPT.prompt_id, "mail", PROMPT.request, candidate, 0, words)


def wanted(
    rubric: Rubric, key: str = "j1", words: str = "잘 지내?", flagged: bool = False
) -> WantedJudgment:
    of = text("warm", words)
    failed = (of.text_id,) if flagged else ()
    return WantedJudgment(key, JUDGE, "id", rubric, PROMPT, of, flagged=failed)


def pair(
    rubric: Rubric, order: str, words: tuple[str, str] = ("후보", "기준"), key: str = "j1"
) -> WantedJudgment:
    item, other = wanted(rubric, key, words[0]), text("base", words[1])
    failed = tuple(of.text_id for of in (item.text, other) if not of.text.strip())
    return replace(item, baseline=other, order=order, flagged=failed)  # type: ignore[arg-type]


class Judge:
    """Answers the highest label, in the reverse order; fails on the keys in ``broken``."""

    def __init__(self, broken: Mapping[str, str] | None = None) -> None:
        self.asked: list[ChoiceRequest] = []
        self._broken = broken or {}

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        self.asked = list(requests)
        for request in reversed(self.asked):
            logs = (-math.inf,) * (len(request.options) - 1) + (math.log(0.9),)
            error = self._broken.get(request.key, "")
            yield Choice(request.key, () if error else logs, 12, 0.25, error=error)

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        raise NotImplementedError

    def special_tokens(self) -> frozenset[str]:
        return frozenset()

    def describe(self) -> Mapping[str, Json]:
        return {}

    def close(self) -> None:
        """Hold nothing."""


def ignore(count: ScoreCount) -> None:
    """Show no progress."""


class TestWhatTheJudgeIsAsked:
    def test_one_user_message_the_labels_with_and_without_a_space_and_the_opening(
        self, run: Run, points: Rubric
    ) -> None:
        judge = Judge()
        score(run, [wanted(points)], judge, ignore, flush_every=9)
        assert judge.asked == [
            ChoiceRequest(
                "j1",
                (Message("user", "잘 지내?"),),
                ((" 1", "1"), (" 2", "2"), (" 3", "3")),
                "점수:",
            )
        ]

    @pytest.mark.parametrize(("order", "shown"), [("AB", "A=후보 B=기준"), ("BA", "A=기준 B=후보")])
    def test_ab_shows_the_candidate_first_and_ba_the_baseline(
        self, pairs: Rubric, order: str, shown: str
    ) -> None:
        assert judge_reads(pair(pairs, order)) == shown

    def test_flagged_items_are_not_asked(self, run: Run, points: Rubric) -> None:
        judge = Judge()
        items = [wanted(points, "empty", "", flagged=True), wanted(points, "sound")]
        count = score(run, items, judge, ignore, flush_every=9)
        assert [request.key for request in judge.asked] == ["sound"]
        assert count.scored == 2


class TestWhatIsStored:
    def test_answers_find_their_questions_in_whatever_order_they_come(
        self, run: Run, points: Rubric
    ) -> None:
        items = [wanted(points, f"j{n}") for n in range(5)]
        assert score(run, items, Judge(), ignore, flush_every=2) == ScoreCount(scored=5)
        assert {j.judgment_id for j in run.judgments()} == {f"j{n}" for n in range(5)}
        assert {j.outcome.score for j in run.judgments() if isinstance(j.outcome, Scored)} == {3.0}

    def test_failures_are_stored_with_their_reasons_and_counted(
        self, run: Run, points: Rubric
    ) -> None:
        items = [wanted(points, key) for key in ("a", "b", "c", "d")]
        broken = {"a": "out_of_memory", "b": "prompt_too_long", "c": "out_of_memory"}
        count = score(run, items, Judge(broken), ignore, flush_every=9)
        assert (count.scored, count.unscored, count.failed, count.done) == (1, 1, 2, 4)
        assert count.reasons == (("engine:out_of_memory", 2), ("engine:prompt_too_long", 1))
        assert run.pending("judgments", ["a", "b", "c", "d"]) == ["a", "c"]

    def test_each_batch_reaches_the_disk_before_the_next_begins(
        self, run: Run, points: Rubric
    ) -> None:
        stored: list[int] = []
        items = [wanted(points, f"j{n}") for n in range(5)]
        score(
            run, items, Judge(), lambda _: stored.append(run.counts()["judgments"]["scored"]),
            flush_every=2,
        )  # fmt: skip
        assert stored == [0, 2, 2, 4, 4]
        assert run.counts()["judgments"]["scored"] == 5

    def test_a_judgment_says_what_it_is_about_and_what_it_cost(self, pairs: Rubric) -> None:
        item = pair(pairs, "BA")
        found = to_judgment(
            item, Scored(0.25, "expected"), Answer("j1", Scored(0.25, "expected"), 12, 0.25)
        )
        assert (found.candidate, found.baseline, found.order) == ("warm", "base", "BA")
        assert (found.text_id, found.baseline_text_id) == ("t-warm", "t-base")
        assert (found.criterion, found.rubric, found.judge) == ("naturalness", "pairs", "reader")
        assert (found.scale, found.mode, found.status) == ((0.0, 1.0), "pairwise", "scored")
        assert (found.prompt_tokens, found.seconds) == (12, 0.25)
        assert found.rubric_id == pairs.rubric_id


class TestFlagged:
    def test_an_empty_text_gets_the_scales_minimum(self, points: Rubric) -> None:
        assert flagged_outcome(wanted(points, words="")) == Scored(1.0, "flagged")

    @pytest.mark.parametrize("order", ["AB", "BA"])
    @pytest.mark.parametrize(
        ("words", "win"), [(("", "글"), 0.0), (("글", " \n"), 1.0), (("", ""), 0.5)]
    )
    def test_an_empty_text_loses_its_pair_and_two_draw(
        self, pairs: Rubric, order: str, words: tuple[str, str], win: float
    ) -> None:
        assert flagged_outcome(pair(pairs, order, words)) == Scored(win, "flagged")


class TestScoreCount:
    def test_counts_add_up_with_their_reasons(self) -> None:
        one = ScoreCount(1, 2, 3, (("a", 2), ("b", 3)), 4)
        other = ScoreCount(10, 20, 30, (("b", 4),), 40)
        assert one.plus(other) == ScoreCount(11, 22, 33, (("a", 2), ("b", 7)), 44)

    @pytest.mark.parametrize(
        ("outcome", "expected"),
        [
            (Scored(3, "expected"), ScoreCount(scored=1)),
            (Unscored("low_mass"), ScoreCount(unscored=1, reasons=(("low_mass", 1),))),
            (
                Unscored("control_unchanged"),
                ScoreCount(reasons=(("control_unchanged", 1),), left_out=1),
            ),
            (Unscored("crash", final=False), ScoreCount(failed=1, reasons=(("crash", 1),))),
        ],
    )
    def test_a_judgment_counts_as_what_it_is(
        self, points: Rubric, outcome: Scored | Unscored, expected: ScoreCount
    ) -> None:
        assert ScoreCount().after(to_judgment(wanted(points), outcome)) == expected


class TestRemarks:
    def test_a_remark_is_kept_with_the_judgment_and_counted(self, points: Rubric) -> None:
        answer = Answer("j1", Scored(3, "expected"), 10, 0.1, remark="out_of_domain")
        judgment = to_judgment(wanted(points), answer.outcome, answer)
        assert judgment.extra == '{"remark": "out_of_domain"}'
        counted = ScoreCount(scored=1, remarks=(("out_of_domain", 1),))
        assert ScoreCount().after(judgment) == counted
        assert counted.plus(counted).remarks == (("out_of_domain", 2),)

    def test_without_one_nothing_is_kept(self, points: Rubric) -> None:
        answer = Answer("j1", Scored(3, "expected"), 10, 0.1)
        assert to_judgment(wanted(points), answer.outcome, answer).extra == "{}"
