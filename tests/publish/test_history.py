"""The lines over time: what is joined, and where every mark stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kojudge.publish.entry import Entry
from kojudge.publish.history import MOST_POINTS, Panel, histories

from .runs import CRITERIA, comparison, results

Row = dict[str, Any]


def entries(*runs: Sequence[Row], **given: Any) -> list[Entry]:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    return [
        Entry(f"r{n:03}", f"run {n}", start + timedelta(days=n), CRITERIA, results(*rows, **given))
        for n, rows in enumerate(runs)
    ]


def titles(panels: Sequence[Panel]) -> list[tuple[str, str | None]]:
    return [(panel.criterion, series.candidate) for panel in panels for series in panel.series]


def test_one_run_makes_no_line() -> None:
    assert histories(entries([comparison()])) == ()
    assert histories([]) == ()


def test_a_candidate_is_joined_with_itself() -> None:
    run = [comparison("a"), comparison("b"), comparison("a", criterion="friendliness")]
    assert titles(histories(entries(run, run))) == [
        ("naturalness", "a"), ("naturalness", "b"), ("friendliness", "a"),
    ]  # fmt: skip


def test_runs_with_one_candidate_each_are_checkpoints_of_one_model() -> None:
    (panel,) = histories(entries([comparison("step-1")], [comparison("step-2")]))
    (series,) = panel.series
    assert series.candidate is None
    assert [p.comparison["candidate"] for p in series.points] == ["step-1", "step-2"]


def test_two_candidates_in_one_run_are_no_checkpoints() -> None:
    runs = entries([comparison("a"), comparison("b")], [comparison("a")])
    assert titles(histories(runs)) == [("naturalness", "a")]


@pytest.mark.parametrize("other", [{"judge": "judge-b"}, {"mode": "pointwise"}])
def test_another_judge_or_mode_is_another_panel(other: Row) -> None:
    same, different = [comparison()], [comparison(**other)]
    panels = histories(entries(same, same, different, different))
    assert [len(panel.series[0].points) for panel in panels] == [2, 2]


def test_another_baseline_is_never_joined() -> None:
    runs = [*entries([comparison()]), *entries([comparison()], baseline="other")]
    assert histories(runs) == ()


def test_what_carries_no_verdict_is_not_drawn() -> None:
    run = [comparison(primary=False), comparison(slice="blog")]
    assert histories(entries(run, run)) == ()


def test_a_panel_of_judges_stands_for_its_members() -> None:
    run = [comparison(), comparison(judge="judge-b"), comparison(judge="panel")]
    assert [panel.judge for panel in histories(entries(run, run))] == ["panel"]


def test_places_follow_the_values() -> None:
    runs = [[comparison(delta=d, ci_low=d - 0.05, ci_high=d + 0.05)] for d in (-0.2, 0.0, 0.2)]
    (series,) = histories(entries(*runs))[0].series
    low, zero, high = series.drawn
    assert low.y is not None
    assert high.y is not None
    assert zero.y == series.zero
    assert low.y - series.zero == pytest.approx(series.zero - high.y)
    marks = {level.label: level.y for level in series.levels}
    assert (marks["-0.2"], marks["+0.2"]) == (low.y, high.y)
    assert zero.low is not None
    assert zero.high is not None
    assert zero.low - zero.high == pytest.approx((marks["0"] - marks["+0.2"]) / 2, abs=0.02)
    assert series.band == (marks["+0.1"], pytest.approx(marks["-0.1"] - marks["+0.1"]))
    assert [float(p.x[:-1]) for p in series.drawn] == sorted(float(p.x[:-1]) for p in series.drawn)


def test_a_margin_that_changed_is_no_band() -> None:
    (series,) = histories(entries([comparison()], [comparison(margin=0.2)]))[0].series
    assert series.band is None


def test_a_run_without_a_number_breaks_no_line() -> None:
    gap = comparison(delta=None, ci_low=None, ci_high=None, verdict="refused")
    (series,) = histories(entries([comparison()], [gap], [comparison()]))[0].series
    assert [point.y is None for point in series.drawn] == [False, True, False]
    assert len(series.steps) == 1


def test_many_runs_keep_the_drawing_small_and_the_table_whole() -> None:
    runs = [[comparison()]] * (MOST_POINTS + 40)
    (series,) = histories(entries(*runs))[0].series
    assert (len(series.points), len(series.drawn)) == (MOST_POINTS + 40, MOST_POINTS)
    assert series.drawn[-1].entry.slug == f"r{MOST_POINTS + 39:03}"
    assert len(series.columns) <= 6
    assert series.columns[-1].x == series.drawn[-1].x
