"""What ``kojudge diagnose`` shows to a person: the marked text, the measures, the places."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kojudge.cli.marks import Mark, marks
from kojudge.errors import Language, Said, said
from kojudge.korean.diagnose import CORRECTNESS, STYLE, Diagnosis, label_of
from kojudge.korean.gates import Gate
from kojudge.korean.hit import Hit
from kojudge.korean.names import GATES, GENRES, GROUPS, MEASURES, PER, Measure, Unit
from kojudge.korean.thresholds import threshold, thresholds
from kojudge.records import Json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

__all__ = ["MOST_CHARACTERS", "MOST_HITS", "Row", "show"]

MOST_CHARACTERS = 20_000
MOST_HITS = 1_000
LONGEST_WORDS = 36
FEW_WORDS = 100
"""Below this many words one place more or less moves a rate across its limit."""

_COLOURS: Mapping[str, str] = {
    "script": "bold magenta",
    "degeneration": "bold yellow",
    "truncation": "bold red",
    "spacing": "bold cyan",
    "spelling": "bold bright_red",
    "corruption": "bold red",
    "speech_level": "bold blue",
    "translationese": "bold bright_magenta",
    "cliche": "bold bright_yellow",
    "style": "bold",
    "friendliness": "bold green",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of the text: its value and its limit in words, and whether it lies outside."""

    measure: Measure
    value: Said
    usual: Said
    outside: bool


def show(diagnosis: Diagnosis, gates: Sequence[Gate], genre: str | None, lang: Language) -> None:
    """Print everything on stdout; in colour only on a terminal, and never with NO_COLOR."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 160
    console = Console(highlight=False, markup=False, emoji=False, width=width)
    hits = diagnosis.hits[:MOST_HITS]
    _show_text(console, diagnosis, hits, lang)
    if gates:
        console.print()
    for gate in gates:
        console.print(f"✗ {GATES[gate].in_(lang)}", style="bold red", soft_wrap=True)
    _show_measures(console, diagnosis, genre, lang)
    _show_remarks(console, diagnosis, lang)
    _show_hits(console, diagnosis, hits, lang)


def _show_text(console: Console, found: Diagnosis, hits: Sequence[Hit], lang: Language) -> None:
    sentences = found.degeneration.sentences
    size = said(
        f"글 (글자 {found.characters:,} · 어절 {found.eojeols:,} · 문장 {sentences:,})",
        f"Text (characters {found.characters:,} · words {found.eojeols:,} · "
        f"sentences {sentences:,})",
    )
    _title(console, size.in_(lang))
    console.print(_marked(found.text[:MOST_CHARACTERS].rstrip("\r\n"), hits), soft_wrap=True)
    if found.characters > MOST_CHARACTERS:
        console.print(said(
            f"… 앞 {MOST_CHARACTERS:,}자만 보였습니다.",
            f"… only the first {MOST_CHARACTERS:,} characters are shown.",
        ).in_(lang))  # fmt: skip


def _marked(text: str, hits: Sequence[Hit]) -> Text:
    """Return ``text`` with each hit as ``[number words]``, in the colour of its group."""
    from rich.text import Text

    from kojudge.visible import visible

    out, at, inside = Text(), 0, list[Mark]()

    def colour() -> str:
        return _COLOURS[hits[inside[-1].numbers[0] - 1].group] if inside else ""

    def write_to(place: int) -> None:
        nonlocal at
        out.append(visible(text[at:place]), colour())
        at = place

    def close_before(place: int) -> None:
        while inside and inside[-1].end <= place:
            write_to(inside[-1].end)
            out.append("]", colour())
            inside.pop()

    for mark in marks([(hit.start, min(hit.end, len(text))) for hit in hits]):
        if mark.start >= len(text):
            break
        close_before(mark.start)
        write_to(mark.start)
        inside.append(mark)
        out.append(f"[{','.join(map(str, mark.numbers))} ", colour())
    close_before(len(text))
    write_to(len(text))
    return out


def _show_measures(console: Console, found: Diagnosis, genre: str | None, lang: Language) -> None:
    rows = _rows(found, genre)
    counts = Counter(hit.group for hit in found.hits)
    usual = said("보통", "usual").in_(lang)
    kind = [name.in_(lang) for known, name in GENRES.items() if known == genre]
    heading = f"{usual} ({kind[0]})" if kind else usual
    for title, groups in (
        (said("바르게 썼는지", "Correctness"), CORRECTNESS),
        (said("어떻게 썼는지", "Style"), STYLE),
    ):
        own = [row for row in rows if row.measure.group in groups]
        _title(console, title.in_(lang))
        console.print(_table(own, counts, heading, lang))
        for row in own:
            if row.outside and row.measure.advice:
                label, advice = row.measure.label.in_(lang), row.measure.advice.in_(lang)
                console.print(f"▲ {label}: {advice}", soft_wrap=True)


def _rows(found: Diagnosis, genre: str | None) -> list[Row]:
    document = found.to_json()
    values = [(m, _leaf(document, m)) for m in MEASURES]
    return [_row(m, v, found, genre) for m, v in values if v or not m.quiet]


def _leaf(document: Mapping[str, Json], measure: Measure) -> float:
    value: Json = document[measure.group]
    for name in measure.path.split("."):
        value = value.get(name, 0) if isinstance(value, dict) else value
    return float(value) if isinstance(value, int | float) else 0.0


def _row(measure: Measure, value: float, found: Diagnosis, genre: str | None) -> Row:
    limit = threshold(measure.limit, genre) if measure.limit in thresholds() else None
    if measure.unit == "flag":
        outside = bool(value)
    elif measure.floor:
        outside = found.corruption.low  # a text of a few words is never called garbled
    else:
        outside = limit is not None and value > limit
    return Row(measure, _value(measure, value), _usual(measure, limit), outside)


def _value(measure: Measure, value: float) -> Said:
    if measure.unit == "flag":
        return said("예", "yes") if value else said("아니요", "no")
    if measure.floor and not value:
        return said("—", "—")
    shown = _number(value, measure.unit)
    return said(shown, shown)


def _usual(measure: Measure, limit: float | None) -> Said:
    if limit is None:
        return said("", "")
    if not limit:
        return said("없음", "none")
    shown = _number(limit, measure.unit)
    if measure.floor:
        return said(f"{shown} 이상", f"{shown} or more")
    return said(f"{shown} 이하", f"{shown} or less")


def _number(value: float, unit: Unit) -> str:
    """Two decimals, one from 10 on and in percent, without trailing zeros."""
    if unit == "share":
        return f"{100 * value:.1f}".removesuffix(".0") + "%"
    if abs(value) >= 10:
        return f"{value:.1f}".removesuffix(".0")
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _table(rows: Sequence[Row], counts: Mapping[str, int], usual: str, lang: Language) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for heading in (said("항목", "measure").in_(lang), said("값", "value").in_(lang), usual, ""):
        table.add_column(heading)
    group = ""
    for row in rows:
        if row.measure.group != group:
            group = row.measure.group
            count = counts.get(group, 0)
            places = said(f" {count:,}곳", f" {count:,}").in_(lang) if count else ""
            table.add_row(Text(GROUPS[group].in_(lang) + places, _COLOURS[group]))
        cells = (f"  {_label(row.measure, lang)}", row.value.in_(lang), row.usual.in_(lang))
        table.add_row(*map(Text, cells), Text("▲" if row.outside else "", "bold red"))
    return table


def _label(measure: Measure, lang: Language) -> str:
    per = PER.get(measure.unit)
    return measure.label.in_(lang) + (per.in_(lang) if per else "")


def _show_remarks(console: Console, found: Diagnosis, lang: Language) -> None:
    remarks = [said(
        "보통 값은 살펴볼 곳을 알려 줄 뿐, 좋은 글인지를 가리지 않습니다.",
        "Usual values say where to look; they do not say whether a text is good.",
    )]  # fmt: skip
    if found.eojeols < FEW_WORDS:
        remarks.append(said(
            f"{FEW_WORDS}어절이 안 되는 짧은 글은 한두 곳만으로도 보통 값을 넘을 수 있습니다.",
            f"In a text of fewer than {FEW_WORDS} words one or two places may exceed them.",
        ))  # fmt: skip
    if found.friendliness.hits:
        remarks.append(said(
            "친근함으로 찾은 곳은 고칠 데가 아니라 읽는 이에게 말을 건네는 데입니다.",
            "Places found under friendliness are not faults: there the text talks to its reader.",
        ))  # fmt: skip
    console.print()
    for remark in remarks:
        console.print(f"· {remark.in_(lang)}", soft_wrap=True)


def _show_hits(console: Console, found: Diagnosis, hits: Sequence[Hit], lang: Language) -> None:
    from rich.table import Table
    from rich.text import Text

    total = len(found.hits)
    _title(console, said(f"찾은 곳 {total:,}곳", f"Places found: {total:,}").in_(lang))
    breaks = [at for at, character in enumerate(found.text) if character == "\n"]
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column(justify="right")
    for number, hit in enumerate(hits, 1):
        line = bisect_right(breaks, hit.start - 1)
        column = hit.start - (breaks[line - 1] + 1 if line else 0) + 1
        colour = _COLOURS[hit.group]
        table.add_row(
            str(number),
            f"{line + 1}:{column}",
            Text(_words(found.text, hit), colour),
            Text(GROUPS[hit.group].in_(lang), colour),
            Text(label_of(hit).in_(lang)),
        )
    if hits:
        console.print(table)
    if total > len(hits):
        console.print(said(
            f"… 앞 {len(hits):,}곳만 보였습니다. 모두 보려면 --json을 쓰세요.",
            f"… the first {len(hits):,}; --json gives them all.",
        ).in_(lang))  # fmt: skip


def _words(text: str, hit: Hit) -> str:
    """Return the whole words that were hit, in one line and cut where they go on."""
    from kojudge.visible import visible

    start, end = hit.start, min(hit.end, hit.start + LONGEST_WORDS)
    while start and not text[start - 1].isspace() and hit.start - start < LONGEST_WORDS // 3:
        start -= 1
    while end < len(text) and not text[end].isspace() and end - start < LONGEST_WORDS:
        end += 1
    words = visible(" ".join(text[start:end].split()))
    cut = end < hit.end or len(words) > LONGEST_WORDS
    return words[:LONGEST_WORDS] + "…" if cut else words


def _title(console: Console, title: str) -> None:
    from rich.text import Text

    console.print()
    console.print(Text(title, "bold underline"))
