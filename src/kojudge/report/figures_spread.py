"""Two charts of spread: score histograms back to back, and the difference against length."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.report.figures import Tick, nice_step

_LEFT, _RIGHT = 3.0, 97.0
"""The drawing's sides in percent of its width."""
_REACH = 60
"""Height of the tallest bar, pixels."""
_PLOT = 200
"""Height of the scatter's plot, pixels."""
_TOP = 8
_DOT, _LARGEST = 3.5, 11.0


@dataclass(frozen=True, slots=True)
class Column:
    """One bin: the candidate's bar from ``y``, ``height`` upwards, the baseline's downwards."""

    centre: float
    x: str
    width: str
    y: str
    height: str
    count: int
    baseline_height: str
    baseline_count: int


@dataclass(frozen=True, slots=True)
class Mirror:
    """One candidate's scores above the line, the baseline's below, each as shares of its texts."""

    criterion: str
    candidate: str
    n: int
    mean: float
    mean_x: str
    baseline_n: int
    baseline_mean: float
    baseline_mean_x: str
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    middle: int
    height: int


@dataclass(frozen=True, slots=True)
class Dot:
    """One prompt, or a cell of ``n`` prompts: ``x`` in percent of the width, the rest pixels.

    ``ratio``: the candidate's length over the baseline's.
    """

    x: str
    y: str
    radius: str
    ratio: float
    difference: float
    n: int


@dataclass(frozen=True, slots=True)
class Scatter:
    """The difference on each prompt against the difference in length.

    ``row`` is its entry in results.json; ``adjusted`` the style-controlled rows beside it.
    """

    row: Mapping[str, Any]
    adjusted: tuple[Mapping[str, Any], ...]
    dots: tuple[Dot, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    zero_x: str
    zero_y: str
    bottom: int
    height: int


def draw_mirrors(found: Mapping[str, Any], baseline: str) -> tuple[Mirror, ...]:
    """Lay out ``found`` (``distributions`` of results.json): one drawing a candidate.

    All drawings of one criterion share the height of a share.
    """
    drawn: list[Mirror] = []
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in found["scores"]:
        rows.setdefault(row["criterion"], []).append(row)
    for own in rows.values():
        below = next((row for row in own if row["candidate"] == baseline), None)
        if below is None:
            continue
        tallest = max(max(row["counts"]) / row["n"] for row in own)
        drawn += [_mirror(row, below, found["centres"], tallest) for row in own if row is not below]
    return tuple(drawn)


def _mirror(
    row: Mapping[str, Any], below: Mapping[str, Any], centres: Sequence[float], tallest: float
) -> Mirror:
    step = centres[1] - centres[0]
    first, last = centres[0] - step / 2, centres[-1] + step / 2

    def place(value: float) -> str:
        return f"{_across(value, first, last):.3f}%"

    middle = _TOP + _REACH
    width = (_RIGHT - _LEFT) / len(centres)
    columns = []
    for centre, count, under in zip(centres, row["counts"], below["counts"], strict=True):
        up, down = (
            _REACH * part / (own["n"] * tallest) for part, own in ((count, row), (under, below))
        )
        columns.append(
            Column(
                centre=centre,
                x=f"{_across(centre, first, last) - 0.46 * width:.3f}%",
                width=f"{0.92 * width:.3f}%",
                y=f"{middle - up:.2f}",
                height=f"{up:.2f}",
                count=count,
                baseline_height=f"{down:.2f}",
                baseline_count=under,
            )
        )
    return Mirror(
        criterion=row["criterion"],
        candidate=row["candidate"],
        n=row["n"],
        mean=row["mean"],
        mean_x=place(row["mean"]),
        baseline_n=below["n"],
        baseline_mean=below["mean"],
        baseline_mean_x=place(below["mean"]),
        columns=tuple(columns),
        ticks=tuple(Tick(place(centre), f"{centre:.10g}") for centre in centres),
        middle=middle,
        height=middle + _REACH + 26,
    )


def draw_scatters(
    found: Mapping[str, Any], controlled: Sequence[Mapping[str, Any]]
) -> tuple[Scatter, ...]:
    """Lay out the ``lengths`` of ``found`` with the ``style_control`` rows that go with each.

    Those are win rates, so they stand beside pairs only.
    """
    return tuple(_scatter(row, _beside(row, controlled)) for row in found["lengths"])


def _beside(
    row: Mapping[str, Any], controlled: Sequence[Mapping[str, Any]]
) -> tuple[Mapping[str, Any], ...]:
    if row["mode"] != "pairwise":
        return ()
    own = [c for c in controlled if all(c[key] == row[key] for key in ("criterion", "candidate"))]
    return tuple([c for c in own if c["judge"] == row["judge"]] or own)


def _scatter(row: Mapping[str, Any], adjusted: tuple[Mapping[str, Any], ...]) -> Scatter:
    marks = row["marks"]
    x_step, x_low, x_high = _doublings([mark[0] for mark in marks])
    reach = max([abs(mark[1]) for mark in marks] + [0.05])
    y_step = nice_step(reach)
    limit = y_step * math.ceil(reach / y_step - 1e-9)
    most = max(mark[2] for mark in marks)

    def across(value: float) -> str:
        return f"{_across(value, x_low, x_high):.3f}%"

    def down(value: float) -> str:
        return f"{_TOP + _PLOT * (limit - value) / (2 * limit):.2f}"

    return Scatter(
        row=row,
        adjusted=adjusted,
        dots=tuple(
            Dot(across(x), down(y), f"{_radius(n, most, binned=row['binned']):.2f}", 2.0**x, y, n)
            for x, y, n in marks
        ),
        x_ticks=tuple(
            Tick(across(value), _times(value)) for value in _steps(x_low, x_high, x_step)
        ),
        y_ticks=tuple(
            Tick(down(value), f"{value:+.10g}" if value else "0")
            for value in _steps(-limit, limit, y_step)
        ),
        zero_x=across(0.0),
        zero_y=down(0.0),
        bottom=_TOP + _PLOT,
        height=_TOP + _PLOT + 44,
    )


def _doublings(values: Sequence[float]) -> tuple[float, float, float]:
    """Return a whole step and the ends of an axis in log2 that holds ``values`` and 0."""
    low, high = min([-1.0, *values]), max([1.0, *values])
    step = float(math.ceil((high - low) / 6))
    return step, step * math.floor(low / step), step * math.ceil(high / step)


def _times(doublings: float) -> str:
    """Write 2ᵏ as a multiple: ``×1/4``, ``×1``, ``×4``."""
    return f"×1/{2**-doublings:.10g}" if doublings < 0 else f"×{2**doublings:.10g}"


def _steps(low: float, high: float, step: float) -> list[float]:
    count = round((high - low) / step)
    return [round(low + at * step, 12) for at in range(count + 1)]


def _radius(n: int, most: int, *, binned: bool) -> float:
    """Give a cell an area in proportion to its prompts; a single prompt has one size."""
    return max(1.5, _LARGEST * math.sqrt(n / most)) if binned else _DOT


def _across(value: float, low: float, high: float) -> float:
    span = high - low
    return _LEFT + (_RIGHT - _LEFT) * (value - low) / span if span else 50.0
