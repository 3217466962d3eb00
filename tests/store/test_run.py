"""A run gives back what was appended, one row a key, in one order."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.errors import StoreError
from kojudge.records import Judgment, Outcome, Scored, Text, Unscored
from kojudge.store import manifest, parts
from kojudge.store.run import Run
from kojudge.store.schema import JUDGMENTS, TEXTS, clean, texts_table

from .builders import any_record_text, full_disk, judgment, label, text


@pytest.fixture(params=["local", "memory"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Run]:
    """An empty run, on disk and on a filesystem that only fsspec knows."""
    if request.param == "local":
        yield Run.open(tmp_path / "run", create=True)
        return
    root = f"memory://{uuid.uuid4().hex}"
    yield Run.open(f"{root}/run", create=True)
    fsspec.filesystem("memory").rm(root, recursive=True)


@pytest.fixture
def local_run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


class TestOpening:
    def test_a_missing_run_names_the_commands_that_make_one(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError) as caught:
            Run.open(tmp_path / "none")
        assert str(tmp_path / "none") in caught.value.message.ko
        assert caught.value.hint is not None
        assert f"kojudge generate --run {tmp_path / 'none'}" in caught.value.hint.en
        assert "kojudge import" in caught.value.hint.ko

    def test_a_directory_of_other_things_is_no_run(self, tmp_path: Path) -> None:
        (tmp_path / "photo.jpg").write_bytes(b"")
        with pytest.raises(StoreError, match="there is no run here"):
            Run.open(tmp_path)

    def test_creating_makes_a_run_that_opens(self, run: Run) -> None:
        assert Run.open(run.path).counts()["texts"]["ok"] == 0
        assert manifest.read(run.path) == {"schema": "kojudge.run/1"}

    def test_creating_an_existing_run_changes_nothing(self, run: Run) -> None:
        run.append_texts([text()])
        manifest.update(run.path, lambda content: content.update(seed=7))
        again = Run.open(run.path, create=True)
        assert list(again.texts()) == [text()]
        assert manifest.read(run.path)["seed"] == 7

    def test_a_file_in_its_place_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "run").write_text("", encoding="utf-8")
        with pytest.raises(StoreError, match="A file stands where a directory should be"):
            Run.open(tmp_path / "run", create=True)

    def test_a_read_only_run_is_refused_before_any_work(
        self, local_run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        with pytest.raises(StoreError, match=r"cannot be written: Permission denied"):
            Run.open(local_run.path, create=True)

    def test_a_read_only_run_can_be_read(
        self, local_run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        assert list(Run.open(local_run.path).texts()) == []

    def test_an_unknown_filesystem_is_an_error(self) -> None:
        with pytest.raises(StoreError, match="nosuchfs"):
            Run.open("nosuchfs://bucket/run")

    @pytest.mark.parametrize("name", ["a[1]*?", "it's", "한글 폴더", "category=poem", "~home"])
    def test_any_directory_name_will_do(
        self, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        run = Run.open(name, create=True)
        run.append_texts([text("t1")])
        run.append_texts([text("t2")])
        assert [(item.text_id, item.category) for item in run.texts()] == [
            ("t1", "blog"),
            ("t2", "blog"),
        ]

    def test_a_file_url_is_a_local_run(self, tmp_path: Path) -> None:
        Run.open(f"file://{tmp_path}/run", create=True).append_texts([text()])
        assert list(Run.open(tmp_path / "run").texts()) == [text()]


class TestAppendingAndReading:
    def test_an_empty_run_has_nothing(self, run: Run) -> None:
        assert list(run.texts()) == []
        assert list(run.judgments()) == []
        assert run.query("SELECT * FROM texts").num_rows == 0
        assert run.query("SELECT text_id, score + 1 AS n FROM judgments").num_rows == 0

    def test_what_was_appended_comes_back(self, run: Run) -> None:
        pair = judgment(
            "j2", mode="pairwise", baseline="base", baseline_text_id="t0", order="BA",
            scale=(0.0, 1.0), outcome=Unscored("말이 없음", mass=0.2),
        )  # fmt: skip
        run.append_texts([text()])
        run.append_judgments([judgment(), pair])
        assert list(run.texts()) == [text()]
        assert set(run.judgments()) == {judgment(), pair}

    def test_each_append_is_one_part_and_nothing_is_none(self, local_run: Run) -> None:
        local_run.append_texts([text("t1"), text("t2")])
        local_run.append_texts([])
        local_run.append_texts([text("t3")])
        local_run.append_judgments([])
        assert len(parts.list_parts(local_run.directory.child("texts"))) == 2
        assert parts.list_parts(local_run.directory.child("judgments")) == []

    def test_texts_can_be_chosen(self, run: Run) -> None:
        run.append_texts([text("t1"), text("t2"), text("t3")])
        assert {item.text_id for item in run.texts(["t3", "t1", "t9"])} == {"t1", "t3"}
        assert list(run.texts([])) == []

    def test_judgments_can_be_chosen(self, run: Run) -> None:
        run.append_judgments([judgment("j1"), judgment("j2")])
        assert [item.judgment_id for item in run.judgments(iter(["j2"]))] == ["j2"]

    def test_texts_come_in_one_order_however_they_were_appended(self, local_run: Run) -> None:
        ordered = [
            text(f"t{number}", category=category, prompt_name=name, candidate=candidate,
                 sample=sample, turn=turn)
            for number, (category, name, candidate, sample, turn) in enumerate(
                (category, name, candidate, sample, turn)
                for category in ("blog", "poem")
                for name in ("01", "02")
                for candidate in ("a", "b")
                for sample in (0, 1)
                for turn in (1, 2)
            )
        ]  # fmt: skip
        shuffled = ordered[:]
        random.Random(1).shuffle(shuffled)
        for item in shuffled:
            local_run.append_texts([item])
        assert list(local_run.texts()) == ordered

    def test_judgments_come_in_one_order_however_they_were_appended(self, local_run: Run) -> None:
        ordered = [judgment(f"j{number}", repeat=number) for number in range(6)]
        for item in reversed(ordered):
            local_run.append_judgments([item])
        assert list(local_run.judgments()) == ordered

    def test_reading_may_stop_early(self, local_run: Run) -> None:
        local_run.append_texts([text(f"t{number}") for number in range(9)])
        assert next(local_run.texts()).text_id == "t0"

    def test_a_part_from_before_a_column_was_made_is_read(self, local_run: Run) -> None:
        table = texts_table([text()]).drop_columns(["turn", "extra"])
        directory = local_run.directory.child("texts")
        parts.write_part(directory, table.to_batches(), table.schema)
        assert list(local_run.texts()) == [text()]

    @settings(max_examples=15, deadline=None)
    @given(st.lists(any_record_text, max_size=4, unique_by=lambda item: clean(item.text_id)))
    def test_any_unicode_survives(self, items: list[Text]) -> None:
        run = Run.open(f"memory://{uuid.uuid4().hex}/run", create=True)
        run.append_texts(items)
        found = {item.text_id: item for item in run.texts()}
        assert {key: item.text for key, item in found.items()} == {
            clean(item.text_id): clean(item.text) for item in items
        }


class TestOneRowAKey:
    @pytest.mark.parametrize("better_first", [True, False])
    @pytest.mark.parametrize(
        ("better", "worse"),
        [
            (Scored(4.0, "expected"), Unscored("no")),
            (Scored(4.0, "expected"), Unscored("no", final=False)),
            (Unscored("no"), Unscored("time", final=False)),
        ],
    )
    def test_the_better_outcome_counts(
        self, run: Run, better: Outcome, worse: Outcome, better_first: bool
    ) -> None:
        for outcome in (better, worse) if better_first else (worse, better):
            run.append_judgments([judgment(outcome=outcome)])
        assert [item.outcome for item in run.judgments()] == [better]

    def test_a_finished_text_beats_a_failed_one(self, run: Run) -> None:
        run.append_texts([text(status="failed", text="")])
        run.append_texts([text(text="다시 쓴 글")])
        assert [item.text for item in run.texts()] == ["다시 쓴 글"]

    def test_of_equals_the_earliest_part_counts_then_the_earliest_row(self, run: Run) -> None:
        run.append_texts([text(text="첫째"), text(text="둘째")])
        run.append_texts([text(text="셋째")])
        assert [item.text for item in run.texts()] == ["첫째"]

    def test_counts_are_of_keys(self, run: Run) -> None:
        run.append_texts([text("t1"), text("t2", status="failed")])
        run.append_texts([text("t1")])
        run.append_judgments(
            [judgment("j1"), judgment("j2", outcome=Unscored("no")),
             judgment("j3", outcome=Unscored("time", final=False))]
        )  # fmt: skip
        assert run.counts() == {
            "texts": {"ok": 1, "failed": 1},
            "judgments": {"scored": 1, "unscored": 1, "failed": 1},
        }


class TestPending:
    def test_only_what_is_not_finished_is_pending_in_the_order_asked(self, run: Run) -> None:
        run.append_texts([text("done"), text("broken", status="failed")])
        asked = ["new", "done", "broken", "also new"]
        assert run.pending("texts", asked) == ["new", "broken", "also new"]

    def test_an_answer_outside_the_levels_is_not_asked_again(self, run: Run) -> None:
        run.append_judgments(
            [judgment("scored"), judgment("unscored", outcome=Unscored("no")),
             judgment("failed", outcome=Unscored("time", final=False))]
        )  # fmt: skip
        assert run.pending("judgments", ["failed", "unscored", "scored"]) == ["failed"]

    def test_once_finished_a_failure_is_forgotten(self, run: Run) -> None:
        run.append_texts([text(status="failed")])
        run.append_texts([text()])
        run.append_texts([text(status="failed")])
        assert run.pending("texts", ["t1"]) == []

    def test_a_key_is_pending_once(self, run: Run) -> None:
        assert run.pending("texts", ["b", "a", "b"]) == ["b", "a"]
        assert run.pending("texts", []) == []


class TestQuery:
    def test_parameters_are_values_never_sql(self, run: Run) -> None:
        run.append_texts([text("t1"), text("t2")])
        answer = run.query("SELECT text_id FROM texts WHERE text_id = ?", ["t1' OR 'a' = 'a"])
        assert answer.num_rows == 0
        chosen = run.query("SELECT text_id FROM texts WHERE list_contains($ids, text_id)",
                           {"ids": ["t2"]})  # fmt: skip
        assert chosen.to_pylist() == [{"text_id": "t2"}]

    def test_views_join_and_have_one_row_a_key(self, run: Run) -> None:
        run.append_texts([text(), text()])
        run.append_judgments([judgment("j1"), judgment("j2")])
        answer = run.query(
            'SELECT j.judgment_id, t.text, j."order" FROM judgments j JOIN texts t USING (text_id) '
            "ORDER BY 1"
        )
        assert answer["judgment_id"].to_pylist() == ["j1", "j2"]

    def test_a_variable_of_the_program_is_no_table(self, run: Run) -> None:
        outside = texts_table([text()])
        assert outside.num_rows == 1
        with pytest.raises(StoreError, match="outside"):
            run.query("SELECT * FROM outside")

    def test_wrong_sql_says_why(self, run: Run) -> None:
        with pytest.raises(StoreError, match="nosuchcolumn"):
            run.query("SELECT nosuchcolumn FROM texts")


class TestDamage:
    READS: tuple[Callable[[Run], object], ...] = (
        lambda run: list(run.texts()),
        lambda run: run.query("SELECT count(*) FROM texts"),
        lambda run: run.pending("texts", ["t1"]),
        lambda run: run.counts(),
        lambda run: run.compact(),
    )

    @pytest.mark.parametrize("read", READS)
    @pytest.mark.parametrize("content", [b"", b"PAR1 but not really", None])
    def test_a_damaged_part_is_named_and_the_next_step_said(
        self, local_run: Run, read: Callable[[Run], object], content: bytes | None
    ) -> None:
        local_run.append_texts([text("t1")])
        local_run.append_texts([text("t2")])
        directory = local_run.directory.child("texts")
        name = parts.list_parts(directory)[1]
        path = Path(directory.url(name))
        path.write_bytes(path.read_bytes()[:-30] if content is None else content)
        with pytest.raises(StoreError) as caught:
            read(local_run)
        assert name in caught.value.message.en
        assert caught.value.hint is not None
        assert "Move the file out of the run" in caught.value.hint.en
        assert "옮기고" in caught.value.hint.ko

    def test_with_the_part_away_its_items_are_asked_again(self, local_run: Run) -> None:
        local_run.append_texts([text("t1")])
        local_run.append_texts([text("t2")])
        directory = local_run.directory.child("texts")
        directory.remove(parts.list_parts(directory)[0])
        assert local_run.pending("texts", ["t1", "t2"]) == ["t1"]


class TestCompacting:
    def filled(self, run: Run) -> Run:
        """A run with repeats and failures spread over four parts of each kind."""
        for number in range(4):
            run.append_texts(
                [text("same", text=f"{number}번째"), text(f"t{number}"),
                 text("late", status="ok" if number == 2 else "failed", text=str(number))]
            )  # fmt: skip
            run.append_judgments([judgment("same", repeat=number), judgment(f"j{number}")])
        return run

    def everything(self, run: Run) -> tuple[list[Text], list[Judgment]]:
        return list(run.texts()), list(run.judgments())

    def test_one_part_of_each_kind_says_the_same(self, run: Run) -> None:
        before = self.everything(self.filled(run))
        assert run.compact() == {"texts": 4, "judgments": 4, "evidence": 0}
        assert self.everything(run) == before
        for kind in ("texts", "judgments"):
            assert len(parts.list_parts(run.directory.child(kind))) == 1

    def test_compacting_again_changes_nothing(self, run: Run) -> None:
        self.filled(run).compact()
        names = parts.list_parts(run.directory.child("texts"))
        assert run.compact() == {"texts": 1, "judgments": 1, "evidence": 0}
        assert parts.list_parts(run.directory.child("texts")) == names

    def test_an_empty_run_compacts_to_nothing(self, run: Run) -> None:
        assert run.compact() == {"texts": 0, "judgments": 0, "evidence": 0}

    @pytest.mark.parametrize("renamed", [False, True])
    @pytest.mark.parametrize("removals", range(5))
    def test_whatever_part_it_is_stopped_at_every_answer_is_the_same(
        self, local_run: Run, monkeypatch: pytest.MonkeyPatch, removals: int, renamed: bool
    ) -> None:
        """Also where another tool has given the parts names of its own."""
        before = self.everything(self.filled(local_run))
        if renamed:
            for kind in ("texts", "judgments"):
                for number, path in enumerate(sorted((Path(local_run.path) / kind).iterdir())):
                    path.rename(path.with_name(f"part-0{'0' * number}.parquet"))
        assert self.everything(local_run) == before
        unlink, left = Path.unlink, iter(range(removals))

        def stop_later(path: Path, missing_ok: bool = False) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt
            unlink(path, missing_ok)

        monkeypatch.setattr(Path, "unlink", stop_later)
        with pytest.raises(KeyboardInterrupt):
            local_run.compact()
        monkeypatch.undo()
        assert self.everything(local_run) == before
        local_run.compact()
        assert self.everything(local_run) == before

    def test_a_part_appended_meanwhile_stays(
        self, local_run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.filled(local_run)
        write = parts.write_part

        def write_beside(*arguments: object, **named: object) -> int:
            monkeypatch.undo()
            local_run.append_texts([text("meanwhile"), text("same", text="나중에 쓴 글")])
            return write(*arguments, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(parts, "write_part", write_beside)
        local_run.compact()
        assert local_run.pending("texts", ["meanwhile", "t0", "t3"]) == []
        assert [item.text for item in local_run.texts(["same"])] == ["0번째"]

    def test_a_reader_whose_parts_were_merged_away_reads_the_new_one(
        self, local_run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.filled(local_run)
        before = list(local_run.texts())
        stale = parts.list_parts(local_run.directory.child("texts"))
        local_run.compact()
        fresh, calls = parts.list_parts, []

        def stale_first(directory: object) -> list[str]:
            calls.append(directory)
            return stale if len(calls) == 1 else fresh(directory)  # type: ignore[arg-type]

        monkeypatch.setattr(parts, "list_parts", stale_first)
        assert list(local_run.texts()) == before
        assert len(calls) > 1

    def test_what_killed_writers_left_long_ago_is_swept_up(self, local_run: Run) -> None:
        self.filled(local_run)
        folder = Path(local_run.path) / "texts"
        old, new = folder / ".part-1.parquet.aaaaaaaa.tmp", folder / ".part-2.parquet.bbbbbbbb.tmp"
        for path in (old, new):
            path.write_bytes(b"half")
        os.utime(old, (0, 0))
        local_run.compact()
        assert not old.exists()
        assert new.exists()

    def test_a_failed_merge_keeps_the_old_parts(self, local_run: Run) -> None:
        before = self.everything(self.filled(local_run))
        names = local_run.directory.child("texts").names()

        with full_disk(), pytest.raises(StoreError, match="No space left"):
            local_run.compact()
        assert local_run.directory.child("texts").names() == names
        assert self.everything(local_run) == before


def test_a_failed_remote_write_is_a_store_error(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run.open(f"memory://{uuid.uuid4().hex}/run", create=True)

    def refuse(*arguments: object) -> None:
        raise RuntimeError("503 Slow Down")

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "pipe_file", refuse)
    with pytest.raises(StoreError, match="503 Slow Down"):
        run.append_texts([text()])


def test_labels_are_part_of_a_run(run: Run) -> None:
    run.append_labels("나연", [label()])
    assert run.labels().labels == (label(),)


def test_the_columns_a_reader_may_rely_on_stay() -> None:
    fixed_texts = (
        "prompt_id category prompt candidate sample text finish_reason prompt_tokens "
        "completion_tokens seconds seed text_id"
    )
    fixed_judgments = (
        "judgment_id text_id baseline_text_id prompt_id category candidate sample criterion "
        "rubric judge mode order repeat score mass method status reason rationale"
    )
    assert set(fixed_texts.split()) <= set(TEXTS.names)
    assert set(fixed_judgments.split()) <= set(JUDGMENTS.names)
