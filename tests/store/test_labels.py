"""Labels are lines of JSON that no crash can make unreadable."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.errors import StoreError
from kojudge.records import Label
from kojudge.store import labels
from kojudge.store.schema import clean
from kojudge.store.storage import Directory, open_directory

from .builders import any_text, full_disk, label


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return open_directory(tmp_path / "labels")


def file_of(directory: Directory) -> Path:
    (name,) = [name for name in directory.names() if name.endswith(".jsonl")]
    return Path(directory.url(name))


def test_labels_come_back_in_the_order_given(directory: Directory) -> None:
    given_labels = [
        label(score=3.0, category="blog"),
        label(prompt_id="p2", score=None, preference=0.5, baseline="base"),
        label(prompt_id="p3", extra={"turn": 2, "note": {"어색": ["조사"]}}),
    ]
    labels.append(directory, "나연", given_labels[:2])
    labels.append(directory, "나연", given_labels[2:])
    assert labels.read(directory) == labels.StoredLabels(tuple(given_labels), torn=0)


def test_no_labels_make_no_file(directory: Directory) -> None:
    labels.append(directory, "나연", [])
    assert labels.read(directory).labels == ()
    assert directory.names() == []


def test_the_latest_opinion_of_a_rater_counts(directory: Directory) -> None:
    labels.append(directory, "나연", [label(score=2.0), label(prompt_id="p2")])
    labels.append(directory, "나연", [label(score=5.0)])
    labels.append(directory, "민수", [label("민수", score=1.0)])
    found = labels.read(directory).labels
    assert [(item.rater, item.prompt_id, item.score) for item in found] == [
        ("나연", "p1", 5.0),
        ("나연", "p2", 4.0),
        ("민수", "p1", 1.0),
    ]


def test_turns_pairs_and_baselines_are_rated_apart(directory: Directory) -> None:
    apart = [
        label(),
        label(extra={"turn": 2}),
        label(score=None, preference=1.0),
        label(score=None, preference=1.0, baseline="base"),
        label(criterion="friendliness"),
        label(sample=1),
    ]
    labels.append(directory, "나연", apart)
    assert labels.read(directory).labels == tuple(apart)


@pytest.mark.parametrize("rater", ["../../etc/passwd", ".", "a/b", "이 나연", "x" * 300, "😀"])
def test_any_rater_has_a_file_in_the_directory(directory: Directory, rater: str) -> None:
    labels.append(directory, rater, [label(rater)])
    assert [item.rater for item in labels.read(directory).labels] == [rater]
    assert file_of(directory).parent == directory.local


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"rater": ""}, "rater: must not be empty"),
        ({"score": None}, "either this field or preference"),
        ({"preference": 0.5}, "does not go together with score"),
        ({"score": float("nan")}, "cannot be stored"),
        ({"sample": -1}, "sample: must be at least 0"),
    ],
)
def test_a_label_that_could_not_be_read_again_is_refused(
    directory: Directory, changes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(StoreError, match=problem):
        labels.append(directory, "나연", [label(), label(**changes)])
    assert directory.names() == []


def test_raters_whose_names_look_alike_keep_their_own_files(directory: Directory) -> None:
    for rater in ("a b", "a_b", "a/b"):
        labels.append(directory, rater, [label(rater)])
    assert len(directory.names()) == 3


@settings(max_examples=30, deadline=None)
@given(st.lists(any_text, max_size=5))
def test_any_unicode_survives(notes: list[str]) -> None:
    directory = open_directory(f"memory://{uuid.uuid4().hex}/labels")
    made = [label(prompt_id=f"p{n}", extra={"note": note}) for n, note in enumerate(notes)]
    labels.append(directory, "나연", made)
    found = labels.read(directory).labels
    assert [item.extra["note"] for item in found] == [clean(note) for note in notes]


def test_remote_appends_never_overwrite_one_another() -> None:
    directory = open_directory(f"memory://{uuid.uuid4().hex}/labels")
    for number in range(3):
        labels.append(directory, "나연", [label(prompt_id=f"p{number}")])
    assert len(labels.read(directory).labels) == 3


class TestAfterACrash:
    @pytest.fixture
    def torn(self, directory: Directory) -> Directory:
        """A file whose last line was cut short."""
        labels.append(directory, "나연", [label(prompt_id="p1"), label(prompt_id="p2")])
        path = file_of(directory)
        path.write_bytes(path.read_bytes() + labels.label_line(label(prompt_id="p3"))[:40])
        return directory

    def test_the_torn_line_is_skipped_and_counted(self, torn: Directory) -> None:
        found = labels.read(torn)
        assert [item.prompt_id for item in found.labels] == ["p1", "p2"]
        assert found.torn == 1

    def test_the_next_append_mends_the_file(self, torn: Directory) -> None:
        labels.append(torn, "나연", [label(prompt_id="p4")])
        found = labels.read(torn)
        assert [item.prompt_id for item in found.labels] == ["p1", "p2", "p4"]
        assert found.torn == 0

    @pytest.mark.parametrize("cut", range(1, 120, 7))
    def test_wherever_it_was_cut_the_lines_before_stand(
        self, directory: Directory, cut: int
    ) -> None:
        labels.append(directory, "나연", [label(prompt_id="p1")])
        line = labels.label_line(label(prompt_id="p2"))
        path = file_of(directory)
        path.write_bytes(path.read_bytes() + line[:cut])
        labels.append(directory, "나연", [label(prompt_id="p3")])
        expected = ["p1", "p3"] if cut < len(line) - 1 else ["p1", "p2", "p3"]
        assert [item.prompt_id for item in labels.read(directory).labels] == expected

    def test_a_whole_line_that_lacks_only_its_end_counts(self, directory: Directory) -> None:
        labels.append(directory, "나연", [label(prompt_id="p1")])
        path = file_of(directory)
        path.write_bytes(path.read_bytes().rstrip(b"\n"))
        assert labels.read(directory).torn == 0
        labels.append(directory, "나연", [label(prompt_id="p2")])
        assert [item.prompt_id for item in labels.read(directory).labels] == ["p1", "p2"]


def test_a_full_disk_leaves_no_half_line(directory: Directory) -> None:
    labels.append(directory, "나연", [label(prompt_id="p1")])
    before = file_of(directory).read_bytes()

    with full_disk(), pytest.raises(StoreError, match="Free some disk space"):
        labels.append(directory, "나연", [label(prompt_id="p2")])
    assert file_of(directory).read_bytes() == before


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("not json", r":2: not JSON"),
        (json.dumps({"prompt_id": "p1"}), r":2:candidate: this field is required"),
    ],
)
def test_a_line_someone_broke_is_named(directory: Directory, line: str, problem: str) -> None:
    labels.append(directory, "나연", [label()])
    path = file_of(directory)
    good = path.read_text(encoding="utf-8")
    path.write_text(good + line + "\n" + good, encoding="utf-8")
    with pytest.raises(StoreError, match=problem) as caught:
        labels.read(directory)
    assert str(path) in caught.value.message.ko


def test_other_files_in_the_directory_are_left_alone(directory: Directory) -> None:
    labels.append(directory, "나연", [label()])
    assert directory.local is not None
    (directory.local / "notes.txt").write_text("메모", encoding="utf-8")
    (directory.local / ".나연.jsonl.swp").write_bytes(b"\x00")
    assert labels.read(directory).labels == (label(),)


def test_a_field_of_the_record_wins_over_an_extra_of_its_name() -> None:
    line = json.loads(labels.label_line(Label("p", "c", 0, "n", "r", score=1.0,
                                              extra={"score": 9, "note": "x"})))  # fmt: skip
    assert (line["score"], line["note"]) == (1.0, "x")
