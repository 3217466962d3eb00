"""The forest plot: marks stand where their numbers say."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from kojudge.report.figures import (
    LINE,
    draw_forest,
    explorer_link,
    nice_step,
    split_evenly,
    wrapped,
)


def comparison(**given: Any) -> dict[str, Any]:
    plain = {
        "candidate": "a", "criterion": "naturalness", "mode": "pairwise", "margin": 0.1,
        "delta": 0.1, "ci_low": 0.05, "ci_high": 0.15, "verdict": "better", "withheld": False,
        "slice": "overall", "n_prompts": 300,
    }  # fmt: skip
    return plain | given


def percent(place: str | None) -> float:
    assert place is not None
    return float(place.removesuffix("%"))


def test_every_mark_lies_on_the_scale_that_the_ticks_draw() -> None:
    rows = [comparison(), comparison(delta=-0.37, ci_low=-0.5, ci_high=-0.24)]
    [forest] = draw_forest(rows, "pairwise")
    first, last = forest.ticks[0], forest.ticks[-1]
    span = float(last.label) - float(first.label)
    per_unit = (percent(last.x) - percent(first.x)) / span
    for mark, row in zip(forest.marks, rows, strict=True):
        for place, value in [(mark.x, "delta"), (mark.low, "ci_low"), (mark.high, "ci_high")]:
            assert percent(place) == pytest.approx(50 + per_unit * row[value], abs=0.01)


def test_the_axis_is_symmetric_and_holds_every_interval() -> None:
    [forest] = draw_forest([comparison(delta=-0.37, ci_low=-0.8, ci_high=0.06)], "pairwise")
    assert [percent(tick.x) for tick in forest.ticks] == pytest.approx(
        [100 - percent(tick.x) for tick in reversed(forest.ticks)]
    )
    assert float(forest.ticks[-1].label) >= 0.8


def test_the_band_is_the_margin() -> None:
    [forest] = draw_forest([comparison(delta=0.1, ci_low=-0.1, ci_high=0.1)], "pairwise")
    assert percent(forest.band_x) == percent(forest.marks[0].low)
    assert percent(forest.band_x) + percent(forest.band_width) == pytest.approx(
        percent(forest.marks[0].high), abs=0.01
    )


def test_a_comparison_without_a_number_keeps_its_row_and_draws_nothing() -> None:
    [forest] = draw_forest([comparison(delta=None, ci_low=None, ci_high=None)], "pairwise")
    (mark,) = forest.marks
    assert (mark.x, mark.low, mark.high, mark.delta, mark.interval) == (None, None, None, "—", "—")


def test_a_difference_without_an_interval_is_a_bare_dot() -> None:
    [forest] = draw_forest([comparison(delta=0.1, ci_low=None, ci_high=None)], "pairwise")
    (mark,) = forest.marks
    assert mark.x is not None
    assert (mark.low, mark.high) == (None, None)


def test_rows_do_not_overlap() -> None:
    [forest] = draw_forest([comparison(candidate=name) for name in "abc"], "pairwise")
    heights = [mark.y for mark in forest.marks]
    assert heights == sorted(set(heights))
    assert heights[-1] < forest.axis_y < forest.height


@pytest.mark.parametrize(
    ("reach", "step"),
    [(0.125, 0.05), (0.3, 0.1), (0.31, 0.2), (0.6, 0.2), (0.61, 0.5), (1.5, 0.5), (3, 1), (4, 2)],
)
def test_steps_are_round_numbers(reach: float, step: float) -> None:
    assert nice_step(reach) == step


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("gemma-2-2b-it", ["gemma-2-2b-it"]),
        ("mistral-small-3.1-24b-instruct-2503", ["mistral-small-3.1-", "24b-instruct-2503"]),
        ("blog · gemma-2-2b-it", ["blog · gemma-2-2b-", "it"]),
        ("갈래의 이름 · gemma-2", ["갈래의 이름 ·", "gemma-2"]),
        ("a" * 45, ["a" * 18, "a" * 18, "a" * 9]),
        ("", [""]),
    ],
)
def test_a_long_name_takes_several_lines_and_loses_no_letter(name: str, lines: list[str]) -> None:
    assert list(wrapped(name, 18)) == lines
    assert "".join(lines).replace(" ", "") == name.replace(" ", "")


def test_a_row_of_two_lines_is_taller_and_pushes_the_next_ones_down() -> None:
    short, long = "a", "an-organisation/a-model-with-a-long-name"
    [plain] = draw_forest([comparison(candidate=name) for name in (short, short)], "pairwise")
    [tall] = draw_forest([comparison(candidate=name) for name in (long, short)], "pairwise")
    assert tall.marks[0].lines == ("an-organisation/a-model-with-a-", "long-name")
    assert [a.y - b.y for a, b in zip(tall.marks, plain.marks, strict=True)] == [LINE, LINE]
    assert tall.axis_y == plain.axis_y + LINE
    assert tall.marks[0].label == long


def test_a_dot_of_few_prompts_is_told_apart() -> None:
    [forest] = draw_forest([comparison(n_prompts=19), comparison(n_prompts=20)], "pairwise")
    assert [mark.few for mark in forest.marks] == [True, False]


def test_many_models_stand_in_several_drawings_on_one_axis() -> None:
    rows = [comparison(candidate=f"m{at}", delta=at / 100) for at in range(100)]
    drawn = draw_forest(rows, "pairwise")
    assert [mark.candidate for forest in drawn for mark in forest.marks] == [
        row["candidate"] for row in rows
    ]
    assert {forest.ticks for forest in drawn} == {drawn[0].ticks}
    assert [(forest.part, forest.parts) for forest in drawn] == [(at, 8) for at in range(1, 9)]
    assert all(4 * len(forest.marks) + 2 * len(forest.ticks) < 200 for forest in drawn)


def test_a_drawing_of_long_names_fits_a_printed_page() -> None:
    """A4 is 1123 px tall, 53 px of it margin at either end; a caption takes some 40."""
    rows = [comparison(candidate=f"an-organisation/a-model-with-a-name-{at}") for at in range(45)]
    drawn = draw_forest(rows, "pairwise")
    assert {len(mark.lines) for forest in drawn for mark in forest.marks} == {2}
    assert max(forest.height for forest in drawn) <= 1123 - 2 * 53 - 40


def test_rows_part_evenly_and_in_order() -> None:
    assert split_evenly([*range(7)], 3) == [[0, 1], [2, 3, 4], [5, 6]]
    assert [len(part) for part in split_evenly([*range(46)], 45)] == [23, 23]
    assert split_evenly([1, 2], 45) == [[1, 2]]


def test_a_mark_leads_to_its_texts_in_the_explorer() -> None:
    [forest] = draw_forest(
        [comparison(candidate="a&b=c #1", mode="pointwise"), comparison(slice="블로그")], "pairwise"
    )
    assert forest.marks[0].href == (
        "#candidate=a%26b%3Dc%20%231&criterion=naturalness&mode=pointwise"
    )
    assert forest.marks[1].href.endswith("&category=%EB%B8%94%EB%A1%9C%EA%B7%B8")


def test_a_lone_surrogate_does_not_break_a_link() -> None:
    assert unquote(explorer_link(candidate="\ud800")) == "#candidate=⟦U+D800⟧"
