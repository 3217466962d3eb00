"""The forest plot: where every mark stands, in percent of the width.

Horizontal places are percentages and heights are pixels, so the drawing fits any width
without scaling its letters. The template turns the marks into SVG. A drawing holds fewer
than 200 marks: many models stand in several drawings on one axis.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, TypeVar
from urllib.parse import quote

from kojudge.report.numbers import MISSING, interval, signed
from kojudge.visible import visible

ROW = 48
"""Height of one comparison, pixels: a line of letters above the interval."""
LINE = 15
"""What another line of letters adds to a row."""
_TOP = 6
_AXIS = 46
_HALF = 46.0
"""The axis ends this far (percent of the width) from the zero line, on either side."""
_WIDEST_NAME = 34
_MOST_ROWS = 14
"""With names of two lines a drawing still fits a printed page, which would cut through it."""
FEW_PROMPTS = 20
"""Below this a dot is drawn hollow."""
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Mark:
    """One comparison. ``x``, ``low``, ``high`` are percent of the width, None without a number.

    ``lines`` are the label as it is drawn, :data:`LINE` pixels apart from ``text_y`` on.

    ``few``: too few prompts to fill the dot. ``href`` asks the explorer for what is behind it.
    """

    candidate: str
    label: str
    lines: tuple[str, ...]
    delta: str
    interval: str
    text_y: int
    y: int
    x: str | None
    low: str | None
    high: str | None
    verdict: str
    withheld: bool
    few: bool
    href: str
    comparison: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tick:
    """One number on the axis."""

    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Forest:
    """One drawing: differences on one criterion in one mode; ``part`` of ``parts`` on one axis."""

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
    part: int
    parts: int


def draw_forest(
    comparisons: Sequence[Mapping[str, Any]],
    primary_mode: str,
    label: Callable[[Mapping[str, Any]], str] = lambda found: found["candidate"],
) -> tuple[Forest, ...]:
    """Lay out ``comparisons``: one criterion, one mode, one margin, in the order given."""
    margin = comparisons[0]["margin"]
    reach = max([1.25 * margin, *(abs(value) for c in comparisons for value in _values(c))])
    step = nice_step(reach)
    limit = step * math.ceil(reach / step - 1e-9)
    parts = split_evenly(comparisons, _MOST_ROWS)
    return tuple(
        _forest(rows, label, (step, limit), primary_mode, (at, len(parts)))
        for at, rows in enumerate(parts, start=1)
    )


def _forest(
    rows: Sequence[Mapping[str, Any]],
    label: Callable[[Mapping[str, Any]], str],
    axis: tuple[float, float],
    primary_mode: str,
    place: tuple[int, int],
) -> Forest:
    first, (step, limit) = rows[0], axis
    margin, steps = first["margin"], round(limit / step)
    labels = [label(row) for row in rows]
    tops = row_tops(labels, _WIDEST_NAME, ROW)
    axis_y = tops[-1] + 4
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
        marks=tuple(_mark(*row, limit) for row in zip(rows, labels, tops, strict=False)),
        part=place[0],
        parts=place[1],
    )


def split_evenly(rows: Sequence[Row], most: int) -> list[Sequence[Row]]:
    """Part ``rows`` in order into as few parts of at most ``most`` as there must be, alike in size."""
    parts = max(1, math.ceil(len(rows) / most))
    ends = [round(len(rows) * at / parts) for at in range(parts + 1)]
    return [rows[start:end] for start, end in pairwise(ends)]


def explorer_link(**asked: str) -> str:
    """Return the address of just these texts in the explorer: ``#outcome=loss&candidate=…``.

    The explorer knows names as they are shown, hidden characters in boxes.
    """
    return "#" + "&".join(f"{key}={quote(visible(value), '')}" for key, value in asked.items())


def nice_step(reach: float) -> float:
    """Return the smallest of 1, 2, 5 × 10ⁿ that covers ``reach`` (> 0) in at most three steps."""
    power = 10.0 ** math.floor(math.log10(reach / 3))
    return next(
        round(factor * power, 12)
        for factor in (1, 2, 5, 10)
        if 3 * factor * power >= reach * (1 - 1e-9)
    )


def _mark(comparison: Mapping[str, Any], label: str, top: int, limit: float) -> Mark:
    candidate = comparison["candidate"]
    delta, low, high = (comparison[key] for key in ("delta", "ci_low", "ci_high"))
    bounded = delta is not None and low is not None and high is not None
    lines = wrapped(label, _WIDEST_NAME)
    return Mark(
        candidate=candidate,
        label=label,
        lines=lines,
        delta=signed(delta),
        interval=interval(low, high) if bounded else MISSING,
        text_y=top + 17,
        y=top + 33 + LINE * (len(lines) - 1),
        x=None if delta is None else _place(delta, limit),
        low=_place(low, limit) if bounded else None,
        high=_place(high, limit) if bounded else None,
        verdict=comparison["verdict"],
        withheld=comparison["withheld"],
        few=comparison["n_prompts"] < FEW_PROMPTS,
        href=_link(comparison),
        comparison=comparison,
    )


def _link(comparison: Mapping[str, Any]) -> str:
    asked = {key: comparison[key] for key in ("candidate", "criterion", "mode")}
    category = comparison["slice"]
    return explorer_link(**asked, **({} if category == "overall" else {"category": category}))


def row_tops(labels: Sequence[str], widest: int, height: int) -> list[int]:
    """Return where each label's row begins, and where the last one ends, in pixels.

    A row is ``height`` tall, and more where its label takes more lines than one.
    """
    heights = [height + LINE * (len(wrapped(label, widest)) - 1) for label in labels]
    return list(accumulate(heights, initial=_TOP))


def wrapped(name: str, widest: int) -> tuple[str, ...]:
    """Part ``name`` into lines at most ``widest`` letters wide; a Hangul syllable counts as two.

    A line ends after the last blank, hyphen, slash or underscore that fits, or where it is full.
    Nothing is left out but the blanks at the ends of lines.
    """
    lines, line, end = [], "", 0
    for letter in name:
        if _width(line + letter) > widest:
            cut = end or len(line)
            lines.append(line[:cut].rstrip())
            line, end = line[cut:], 0
        line += letter
        end = len(line) if letter in " -/_" else end
    return (*lines, line)


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def _values(comparison: Mapping[str, Any]) -> list[float]:
    found = (comparison[key] for key in ("delta", "ci_low", "ci_high"))
    return [value for value in found if value is not None]


def _place(value: float, limit: float) -> str:
    return f"{50 + _HALF * value / limit:.3f}%"
