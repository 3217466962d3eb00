"""What came in goes out as it was; what the run made goes out in the same form."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.errors import StoreError
from kojudge.records import Scored, Unscored
from kojudge.store.interchange import (
    ExportCount,
    ImportCount,
    export_judgments,
    export_labels,
    export_texts,
    import_judgments,
    import_labels,
    import_texts,
)
from kojudge.store.run import Run
from kojudge.store.schema import clean

from .builders import (
    LABEL_LINE,
    PAIRWISE_LINE,
    POINTWISE_LINE,
    TEXT_LINE,
    Line,
    any_text,
    full_disk,
    judgment,
    label,
    read_lines,
    text,
    without,
    write_lines,
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


def by_sample(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line["sample"], json.dumps(line, sort_keys=True)))


def test_imported_texts_go_out_as_they_came(run: Run, tmp_path: Path) -> None:
    history = [{"role": "user", "content": "안녕"}, {"role": "assistant", "content": "그래"}]
    lines = [
        TEXT_LINE,
        TEXT_LINE | {"sample": 1, "turn": 2, "history": history},
        TEXT_LINE | {"sample": 2, "note": {"장르": None}, "score": [1, 2]},
    ]
    import_texts(run, write_lines(tmp_path / "in.jsonl", lines))
    assert export_texts(run, tmp_path / "out.jsonl") == ExportCount(written=3, failed=0)
    assert by_sample(read_lines(tmp_path / "out.jsonl")) == lines


def test_imported_judgments_go_out_as_they_came(run: Run, tmp_path: Path) -> None:
    lines = [
        POINTWISE_LINE | {"category": "blog"},
        PAIRWISE_LINE | {"category": "blog", "sample": 1, "order": "BA", "preference": 0.5},
        POINTWISE_LINE | {"category": "poem", "sample": 2, "score": None, "reason": "답이 없음"},
        POINTWISE_LINE
        | {"category": "all", "sample": 3, "rubric": "strict", "turn": 2, "repeat": 1,
           "rationale": "말맛", "reason": "덧붙임", "time": 3},
    ]  # fmt: skip
    import_judgments(run, write_lines(tmp_path / "in.jsonl", lines))
    assert export_judgments(run, tmp_path / "out.jsonl") == ExportCount(written=4, failed=0)
    assert by_sample(read_lines(tmp_path / "out.jsonl")) == lines


def test_controls_stay_behind_and_are_counted(run: Run, tmp_path: Path) -> None:
    """Read back, a damaged copy of the baseline's text would pass for one more candidate."""
    lines = [POINTWISE_LINE | {"category": "all"}]
    control = {"candidate": "gemma~control", "category": "all"}
    import_judgments(run, write_lines(tmp_path / "in.jsonl", [*lines, POINTWISE_LINE | control]))
    count = export_judgments(run, tmp_path / "out.jsonl")
    assert count == ExportCount(written=1, controls=1)
    assert read_lines(tmp_path / "out.jsonl") == lines


def test_imported_labels_go_out_as_they_came(run: Run, tmp_path: Path) -> None:
    pair = without(LABEL_LINE, "score") | {"preference": 0.5, "baseline": "base", "sample": 1}
    lines = [LABEL_LINE, pair, LABEL_LINE | {"sample": 2, "category": "blog", "turn": 2}]
    import_labels(run, write_lines(tmp_path / "in.jsonl", lines))
    assert export_labels(run, tmp_path / "out.jsonl") == ExportCount(written=3)
    assert by_sample(read_lines(tmp_path / "out.jsonl")) == lines


extra_fields = st.dictionaries(
    any_text.map(lambda name: f"x{name}"),
    st.recursive(
        st.none() | st.booleans() | st.integers() | any_text
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)  # fmt: skip


def cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean(name): cleaned(item) for name, item in value.items()}
    return value


def has_clashing_names(value: Any) -> bool:
    """Two names that are the same once cleaned are one field twice, which is refused."""
    if isinstance(value, list):
        return any(has_clashing_names(item) for item in value)
    if isinstance(value, dict):
        clash = len({clean(name) for name in value}) < len(value)
        return clash or any(has_clashing_names(item) for item in value.values())
    return False


lines_of_texts = st.lists(
    st.tuples(any_text, any_text, extra_fields.filter(lambda extra: not has_clashing_names(extra))),
    min_size=1,
    max_size=12,
)


@settings(max_examples=8, deadline=None)
@given(lines_of_texts)
def test_any_line_survives_both_ways_and_again(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, str, Line]]
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    run = Run.open(f"memory://{uuid.uuid4().hex}/run", create=True)
    lines = [
        TEXT_LINE | {"sample": number, "text": written, "candidate": f"c{name}"} | extra
        for number, (written, name, extra) in enumerate(drawn)
    ]
    came = write_lines(folder / "in.jsonl", lines)
    assert import_texts(run, came) == ImportCount(len(lines), 0)
    export_texts(run, folder / "out.jsonl")
    assert by_sample(read_lines(folder / "out.jsonl")) == cleaned(lines)
    assert import_texts(run, folder / "out.jsonl") == ImportCount(0, len(lines))
    assert import_texts(run, came) == ImportCount(0, len(lines))


def test_what_the_run_made_goes_out_and_is_known_when_it_comes_back(
    run: Run, tmp_path: Path
) -> None:
    run.append_texts([text("t1"), text("t2", sample=1, turn=2, history='[{"role": "user", '
                                       '"content": "안녕"}]')])  # fmt: skip
    run.append_judgments(
        [
            judgment("j1"),
            judgment("j2", sample=1, outcome=Unscored("숫자가 없음", mass=0.1)),
            judgment("j3", mode="pairwise", baseline="base", order="AB", scale=(0.0, 1.0),
                     outcome=Scored(0.4, "expected")),
        ]
    )  # fmt: skip
    run.append_labels("나연", [label()])
    out = tmp_path / "out.jsonl"
    export_texts(run, out)
    assert import_texts(run, out) == ImportCount(0, 2)
    export_judgments(run, out)
    assert import_judgments(run, out) == ImportCount(0, 3)
    export_labels(run, out)
    assert import_labels(run, out) == ImportCount(0, 1)


def test_what_failed_is_left_out_and_counted(run: Run, tmp_path: Path) -> None:
    run.append_texts([text("t1"), text("t2", sample=1, status="failed")])
    run.append_judgments([judgment(outcome=Unscored("시간 초과", final=False))])
    out = tmp_path / "out.jsonl"
    assert export_texts(run, out) == ExportCount(written=1, failed=1)
    assert [line["sample"] for line in read_lines(out)] == [0]
    assert export_judgments(run, out) == ExportCount(written=0, failed=1)
    assert read_lines(out) == []


def test_only_the_chosen_go_out(run: Run, tmp_path: Path) -> None:
    run.append_texts([text("old", sample=1), text("t1")])
    run.append_judgments([judgment("old"), judgment("j1", repeat=1)])
    out = tmp_path / "out.jsonl"
    export_texts(run, out, ["t1"])
    assert [line["sample"] for line in read_lines(out)] == [0]
    export_judgments(run, out, ["j1"])
    assert [line["repeat"] for line in read_lines(out)] == [1]


def test_hangul_is_written_as_hangul(run: Run, tmp_path: Path) -> None:
    run.append_texts([text()])
    export_texts(run, tmp_path / "out.jsonl")
    assert "봄이 왔다." in (tmp_path / "out.jsonl").read_text(encoding="utf-8")


class TestDestinations:
    def test_folders_are_made(self, run: Run, tmp_path: Path) -> None:
        run.append_texts([text()])
        export_texts(run, tmp_path / "a" / "b" / "out.jsonl")
        assert len(read_lines(tmp_path / "a" / "b" / "out.jsonl")) == 1

    def test_a_relative_name_will_do(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run.append_texts([text()])
        monkeypatch.chdir(tmp_path)
        export_texts(run, "out.jsonl")
        assert len(read_lines(tmp_path / "out.jsonl")) == 1

    def test_any_filesystem_will_do(self, run: Run) -> None:
        import fsspec

        run.append_texts([text()])
        url = f"memory://{uuid.uuid4().hex}.jsonl"
        export_texts(run, url)
        assert json.loads(fsspec.filesystem("memory").cat_file(url))["prompt_id"] == "p1"

    def test_a_link_is_written_through_not_replaced(self, run: Run, tmp_path: Path) -> None:
        """As /dev/stdout is one."""
        run.append_texts([text()])
        (tmp_path / "real.jsonl").write_text("old", encoding="utf-8")
        (tmp_path / "link.jsonl").symlink_to(tmp_path / "real.jsonl")
        export_texts(run, tmp_path / "link.jsonl")
        assert (tmp_path / "link.jsonl").is_symlink()
        assert len(read_lines(tmp_path / "real.jsonl")) == 1

    def test_a_directory_is_no_file(self, run: Run, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="cannot be written"):
            export_texts(run, tmp_path)

    def test_a_failed_export_keeps_the_old_file(self, run: Run, tmp_path: Path) -> None:
        run.append_texts([text()])
        (tmp_path / "out.jsonl").write_text("old", encoding="utf-8")

        with full_disk(), pytest.raises(StoreError, match="No space left"):
            export_texts(run, tmp_path / "out.jsonl")
        assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == "old"
        assert not list(tmp_path.glob(".*.tmp"))
