"""``kojudge export``."""

from __future__ import annotations

from pathlib import Path

import click

from kojudge.cli.options import common_run
from kojudge.cli.session import Session
from kojudge.errors import ConfigError, said

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("export")
@common_run
@click.option("--texts", type=_FILE, help="글 · texts")
@click.option("--judgments", type=_FILE, help="판정 · judgments")
@click.option("--labels", type=_FILE, help="사람 평가 · human labels")
@click.pass_obj
def command(
    session: Session,
    run_path: str | None,
    texts: Path | None,
    judgments: Path | None,
    labels: Path | None,
) -> None:
    """실행의 글·판정·라벨을 JSONL로 내보냅니다 · Give back texts, judgments, labels as JSONL."""
    from kojudge.store.interchange import export_judgments, export_labels, export_texts

    if not (texts or judgments or labels):
        raise ConfigError(
            said("내보낼 것이 없습니다.", "Nothing to export."),
            said("--texts, --judgments, --labels 가운데 하나에 파일 이름을 주세요.",
                 "Give a file name to --texts, --judgments or --labels."),
        )  # fmt: skip
    run = session.open_run(run_path)
    for kind, path, write in (
        ("texts", texts, export_texts),
        ("judgments", judgments, export_judgments),
        ("labels", labels, export_labels),
    ):
        if path is not None:
            count = write(run, path)
            left_out = said(
                f", 실패해서 뺀 것 {count.failed}건" if count.failed else "",
                f", {count.failed} failed ones left out" if count.failed else "",
            )
            session.say(said(
                f"{path}: {kind} {count.written}건{left_out.ko}",
                f"{path}: {count.written} {kind}{left_out.en}",
            ))  # fmt: skip
