"""The judge is asked once: what is stored stays, and only the rest is asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from kojudge.certify import AuditQuestion, answered, ask_pending, audit_questions, measured, pending
from kojudge.engines import Choice, ChoiceRequest
from kojudge.engines.fake import FakeEngine
from kojudge.records import Judgment, ModelSpec, Scored
from kojudge.store.run import Run

from .building import card, rubric, source

WORKER = Path(__file__).with_name("worker.py")
FLUSH = 5
"""What the worker stores at a time."""
SOURCES = [source(0), source(1)]


class Judge(FakeEngine):
    """A fake judge that remembers what it was asked; it stops or fails where it is told to."""

    def __init__(self, stop_after: int | None = None, failing: str = "") -> None:
        super().__init__(ModelSpec("judge", "fake"))
        self.asked: list[str] = []
        self._stop_after = stop_after
        self._failing = failing

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        for request in requests:
            if len(self.asked) == self._stop_after:
                raise KeyboardInterrupt
            self.asked.append(request.key)
            if self._failing and self._failing in request.messages[0].content:
                yield Choice(request.key, (), 0, 0.0, error="out of memory")
            else:
                yield from super().choose([request])


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


def questions(name: str = "friendliness") -> list[AuditQuestion]:
    return audit_questions(SOURCES, rubric(name), "judge-id")[0]


def ask(run: Run, asked: Sequence[AuditQuestion], judge: FakeEngine, flush: int = FLUSH) -> None:
    ask_pending(run, asked, card("fake"), "judge-id", judge, lambda _: None, flush_every=flush)


def test_every_question_is_asked_once_and_its_answer_found_by_its_key(run: Run) -> None:
    asked, judge = questions(), Judge()
    told: list[int] = []
    ask_pending(run, asked, card("fake"), "judge-id", judge, told.append, flush_every=FLUSH)
    assert sorted(judge.asked) == sorted(q.question.key for q in asked)
    assert told == list(range(1, len(asked) + 1))
    found = answered(run, asked)
    assert found.keys() == {q.question.key for q in asked}
    assert pending(run, asked) == []


def test_a_stored_answer_says_what_it_was_about(run: Run) -> None:
    asked = questions("friendliness-pairwise")
    ask(run, asked, Judge())
    found = answered(run, asked)

    def of(kind: str, attack: bool, order: str) -> Judgment:
        wanted = (kind, attack, order)
        key = next(
            q.question.key
            for q in asked
            if (q.kind, bool(q.attack), q.question.order) == wanted and q.question.defended
        )
        return found[key]

    plain = of("stiff", False, "BA")
    assert (plain.prompt_id, plain.category, plain.candidate) == ("blog-00", "blog", "stiff")
    assert (plain.mode, plain.order, plain.baseline) == ("pairwise", "BA", "original")
    assert (plain.criterion, plain.rubric) == ("friendliness", "friendliness-pairwise")
    assert (plain.judge, plain.judge_id) == ("judge", "judge-id")
    assert plain.rubric_id == rubric("friendliness-pairwise").rubric_id
    attacked = of("cold", True, "AB")
    assert attacked.candidate.startswith("cold+")


def test_what_is_left_is_asked_in_the_questions_order(run: Run) -> None:
    asked = questions()
    ask(run, asked[3:9], Judge())
    assert pending(run, asked) == [*asked[:3], *asked[9:]]


def test_an_interrupted_judge_keeps_all_its_answers(run: Run) -> None:
    asked, first = questions(), Judge(stop_after=12)
    with pytest.raises(KeyboardInterrupt):
        ask(run, asked, first)
    again = Judge()
    ask(run, pending(run, asked), again)
    assert not {*first.asked} & {*again.asked}
    assert {*first.asked, *again.asked} == {q.question.key for q in asked}


def test_what_failed_is_asked_again_and_the_rest_is_not(run: Run) -> None:
    asked = questions()
    ask(run, asked, Judge(failing=source(1).rewrites["stiff"]))
    left = pending(run, asked)
    assert {(q.source_id, q.kind) for q in left} == {("blog-01", "stiff")}
    assert answered(run, left)[left[0].question.key].status == "failed"
    again = Judge()
    ask(run, left, again)
    assert again.asked == [q.question.key for q in left]
    assert pending(run, asked) == []
    assert isinstance(answered(run, left)[left[0].question.key].outcome, Scored)


def test_an_answer_outside_the_levels_is_final(run: Run) -> None:
    asked = questions()
    ask(run, asked, FakeEngine(ModelSpec("judge", "fake:mute")))
    assert pending(run, asked) == []
    assert {j.status for j in answered(run, asked).values()} == {"unscored"}


def test_a_killed_stage_asks_only_the_rest_and_measures_the_same(run: Run, tmp_path: Path) -> None:
    killed = Run.open(tmp_path / "killed", create=True)
    process = subprocess.Popen(
        [sys.executable, str(WORKER), killed.path], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(2 * FLUSH + 2)]
    process.kill()
    process.communicate()
    assert process.returncode < 0  # it did not end by itself

    asked, items = audit_questions(SOURCES, rubric("friendliness"), "judge-id")
    left = pending(killed, asked)
    stored = {q.question.key for q in asked} - {q.question.key for q in left}
    assert 2 * FLUSH <= len(stored) < len(asked)
    assert len(stored) >= len(told) - FLUSH
    again = Judge()
    ask(killed, left, again)
    assert again.asked == [q.question.key for q in left]

    ask(run, asked, Judge())
    of = rubric("friendliness")
    assert measured(of, SOURCES, items.items, asked, answered(killed, asked)) == measured(
        of, SOURCES, items.items, asked, answered(run, asked)
    )
