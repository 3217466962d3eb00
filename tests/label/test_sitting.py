"""Answers are on disk before they count; a broken sitting goes on where it stood."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from kojudge.errors import StoreError
from kojudge.label import RaterFiles, Sitting
from kojudge.label.plan import preference_of
from kojudge.records import Label
from kojudge.store import labels
from kojudge.store.run import Run

from .samples import BASELINE, CANDIDATES, choice_of, go_on, make_run, sides, sit, text, texts


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Twenty prompts, two candidates: forty pairs, eighty questions and four repeats."""
    return make_run(tmp_path / "run", texts())


def lines(run: Run, name: str = "kim.jsonl") -> list[str]:
    path = Path(run.path) / "labels" / name
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def labels_of(run: Run) -> Sequence[Label]:
    return run.labels().labels


class TestAnswering:
    def test_an_answer_is_a_label_from_the_candidate_s_view(self, run: Run) -> None:
        sitting = sit(run)
        question = sitting.current
        assert question is not None
        sitting.answer(question, 2)
        [label] = labels_of(run)
        advantage = 1 if question.candidate_left else -1
        assert label.candidate == question.pair.text.candidate
        assert label.baseline == BASELINE
        assert label.preference == preference_of(advantage)
        assert label.extra["strength"] == advantage
        assert label.extra["order"] == question.order
        assert label.extra["text_id"] == question.pair.text.text_id
        assert label.category == question.pair.text.category

    def test_every_label_decodes_to_what_the_texts_say(self, run: Run) -> None:
        sitting = sit(run)
        assert go_on(sitting) == len(sitting.questions) == 84
        by_key = {(p.candidate, p.prompt_id): p for p in run.texts()}
        for label in labels_of(run):
            own = by_key[label.candidate, label.prompt_id].text
            other = by_key[BASELINE, label.prompt_id].text
            assert label.extra["strength"] == 3 - choice_of(own, other)

    def test_later_turns_are_labels_of_their_own(self, tmp_path: Path) -> None:
        talk = json.dumps([{"role": "user", "content": "첫 물음"}])
        both = [
            text(name, 0, turn=turn, history=talk)
            for name in (BASELINE, CANDIDATES[0])
            for turn in (1, 2)
        ]
        sitting = sit(make_run(tmp_path / "run", both))
        assert go_on(sitting) == 4
        assert sorted(label.extra.get("turn", 1) for label in labels_of(sitting.files.run)) == [
            1,
            1,
            2,
            2,
        ]


class TestRepeats:
    def test_a_repeat_never_counts_twice_nor_replaces_the_first_opinion(self, run: Run) -> None:
        sitting = sit(run)
        firsts: dict[tuple[str, str], int] = {}
        while (question := sitting.current) is not None:
            choice = choice_of(*sides(question))
            if question.repeat:
                choice = 6 - choice if choice != 3 else 1  # changes their mind
            else:
                firsts[question.pair.key, question.criterion] = question.strength(choice)
            sitting.answer(question, choice)
        found = labels_of(run)
        assert len(lines(run)) == 84
        assert len(found) == 80
        assert sum("repeat_strength" in label.extra for label in found) == 4
        for question in sitting.questions:
            [label] = [
                one
                for one in found
                if (one.prompt_id, one.candidate, one.criterion)
                == (question.pair.text.prompt_id, question.pair.text.candidate, question.criterion)
            ]
            first = firsts[question.pair.key, question.criterion]
            assert label.extra["strength"] == first
            assert label.preference == preference_of(first)
        assert [first != again for _, first, again in sitting.repeated()] == [True] * 4

    def test_a_repeat_of_what_was_skipped_is_not_asked(self, run: Run) -> None:
        sitting = sit(run)
        asked_twice = {(q.pair.key, q.criterion) for q in sitting.questions if q.repeat}
        while (question := sitting.current) is not None:
            assert not question.repeat
            if (question.pair.key, question.criterion) in asked_twice:
                sitting.skip(question, "undecidable", "")
            else:
                sitting.answer(question, 3)
        assert sitting.progress.total == 80
        assert sitting.progress.skipped == 4
        assert sitting.repeated() == []


class TestResuming:
    def test_a_new_process_goes_on_with_the_next_question(self, run: Run) -> None:
        first = sit(run)
        go_on(first, 30)
        assert first.current is not None
        first.skip(first.current, "broken", "빈 글")
        again = sit(run)
        assert again.progress == first.progress
        assert again.current == first.current
        assert again.last == first.last
        assert go_on(again) == 84 - 31
        assert sit(run).current is None

    def test_a_torn_line_costs_that_answer_and_no_other(self, run: Run) -> None:
        go_on(sit(run), 10)
        path = Path(run.path) / "labels" / "kim.jsonl"
        content = path.read_bytes()
        path.write_bytes(content[:-20])
        again = sit(run)
        assert again.progress.settled == 9
        go_on(again, 1)
        assert len(lines(run)) == 10
        assert len(labels_of(run)) == 10

    def test_each_rater_has_an_own_file_and_own_progress(self, run: Run) -> None:
        go_on(sit(run, "kim"), 5)
        lee = sit(run, "lee")
        assert lee.progress.settled == 0
        go_on(lee, 3)
        assert (len(lines(run, "kim.jsonl")), len(lines(run, "lee.jsonl"))) == (5, 3)

    def test_a_larger_limit_asks_only_what_is_new(self, run: Run) -> None:
        go_on(sit(run, limit=10))
        more = sit(run, limit=20)
        assert more.progress.settled >= 20
        assert go_on(more) == more.progress.total - 20 - sum(
            1 for q in more.questions if q.repeat and q in sit(run, limit=10).questions
        )

    def test_labels_that_came_in_by_import_count_as_answers(self, run: Run) -> None:
        sitting = sit(run)
        question = sitting.current
        assert question is not None
        label = Label(
            "p0", CANDIDATES[0], 0, "naturalness", "kim", preference=1.0, baseline=BASELINE
        )
        labels.add_file(run.directory.child("labels"), "import", labels.label_line(label))
        again = sit(run)
        assert again.progress.settled == 1
        assert again.last is None  # not given on the page: not the page's to take back

    def test_a_text_written_anew_is_asked_anew(self, run: Run) -> None:
        sitting = sit(run)
        question = sitting.current
        assert question is not None
        sitting.answer(question, 1)
        old = question.pair.text
        changed = [
            one
            if one.text_id != old.text_id
            else text(old.candidate, int(old.prompt_id[1:]), "새 글 5점짜리", old.category)
            for one in run.texts()
        ]
        other = make_run(Path(run.path).with_name("other"), changed)
        labels.add_file(
            other.directory.child("labels"),
            "import",
            Path(run.path, "labels", "kim.jsonl").read_bytes(),
        )
        assert sit(other).progress.settled == 0


class TestUndo:
    def test_undo_takes_the_label_off_the_disk(self, run: Run) -> None:
        sitting = sit(run)
        go_on(sitting, 3)
        before = lines(run)
        last = sitting.last
        assert last is not None
        sitting.undo(last)
        assert lines(run) == before[:2]
        assert sitting.current == last
        assert sit(run).current == last

    def test_what_was_undone_can_be_skipped(self, run: Run) -> None:
        sitting = sit(run)
        go_on(sitting, 1)
        question = sitting.last
        assert question is not None
        sitting.undo(question)
        sitting.skip(question, "unblinded", "")
        assert labels_of(run) == ()
        assert json.loads(lines(run, "kim.skips")[0])["skipped"] == "unblinded"
        sitting.undo(question)
        sitting.answer(question, 4)
        assert lines(run, "kim.skips") == []
        assert len(labels_of(run)) == 1

    def test_all_the_way_back_after_a_restart(self, run: Run) -> None:
        go_on(sit(run, limit=8))
        sitting = sit(run, limit=8)
        order = []
        while (last := sitting.last) is not None:
            order.append(last)
            sitting.undo(last)
        assert order == list(sitting.questions)[::-1]
        assert labels_of(run) == ()

    def test_undoing_a_repeat_keeps_the_first_opinion(self, run: Run) -> None:
        sitting = sit(run)
        while (question := sitting.current) is not None and not question.repeat:
            sitting.answer(question, 1)
        before = sorted(lines(run))
        assert question is not None
        sitting.answer(question, 5)
        sitting.undo(question)
        assert sorted(lines(run)) == before
        assert sit(run).current == question

    def test_the_clock_may_go_back(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        sitting = sit(run)
        go_on(sitting, 2)
        path = Path(run.path) / "labels" / "kim.jsonl"
        path.write_text(
            path.read_text(encoding="utf-8").replace('"at": "20', '"at": "29'), encoding="utf-8"
        )
        again = sit(run)
        question = again.current
        assert question is not None
        again.answer(question, 3)
        assert again.last == question


class TestTrouble:
    def test_a_full_disk_saves_nothing_and_forgets_nothing(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sitting = sit(run)
        go_on(sitting, 2)
        question, before = sitting.current, lines(run)
        assert question is not None

        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            for act in (
                lambda: sitting.answer(question, 1),
                lambda: sitting.skip(question, "other", ""),
                lambda: sitting.undo(sitting.last),  # type: ignore[arg-type]
            ):
                with pytest.raises(StoreError) as caught:
                    act()
                assert "disk space" in (caught.value.hint.en if caught.value.hint else "")
                assert lines(run) == before
                assert sitting.current == question
                assert sitting.progress.settled == 2
        sitting.answer(question, 1)
        assert len(lines(run)) == 3

    def test_one_process_at_a_time_writes_for_a_rater(self, run: Run) -> None:
        with RaterFiles(run, "kim"):
            with RaterFiles(run, "lee"):
                pass
            with pytest.raises(StoreError, match="already open"), RaterFiles(run, "kim"):
                pass
        with RaterFiles(run, "kim"):
            pass

    def test_a_run_elsewhere_is_refused(self) -> None:
        run = Run.open("memory://label-elsewhere", create=True)
        with pytest.raises(StoreError, match="own disk"), RaterFiles(run, "kim"):
            pass

    def test_a_skip_file_that_was_spoilt_is_named_with_its_line(self, run: Run) -> None:
        sitting = sit(run)
        assert sitting.current is not None
        sitting.skip(sitting.current, "other", "")
        path = Path(run.path) / "labels" / "kim.skips"
        path.write_text(path.read_text(encoding="utf-8") + "nonsense\n", encoding="utf-8")
        with pytest.raises(StoreError, match=r"kim\.skips:2"):
            sit(run)


def test_ids_tell_nothing_and_do_not_outlive_the_process(run: Run) -> None:
    one, two = sit(run), sit(run)
    ids = [[sitting.id_of(question) for question in sitting.questions] for sitting in (one, two)]
    assert len(set(ids[0]) | set(ids[1])) == 2 * 84
    assert one.find(ids[0][0]) is one.questions[0]
    assert one.find(ids[1][0]) is None


def test_a_sitting_needs_no_more_than_the_questions_there_are(run: Run) -> None:
    sitting = Sitting(RaterFiles(run, "kim"), ())
    assert sitting.current is None
    assert sitting.last is None
    assert sitting.progress.total == 0
