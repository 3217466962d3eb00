"""Which comparison stands for a candidate and a criterion, and how far its judge is checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kojudge.report.families import PANEL
from kojudge.report.judges import UNAUDITED, grade_of, worst

Comparison = Mapping[str, Any]


def overall_rows(results: Mapping[str, Any]) -> list[Comparison]:
    """Return the comparisons over all categories, those that carry verdicts first."""
    rows = [row for row in results["comparisons"] if row["slice"] == "overall"]
    return sorted(rows, key=lambda row: not row["primary"])


def judges_of(rows: Iterable[Comparison], criterion: str, mode: str) -> list[str]:
    """Return who judged ``criterion`` in ``mode``; a panel stands for its members.

    In a cascade the judge of a part stands for both: the verdicts are its own.
    """
    own = [row for row in rows if (row["criterion"], row["mode"]) == (criterion, mode)]
    found = dict.fromkeys(row["judge"] for row in own)
    cascaded = dict.fromkeys(row["judge"] for row in own if "cascade" in row["reasons"])
    return [PANEL] if PANEL in found else list(cascaded or found)


def judge_grade(results: Mapping[str, Any], row: Comparison) -> str:
    """Return the certificate's grade where ``row`` was judged; a panel is its worst member.

    One of certified, provisional, unaudited, failed.
    """
    criterion, mode = row["criterion"], row["mode"]
    if row["judge"] != PANEL:
        return grade_of(results["judges"], (row["judge"], criterion, mode))
    members = [
        judge
        for seats in (results.get("panel") or {}).get("members", ())
        if (seats["criterion"], seats["mode"]) == (criterion, mode)
        for judge in seats["judges"]
    ]
    found = [grade_of(results["judges"], (judge, criterion, mode)) for judge in members]
    return worst(found) if found else UNAUDITED
