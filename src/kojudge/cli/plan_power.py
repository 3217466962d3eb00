"""Put together how many prompts a plan needs: its design, a spread, a pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kojudge.cli.planning import (
    Design,
    Pace,
    PowerRow,
    Spread,
    assumed_spreads,
    design_of,
    pace_of,
    pilot_spreads,
    power_rows,
)
from kojudge.cli.session import Session
from kojudge.cli.timing import Forecast, stage
from kojudge.errors import ConfigError, said
from kojudge.selection import Asked
from kojudge.store.run import Run

__all__ = ["Power", "Spreads", "find_spreads", "power_of"]


@dataclass(frozen=True, slots=True)
class Spreads:
    """What is planned and how much it varies; ``pilot`` None: assumed, not measured."""

    design: Design
    spreads: Sequence[Spread]
    pilot: str | None


@dataclass(frozen=True, slots=True)
class Power:
    """The answer to "how many prompts", and what it was measured in."""

    design: Design
    rows: Sequence[PowerRow]
    pace: Pace
    pilot: str | None

    def content(self) -> dict[str, Any]:
        """Return what ``--json`` prints under ``power``."""
        known = [row.required for row in self.rows if row.required is not None]
        return {
            "source": "assumed" if self.pilot is None else "pilot",
            "pilot": self.pilot,
            **asdict(self.design),
            "seconds_per_text": self.pace.text,
            "seconds_per_judgment": self.pace.judgment,
            "detectable": max(row.detectable for row in self.rows),
            "required": max(known) if len(known) == len(self.rows) else None,
            "rows": [{**asdict(row.spread), **_flat(row)} for row in self.rows],
        }


def _flat(row: PowerRow) -> dict[str, Any]:
    return {key: value for key, value in asdict(row).items() if key != "spread"}


def find_spreads(
    session: Session,
    asked: Asked,
    work: Mapping[str, Any],
    run: Run | None,
    difference: float | None,
    power: float,
    *,
    must_have_scores: bool,
) -> Spreads | None:
    """Return the design with the spread of ``run`` or an assumed one; None without a design.

    Raises:
        ConfigError: the flags make no sense, or ``must_have_scores`` and the run has none.
    """
    design = design_of(asked, work, difference, power)
    if design is None:
        return None
    if run is None:
        return Spreads(design, assumed_spreads(asked, design.mode), None)
    its, _ = session.ask(run, {}, {})
    try:
        return Spreads(design, pilot_spreads(run, its, design.mode), run.path)
    except ConfigError as error:
        if must_have_scores:
            raise
        session.say(said(f"{error.message.ko} 분산은 가정합니다.",
                         f"{error.message.en} The variances are assumed."))  # fmt: skip
        return Spreads(design, assumed_spreads(asked, design.mode), None)


def power_of(found: Spreads, run: Run | None, forecasts: Sequence[Forecast]) -> Power:
    """Return what the design finds and costs, at the pilot's pace, else the calibrated one."""
    piloted = pace_of(run) if run else Pace()
    calibrated = _calibrated(forecasts)
    pace = calibrated if calibrated.known and not piloted.known else piloted
    rows = power_rows(found.design, found.spreads, pace)
    return Power(found.design, rows, pace, found.pilot)


def _calibrated(forecasts: Sequence[Forecast]) -> Pace:
    """Return the mean seconds of a text and a judgment over the whole plan."""
    means = []
    for role in ("candidate", "judge"):
        seconds = stage(forecasts, role)["seconds"]
        items = sum(row.items for row in forecasts if row.role == role)
        means.append(seconds / items if seconds is not None and items else None)
    return Pace(means[0], means[1], calibrated=True)
