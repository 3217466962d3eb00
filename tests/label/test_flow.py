"""Labels flow on: what people answered stands in the report and moves its numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kojudge.store.run import Run

from .samples import BASELINE, CANDIDATES, CRITERIA, JUDGE, go_on, judge, make_run, sit, texts


@pytest.fixture
def run(workspace: Path, tmp_path: Path) -> Run:
    """Imported texts and a judge's verdicts on both criteria, in a workspace that compares them."""
    settings = workspace / "kojudge.toml"
    content = settings.read_text(encoding="utf-8").replace('"fake-plain"', f'"{BASELINE}"')
    settings.write_text(content, encoding="utf-8")
    made = make_run(tmp_path / "run", texts(20))
    for criterion in CRITERIA:
        judge(made, criterion)
    return made


def results(run: Run, kojudge: Callable[..., int]) -> Any:
    assert kojudge("report", "--run", run.path) == 0
    return json.loads((Path(run.path) / "results.json").read_text(encoding="utf-8"))


def test_the_report_of_a_labelled_run_has_people_in_it(
    run: Run, kojudge: Callable[..., int]
) -> None:
    assert results(run, kojudge)["labels"] is None
    for rater in ("kim", "이평가"):
        go_on(sit(run, rater))
    people = results(run, kojudge)["labels"]
    assert (people["raters"], people["prompts"]) == (2, 20)
    assert people["labels"] == 2 * len(CANDIDATES) * 20 * len(CRITERIA)
    assert {row["criterion"] for row in people["ceiling"]} == set(CRITERIA)
    rows = [row for row in people["agreement"] if row["judge"] == JUDGE]
    assert {row["criterion"] for row in rows} == set(CRITERIA)
    page = (Path(run.path) / "report.html").read_text(encoding="utf-8")
    assert "No human labels" not in page


def test_a_skip_and_a_repeat_are_no_labels(run: Run, kojudge: Callable[..., int]) -> None:
    sitting = sit(run, "kim")
    assert sitting.current is not None
    sitting.skip(sitting.current, "undecidable", "")
    go_on(sitting)
    people = results(run, kojudge)["labels"]
    assert people["labels"] == len(CANDIDATES) * 20 * len(CRITERIA) - 1
