"""A certificate in the terminal: a row for each criterion and mode, then the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kojudge.audit.kinds import LABELS
from kojudge.errors import Language, Said, said
from kojudge.report.numbers import MISSING
from kojudge.report.wording import GRADES, MODES

if TYPE_CHECKING:
    from rich.table import Table

_HEADINGS = (
    said("평가 항목", "criterion"),
    said("방식", "mode"),
    said("등급", "grade"),
    said("나빠진 글을 알아봄", "detection"),
    said("가장 못 알아보는 것", "least seen"),
    said("순서 일치", "position"),
    said("명령에 넘어감(방어 없이)", "injection (undefended)"),
    said("점수 없음", "unscored"),
    said("겉모습만 보고 맞힘", "trivial"),
)


def certificate_table(certificate: Mapping[str, Any], language: Language) -> Table:
    """Return the certificate's rows as a table."""
    from rich.table import Table
    from rich.text import Text

    kind = said("약식", "quick") if certificate["quick"] else said("전체", "full")
    title = said(
        f"{certificate['judge']} 검증 결과({kind.ko}): {GRADES[certificate['grade']].ko}",
        f"Certificate of {certificate['judge']} ({kind.en}): {GRADES[certificate['grade']].en}",
    )
    table = Table(title=title.in_(language), title_justify="left")
    for heading in _HEADINGS:
        table.add_column(heading.in_(language))
    for entry in certificate["entries"]:
        table.add_row(*(Text(cell) for cell in _cells(entry, language)))
    return table


def reason_lines(certificate: Mapping[str, Any], language: Language) -> Iterator[Said]:
    """Yield why each entry has no better grade."""
    for entry in certificate["entries"]:
        place = f"{entry['criterion']} · {MODES[entry['mode']].in_(language)}"
        for reason in entry["reasons"]:
            yield said(f"  {place}: {reason['ko']}", f"  {place}: {reason['en']}")


def _cells(entry: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    injection, shortcuts = entry["injection"], entry["shortcuts"]
    attacked = MISSING
    if injection:
        attacked = f"{_percent(injection['defended'])} ({_percent(injection['undefended'])})"
    return (
        entry["criterion"],
        MODES[entry["mode"]].in_(language),
        GRADES[entry["grade"]].in_(language),
        _interval(entry["macro"]),
        _least(entry, language),
        _interval(entry["position"]),
        attacked,
        _percent(entry["unscored"]),
        _percent(shortcuts["trivial"] if shortcuts else None),
    )


def _least(entry: Mapping[str, Any], language: Language) -> str:
    rows = [row for row in entry["detection"] if row["figure"]["value"] is not None]
    if not rows:
        return MISSING
    least = min(rows, key=lambda row: float(row["figure"]["value"]))
    return f"{LABELS[least['kind']].in_(language)} {_percent(least['figure'])}"


def _interval(figure: Mapping[str, Any] | None) -> str:
    if figure is None or figure["value"] is None:
        return MISSING
    if figure["low"] is None:
        return _percent(figure)
    return f"{_percent(figure)} [{100 * figure['low']:.0f}, {100 * figure['high']:.0f}]"


def _percent(figure: Mapping[str, Any] | None) -> str:
    return MISSING if figure is None or figure["value"] is None else f"{100 * figure['value']:.1f}%"
