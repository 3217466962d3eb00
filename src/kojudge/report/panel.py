"""The panel: who sits on it, who was left out and why, and what it says without each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kojudge.records import Mode
from kojudge.report.compare import Plan, overall
from kojudge.report.families import PANEL, Seat, families, members, panel_scores
from kojudge.report.gather import Score
from kojudge.report.kin import Kin
from kojudge.report.withhold import Place


@dataclass(frozen=True, slots=True)
class Excluded:
    """Who is kept off the panel: ``failed`` their audit there, or ``kin`` to a model compared.

    ``kin`` is empty unless the workspace excludes judges of a candidate's family. The two
    judges of a ``cascade`` are never averaged: one only helps to estimate the other.
    """

    failed: Collection[Place] = ()
    kin: Collection[Kin] = ()
    cascade: Collection[str] = ()

    def why(self, judge: str, criterion: str, mode: str, models: Collection[str]) -> str:
        """Return ``cascade``, ``failed``, ``same_family``, or nothing for a judge that may sit."""
        if judge in self.cascade:
            return "cascade"
        if (judge, criterion, mode) in self.failed:
            return "failed"
        return "same_family" if any((judge, model) in self.kin for model in models) else ""


@dataclass(frozen=True, slots=True)
class Panel:
    """The panel of one mode: its judges by criterion, and (judge, criterion) → why not."""

    mode: Mode
    seats: Mapping[str, Sequence[str]]
    left_out: Mapping[Seat, str] = field(default_factory=dict)


def seat(rows: Sequence[Score], mode: Mode, baseline: str, excluded: Excluded) -> Panel:
    """Return who sits on the panel of ``mode``, whose scores are ``rows``.

    One panel judges all candidates, so a judge kept off for one candidate's sake is kept off
    for all: a mean over other judges would not compare. Two judges are the least.
    """
    scored = [row for row in rows if row.score == row.score]
    models = {row.candidate for row in scored} | {baseline}
    found = {
        (judge, criterion): excluded.why(judge, criterion, mode, models)
        for criterion, judges in members(scored).items()
        for judge in judges
    }
    left_out = {place: why for place, why in found.items() if why}
    return Panel(mode, members(scored, left_out), left_out)


def panel_results(
    panels: Sequence[Panel],
    rows: Mapping[Mode, Sequence[Score]],
    entries: Sequence[Mapping[str, Any]],
    plans: Mapping[Mode, Plan],
    baseline: str,
    scale: tuple[float, float],
) -> dict[str, Any] | None:
    """Return the ``panel`` of results.json; None where no two judges scored one criterion.

    ``entries`` are the checked comparisons, ``plans`` those that they were tested by.
    """
    if not any(panel.seats or panel.left_out for panel in panels):
        return None
    return {
        "members": [
            {"criterion": criterion, "mode": panel.mode, "judges": list(judges)}
            for panel in panels
            for criterion, judges in panel.seats.items()
        ],
        "excluded": [
            {"judge": judge, "criterion": criterion, "mode": panel.mode, "why": why}
            for panel in panels
            for (judge, criterion), why in sorted(panel.left_out.items())
        ],
        "leave_one_out": [
            row
            for panel in panels
            for row in _without_each(
                panel, rows[panel.mode], entries, plans[panel.mode], baseline, scale
            )
        ],
    }


def _without_each(
    panel: Panel,
    rows: Sequence[Score],
    entries: Sequence[Mapping[str, Any]],
    plan: Plan,
    baseline: str,
    scale: tuple[float, float],
) -> Iterator[dict[str, Any]]:
    """Test the panel again without each of its judges; of two, the other one is left alone."""
    whole = {
        (e["judge"], e["candidate"], e["criterion"]): e
        for e in entries
        if e["mode"] == panel.mode and e["slice"] == "overall"
    }
    judges = sorted({judge for own in panel.seats.values() for judge in own})
    for judge in judges:
        rest = {c: [one for one in own if one != judge] for c, own in panel.seats.items()}
        rest = {c: own for c, own in rest.items() if len(own) < len(panel.seats[c])}
        for entry in _tested(rows, rest, panel.mode, plan, baseline, scale):
            candidate, criterion = entry["candidate"], entry["criterion"]
            full = whole.get((PANEL, candidate, criterion))
            if full is None:  # no text that all of them scored
                continue
            alone = rest[criterion][0] if len(rest[criterion]) == 1 else None
            other = whole[alone, candidate, criterion]["withheld"] if alone else False
            yield {
                "without": judge,
                "candidate": candidate,
                "criterion": criterion,
                "mode": panel.mode,
                **{key: entry[key] for key in ("delta", "ci_low", "ci_high", "verdict")},
                "changes": entry["verdict"] != full["verdict"],
                "withheld": full["withheld"] or other,
            }


def _tested(
    rows: Sequence[Score],
    rest: Mapping[str, Sequence[str]],
    mode: Mode,
    plan: Plan,
    baseline: str,
    scale: tuple[float, float],
) -> list[dict[str, Any]]:
    """Return the overall entries of the panel that ``rest`` makes, one judge alone included."""
    kept = [row for row in rows if row.judge in rest.get(row.criterion, ())]
    alone = {criterion for criterion, own in rest.items() if len(own) == 1}
    means = [row for row in kept if row.criterion in alone]
    seated = [row for row in kept if row.criterion not in alone]
    # A single judge under the panel's name is its own mean; the texts of several are averaged.
    one = [replace(row, judge=PANEL) for row in means]
    found = families([*one, *panel_scores(seated)], mode, baseline, scale)
    return [entry for family in found for entry in overall(family, plan)]
