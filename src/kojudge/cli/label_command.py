"""``kojudge label``."""

from __future__ import annotations

import click

from kojudge.cli.options import common_run
from kojudge.cli.session import Session


@click.command("label")
@common_run
@click.option("--rater", help="평가자 이름 · the rater's name (default: the user logged in)")
@click.option("--baseline", help="기준 모델 · the baseline (default: kojudge.toml)")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=60,
    show_default=True,
    help="견줄 쌍의 수 · how many pairs to compare, balanced over candidates and categories",
)
@click.option(
    "--open", "open_browser", is_flag=True, help="브라우저도 엽니다 · open the browser too"
)
@click.pass_obj
def command(
    session: Session,
    run_path: str | None,
    rater: str | None,
    baseline: str | None,
    limit: int,
    open_browser: bool,
) -> None:
    """누가 썼는지 가린 채 두 글을 견줍니다 · The blind labelling page, on this machine only."""
    from kojudge.cli.labelling import LabelRequest, run_labelling

    run_labelling(session, LabelRequest(run_path, rater, baseline, limit, open_browser))
