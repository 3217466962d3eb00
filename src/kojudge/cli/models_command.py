"""``kojudge models list|check|pull``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from kojudge.cli.session import Session
from kojudge.errors import ConfigError, KojudgeError, did_you_mean, said

if TYPE_CHECKING:
    from kojudge.cards import CandidateCard, JudgeCard

    Card = CandidateCard | JudgeCard


@click.group("models")
def command() -> None:
    """모델 카드를 보고, 확인하고, 내려받습니다 · List, check and pull models."""


@command.command("list")
@click.pass_obj
def list_models(session: Session) -> None:
    """카드와 내려받은 상태를 보여 줍니다 · Show the cards and what is here already."""
    from rich.console import Console
    from rich.table import Table

    from kojudge.cards.sources import locate
    from kojudge.models.check import standing
    from kojudge.models.heads import has_head

    table = Table()
    for heading in (
        said("이름", "name"),
        said("역할", "role"),
        said("파라미터", "parameters"),
        said("라이선스", "licence"),
        said("형식", "format"),
        said("내려받음", "here"),
        said("형식 확인", "format verified"),
    ):
        table.add_column(heading.in_(session.language), no_wrap=not table.columns)
    for role, card in _cards(session):
        table.add_row(
            card.name,
            role,
            f"{card.parameters / 1e9:.2f}B" if card.parameters else "—",
            card.license,
            card.format,
            "✓" if locate(card) and has_head(card) else "—",
            standing(card).in_(session.language),
        )
    Console().print(table)


@command.command("check")
@click.argument("names", nargs=-1)
@click.pass_obj
def check_models(session: Session, names: Sequence[str]) -> int:
    """카드를 읽고 프롬프트를 보여 주며, 받아 둔 모델의 템플릿과 견줍니다 · Check prompt formats."""
    from kojudge.models.check import check

    failed = 0
    for role, card in _named(session, names):
        result = check(card)
        failed += not result.ok
        mark = "✓" if result.ok else "✗"
        click.echo(f"{mark} {card.name} ({role}) — {result.message.in_(session.language)}")
        for heading, text in (
            (said("확인한 것", "checked"), card.verified),
            (said("확인하지 못한 것", "not checked"), card.unverified),
        ):
            if text:
                click.echo(f"    {heading.in_(session.language)}: {text}")
        if result.rendered:
            click.echo("\n".join(f"    │ {line}" for line in result.rendered.split("\n")))
    return 2 if failed else 0


@command.command("pull")
@click.argument("names", nargs=-1)
@click.pass_obj
def pull_models(session: Session, names: Sequence[str]) -> int:
    """모델을 내려받습니다. 이름이 없으면 작업 공간이 쓰는 모델 전부 · Fetch models.

    Without names: every model the workspace asks for.
    """
    from kojudge.cards import JudgeCard
    from kojudge.cards.sources import pull
    from kojudge.models.heads import check_base

    chosen = _named(session, names or _asked_names(session))
    code = 0
    for _, card in _once(chosen):
        session.say(said(
            f"{card.name} — 라이선스: {card.license or '카드에 적혀 있지 않음'}",
            f"{card.name} — licence: {card.license or 'not stated on the card'}",
        ))  # fmt: skip
        try:
            folder = pull(card, session.pulling(card.name))
            if isinstance(card, JudgeCard) and card.head is not None:
                check_base(card, folder)
            click.echo(str(folder))
        except KojudgeError as error:
            session.say(said(f"✗ {error.message.ko}", f"✗ {error.message.en}"))
            if error.hint:
                session.say(said(f"  → {error.hint.ko}", f"  → {error.hint.en}"))
            code = max(code, error.exit_code)
    return code


def _cards(session: Session) -> list[tuple[str, Card]]:
    from kojudge.cards import load_candidates, load_judges

    workspace = session.workspace()
    candidates: list[tuple[str, Card]] = [
        ("candidate", card) for card in load_candidates(workspace.candidates).values()
    ]
    judges: list[tuple[str, Card]] = [
        ("judge", card) for card in load_judges(workspace.judge).values()
    ]
    return candidates + judges


def _named(session: Session, names: Sequence[str]) -> list[tuple[str, Card]]:
    cards = _cards(session)
    known = {card.name for _, card in cards}
    for name in names:
        if name not in known:
            raise ConfigError(
                said(f"모델 '{name}'의 카드가 없습니다.", f"There is no card '{name}'."),
                did_you_mean(name, known),
            )
    return [(role, card) for role, card in cards if not names or card.name in names]


def _asked_names(session: Session) -> list[str]:
    asked, _ = session.ask(None, {}, {})
    return [card.name for card in (*asked.candidates, *asked.judges)]


def _once(cards: Sequence[tuple[str, Card]]) -> list[tuple[str, Card]]:
    """Return each source once: a model may be a candidate and a judge. Heads are kept apart."""
    return list({
        (card.source.model_dump_json(), getattr(card, "head", None) and card.name): (role, card)
        for role, card in cards
    }.values())  # fmt: skip
