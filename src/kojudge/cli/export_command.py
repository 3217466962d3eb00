"""``kojudge export``."""

from __future__ import annotations

from pathlib import Path

import click

from kojudge.cli.options import common_run
from kojudge.cli.session import Session

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


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
@click.option(
    "--lm-eval",
    type=click.Path(path_type=Path, file_okay=False),
    help="작업 공간의 프롬프트를 lm-evaluation-harness 과제로 쓸 폴더 · a folder: the workspace's "
    "prompts as tasks of lm-evaluation-harness (needs no run)",
)
@click.option("--prompts", multiple=True, help="--lm-eval에 담을 묶음 · prompt sets of --lm-eval")
@click.option(
    "--hf",
    metavar="DIR|hf://datasets/ORG/NAME",
    help="카드가 딸린 Hugging Face 데이터셋을 쓸 폴더나 허브의 이름 · a Hugging Face dataset with its "
    "card, in a folder or on the hub",
)
@click.option(
    "--private", is_flag=True, help="새 데이터셋을 비공개로 만듭니다 · make a new dataset private"
)
@click.option("--logickor", type=_FOLDER, help="LogicKor의 파일을 쓸 폴더 · a folder of its files")
@click.option("--mt-bench", type=_FOLDER, help="MT-bench의 파일을 쓸 폴더 · a folder of its files")
@click.option(
    "--alpaca-eval", type=_FOLDER, help="alpaca-eval의 파일을 쓸 폴더 · a folder of its files"
)
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
    lm_eval: Path | None,
    prompts: tuple[str, ...],
    hf: str | None,
    private: bool,
    logickor: Path | None,
    mt_bench: Path | None,
    alpaca_eval: Path | None,
) -> None:
    """실행의 글·판정·라벨·결과를 내보냅니다 · Give back texts, judgments, labels, results."""
    from kojudge.cli.exporting import ExportRequest, run_export

    folders = {"logickor": logickor, "mt-bench": mt_bench, "alpaca-eval": alpaca_eval}
    request = ExportRequest(
        *(texts, judgments, labels, results, form, comparator, baseline, lm_eval, prompts, hf),
        private=private,
        peers={name: folder for name, folder in folders.items() if folder is not None},
    )
    run_export(session, run_path, request)
