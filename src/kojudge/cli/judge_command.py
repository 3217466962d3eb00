"""``kojudge judge train|list|show``."""

from __future__ import annotations

from pathlib import Path

import click

from kojudge.cli.options import json_option
from kojudge.cli.session import Session


@click.group("judge")
def command() -> None:
    """심사 모델을 보고, 작은 심사 모델(헤드)을 학습합니다 · Judges, and heads that learn."""


@command.command("train")
@click.option("--name", required=True, help="새 심사 모델의 이름 · the new judge's name")
@click.option("--base", required=True, help="기반 모델의 카드 · the base model's card")
@click.option("--criterion", "criteria", multiple=True, help="이 항목만 · only these criteria")
@click.option(
    "--from",
    "sources",
    multiple=True,
    required=True,
    help="판정이나 라벨이 든 실행, 또는 라벨 JSONL · a run, or a JSONL file of labels",
)
@click.option(
    "--teacher", help="배울 심사 모델(사람은 people) · the judge to learn from, or people"
)
@click.option("--run", "run_path", help="JSONL 라벨이 말하는 글이 든 실행 · the run of their texts")
@click.option("--with-evidence", is_flag=True, help="한국어 근거도 읽힙니다 · show it the evidence")
@click.option("--licence", help="라벨의 라이선스 · the licence of the labels, for the card")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="카드와 헤드를 쓸 폴더 · where card and head go (default: judge/)",
)
@click.option("--force", is_flag=True, help="같은 이름을 덮어씁니다 · overwrite that name")
@click.option("--dry-run", is_flag=True, help="세어 보기만 합니다 · count, load no model")
@json_option
@click.pass_obj
def train_judge(
    session: Session,
    name: str,
    base: str,
    criteria: tuple[str, ...],
    sources: tuple[str, ...],
    teacher: str | None,
    run_path: str | None,
    with_evidence: bool,
    licence: str | None,
    out: Path | None,
    force: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """센 심사 모델이나 사람에게 배운 헤드를 만듭니다 · Learn from a strong judge or from people."""
    from kojudge.cli.judge_training import TrainRequest, run_training

    request = TrainRequest(
        name, base, criteria, sources, teacher, run_path, with_evidence, licence, out, force, dry_run
    )  # fmt: skip
    content = run_training(session, request)
    if as_json:
        session.print_json(content)


@command.command("list")
@json_option
@click.pass_obj
def list_judges(session: Session, as_json: bool) -> None:
    """심사 모델과 그 헤드를 보여 줍니다 · The judges, and what their heads have learnt."""
    from kojudge.cli.judge_cards import rows_of, table_of

    rows = rows_of(session.workspace_or_starter())
    if as_json:
        session.print_json({"schema": "kojudge.judges/1", "judges": rows})
    else:
        session.console().print(table_of(rows, session.language))


@command.command("show")
@click.argument("name")
@json_option
@click.pass_obj
def show_judge(session: Session, name: str, as_json: bool) -> None:
    """심사 모델 하나를, 헤드라면 배운 것과 검증 결과까지 보여 줍니다 · One judge in full."""
    from kojudge.cli.judge_cards import show_of

    content = show_of(session, name, quiet=as_json)
    if as_json:
        session.print_json(content)
