"""The forest plot: marks stand where their numbers say."""

from __future__ import annotations

from typing import Any

import pytest

from kojudge.report.figures import draw_forest, nice_step, shorten


def comparison(**given: Any) -> dict[str, Any]:
    plain = {
        "candidate": "a", "criterion": "naturalness", "mode": "pairwise", "margin": 0.1,
        "delta": 0.1, "ci_low": 0.05, "ci_high": 0.15, "verdict": "better", "withheld": False,
    }  # fmt: skip
    return plain | given


def percent(place: str | None) -> float:
    assert place is not None
    return float(place.removesuffix("%"))


def test_every_mark_lies_on_the_scale_that_the_ticks_draw() -> None:
    rows = [comparison(), comparison(delta=-0.37, ci_low=-0.5, ci_high=-0.24)]
    forest = draw_forest(rows, "pairwise")
    first, last = forest.ticks[0], forest.ticks[-1]
    span = float(last.label) - float(first.label)
    per_unit = (percent(last.x) - percent(first.x)) / span
    for mark, row in zip(forest.marks, rows, strict=True):
        for place, value in [(mark.x, "delta"), (mark.low, "ci_low"), (mark.high, "ci_high")]:
            assert percent(place) == pytest.approx(50 + per_unit * row[value], abs=0.01)


def test_the_axis_is_symmetric_and_holds_every_interval() -> None:
    forest = draw_forest([comparison(delta=-0.37, ci_low=-0.8, ci_high=0.06)], "pairwise")
    assert [percent(tick.x) for tick in forest.ticks] == pytest.approx(
        [100 - percent(tick.x) for tick in reversed(forest.ticks)]
    )
    assert float(forest.ticks[-1].label) >= 0.8


def test_the_band_is_the_margin() -> None:
    forest = draw_forest([comparison(delta=0.1, ci_low=-0.1, ci_high=0.1)], "pairwise")
    assert percent(forest.band_x) == percent(forest.marks[0].low)
    assert percent(forest.band_x) + percent(forest.band_width) == pytest.approx(
        percent(forest.marks[0].high), abs=0.01
    )


def test_a_comparison_without_a_number_keeps_its_row_and_draws_nothing() -> None:
    forest = draw_forest([comparison(delta=None, ci_low=None, ci_high=None)], "pairwise")
    (mark,) = forest.marks
    assert (mark.x, mark.low, mark.high, mark.delta, mark.interval) == (None, None, None, "—", "—")


def test_a_difference_without_an_interval_is_a_bare_dot() -> None:
    forest = draw_forest([comparison(delta=0.1, ci_low=None, ci_high=None)], "pairwise")
    (mark,) = forest.marks
    assert mark.x is not None
    assert (mark.low, mark.high) == (None, None)


def test_rows_do_not_overlap() -> None:
    forest = draw_forest([comparison(candidate=name) for name in "abc"], "pairwise")
    heights = [mark.y for mark in forest.marks]
    assert heights == sorted(set(heights))
    assert heights[-1] < forest.axis_y < forest.height


@pytest.mark.parametrize(
    ("reach", "step"),
    [(0.125, 0.05), (0.3, 0.1), (0.31, 0.2), (0.6, 0.2), (0.61, 0.5), (1.5, 0.5), (3, 1), (4, 2)],
)
def test_steps_are_round_numbers(reach: float, step: float) -> None:
    assert nice_step(reach) == step


def test_a_long_name_is_cut_with_an_ellipsis() -> None:
    assert shorten("gemma-2-2b-it", 34) == "gemma-2-2b-it"
    assert shorten("a" * 40, 34) == "a" * 33 + "…"
