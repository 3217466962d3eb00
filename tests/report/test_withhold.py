"""Verdicts the judge of a run cannot support are withheld, and the numbers stay."""

from __future__ import annotations

from typing import Any

import pytest

from kojudge.report.gather import Pair
from kojudge.report.withhold import withhold


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
