"""The verdict table of the terminal: it says what the page says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kojudge.errors import Language, said
from kojudge.report import numbers
from kojudge.report.wording import VERDICTS

if TYPE_CHECKING:
    from rich.table import Table


def verdict_table(results: Mapping[str, Any], language: Language) -> Table:
    """Return the overall comparisons of both modes as a table."""
    from rich.table import Table
    from rich.text import Text

    title = said(f"기준 모델 {results['baseline']}", f"vs baseline {results['baseline']}")
    table = Table(title=title.in_(language), title_justify="left")
    for heading in (
        said("후보 모델", "candidate"),
        said("평가 항목", "criterion"),
        said("방식", "mode"),
        said("차이 [95% 신뢰구간]", "difference [95% CI]"),
        said("p(보정)", "p (adj.)"),
        said("프롬프트", "prompts"),
        said("판정", "verdict"),
    ):
        table.add_column(heading.in_(language))
    for row in results["comparisons"]:
        if row["slice"] != "overall":
            continue
        mark = " *" if row["primary"] else ""
        verdict = verdict_cell(row, language) + mark
        cells = (
            row["candidate"], row["criterion"], row["mode"], difference(row),
            numbers.p_value(row["p_adjusted"]), str(row["n_prompts"]), verdict,
        )  # fmt: skip
        table.add_row(*(Text(cell) for cell in cells))
    caption = said("* 미리 정한 주 비교", "* primary family, fixed before the data")
    table.caption = caption.in_(language)
    return table


def verdict_cell(row: Mapping[str, Any], language: Language) -> str:
    """Return the verdict; what the judge cannot support is marked as withheld."""
    verdict = VERDICTS[row["verdict"]]
    if row["withheld"]:
        verdict = said(f"보류 ({verdict.ko})", f"withheld ({verdict.en})")
    return verdict.in_(language)


def difference(row: Mapping[str, Any]) -> str:
    """Return ``+0.31 [+0.18, +0.44]``, or a dash for what could not be computed."""
    if row["delta"] is None:
        return numbers.MISSING
    low, high = row["ci_low"], row["ci_high"]
    interval = "[—]" if low is None else numbers.interval(low, high)
    return f"{numbers.signed(row['delta'])} {interval}"
