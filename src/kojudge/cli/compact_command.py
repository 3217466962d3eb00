"""``kojudge compact``."""

from __future__ import annotations

import click

from kojudge.cli.options import common_run
from kojudge.cli.session import Session
from kojudge.errors import said


@click.command("compact")
@common_run
@click.pass_obj
def command(session: Session, run_path: str | None) -> None:
    """실행 폴더의 조각 파일을 하나로 합칩니다 · Merge a run's part files."""
    for kind, before in session.open_run(run_path).compact().items():
        session.say(
            said(f"{kind}: 조각 {before}개를 합쳤습니다.", f"{kind}: {before} parts merged.")
        )
