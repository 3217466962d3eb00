"""``kojudge import``."""

from __future__ import annotations

from pathlib import Path

import click

from kojudge.bridges.base import FORMATS
from kojudge.cli.session import Session

_FILE = click.Path()  # as given: some formats take names of datasets


@click.command("import")
@click.option("--run", "run_path", help="실행 폴더 · the run directory (not with --out)")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="다른 도구의 형식. 없으면 kojudge의 JSONL · another tool's format; default: our JSONL",
)
@click.option("--prompts", type=_FILE, multiple=True, help="문항 파일(--format) · questions")
@click.option("--texts", type=_FILE, multiple=True, help="글 · texts")
@click.option("--judgments", type=_FILE, multiple=True, help="판정 · judgments")
@click.option("--labels", type=_FILE, multiple=True, help="사람 평가 · human labels")
@click.option(
    "--candidate", default="", help="파일에 없을 때 후보 이름 · candidate, if not in the files"
)
@click.option(
    "--judge", default="", help="파일에 없을 때 심사 모델 이름 · judge, if not in the files"
)
@click.option(
    "--criterion", default="", help="파일에 없을 때 평가 항목 · criterion, if not in the files"
)
@click.option(
    "--baseline", default="", help="파일에 없을 때 기준 모델 · baseline, if not in the files"
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN|FIELD:=VALUE",
    help="다른 이름의 열이나 한 값을 씁니다(hf) · take another column, or one value (hf)",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="들여오는 대신 --prompts로 만들 프롬프트 묶음 · a prompt set to make of --prompts instead",
)
@click.pass_context
def command(
    context: click.Context,
    run_path: str | None,
    form: str | None,
    prompts: tuple[str, ...],
    texts: tuple[str, ...],
    judgments: tuple[str, ...],
    labels: tuple[str, ...],
    candidate: str,
    judge: str,
    criterion: str,
    baseline: str,
    columns: tuple[str, ...],
    out: Path | None,
) -> None:
    """가진 글·판정·라벨을 들여옵니다 · Bring your own texts, judgments and labels."""
    from kojudge.bridges.base import Files, Named

    files = Files(
        prompts=prompts,
        texts=texts,
        judgments=judgments,
        labels=labels,
        named=Named(candidate, judge, criterion, baseline, columns),
    )
    session: Session = context.obj
    if out is not None:
        from kojudge.cli.importing_prompts import write_prompts

        write_prompts(session, form, files, out)
        return
    if run_path is None:
        run = next(param for param in context.command.params if param.name == "run_path")
        raise click.MissingParameter(ctx=context, param=run)
    from kojudge.cli.importing import run_import

    run_import(session, run_path, form, files)
