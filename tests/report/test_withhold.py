"""Verdicts the judge of a run cannot support are withheld, and the numbers stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kojudge.report.gather import Pair, Score
from kojudge.report.withhold import at_the_ceiling, unproven, withhold
from kojudge.stats import Verdict


def entry(verdict: str, mode: str = "pointwise", judge: str = "j") -> dict[str, Any]:
    return {
        "judge": judge,
        "criterion": "naturalness",
        "mode": mode,
        "verdict": verdict,
        "withheld": False,
        "reasons": ["judge_unaudited"],
        "delta": 0.1,
    }


def pair(first: float, second: float) -> Pair:
    return Pair("j", "naturalness", "x", "p", "blog", 0, 1, first, second, 0.5, "t")


@pytest.mark.parametrize(
    ("verdict", "withheld"),
    [("similar", True), ("not worse", True), ("better", False), ("worse", False),
     ("undecided", False), ("refused", False)],
)  # fmt: skip
def test_without_a_control_no_difference_is_no_verdict(verdict: str, withheld: bool) -> None:
    [found] = withhold([entry(verdict)], [], ["j"])
    assert found["withheld"] is withheld
    assert ("no_assay_control" in found["reasons"]) is withheld
    assert (found["verdict"], found["delta"]) == (verdict, 0.1)


@pytest.mark.parametrize(("flips", "withheld"), [(3, False), (4, True), (10, True)])
def test_a_judge_that_follows_the_order_carries_no_pairwise_verdict(
    flips: int, withheld: bool
) -> None:
    pairs = [pair(0.9, 0.2)] * flips + [pair(0.8, 0.7)] * (10 - flips)
    scored, compared = withhold([entry("better"), entry("better", "pairwise")], pairs, ["j"])
    assert scored["withheld"] is False
    assert compared["withheld"] is withheld
    assert ("position_inconsistent" in compared["reasons"]) is withheld


def test_judgments_made_elsewhere_are_shown_as_they_are() -> None:
    [found] = withhold([entry("similar", judge="theirs")], [], ["j"])
    assert found == entry("similar", judge="theirs")


@pytest.mark.parametrize(
    ("control", "reason"),
    [("worse", None), ("similar", "assay_failed"), ("undecided", "assay_failed"),
     ("refused", "assay_failed")],
)  # fmt: skip
def test_a_control_that_is_not_seen_as_worse_withholds_no_difference(
    control: Verdict, reason: str | None
) -> None:
    controls = {("j", "naturalness", "pointwise"): control}
    [found] = withhold([entry("similar")], [], ["j"], controls)
    assert found["withheld"] is (reason is not None)
    assert found["reasons"][1:] == ([reason] if reason else [])


def test_a_control_of_another_criterion_supports_nothing() -> None:
    controls: dict[tuple[str, str, str], Verdict] = {("j", "friendliness", "pointwise"): "worse"}
    [found] = withhold([entry("similar")], [], ["j"], controls)
    assert found["withheld"] is True


def test_scores_at_an_end_of_the_scale_withhold_no_difference() -> None:
    controls: dict[tuple[str, str, str], Verdict] = {("j", "naturalness", "pointwise"): "worse"}
    rows = [
        Score("j", "naturalness", "x", f"p{at}", "blog", "0/1", 4.9 if at < 6 else 3.0)
        for at in range(10)
    ]
    ceilings = at_the_ceiling(rows, (1.0, 5.0))
    assert ceilings == {("j", "naturalness")}
    assert at_the_ceiling(rows[1:], (1.0, 5.0)) == {("j", "naturalness")}
    assert at_the_ceiling(rows[2:], (1.0, 5.0)) == set()
    [found] = withhold([entry("not worse")], [], ["j"], controls, ceilings)
    assert "ceiling" in found["reasons"]
    [better] = withhold([entry("better")], [], ["j"], controls, ceilings)
    assert better["withheld"] is False


def test_pairs_that_a_gate_settled_say_nothing_of_the_judge() -> None:
    settled = [replace(pair(0.0, 0.0), flagged=True)] * 30
    read = [pair(0.9, 0.2)] * 5 + [pair(0.8, 0.7)] * 5
    [found] = withhold([entry("better", "pairwise")], settled + read, ["j"])
    assert "position_inconsistent" in found["reasons"]


def test_a_judge_without_a_passed_control_is_unproven_and_an_imported_one_is_not_ours() -> None:
    entries = [entry("better"), entry("better", judge="theirs")]
    assert unproven(entries, ["j"]) == {("j", "naturalness", "pointwise")}
    controls: dict[tuple[str, str, str], Verdict] = {("j", "naturalness", "pointwise"): "worse"}
    assert unproven(entries, ["j"], controls) == set()
