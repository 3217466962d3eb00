"""``kojudge judge list`` and ``show``: judge cards, and what the heads among them learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from kojudge.cards import JudgeCard, load_judge, load_judges
from kojudge.cli.judge_table import figure, tell_training
from kojudge.cli.session import Session
from kojudge.engines.head.file import Head, read_head
from kojudge.errors import KojudgeError, Language, said
from kojudge.report.numbers import MISSING
from kojudge.workspace import Workspace

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["rows_of", "show_of", "table_of"]

_HEADINGS = (
    said("이름", "name"),
    said("엔진", "engine"),
    said("모델", "model"),
    said("배운 것", "has learned"),
    said("선생", "teacher"),
    said("선생과의 r", "r with the teacher"),
)


def rows_of(workspace: Workspace) -> list[dict[str, Any]]:
    """Return every judge of the workspace, as ``--json`` lists it."""
    return [_row(card) for card in load_judges(workspace.judge).values()]


def table_of(rows: Sequence[Mapping[str, Any]], language: Language) -> Table:
    """Return the judges as a table."""
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for heading in _HEADINGS:
        table.add_column(heading.in_(language), no_wrap=not table.columns)
    for row in rows:
        lines = row["lines"]
        cells = (
            row["name"],
            row["engine"] or MISSING,
            row["model"],
            "\n".join(f"{one['criterion']} {one['mode']}" for one in lines) or MISSING,
            row["teacher"] or MISSING,
            "\n".join(figure(one["r"]) for one in lines) or MISSING,
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def show_of(session: Session, name: str, *, quiet: bool = False) -> dict[str, Any]:
    """Show one judge unless ``quiet``; return it as JSON.

    Raises:
        ConfigError: there is no such judge.
        UnavailableError: its head cannot be read.
    """
    card = load_judge(session.workspace_or_starter().judge, name)
    head = read_head(card.head.folder) if card.head else None
    content = _row(card) | {
        "schema": "kojudge.judge/1",
        "license": card.license,
        "needs": card.needs,
        "notes": card.notes,
        "head": None if head is None else _told(head),
    }
    if not quiet:
        _show(session, content)
        if head is not None:
            tell_training(session, head)
    return content


def _row(card: JudgeCard) -> dict[str, Any]:
    head = _head(card)
    facts: Mapping[str, Any] = head.facts if head else {}
    return {
        "name": card.name,
        "engine": card.engine,
        "model": _model(card),
        "teacher": facts.get("teacher"),
        "lines": [
            {"criterion": one.criterion, "mode": one.mode, "r": _r(facts, one.criterion, one.mode)}
            for one in (head.lines if head else ())
        ],
    }


def _head(card: JudgeCard) -> Head | None:
    """Return the card's head; None where it has none, or none that can be read here."""
    if card.head is None:
        return None
    try:
        return read_head(card.head.folder)
    except KojudgeError:
        return None


def _model(card: JudgeCard) -> str:
    source = card.source
    return source.hub or source.path or (source.wheels and source.wheels.gguf_sha256[:12]) or ""


def _r(facts: Mapping[str, Any], criterion: str, mode: str) -> Mapping[str, Any] | None:
    for line in facts.get("validation", ()):
        if (line["criterion"], line["mode"]) == (criterion, mode):
            rows = line["agreement"]["rows"]
            return next(
                (r["head"] for r in rows if (r["measure"], r["slice"]) == ("r", "all")), None
            )
    return None


def _told(head: Head) -> dict[str, Any]:
    return {
        "base": dict(head.base),
        "layer": head.layer,
        "pooling": head.pooling,
        "limit": head.domain.limit,
        "labels": {f"{one.criterion}/{one.mode}": list(one.labels) for one in head.lines},
        "facts": dict(head.facts),
    }


def _show(session: Session, content: Mapping[str, Any]) -> None:
    told = [
        (said("이름", "name"), content["name"]),
        (said("엔진", "engine"), content["engine"]),
        (said("모델", "model"), content["model"]),
        (said("라이선스", "licence"), content["license"]),
        (said("필요한 것", "needs"), content["needs"]),
        (said("설명", "notes"), content["notes"]),
    ]
    if content["head"]:
        head, facts = content["head"], content["head"]["facts"]
        told += [
            (said("읽는 곳", "reads"), f"layer {head['layer']}, {head['pooling']}"),
            (said("선생", "teacher"), facts.get("teacher")),
            (said("라벨의 라이선스", "licence of the labels"), facts.get("licence_of_labels")),
            (said("배운 글", "learnt from"), facts.get("texts")),
            (said("학습 자료", "training data"), facts.get("data_hash")),
        ]
    for name, value in told:
        click.echo(f"{name.in_(session.language)}: {value or MISSING}")
