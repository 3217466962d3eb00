"""A public leaderboard beside the writing scores."""

from __future__ import annotations

from typing import Any

import pytest

from kojudge.cards import CandidateCard, Leaderboard
from kojudge.report.elsewhere import averages, rank_correlations, scores_elsewhere


def comparison(candidate: str, delta: float | None, **given: Any) -> dict[str, Any]:
    plain = {
        "candidate": candidate, "criterion": "naturalness", "judge": "j", "slice": "overall",
        "primary": True, "delta": delta,
    }  # fmt: skip
    return plain | given


def averaged(scores: dict[str, float]) -> dict[str, dict[str, float]]:
    return {name: {"average": value} for name, value in scores.items()}


BOARD = Leaderboard(
    name="판", source="https://example.org/board", as_of="2025-04", average="평균",
    scores={"org/A": {"평균": 30.5, "Ko-GPQA": 21.7}, "org/B": {"평균": 29.0, "Ko-GPQA": 25.0}},
)  # fmt: skip


def card(name: str, hub: str, **own: float) -> CandidateCard:
    return CandidateCard(name=name, source={"hub": hub}, leaderboard=own)  # type: ignore[arg-type]


class TestScoresElsewhere:
    def test_a_card_is_found_by_its_hub_name_and_goes_before_the_table(self) -> None:
        cards = [card("a", "ORG/a"), card("b", "org/B", Average=31.0), card("c", "org/c")]
        assert scores_elsewhere(cards, (), BOARD) == {
            "a": {"average": 30.5, "Ko-GPQA": 21.7},
            "b": {"average": 31.0, "Ko-GPQA": 25.0},
            "c": {},
        }

    def test_an_imported_model_is_found_where_it_goes_by_its_hub_name(self) -> None:
        found = scores_elsewhere([], ["org/A", "A"], BOARD)
        assert found == {"org/A": {"average": 30.5, "Ko-GPQA": 21.7}, "A": {}}

    def test_without_a_table_a_card_speaks_alone(self) -> None:
        found = scores_elsewhere([card("a", "org/A", Average=1.0)], ["z"], None)
        assert found == {"a": {"average": 1.0}, "z": {}}


def test_every_benchmark_has_its_own_correlation_the_average_first() -> None:
    names, deltas = "abcde", (0.1, 0.2, 0.3, 0.4, 0.5)
    scores = {
        name: {"Ko-GPQA": -delta, "average": delta, **({"KorNAT": 1.0} if name == "a" else {})}
        for name, delta in zip(names, deltas, strict=True)
    }
    rows = [comparison(name, delta) for name, delta in zip(names, deltas, strict=True)]
    found = rank_correlations(scores, rows, "base")
    assert [(r["benchmark"], r["n"]) for r in found] == [
        ("average", 5), ("Ko-GPQA", 5), ("KorNAT", 1),
    ]  # fmt: skip
    assert [r["rho"] for r in found] == [pytest.approx(1.0), pytest.approx(-1.0), None]


def test_the_average_is_the_cards_own_and_never_computed() -> None:
    cards = {"a": {"Average": 30.61, "Ko-GPQA": 21.7}, "b": {"Ko-GPQA": 40.0}, "c": {}}
    assert averages(cards) == {"a": 30.61}


def test_models_are_ranked_with_the_baseline_among_them() -> None:
    average = averaged({"base": 40.0, "a": 10.0, "b": 20.0, "c": 30.0, "d": 50.0})
    rows = [comparison(name, value) for name, value in zip("abcd", (-3, -2, -1, 0.5), strict=True)]
    [found] = rank_correlations(average, rows, "base")
    assert (found["n"], found["rho"]) == (5, pytest.approx(1.0))


def test_fewer_than_five_models_have_no_correlation() -> None:
    rows = [comparison(name, 0.1) for name in "abc"]
    [found] = rank_correlations(averaged(dict.fromkeys("abc", 1.0) | {"base": 2.0}), rows, "base")
    assert (found["n"], found["rho"], found["ci_low"]) == (4, None, None)


def test_only_models_that_have_both_count() -> None:
    rows = [comparison("a", 0.1), comparison("b", None), comparison("z", 0.3)]
    [found] = rank_correlations(averaged({"a": 1.0, "b": 2.0}), rows, "base")
    assert found["n"] == 1


def test_the_panel_speaks_where_there_is_one_and_slices_never() -> None:
    rows = [
        comparison("a", 0.1),
        comparison("a", -0.1, judge="panel"),
        comparison("a", 0.2, criterion="friendliness", slice="blog"),
    ]
    [found] = rank_correlations(averaged({"a": 1.0}), rows, "base")
    assert found["judge"] == "panel"


def test_without_averages_there_are_no_rows() -> None:
    assert rank_correlations({}, [comparison("a", 0.1)], "base") == []
