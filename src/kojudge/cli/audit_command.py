"""``kojudge audit``."""

from __future__ import annotations

import click

from kojudge.cli.options import engine_option, json_option, placing_options
from kojudge.cli.session import Session


@click.command("audit")
@click.option("--judge", required=True, help="검증할 심사 모델 · the judge's card")
@click.option("--rubric", "rubrics", multiple=True, help="이 루브릭만 · only these rubrics")
@click.option("--quick", is_flag=True, help="글 12편만. 잠정 인증까지만 · twelve texts only")
@click.option(
    "--labels",
    "labelled",
    help="사람 평가가 든 실행. 심사 모델과 견줍니다 · a run with people's labels to compare with",
)
@engine_option
@placing_options
@click.option("--dry-run", is_flag=True, help="판정 수만 세어 봅니다 · count, call no model")
@json_option
@click.pass_obj
def command(
    session: Session,
    judge: str,
    rubrics: tuple[str, ...],
    quick: bool,
    labelled: str | None,
    engine: str | None,
    workers: int | None,
    num_gpus_per_worker: float | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """심사 모델을 검증해 인증 등급을 냅니다 · The judge's certificate."""
    from kojudge.cli.auditing import AuditRequest, run_audit
    from kojudge.cli.placing import Placing

    placing = Placing(workers, num_gpus_per_worker)
    request = AuditRequest(judge, rubrics, quick, labelled, engine, dry_run, placing)
    summary = run_audit(session, request)
    if as_json:
        session.print_json(summary.content())
    return 3 if summary.failed else 0
