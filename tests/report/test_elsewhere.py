"""A public leaderboard beside the writing scores."""

from __future__ import annotations

from typing import Any

import pytest

from kojudge.report.elsewhere import averages, rank_correlations


def comparison(candidate: str, delta: float | None, **given: Any) -> dict[str, Any]:
    plain = {
        "candidate": candidate, "criterion": "naturalness", "judge": "j", "slice": "overall",
        "primary": True, "delta": delta,
    }  # fmt: skip
    return plain | given


def test_the_average_is_the_cards_own_and_never_computed() -> None:
    cards = {"a": {"Average": 30.61, "Ko-GPQA": 21.7}, "b": {"Ko-GPQA": 40.0}, "c": {}}
    assert averages(cards) == {"a": 30.61}


def test_models_are_ranked_with_the_baseline_among_them() -> None:
    average = {"base": 40.0, "a": 10.0, "b": 20.0, "c": 30.0, "d": 50.0}
    rows = [comparison(name, value) for name, value in zip("abcd", (-3, -2, -1, 0.5), strict=True)]
    [found] = rank_correlations(average, rows, "base")
    assert (found["n"], found["rho"]) == (5, pytest.approx(1.0))


def test_fewer_than_five_models_have_no_correlation() -> None:
    rows = [comparison(name, 0.1) for name in "abc"]
    [found] = rank_correlations(dict.fromkeys("abc", 1.0) | {"base": 2.0}, rows, "base")
    assert (found["n"], found["rho"], found["ci_low"]) == (4, None, None)


def test_only_models_that_have_both_count() -> None:
    rows = [comparison("a", 0.1), comparison("b", None), comparison("z", 0.3)]
    [found] = rank_correlations({"a": 1.0, "b": 2.0}, rows, "base")
    assert found["n"] == 1


def test_the_panel_speaks_where_there_is_one_and_slices_never() -> None:
    rows = [
        comparison("a", 0.1),
        comparison("a", -0.1, judge="panel"),
        comparison("a", 0.2, criterion="friendliness", slice="blog"),
    ]
    [found] = rank_correlations({"a": 1.0}, rows, "base")
    assert found["judge"] == "panel"


def test_without_averages_there_are_no_rows() -> None:
    assert rank_correlations({}, [comparison("a", 0.1)], "base") == []
