"""The committed table: complete, passed, and of the code that stands beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import run
from acceptance import SEED, Above, AtMost, Result, Row
from rows import ROWS
from tables import BEGIN, COLUMNS, END, committed, line, write

TABLE = committed()


def never(rng: np.random.Generator, _: int) -> bool:
    return False


QUIET = Row("quiet", "nothing happens", AtMost(0.05), never, runs=40, resamples=None)
FAILING = Row("failing", "nothing happens", Above(0.2), never, runs=40, resamples=None)


def test_every_row_is_in_the_committed_table_in_order() -> None:
    assert list(TABLE) == [row.name for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_committed_row_passed_as_the_code_now_has_it(row: Row) -> None:
    """Setting, sizes, seed and limits are the code's own; the measured share satisfies them."""
    cells = TABLE[row.name]
    fresh = dict(zip(COLUMNS, _cells(line(Result(row, row.runs, row.resamples, 0, 0.0))), strict=True))  # fmt: skip
    same = ("row", "event counted", "R", "B", "seed", "passes if")
    assert {key: cells[key] for key in same} == {key: fresh[key] for key in same}
    assert cells["pass"] == "yes"
    assert row.rule.passes(float(cells["measured"].removesuffix(" %")) / 100, row.runs)


def test_writing_replaces_the_rows_measured_and_keeps_the_others(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\n{END}\nafter\n", encoding="utf-8")
    order = ["quiet", "failing"]
    write([Result(FAILING, 40, None, 3, 0.0), Result(QUIET, 40, None, 0, 0.0)], order, readme)
    write([Result(FAILING, 40, None, 20, 0.0)], order, readme)
    found = committed(readme)
    assert list(found) == order
    assert [found[name]["measured"] for name in order] == ["0 %", "50 %"]
    assert readme.read_text(encoding="utf-8").startswith("before\n")
    assert readme.read_text(encoding="utf-8").endswith("\nafter\n")
    write([], ["quiet"], readme)
    assert list(committed(readme)) == ["quiet"]


def test_a_line_shows_the_result() -> None:
    shown = dict(zip(COLUMNS, _cells(line(Result(QUIET, 400, 1999, 21, 12.4))), strict=True))
    assert shown == {
        "row": "quiet",
        "event counted": "nothing happens",
        "R": "400",
        "B": "1,999",
        "seed": str(SEED),
        "passes if": "≤ 5 % + 3.3 pp",
        "measured": "5.25 %",
        "MC error": "1.1 pp",
        "pass": "yes",
        "seconds": "12",
    }


@pytest.mark.parametrize(("row", "code"), [(QUIET, 0), (FAILING, 1)])
def test_a_row_that_fails_ends_the_run_with_1(
    row: Row, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "ROWS", (row,))
    monkeypatch.setattr(run, "NAMES", [row.name])
    assert run.main(["--jobs", "1"]) == code
    shown = capsys.readouterr()
    assert f"| {row.name} |" in shown.out
    assert (f"failed: {row.name}" in shown.err) is bool(code)


def test_an_unknown_row_is_named_with_those_there_are() -> None:
    with pytest.raises(SystemExit, match="no row begins with nonsense"):
        run.main(["nonsense"])


def test_quick_numbers_are_never_kept() -> None:
    with pytest.raises(SystemExit):
        run.main(["--quick", "--write"])


def _cells(text: str) -> list[str]:
    return [cell.strip() for cell in text.strip("|").split("|")]
