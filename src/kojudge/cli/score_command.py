"""``kojudge score``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import click

from kojudge.cli.options import (
    common_run,
    engine_option,
    json_option,
    limit_option,
    placing_options,
)
from kojudge.cli.session import Session


@click.command("score")
@common_run
@click.option("--judge", "judges", multiple=True, help="이 심사 모델만 · only these judges")
@click.option("--rubric", "rubrics", multiple=True, help="이 루브릭만 · only these rubrics")
@click.option(
    "--mode",
    type=click.Choice(["pointwise", "pairwise", "both"]),
    help="점수, 쌍 비교, 또는 둘 다 · scores, pairs or both",
)
@click.option(
    "--looks",
    type=click.IntRange(2, 10),
    help="중간 분석 횟수(보통 5). 결론이 나면 일찍 멈춥니다 · judge in K batches, stop when decided",
)
@click.option(
    "--flagged",
    type=click.Choice(["keep", "minimum"]),
    help="빈 글을 그대로 심사할지 최저점을 줄지 · judge empty texts, or give the minimum",
)
@engine_option
@placing_options
@limit_option
@click.option("--dry-run", is_flag=True, help="세어 보기만 합니다 · count, call no model")
@json_option
@click.pass_obj
def command(
    session: Session,
    run_path: str | None,
    judges: Sequence[str],
    rubrics: Sequence[str],
    mode: str | None,
    looks: int | None,
    flagged: str | None,
    engine: str | None,
    workers: int | None,
    num_gpus_per_worker: float | None,
    limit: int | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """심사 모델이 아직 없는 판정을 내립니다 · The judge answers what is missing."""
    from kojudge.cli.placing import Placing
    from kojudge.cli.scoring import ScoreRequest, run_score

    placing = Placing(workers, num_gpus_per_worker)
    request = ScoreRequest(
        run_path, tuple(judges), tuple(rubrics), mode, flagged, engine, limit, dry_run, placing
    )
    if looks is None:
        summary = run_score(session, request)
        content = {"schema": "kojudge.score/1", **asdict(summary)}
    else:
        from kojudge.cli import looking

        summary, looked = looking.run_looks(session, request, looks)
        content = looking.as_json(summary, looked)
    if as_json:
        session.print_json(content)
    return 3 if summary.failed or summary.unscored else 0
