"""``kojudge publish``."""

from __future__ import annotations

import click

from kojudge.cli.options import json_option
from kojudge.cli.session import Session


@click.command("publish")
@click.option(
    "--run",
    "runs",
    multiple=True,
    help="실행 폴더, 여러 번 쓸 수 있음 · a run directory, repeatable (default: runs/main)",
)
@click.option(
    "--to", required=True, metavar="DIR|hf://spaces/ORG/NAME", help="올릴 곳 · where to publish"
)
@click.option(
    "--lang", type=click.Choice(["ko", "en"]), help="첫 화면의 언어 · the index's language"
)
@click.option(
    "--private", is_flag=True, help="새 Space를 비공개로 만듭니다 · make a new Space private"
)
@json_option
@click.pass_obj
def command(
    session: Session, runs: tuple[str, ...], to: str, lang: str | None, private: bool, as_json: bool
) -> None:
    """보고서를 정적 사이트로 발행합니다 · Publish reports as a static site that grows run by run."""
    from kojudge.cli.publishing import PublishRequest, run_publish

    done = run_publish(session, PublishRequest(runs, to, lang, private))
    if as_json:
        session.print_json(done)
