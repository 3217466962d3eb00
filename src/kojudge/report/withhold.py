"""Withhold verdicts that the judge of this run cannot support.

A blunt judge makes everything similar, so "similar" and "not worse" need a control that the
judge tells apart (assay sensitivity). A judge that changes its mind with the order of the
texts cannot carry pairwise verdicts. The numbers stay visible; the reason stands beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from kojudge.report.families import PANEL
from kojudge.report.gather import Pair

MIN_CONSISTENCY = 0.70
"""Share of pairs that must name the same winner in both orders."""


def withhold(
    entries: Sequence[dict[str, Any]], found: Sequence[Pair], judges: Collection[str]
) -> list[dict[str, Any]]:
    """Return ``entries`` with the verdicts of ``judges`` withheld where nothing supports them.

    Judgments made elsewhere are not ours to withhold: they are marked as unaudited.
    """
    unsteady = _unsteady(found)
    ours = {*judges}
    if ours & {entry["judge"] for entry in entries}:
        ours.add(PANEL)
        unsteady |= {(PANEL, criterion) for judge, criterion in unsteady if judge in ours}
    return [
        _checked(entry, (entry["judge"], entry["criterion"]) in unsteady)
        if entry["judge"] in ours
        else entry
        for entry in entries
    ]


def _unsteady(found: Sequence[Pair]) -> set[tuple[str, str]]:
    """Return each judge and criterion whose winners depend on the order too often."""
    pairs = Counter((p.judge, p.criterion) for p in found)
    flips = Counter((p.judge, p.criterion) for p in found if p.flipped)
    return {key for key, n in pairs.items() if 1 - flips[key] / n < MIN_CONSISTENCY}


def _checked(entry: dict[str, Any], unsteady: bool) -> dict[str, Any]:
    reasons = []
    if entry["verdict"] in ("similar", "not worse"):
        reasons.append("no_assay_control")
    if unsteady and entry["mode"] == "pairwise" and entry["verdict"] != "refused":
        reasons.append("position_inconsistent")
    if not reasons:
        return entry
    return entry | {"withheld": True, "reasons": [*entry["reasons"], *reasons]}
