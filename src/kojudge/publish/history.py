"""The line over time: each candidate's difference from the baseline, run by run.

Places are laid out here, the template draws them. Horizontal places are percent of the
width, vertical ones pixels, so that letters keep their size at any width.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from kojudge.publish.entry import Entry
from kojudge.report.chosen import judge_grade, judges_of, overall_rows
from kojudge.report.figures import nice_step

__all__ = ["Column", "Level", "Panel", "Point", "Series", "histories"]

MOST_POINTS = 60
"""Three marks a point stay below 200 in a drawing."""
HEIGHT = 216
_TOP, _PLOT = 26, 160
_LEFT, _RIGHT = 13.0, 98.0
_MOST_LABELS = 6


@dataclass(frozen=True, slots=True)
class Point:
    """One run's comparison; ``y``, ``low``, ``high`` are pixels, None where not computed."""

    entry: Entry
    comparison: Mapping[str, Any]
    grade: str
    x: str
    y: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Level:
    """One line across the drawing."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Column:
    """One date under the drawing."""

    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Series:
    """One drawing. ``candidate`` is None where each run brought its own (a checkpoint each).

    ``points`` are all runs in order of time, ``drawn`` the latest of them; ``band`` is the
    top and the height of the margin's, None where the margin changed.
    """

    candidate: str | None
    points: tuple[Point, ...]
    drawn: tuple[Point, ...]
    levels: tuple[Level, ...]
    columns: tuple[Column, ...]
    zero: float
    bottom: float
    band: tuple[float, float] | None

    @property
    def steps(self) -> list[tuple[Point, Point]]:
        """The points that a line joins."""
        whole = [point for point in self.drawn if point.y is not None]
        return list(pairwise(whole))


@dataclass(frozen=True, slots=True)
class Panel:
    """What can be compared over time: one criterion, mode, baseline and judge."""

    criterion: str
    mode: str
    baseline: str
    judge: str
    series: tuple[Series, ...]


Row = tuple[Entry, Mapping[str, Any]]


def histories(entries: Sequence[Entry]) -> tuple[Panel, ...]:
    """Return the panels in which some series has two runs; ``entries`` in order of time.

    Only comparisons that carry verdicts are drawn, a panel's rather than its members'.
    """
    by: dict[tuple[object, ...], list[Row]] = {}
    for entry in entries:
        rows = [row for row in overall_rows(entry.results) if row["primary"]]
        for row in rows:
            if row["judge"] in judges_of(rows, row["criterion"], row["mode"]):
                scale = entry.results.get("scale") if row["mode"] == "pointwise" else None
                key = (
                    row["criterion"], row["mode"], entry.results["baseline"], row["judge"],
                    str(scale),
                )  # fmt: skip
                by.setdefault(key, []).append((entry, row))
    panels = [
        Panel(str(c), str(mode), str(base), str(judge), _all_series(rows))
        for (c, mode, base, judge, _), rows in by.items()
    ]
    return tuple(panel for panel in panels if panel.series)


def _all_series(rows: Sequence[Row]) -> tuple[Series, ...]:
    step, limit = _axis(rows)
    groups: dict[str | None, list[Row]] = {}
    one_each = len({entry.slug for entry, _ in rows}) == len(rows)
    checkpoints = one_each and len({row["candidate"] for _, row in rows}) > 1
    for entry, row in rows:
        groups.setdefault(None if checkpoints else row["candidate"], []).append((entry, row))
    return tuple(
        _series(candidate, own, step, limit) for candidate, own in groups.items() if len(own) > 1
    )


def _axis(rows: Sequence[Row]) -> tuple[float, float]:
    values = [
        abs(row[name])
        for _, row in rows
        for name in ("delta", "ci_low", "ci_high")
        if row[name] is not None
    ]
    reach = max([1.25 * max(abs(row["margin"]) for _, row in rows), *values]) or 1.0
    step = nice_step(reach)
    return step, step * math.ceil(reach / step - 1e-9)


def _series(candidate: str | None, rows: Sequence[Row], step: float, limit: float) -> Series:
    early = [_point(row, 0, 1, limit) for row in rows[:-MOST_POINTS]]
    late = rows[-MOST_POINTS:]
    drawn = tuple(_point(row, at, len(late), limit) for at, row in enumerate(late))
    steps = round(limit / step)
    margins = {row["margin"] for _, row in rows}
    margin = margins.pop()
    top = _height(margin, limit)
    return Series(
        candidate=candidate,
        points=(*early, *drawn),
        drawn=drawn,
        levels=tuple(
            Level(_height(at * step, limit), f"{at * step:+.10g}" if at else "0")
            for at in range(-steps, steps + 1)
        ),
        columns=_columns(drawn),
        zero=_height(0, limit),
        bottom=_TOP + _PLOT,
        band=None if margins else (top, round(2 * (_height(0, limit) - top), 2)),
    )


def _point(row: Row, at: int, of: int, limit: float) -> Point:
    entry, comparison = row
    delta, low, high = (comparison[name] for name in ("delta", "ci_low", "ci_high"))
    bounded = delta is not None and low is not None and high is not None
    x = _LEFT + (_RIGHT - _LEFT) * (at + 0.5) / of
    return Point(
        entry=entry,
        comparison=comparison,
        grade=judge_grade(entry.results, comparison),
        x=f"{x:.3f}%",
        y=None if delta is None else _height(delta, limit),
        low=_height(low, limit) if bounded else None,
        high=_height(high, limit) if bounded else None,
    )


def _height(value: float, limit: float) -> float:
    return round(_TOP + _PLOT * (1 - value / limit) / 2, 2)


def _columns(drawn: Sequence[Point]) -> tuple[Column, ...]:
    """Return the dates that fit: the last one, and evenly back from it."""
    stride = math.ceil(len(drawn) / _MOST_LABELS)
    shown = drawn[::-1][::stride][::-1]
    return tuple(Column(point.x, f"{point.entry.date:%m-%d}") for point in shown)
