"""Wins, ties and losses as bars of 100 %, the middle of the ties on the middle of the axis.

So a bar leans to the side that won more often, and ties push neither way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.report.figures import LINE, explorer_link, row_tops, split_evenly, wrapped

ROW = 44
"""Height of one model, pixels: a line of letters above the bar."""
BAR = 14
_AXIS = 46
_HALF = 48.0
"""100 % of the pairs take this much of the width: a bar of losses only ends near the edge."""
_WIDEST_NAME = 30
_MOST_ROWS = 14
"""As many as stand in a drawing of differences, so that the two can be read side by side."""
OUTCOMES = ("loss", "tie", "win")
"""From left to right."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One outcome's stretch of a bar: ``x`` and ``width`` in percent of the drawing's width."""

    outcome: str
    count: int
    share: float
    x: str
    width: str
    href: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One model's pairs with the baseline on one criterion; ``tally`` is its counts.

    ``lines`` are its name as it is drawn.
    """

    candidate: str
    lines: tuple[str, ...]
    text_y: int
    y: int
    segments: tuple[Segment, ...]
    tally: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One drawing: the models' bars on one criterion; ``part`` of ``parts``."""

    criterion: str
    height: int
    axis_y: int
    bars: tuple[Bar, ...]
    part: int
    parts: int


def draw_outcomes(
    criterion: str, tallies: Sequence[tuple[str, Mapping[str, Any]]]
) -> tuple[Outcomes, ...]:
    """Lay out the (model, tally) pairs of one criterion in the order given.

    A tally holds the counts ``wins``, ``ties``, ``losses`` and their sum ``n`` (> 0).
    """
    parts = split_evenly(tallies, _MOST_ROWS)
    return tuple(
        _outcomes(criterion, rows, (part, len(parts))) for part, rows in enumerate(parts, start=1)
    )


def _outcomes(
    criterion: str, rows: Sequence[tuple[str, Mapping[str, Any]]], place: tuple[int, int]
) -> Outcomes:
    tops = row_tops([candidate for candidate, _ in rows], _WIDEST_NAME, ROW)
    axis_y = tops[-1] + 4
    return Outcomes(
        criterion=criterion,
        height=axis_y + _AXIS,
        axis_y=axis_y,
        bars=tuple(_bar(criterion, *row, top) for row, top in zip(rows, tops, strict=False)),
        part=place[0],
        parts=place[1],
    )


def _bar(criterion: str, candidate: str, tally: Mapping[str, Any], top: int) -> Bar:
    counts = dict(zip(OUTCOMES, (tally["losses"], tally["ties"], tally["wins"]), strict=True))
    shares = {outcome: count / tally["n"] for outcome, count in counts.items()}
    at = -shares["tie"] / 2 - shares["loss"]
    segments = []
    for outcome, count in counts.items():
        if count:
            segments.append(
                Segment(
                    outcome,
                    count,
                    shares[outcome],
                    f"{50 + _HALF * at:.3f}%",
                    f"{_HALF * shares[outcome]:.3f}%",
                    explorer_link(outcome=outcome, candidate=candidate, criterion=criterion),
                )
            )
        at += shares[outcome]
    lines = wrapped(candidate, _WIDEST_NAME)
    return Bar(
        candidate=candidate,
        lines=lines,
        text_y=top + 15,
        y=top + 22 + LINE * (len(lines) - 1),
        segments=tuple(segments),
        tally=tally,
    )
