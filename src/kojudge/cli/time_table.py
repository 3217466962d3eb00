"""What ``kojudge plan`` shows of time: a table, what it adds up to, and how earlier plans held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kojudge.cli.slim import slim_table
from kojudge.cli.speeds import ROUGH, Span, total
from kojudge.cli.timing import Forecast
from kojudge.errors import Language, Said, said
from kojudge.report.numbers import MISSING, count, duration

if TYPE_CHECKING:
    from rich.table import Table

_ROLES = {"candidate": said("쓰기", "writes"), "judge": said("심사", "judges")}


def time_table(rows: Sequence[Forecast], language: Language) -> Table:
    """Return a table of at most 80 columns: one row a model."""
    from rich.text import Text

    title = said("얼마나 걸리나", "How long it takes")
    headings = (
        said("모델", "model"),
        said("하는 일", "does"),
        said("개수", "items"),
        said("예상", "expected"),
        said("범위", "between"),
    )
    table = slim_table(title, headings, [row.name for row in rows], language)
    for row in rows:
        expected = duration(row.span.expected if row.span else None).in_(language)
        cells = (
            row.name,
            _ROLES[row.role].in_(language),
            count(row.items),
            expected,
            _between(row.span, "\n").in_(language),
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _between(span: Span | None, gap: str = " ") -> Said:
    if span is None:
        return said(MISSING, MISSING)
    low, high = duration(span.low), duration(span.high)
    return said(f"{low.ko}{gap}~ {high.ko}", f"{low.en}{gap}– {high.en}")


def explanations(rows: Sequence[Forecast]) -> Iterator[Said]:
    """Yield what stands below the table, a line each."""
    reasons = {row.reason for row in rows}
    alike = len(reasons) == 1  # then it is said once, for all
    for row in rows[: 1 if alike else None]:
        if row.reason is not None:
            name = "" if alike else f"{row.name}: "
            yield said(f"  {name}{row.reason.ko}", f"  {name}{row.reason.en}")
    known = [row.span for row in rows if row.span is not None]
    if not known:
        return
    times = [row.calibration.measured for row in rows if row.span and row.calibration]
    if times:
        oldest = min(times)[:16].replace("T", " ")
        yield said(f"  가장 먼저 잰 때: {oldest}", f"  The oldest was measured: {oldest}")
    whole = total(known)
    took, between = duration(whole.expected), _between(whole)
    left = len(rows) - len(known)
    ko = f" 재지 못한 모델 {left}개는 빠진 값입니다." if left else ""
    en = f" Without the {left} not measured." if left else ""
    yield said(
        f"모두 약 {took.ko}({between.ko}) 걸립니다. 범위는 글 길이의 90% 구간을 속도의 어림 배수"
        f"({ROUGH:g})만큼 더 넓힌 것입니다.{ko}",
        f"About {took.en} in all ({between.en}): the 90% interval of the texts' length, and a "
        f"rough factor of {ROUGH:g} for speed.{en}",
    )


def held(entries: Sequence[Mapping[str, Any]]) -> Iterator[Said]:
    """Yield, for each command of a run that had a plan, how far off it was."""
    for entry in entries:
        begun = str(entry["started"])[:16].replace("T", " ")
        plan = duration(entry["planned_seconds"])
        took = duration(entry["took_seconds"])
        head = f"  {begun} {entry['command']}: "
        if entry["ratio"] is None:
            yield said(f"{head}예상 {plan.ko}, 실제 {took.ko}(견줄 만큼 하지 않았습니다)",
                       f"{head}planned {plan.en}, took {took.en} (too little done to compare)")  # fmt: skip
        else:
            yield said(f"{head}예상 {plan.ko}, 실제 {took.ko}(한 만큼은 예상의 {entry['ratio']:g}배)",
                       f"{head}planned {plan.en}, took {took.en} "
                       f"({entry['ratio']:g} times the plan of what was done)")  # fmt: skip
