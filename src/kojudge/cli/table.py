"""The verdict table of the terminal, and the line about the page: both say what the page says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kojudge.errors import Language, Said, said
from kojudge.report import numbers
from kojudge.report.cascade_words import CASCADE_WORDS
from kojudge.report.chosen import overall_rows
from kojudge.report.families import PANEL
from kojudge.report.wording import MODES, VERDICTS, look_up, verdict_badge
from kojudge.visible import visible

if TYPE_CHECKING:
    from rich.table import Table

LARGE_PAGE = 25_000_000
"""Bytes above which mail and many hosts refuse a page."""
_PANEL = said("심사단", "panel")


def verdict_table(results: Mapping[str, Any], language: Language) -> Table:
    """Return the overall comparisons of both modes as a table, those that carry verdicts first.

    The judge has a column where there is more than one. Hidden characters stand in boxes, so
    that no name can reverse a line or command the terminal.
    """
    from rich.table import Table
    from rich.text import Text

    baseline = visible(results["baseline"])
    title = said(f"기준 모델 {baseline}", f"vs baseline {baseline}")
    table = Table(title=Text(title.in_(language)), title_justify="left")
    rows = overall_rows(results)
    several = len({row["judge"] for row in rows}) > 1
    for heading in _headings(results["alpha"], several):
        table.add_column(heading.in_(language))
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in _cells(row, several, language)))
    caption = said("* 미리 정한 주 비교", "* primary family, fixed before the data")
    table.caption = caption.in_(language)
    return table


def cascade_table(cascade: Mapping[str, Any], language: Language) -> Table:
    """Return how the verdicts of a ``cascade`` (of results.json) came about, a line a comparison."""
    from rich.table import Table
    from rich.text import Text

    title = f"{CASCADE_WORDS['cascade'].in_(language)}: {cascade['judge']} → {cascade['strong']}"
    table = Table(title=Text(visible(title)), title_justify="left")
    for heading in (
        said("후보 모델", "candidate"),
        said("평가 항목", "criterion"),
        said("방식", "mode"),
    ):
        table.add_column(heading.in_(language))
    for name in ("both", "correlation", "weight", "width", "full"):
        table.add_column(CASCADE_WORDS[f"cascade_{name}"].in_(language), justify="right")
    for row in cascade["rows"]:
        cells = (
            row["candidate"],
            row["criterion"],
            look_up(MODES, row["mode"]).in_(language),
            f"{numbers.count(row['n_strong'])}/{numbers.count(row['n_cheap'])}",
            numbers.number(row["correlation"]),
            numbers.number(row["weight"]),
            numbers.number(row["width_ratio"]),
            numbers.interval(row["full_low"], row["full_high"]),
        )
        table.add_row(*(Text(visible(cell)) for cell in cells))
    return table


def _headings(alpha: float, several: bool) -> list[Said]:
    level = numbers.confidence(alpha)
    return [
        said("후보 모델", "candidate"),
        said("평가 항목", "criterion"),
        said("방식", "mode"),
        *([said("심사 모델", "judge")] if several else []),
        said(f"차이 [{level} 신뢰구간]", f"difference [{level} CI]"),
        said("p(보정)", "p (adj.)"),
        said("프롬프트", "prompts"),
        said("판정", "verdict"),
    ]


def _cells(row: Mapping[str, Any], several: bool, language: Language) -> list[str]:
    judge = _PANEL.in_(language) if row["judge"] == PANEL else row["judge"]
    return [
        row["candidate"],
        row["criterion"],
        look_up(MODES, row["mode"]).in_(language),
        *([judge] if several else []),
        difference(row),
        numbers.p_value(row["p_adjusted"]),
        numbers.count(row["n_prompts"]),
        verdict_cell(row, language) + (" *" if row["primary"] else ""),
    ]


def verdict_cell(row: Mapping[str, Any], language: Language) -> str:
    """Return the verdict; what the judge cannot support is marked as withheld."""
    badge, verdict = verdict_badge(row).in_(language), VERDICTS[row["verdict"]].in_(language)
    return f"{badge} ({verdict})" if row["withheld"] else badge


def difference(row: Mapping[str, Any]) -> str:
    """Return ``+0.31 [+0.18, +0.44]``, or a dash for what could not be computed."""
    if row["delta"] is None:
        return numbers.MISSING
    low, high = row["ci_low"], row["ci_high"]
    interval = "[—]" if low is None else numbers.interval(low, high)
    return f"{numbers.signed(row['delta'])} {interval}"


def page_line(path: Path, size: int) -> Said:
    """Return ``report.html 0.8 MB``, and a warning where ``size`` (bytes) is above LARGE_PAGE."""
    line = f"{path} {size / 1e6:.1f} MB"
    if size <= LARGE_PAGE:
        return said(line, line)
    limit = f"{LARGE_PAGE / 1e6:.0f} MB"
    return said(
        f"{line}\n⚠ 보고서가 {limit}보다 큽니다. 메일로 보내거나 올리지 못하는 곳이 있고, 열리는 데 "
        "오래 걸릴 수 있습니다. `kojudge publish`로 올려 주소를 보내거나, kojudge.toml의 candidates를 "
        "줄여 다시 만드세요.",
        f"{line}\n⚠ The page is larger than {limit}: mail and some hosts refuse it, and it may open "
        "slowly. Send a link to where `kojudge publish` puts it, or name fewer candidates in "
        "kojudge.toml.",
    )
