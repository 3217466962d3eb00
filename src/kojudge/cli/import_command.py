"""``kojudge import``."""

from __future__ import annotations

from pathlib import Path

import click

from kojudge.cli.session import Session
from kojudge.errors import ConfigError, said

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("import")
@click.option("--run", "run_path", required=True, help="실행 폴더 · the run directory")
@click.option("--texts", type=_FILE, help="글 JSONL · texts")
@click.option("--judgments", type=_FILE, help="판정 JSONL · judgments")
@click.option("--labels", type=_FILE, help="사람 평가 JSONL · human labels")
@click.pass_obj
def command(
    session: Session,
    run_path: str,
    texts: Path | None,
    judgments: Path | None,
    labels: Path | None,
) -> None:
    """가진 글·판정·라벨을 들여옵니다 · Bring your own texts, judgments and labels."""
    from kojudge.store.interchange import import_judgments, import_labels, import_texts

    if not (texts or judgments or labels):
        raise ConfigError(
            said("들여올 파일이 없습니다.", "No file to import."),
            said("--texts, --judgments, --labels 가운데 하나를 쓰세요.",
                 "Give one of --texts, --judgments, --labels."),
        )  # fmt: skip
    run = session.open_run(run_path, create=True)
    for kind, path, read in (
        ("texts", texts, import_texts),
        ("judgments", judgments, import_judgments),
        ("labels", labels, import_labels),
    ):
        if path is not None:
            count = read(run, path)
            session.say(said(
                f"{path}: {kind} {count.added}건을 들여왔습니다(이미 있던 것 {count.repeated}).",
                f"{path}: {count.added} {kind} imported ({count.repeated} were there already).",
            ))  # fmt: skip
