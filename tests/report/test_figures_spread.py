"""Histograms back to back, and the difference against length."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from kojudge.report.figures_spread import draw_mirrors, draw_scatters


def found(**given: Any) -> dict[str, Any]:
    plain = {
        "judge": "j", "step": 1.0, "centres": [1.0, 2.0, 3.0],
        "scores": [
            {"criterion": "c", "candidate": "base", "counts": [0, 10, 30], "n": 40, "mean": 2.75},
            {"criterion": "c", "candidate": "x", "counts": [5, 10, 5], "n": 20, "mean": 2.0}],
        "lengths": [length()],
    }  # fmt: skip
    return plain | given


def length(**given: Any) -> dict[str, Any]:
    plain = {
        "judge": "j", "mode": "pairwise", "criterion": "c", "candidate": "x", "n": 3, "rho": 0.4,
        "rho_low": 0.1, "rho_high": 0.6, "binned": False,
        "marks": [[-1.5, -0.5, 1], [3.0, 0.25, 1], [0.0, 0.0, 1]],
    }  # fmt: skip
    return plain | given


def percent(place: str) -> float:
    return float(place.removesuffix("%"))


def test_heights_are_shares_of_each_models_own_texts() -> None:
    [drawn] = draw_mirrors(found(), "base")
    heights = [(float(one.height), float(one.baseline_height)) for one in drawn.columns]
    assert heights == [(20, 0), (40, 20), (20, 60)]


def test_candidate_bars_stand_on_the_line_under_which_the_baseline_hangs() -> None:
    [drawn] = draw_mirrors(found(), "base")
    for one in drawn.columns:
        assert float(one.y) + float(one.height) == pytest.approx(drawn.middle)


def test_counts_and_means_are_kept_as_they_are() -> None:
    [drawn] = draw_mirrors(found(), "base")
    assert [(one.count, one.baseline_count) for one in drawn.columns] == [(5, 0), (10, 10), (5, 30)]
    assert (drawn.mean, drawn.baseline_mean) == (2.0, 2.75)
    assert percent(drawn.mean_x) == 50


def test_a_mean_stands_on_the_scale_of_the_bars() -> None:
    [drawn] = draw_mirrors(found(), "base")
    second, third = (percent(tick.x) for tick in drawn.ticks[1:])
    assert percent(drawn.baseline_mean_x) == pytest.approx(
        second + 0.75 * (third - second), abs=0.01
    )


def test_without_scores_of_the_baseline_there_is_nothing_to_mirror() -> None:
    assert draw_mirrors(found(scores=found()["scores"][1:]), "base") == ()
    assert draw_mirrors(found(scores=[]), "base") == ()


def test_dots_lie_on_the_scales_that_the_ticks_draw() -> None:
    [drawn] = draw_scatters(found(), [])
    left, right = drawn.x_ticks[0], drawn.x_ticks[-1]
    low, high = (math.log2(Fraction(tick.label.removeprefix("×"))) for tick in (left, right))
    for dot in drawn.dots:
        along = (math.log2(dot.ratio) - low) / (high - low)
        wanted = percent(left.x) + along * (percent(right.x) - percent(left.x))
        assert percent(dot.x) == pytest.approx(wanted, abs=0.01)
    bottom, top = drawn.y_ticks[0], drawn.y_ticks[-1]
    for dot in drawn.dots:
        along = (dot.difference - float(bottom.label)) / (float(top.label) - float(bottom.label))
        assert float(dot.y) == pytest.approx(
            float(bottom.x) + along * (float(top.x) - float(bottom.x)), abs=0.02
        )


def test_equal_length_is_on_the_axis_even_where_no_text_is_shorter() -> None:
    [drawn] = draw_scatters(found(lengths=[length(marks=[[0.5, 0.1, 1], [4.9, 0.2, 1]])]), [])
    assert drawn.zero_x in {tick.x for tick in drawn.x_ticks if tick.label == "×1"}
    assert drawn.zero_y in {tick.x for tick in drawn.y_ticks if tick.label == "0"}


def test_a_text_of_a_loop_leaves_room_for_the_others() -> None:
    marks = [[0.0, 0.0, 1], [1.0, 0.1, 1], [7.0, -0.5, 1]]
    [drawn] = draw_scatters(found(lengths=[length(marks=marks)]), [])
    equal, double, loop = (percent(dot.x) for dot in drawn.dots)
    assert (double - equal) * 7 == pytest.approx(loop - equal, abs=0.01)
    assert len(drawn.x_ticks) <= 8


def test_the_area_of_a_cell_is_its_prompts() -> None:
    marks = [[0.0, 0.0, 4], [1.0, 0.1, 100]]
    [drawn] = draw_scatters(found(lengths=[length(binned=True, marks=marks)]), [])
    small, large = (float(dot.radius) for dot in drawn.dots)
    assert (large / small) ** 2 == pytest.approx(25, rel=0.02)


def test_alike_lengths_and_differences_can_be_drawn() -> None:
    [drawn] = draw_scatters(found(lengths=[length(marks=[[0.0, 0.0, 3]])]), [])
    assert len(drawn.dots) == 1


def test_the_controlled_win_rate_of_the_same_judge_stands_beside_pairs_only() -> None:
    rows = [
        {"judge": judge, "criterion": "c", "candidate": "x", "controlled": 0.6} for judge in "ij"
    ]
    [drawn] = draw_scatters(found(), rows)
    assert drawn.adjusted == (rows[1],)
    [panel] = draw_scatters(found(lengths=[length(judge="panel")]), rows)
    assert len(panel.adjusted) == 2
    [pointwise] = draw_scatters(found(lengths=[length(mode="pointwise")]), rows)
    assert pointwise.adjusted == ()
