"""``kojudge report --gate``: a verdict as an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kojudge.store.run import Run

from .outcome import Call

NATURAL = "fake-warm.naturalness"


@pytest.fixture
def pointwise(scored: Run) -> str:
    """A claim that the fake judge's own run supports, whatever it withholds pairwise."""
    return f"{NATURAL}.better[pointwise]"


def test_a_gate_that_holds_exits_with_0(call: Call, pointwise: str) -> None:
    done = call("report", "--gate", f"{pointwise} and not fake-stiff.naturalness.better[pointwise]")
    assert done.code == 0
    assert "Gate passed" in done.err
    assert f"✓ true  {pointwise}@fake-judge: better, difference +" in done.err
    assert "✗ false  fake-stiff.naturalness.better[pointwise]" in done.err


def test_one_that_fails_exits_with_1_after_the_report_is_written(
    scored: Run, call: Call, pointwise: str
) -> None:
    done = call("report", "--json", "--gate", f"not {pointwise}")
    assert done.code == 1
    assert "Gate failed" in done.err
    kept = json.loads((Path(scored.path) / "results.json").read_text(encoding="utf-8"))
    assert done.json == kept
    assert (Path(scored.path) / "report.html").is_file()


def test_it_speaks_korean(call: Call, pointwise: str) -> None:
    done = call("report", "--gate", f"not {pointwise}", lang="ko")
    assert done.code == 1
    assert "게이트 불통과" in done.err
    assert f"✓ 참  {pointwise}@fake-judge: 더 나음" in done.err


def test_a_gate_that_cannot_be_read_stops_before_any_work(scored: Run, call: Call) -> None:
    done = call("report", "--gate", f"{NATURAL}.bettr")
    assert done.code == 2
    assert "Did you mean: better" in done.err
    assert not (Path(scored.path) / "results.json").exists()


def test_an_unknown_model_is_a_mistake_not_a_failure(scored: Run, call: Call) -> None:
    done = call("report", "--gate", "fake-wram.naturalness.better")
    assert done.code == 2
    assert "Did you mean: fake-warm" in done.err
    assert (Path(scored.path) / "report.html").is_file()
