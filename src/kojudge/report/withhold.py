"""Withhold verdicts that the judge of this run cannot support.

A judge that failed its audit on a criterion carries no verdict on it. A blunt judge makes
everything similar, so "similar" and "not worse" need a control that the judge tells apart
(assay sensitivity). A judge that changes its mind with the order of the texts cannot carry
pairwise verdicts, nor a head any on texts unlike those it learned from. The numbers stay visible; the reason stands beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from kojudge.report.domain import Stray
from kojudge.report.families import PANEL
from kojudge.report.gather import Pair, Score
from kojudge.stats import Verdict

MIN_CONSISTENCY = 0.70
"""Share of pairs that must name the same winner in both orders."""


Place = tuple[str, str, str]
"""A judge, a criterion and a mode."""


def withhold(
    entries: Sequence[dict[str, Any]],
    found: Sequence[Pair],
    judges: Collection[str],
    controls: Mapping[Place, Verdict] | None = None,
    ceilings: Collection[tuple[str, str]] = (),
    failed: Collection[Place] = (),
    members: Mapping[tuple[str, str], Collection[str]] | None = None,
    strays: Collection[Stray] = (),
) -> list[dict[str, Any]]:
    """Return ``entries`` with the verdicts of ``judges`` withheld where nothing supports them.

    ``failed`` names where a judge's certificate says that it cannot judge. ``controls`` are the verdicts on the baseline's own texts made worse: where one is not
    "worse" the judge is blunt, where there is none nobody knows. ``ceilings`` name the judges
    and criteria whose scores sit at an end of the scale. ``members`` are the panel's judges by
    criterion and mode (None: all of them). ``strays`` are the comparisons that rest on texts
    unlike those their judge learned from. Judgments made elsewhere are not ours to withhold:
    they are marked as unaudited.
    """
    unsteady = _unsteady(found)
    ours = _ours(entries, judges)
    if PANEL in ours:
        unsteady |= {
            (PANEL, criterion)
            for judge, criterion in unsteady
            if judge in ours
            and (members is None or judge in members.get((criterion, "pairwise"), ()))
        }
    checked = []
    for entry in entries:
        reasons = []
        if entry["judge"] in ours:
            reasons = _doubts(entry, unsteady, controls or {}, ceilings)
            if (entry["judge"], entry["criterion"], entry["mode"]) in failed:
                reasons.insert(0, "judge_failed")
            if entry["verdict"] != "refused" and _stray(entry, strays, members):
                reasons.append("out_of_domain")
        listed = list(dict.fromkeys([*entry["reasons"], *reasons]))
        checked.append(entry | ({"withheld": True, "reasons": listed} if reasons else {}))
    return checked


def _stray(
    entry: Mapping[str, Any],
    strays: Collection[Stray],
    members: Mapping[tuple[str, str], Collection[str]] | None,
) -> bool:
    """Tell whether a comparison is a stray: for a panel, whether it is one member's."""
    for judge, criterion, mode, candidate, part in strays:
        sits = members is None or judge in members.get((criterion, mode), ())
        ours = entry["judge"] == judge or (entry["judge"] == PANEL and sits)
        here = (entry["criterion"], entry["mode"]) == (criterion, mode)
        if ours and here and (entry["candidate"], entry["slice"]) == (candidate, part):
            return True
    return False


def unproven(
    entries: Sequence[Mapping[str, Any]],
    judges: Collection[str],
    controls: Mapping[Place, Verdict] | None = None,
) -> set[Place]:
    """Return where one of our ``judges`` has no control that it saw as worse."""
    ours, controls = _ours(entries, judges), controls or {}
    places = {(entry["judge"], entry["criterion"], entry["mode"]) for entry in entries}
    return {place for place in places if place[0] in ours and controls.get(place) != "worse"}


def _ours(entries: Sequence[Mapping[str, Any]], judges: Collection[str]) -> set[str]:
    """Return the judges whose verdicts are ours to withhold: a panel with one of them, too."""
    ours = {*judges}
    return ours | {PANEL} if ours & {entry["judge"] for entry in entries} else ours


def at_the_ceiling(rows: Sequence[Score], scale: tuple[float, float]) -> set[tuple[str, str]]:
    """Return each judge and criterion with more than half of its scores at one end of the scale.

    At the end means within a sixteenth of the scale, the default margin.
    """
    low, high = scale
    near = (high - low) / 16
    ends: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row.score == row.score and not row.flagged:
            count = ends.setdefault((row.judge, row.criterion), [0, 0, 0])
            count[0] += 1
            count[1] += row.score >= high - near
            count[2] += row.score <= low + near
    return {key for key, (n, top, bottom) in ends.items() if max(top, bottom) > n / 2}


def _unsteady(found: Sequence[Pair]) -> set[tuple[str, str]]:
    """Return each judge and criterion whose winners depend on the order too often."""
    found = [pair for pair in found if not pair.flagged]  # what the judge did read
    pairs = Counter((p.judge, p.criterion) for p in found)
    flips = Counter((p.judge, p.criterion) for p in found if p.flipped)
    return {key for key, n in pairs.items() if 1 - flips[key] / n < MIN_CONSISTENCY}


def _doubts(
    entry: Mapping[str, Any],
    unsteady: Collection[tuple[str, str]],
    controls: Mapping[Place, Verdict],
    ceilings: Collection[tuple[str, str]],
) -> list[str]:
    judge, criterion, mode = entry["judge"], entry["criterion"], entry["mode"]
    reasons = []
    if entry["verdict"] in ("similar", "not worse"):
        control = controls.get((judge, criterion, mode))
        if control is None:
            reasons.append("no_assay_control")
        elif control != "worse":
            reasons.append("assay_failed")
        if mode == "pointwise" and (judge, criterion) in ceilings:
            reasons.append("ceiling")
    if (judge, criterion) in unsteady and mode == "pairwise" and entry["verdict"] != "refused":
        reasons.append("position_inconsistent")
    return reasons
