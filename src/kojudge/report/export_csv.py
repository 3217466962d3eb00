"""The comparisons as CSV: one row each, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

from kojudge.report.chosen import judge_grade
from kojudge.visible import visible

__all__ = ["COLUMNS", "comparisons_csv", "harmless"]

COLUMNS = (
    "candidate", "baseline", "criterion", "mode", "judge", "judge_grade", "slice", "primary",
    "n_prompts", "n_samples", "delta", "se", "ci_low", "ci_high", "ci_kind", "p_value",
    "p_adjusted", "effect_size", "margin", "verdict", "similar_or_better", "withheld", "reasons",
)  # fmt: skip
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
"""What a spreadsheet may take for the start of a formula, the full-width forms too."""


def comparisons_csv(results: Mapping[str, Any]) -> bytes:
    """Return every comparison of ``results`` (results.json) as a CSV file in UTF-8 with a BOM.

    The columns are :data:`COLUMNS`, named as in results.json; ``judge_grade`` is the
    certificate's grade, ``reasons`` are joined with blanks. Numbers are written in full,
    empty where there is none.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in results["comparisons"]:
        beside = {
            "baseline": results["baseline"],
            "judge_grade": judge_grade(results, row),
            "reasons": " ".join(row["reasons"]),
        }
        writer.writerow([_cell({**row, **beside}.get(column)) for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """Return ``text`` so that no spreadsheet runs it: hidden characters shown, formulas quoted."""
    return f"'{visible(text)}" if _FORMULA.match(text) else visible(text)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):  # a minus of our own is a number, not a formula
        return repr(value)
    return harmless(str(value))
