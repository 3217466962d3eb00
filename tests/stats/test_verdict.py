"""What an interval says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.stats import Verdict, similar_or_better, still_holds, verdict_of


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.01, 0.90, "better"),
        (0.01, 0.10, "better"),
        (-0.90, -0.30, "worse"),
        (-0.20, -0.01, "worse"),
        (-0.20, 0.20, "similar"),
        (0.00, 0.20, "similar"),
        (-0.20, 0.25, "not worse"),
        (-0.20, 0.90, "not worse"),
        (-0.25, 0.10, "undecided"),
        (-0.90, 0.90, "undecided"),
    ],
)
def test_verdicts_at_a_margin_of_a_quarter(low: float, high: float, verdict: str) -> None:
    assert verdict_of(low, high, 0.25) == verdict


bounds = st.tuples(st.floats(-4, 4), st.floats(-4, 4)).map(sorted)


@given(bounds, st.floats(0.01, 1.0))
def test_the_flag_agrees_with_the_verdict(interval: list[float], margin: float) -> None:
    verdict = verdict_of(interval[0], interval[1], margin)
    flag = similar_or_better(interval[0], margin)
    if verdict in ("better", "similar", "not worse"):
        assert flag
    if verdict == "undecided":
        assert not flag


@given(bounds, st.floats(0.01, 1.0))
def test_swapping_candidate_and_baseline_swaps_better_and_worse(
    interval: list[float], margin: float
) -> None:
    mirror = {"better": "worse", "worse": "better", "similar": "similar"}
    verdict = verdict_of(interval[0], interval[1], margin)
    if verdict in mirror:
        assert verdict_of(-interval[1], -interval[0], margin) == mirror[verdict]


@pytest.mark.parametrize(
    ("low", "high", "margin"), [(1, 0, 0.1), (0, 1, 0.0), (float("nan"), 1, 1)]
)
def test_what_is_no_interval_is_refused(low: float, high: float, margin: float) -> None:
    with pytest.raises(ValueError, match="low <= high"):
        verdict_of(low, high, margin)


@pytest.mark.parametrize(
    ("verdict", "low", "high", "holds"),
    [("better", 0.1, 0.3, True), ("better", -0.1, 0.3, False), ("worse", -0.3, -0.1, True),
     ("worse", -0.3, 0.0, False), ("similar", -0.2, 0.2, True), ("similar", -0.2, 0.3, False),
     ("not worse", 0.1, 0.9, True), ("not worse", -0.3, 0.9, False),
     ("undecided", -9, 9, True), ("refused", -9, 9, True)],
)  # fmt: skip
def test_a_verdict_holds_where_its_claim_does(
    verdict: Verdict, low: float, high: float, holds: bool
) -> None:
    assert still_holds(verdict, low, high, 0.25) is holds
