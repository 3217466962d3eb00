"""The bars of wins, ties and losses."""

from __future__ import annotations

from typing import Any

from kojudge.report.figures_outcomes import Outcomes, draw_outcomes


def tally(wins: int, ties: int, losses: int) -> dict[str, Any]:
    n = wins + ties + losses
    return {"wins": wins, "ties": ties, "losses": losses, "n": n, "win_rate": 0.5}


def percent(place: str) -> float:
    return float(place.removesuffix("%"))


def draw(*tallies: dict[str, Any]) -> Outcomes:
    [drawn] = draw_outcomes("naturalness", [(f"m{at}", own) for at, own in enumerate(tallies)])
    return drawn


def test_a_bar_is_one_hundred_percent_from_losses_to_wins() -> None:
    drawn = draw(tally(1, 2, 5), tally(300, 1, 0), tally(0, 7, 0))
    for bar in drawn.bars:
        assert sum(percent(one.width) for one in bar.segments) == 48.0
        at = percent(bar.segments[0].x)
        for segment in bar.segments:
            assert abs(percent(segment.x) - at) < 0.002
            at += percent(segment.width)


def test_the_middle_of_the_ties_is_the_middle_of_the_drawing() -> None:
    [bar] = draw(tally(1, 2, 5)).bars
    tie = bar.segments[1]
    assert tie.outcome == "tie"
    assert percent(tie.x) + percent(tie.width) / 2 == 50


def test_without_ties_losses_and_wins_meet_in_the_middle() -> None:
    [bar] = draw(tally(3, 0, 1)).bars
    loss, win = bar.segments
    assert percent(loss.x) + percent(loss.width) == percent(win.x) == 50


def test_widths_are_in_proportion_to_the_counts() -> None:
    [bar] = draw(tally(1, 2, 5)).bars
    assert [(one.outcome, one.count) for one in bar.segments] == [
        ("loss", 5), ("tie", 2), ("win", 1),
    ]  # fmt: skip
    assert [percent(one.width) for one in bar.segments] == [30, 12, 6]


def test_an_outcome_that_never_was_has_no_segment() -> None:
    [bar] = draw(tally(0, 0, 4)).bars
    assert [one.outcome for one in bar.segments] == ["loss"]
    assert percent(bar.segments[0].x) == 2


def test_each_segment_asks_the_explorer_for_its_texts() -> None:
    [bar] = draw(tally(1, 2, 5)).bars
    assert bar.segments[0].href == "#outcome=loss&candidate=m0&criterion=naturalness"


def test_many_models_stand_in_several_drawings() -> None:
    drawn = draw_outcomes("naturalness", [(f"m{at}", tally(1, 1, 1)) for at in range(75)])
    assert [len(one.bars) for one in drawn] == [12, 13, 13, 12, 12, 13]
