"""A comparison of two rubrics in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kojudge.audit.figures import Figure
from kojudge.audit.kinds import LABELS
from kojudge.audit.rubric_comparison import Comparison, Disagreement, KindRow, Measure
from kojudge.errors import Language, Said, said
from kojudge.report import numbers
from kojudge.visible import visible

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["NAMES", "disagreement_table", "kind_table", "measure_table", "notes", "show"]

NAMES: Mapping[str, Said] = {
    "separation": said("원문과 나쁜 글을 가름 (AUC)", "separation of originals (AUC)"),
    "detection": said("나빠진 글을 알아봄", "detection of worse texts"),
    "position": said("순서를 바꿔도 같은 답", "same answer in both orders"),
    "ceiling": said("만점 가까이 준 글 ↓", "texts at the ceiling ↓"),
    "mass": said("정해진 답의 확률", "probability of legal answers"),
    "unscored": said("점수 없음 ↓", "unscored ↓"),
    "kappa": said("사람과 일치: κ(제곱 가중)", "agreement with people: κ (quadratic)"),
    "alpha": said("사람과 일치: α(순서)", "agreement with people: α (ordinal)"),
    "r": said("사람과 일치: 차이의 r", "agreement with people: r of differences"),
}
_KINDS = said(
    "글의 종류마다: ↓는 알아본 비율, ≈는 점수가 오른 정도(척도 폭의 몫, 오르면 안 됨)",
    "by kind: ↓ the share seen, ≈ the rise as a share of the scale (must not rise)",
)
_SHARES = frozenset({"detection", "position", "ceiling", "mass", "unscored"})
_TEXT_LENGTH = 36


def show(found: Comparison, texts: Mapping[tuple[str, str], str], language: Language) -> None:
    """Print the comparison on stdout."""
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    console.print(measure_table(found, language))
    console.print(_KINDS.in_(language), markup=False)
    console.print(kind_table(found, language))
    console.print(disagreement_table(found, texts, language))
    for line in notes(found):
        console.print(line.in_(language), markup=False)


def measure_table(found: Comparison, language: Language) -> Table:
    """Return every measure of both rubrics with their paired difference, then the cost."""
    from rich.table import Table
    from rich.text import Text

    title = said(
        f"{found.criterion} · {found.mode} · 원문 {found.sources}편",
        f"{found.criterion} · {found.mode} · {found.sources} sources",
    )
    table = Table(title=title.in_(language), title_justify="left")
    for heading in (
        said("재는 것", "measure"),
        said(f"A: {found.a}", f"A: {found.a}"),
        said(f"B: {found.b}", f"B: {found.b}"),
        said("A − B [95% 신뢰구간]", "A − B [95% CI]"),
        said("더 나은 쪽", "better"),
    ):
        table.add_column(heading.in_(language))
    for row in found.measures:
        table.add_row(*(Text(cell) for cell in _cells(row, language)))
    for cells in _costs(found, language):
        table.add_row(*cells)
    return table


def kind_table(found: Comparison, language: Language) -> Table:
    """Return detection (↓) and rise (≈) of each kind of audit text."""
    from rich.table import Table

    table = Table()
    for heading in (said("종류", "kind"), said("A", "A"), said("B", "B"), said("A − B", "A − B")):
        table.add_column(heading.in_(language))
    for row in found.kinds:
        arrow = "↓" if row.direction == "lower" else "≈"
        label = f"{arrow} {LABELS[row.kind].in_(language)}"
        cells = (_own(row, row.a, language), _own(row, row.b, language))
        table.add_row(label, *cells, _gap(row.difference, language))
    return table


def disagreement_table(
    found: Comparison, texts: Mapping[tuple[str, str], str], language: Language
) -> Table:
    """Return the texts where the two rubrics differ most, the widest gap first."""
    from rich.table import Table
    from rich.text import Text

    title = said("A와 B가 가장 크게 갈린 글", "the texts where A and B differ most")
    table = Table(title=title.in_(language), title_justify="left")
    for heading in (
        said("원문", "source"),
        said("종류", "kind"),
        said("A", "A"),
        said("B", "B"),
        said("바르게 본 쪽", "seen by"),
        said("글", "text"),
    ):
        table.add_column(heading.in_(language))
    for row in found.disagreements:
        start = visible(texts[row.source_id, row.kind]).replace("\n", " ")[:_TEXT_LENGTH]
        cells = (
            row.source_id, LABELS[row.kind].in_(language), numbers.number(row.a),
            numbers.number(row.b), _seen(row), f"{start}…",
        )  # fmt: skip
        table.add_row(*(Text(cell) for cell in cells))
    return table


def notes(found: Comparison) -> Iterator[Said]:
    """Yield how to read the tables."""
    better = {"a": found.a, "b": found.b}
    clear = [m for m in found.measures if m.better is not None]
    if not clear:
        yield said(
            "차이가 뚜렷한 항목이 없습니다(모든 신뢰구간이 0을 품습니다). 글을 더 많이 물어야 가릴 수 있습니다.",
            "No difference is clear (every interval holds 0); more texts are needed to tell.",
        )
    for row in clear:
        winner = better[row.better or "a"]
        name = NAMES[row.name]
        yield said(
            f"{name.ko.rstrip(' ↓')}: {winner} 쪽이 낫습니다.",
            f"{name.en.rstrip(' ↓')}: {winner} is better.",
        )
    if len(clear) > 1:
        yield said(
            "구간은 항목마다 따로 낸 것입니다. 무엇으로 고를지는 보기 전에 하나로 정해 두세요.",
            "Each interval stands alone: choose beforehand the one measure that decides.",
        )


def _cells(row: Measure, language: Language) -> tuple[str, ...]:
    as_share = row.name in _SHARES
    gap = _gap(row.difference, language) if as_share else _plain_gap(row.difference)
    return (
        NAMES[row.name].in_(language),
        _with_interval(row.a, as_share),
        _with_interval(row.b, as_share),
        gap,
        "—" if row.better is None else row.better.upper(),
    )


def _costs(found: Comparison, language: Language) -> Iterator[tuple[str, ...]]:
    a, b = found.costs
    tokens = said("판정마다 읽는 토큰", "tokens a judgment").in_(language)
    yield (tokens, *(numbers.characters(c.tokens) for c in (a, b)), "", "")
    seconds = said("판정마다 걸린 시간(초)", "seconds a judgment").in_(language)
    yield (seconds, *(numbers.number(c.seconds) for c in (a, b)), "", "")


def _with_interval(figure: Figure, as_share: bool) -> str:
    write = numbers.percent if as_share else numbers.number
    if figure.low is None or figure.high is None:
        return write(figure.value)
    return f"{write(figure.value)} [{write(figure.low)}, {write(figure.high)}]"


def _own(row: KindRow, figure: Figure, language: Language) -> str:
    if row.direction == "lower":
        return numbers.percent(figure.value)
    return numbers.points(figure.value).in_(language)


def _gap(figure: Figure, language: Language) -> str:
    """Write a difference of shares in percentage points."""
    value, low, high = (
        numbers.points(x).in_(language) for x in (figure.value, figure.low, figure.high)
    )
    return value if figure.low is None else f"{value} [{low}, {high}]"


def _plain_gap(figure: Figure) -> str:
    interval = "" if figure.low is None else f" {numbers.interval(figure.low, figure.high)}"
    return f"{numbers.signed(figure.value)}{interval}"


def _seen(row: Disagreement) -> str:
    names = [name for name, seen in (("A", row.seen_a), ("B", row.seen_b)) if seen]
    if row.seen_a is None and row.seen_b is None:
        return ""
    return "·".join(names) or "—"
