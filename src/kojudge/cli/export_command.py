"""``kojudge export``."""

from __future__ import annotations

from pathlib import Path

import click

from kojudge.cli.options import common_run
from kojudge.cli.session import Session

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("export")
@common_run
@click.option("--texts", type=_FILE, help="글, .jsonl 또는 .parquet · texts")
@click.option("--judgments", type=_FILE, help="판정, .jsonl 또는 .parquet · judgments")
@click.option("--labels", type=_FILE, help="사람 평가, .jsonl · human labels")
@click.option(
    "--results", type=_FILE, help="비교 결과, .md · .csv · .json · the comparisons (after report)"
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "csv", "json"]),
    help="--results의 형식 · its format where the name does not tell",
)
@click.option(
    "--llm-comparator",
    "comparator",
    type=click.Path(path_type=Path, file_okay=False),
    help="LLM Comparator용 JSON을 쓸 폴더 · a folder: one JSON a candidate and criterion",
)
@click.option("--baseline", help="기준 모델 · the baseline of --llm-comparator")
@click.pass_obj
def command(
    session: Session,
    run_path: str | None,
    texts: Path | None,
    judgments: Path | None,
    labels: Path | None,
    results: Path | None,
    form: str | None,
    comparator: Path | None,
    baseline: str | None,
) -> None:
    """실행의 글·판정·라벨·결과를 내보냅니다 · Give back texts, judgments, labels, results."""
    from kojudge.cli.exporting import ExportRequest, run_export

    request = ExportRequest(texts, judgments, labels, results, form, comparator, baseline)
    run_export(session, run_path, request)
