"""Judgments of texts unlike those that their judge, a head, learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.store.run import Run

MAX_OUTSIDE = 0.10
"""Share of a comparison's judgments that may be out of the judge's domain."""

Stray = tuple[str, str, str, str, str]
"""A judge, a criterion, a mode, a candidate and a slice: one comparison."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Of ``total`` scored judgments of one kind, those ``outside`` the judge's domain.

    Of a pair it counts as outside where either text is.
    """

    judge: str
    criterion: str
    mode: str
    candidate: str
    category: str
    outside: int
    total: int


def outside_counts(run: Run, wanted: Sequence[str]) -> list[Outside]:
    """Count by candidate and category, for the judges that found any text out of their domain."""
    table = run.query(
        """SELECT judge, criterion, mode, candidate, category,
                  count(*) FILTER (WHERE json_extract_string(extra, '$.remark') = 'out_of_domain')
                      AS outside,
                  count(*) AS total
           FROM judgments
           WHERE status = 'scored' AND origin = 'judged' AND method <> 'flagged'
                 AND judgment_id IN (SELECT unnest(?::VARCHAR[]))
           GROUP BY ALL ORDER BY ALL""",
        [list(wanted)],
    )
    found = [Outside(**row) for row in table.to_pylist()]
    judges = {one.judge for one in found if one.outside}
    return [one for one in found if one.judge in judges]


def strays(found: Sequence[Outside], baseline: str) -> set[Stray]:
    """Return the comparisons that rest on more than a tenth of judgments out of the domain.

    Of the candidate's or, where texts are scored alone, of the baseline's; overall and by
    category.
    """
    sums: dict[Stray, tuple[int, int]] = {}
    for one in found:
        for part in ("overall", one.category):
            key = (one.judge, one.criterion, one.mode, one.candidate, part)
            outside, total = sums.get(key, (0, 0))
            sums[key] = outside + one.outside, total + one.total
    far = {key for key, (outside, total) in sums.items() if outside > MAX_OUTSIDE * total}
    return {
        key
        for key in sums
        if key in far or (key[2] == "pointwise" and (*key[:3], baseline, key[4]) in far)
    }


def outside_rows(found: Sequence[Outside]) -> list[dict[str, Any]]:
    """Return the ``out_of_domain`` of results.json: a row a judge, criterion, mode, candidate."""
    sums: dict[tuple[str, str, str, str], list[int]] = {}
    for one in found:
        own = sums.setdefault((one.candidate, one.criterion, one.mode, one.judge), [0, 0])
        own[0] += one.outside
        own[1] += one.total
    names = ("candidate", "criterion", "mode", "judge")
    return [
        dict(zip(names, key, strict=True)) | {"outside": outside, "total": total}
        for key, (outside, total) in sorted(sums.items())
        if outside
    ]
