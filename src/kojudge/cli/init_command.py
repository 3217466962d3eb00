"""``kojudge init``."""

from __future__ import annotations

from pathlib import Path

import click

from kojudge.cli.session import Session
from kojudge.errors import said
from kojudge.workspace import write_starter


@click.command("init")
@click.argument("directory", type=click.Path(path_type=Path))
@click.pass_obj
def command(session: Session, directory: Path) -> None:
    """시작용 작업 공간을 만듭니다 · Write the starter workspace into DIRECTORY."""
    for path in write_starter(directory):
        click.echo(str(path))
    session.say(said(
        f"작업 공간을 만들었습니다. 다음: cd {directory} && kojudge models list",
        f"The workspace is ready. Next: cd {directory} && kojudge models list",
    ))  # fmt: skip
