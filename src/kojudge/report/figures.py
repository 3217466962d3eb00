"""The forest plot: where every mark stands, in percent of the width.

Horizontal places are percentages and heights are pixels, so the drawing fits any width
without scaling its letters. The template turns the marks into SVG.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.report.numbers import MISSING, interval, signed

ROW = 48
"""Height of one comparison, pixels: a line of letters above the interval."""
_TOP = 6
_AXIS = 46
_HALF = 46.0
"""The axis ends this far (percent of the width) from the zero line, on either side."""
_LONGEST_NAME = 34


@dataclass(frozen=True, slots=True)
class Mark:
    """One comparison. ``x``, ``low``, ``high`` are percent of the width, None without a number."""

    candidate: str
    label: str
    delta: str
    interval: str
    text_y: int
    y: int
    x: str | None
    low: str | None
    high: str | None
    verdict: str
    withheld: bool
    comparison: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tick:
    """One number on the axis."""

    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Forest:
    """One panel: the candidates' differences on one criterion in one mode."""

    criterion: str
    mode: str
    primary: bool
    height: int
    axis_y: int
    band_x: str
    band_width: str
    margin: float
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]


def draw_forest(comparisons: Sequence[Mapping[str, Any]], primary_mode: str) -> Forest:
    """Lay out ``comparisons``: one criterion, one mode, one margin, in the order given."""
    first = comparisons[0]
    margin = first["margin"]
    reach = max([1.25 * margin, *(abs(value) for c in comparisons for value in _values(c))])
    step = nice_step(reach)
    limit = step * math.ceil(reach / step - 1e-9)
    steps = round(limit / step)
    axis_y = _TOP + ROW * len(comparisons) + 4
    return Forest(
        criterion=first["criterion"],
        mode=first["mode"],
        primary=first["mode"] == primary_mode,
        height=axis_y + _AXIS,
        axis_y=axis_y,
        band_x=_place(-margin, limit),
        band_width=f"{2 * _HALF * margin / limit:.3f}%",
        margin=margin,
        ticks=tuple(
            Tick(_place(i * step, limit), f"{i * step:+.10g}" if i else "0")
            for i in range(-steps, steps + 1)
        ),
        marks=tuple(_mark(c, row, limit) for row, c in enumerate(comparisons)),
    )


def nice_step(reach: float) -> float:
    """Return the smallest of 1, 2, 5 × 10ⁿ that covers ``reach`` (> 0) in at most three steps."""
    power = 10.0 ** math.floor(math.log10(reach / 3))
    return next(
        round(factor * power, 12)
        for factor in (1, 2, 5, 10)
        if 3 * factor * power >= reach * (1 - 1e-9)
    )


def _mark(comparison: Mapping[str, Any], row: int, limit: float) -> Mark:
    top = _TOP + ROW * row
    candidate = comparison["candidate"]
    delta, low, high = (comparison[key] for key in ("delta", "ci_low", "ci_high"))
    bounded = delta is not None and low is not None and high is not None
    return Mark(
        candidate=candidate,
        label=shorten(candidate, _LONGEST_NAME),
        delta=signed(delta),
        interval=interval(low, high) if bounded else MISSING,
        text_y=top + 17,
        y=top + 33,
        x=None if delta is None else _place(delta, limit),
        low=_place(low, limit) if bounded else None,
        high=_place(high, limit) if bounded else None,
        verdict=comparison["verdict"],
        withheld=comparison["withheld"],
        comparison=comparison,
    )


def shorten(name: str, longest: int) -> str:
    """Cut ``name`` to ``longest`` characters, the last an ellipsis where something was cut."""
    return name if len(name) <= longest else name[: longest - 1] + "…"


def _values(comparison: Mapping[str, Any]) -> list[float]:
    found = (comparison[key] for key in ("delta", "ci_low", "ci_high"))
    return [value for value in found if value is not None]


def _place(value: float, limit: float) -> str:
    return f"{50 + _HALF * value / limit:.3f}%"
