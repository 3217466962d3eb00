"""``kojudge score``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from kojudge.cli.options import (
    common_run,
    engine_option,
    json_option,
    limit_option,
    placing_options,
)
from kojudge.cli.session import Session

if TYPE_CHECKING:
    from kojudge.cli.scoring import ScoreRequest, ScoreSummary


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
    "--with", "strong", help="일부만 읽을 더 나은 심사 모델 · a better judge, asked about a part"
)
@click.option(
    "--fraction",
    type=click.FloatRange(0, 1, min_open=True),
    help="--with의 모델이 읽을 프롬프트의 비율(보통 0.2) · the part that --with reads",
)
@click.option(
    "--uncertain",
    is_flag=True,
    help="--judge가 망설인 프롬프트를 더 자주 뽑습니다 · draw more where --judge is unsure",
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
    strong: str | None,
    fraction: float | None,
    uncertain: bool,
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
    if strong is not None or fraction is not None or uncertain:
        summary, content = _cascade(session, request, looks, strong, fraction, uncertain)
    elif looks is None:
        summary = run_score(session, request)
        content = {"schema": "kojudge.score/1", **asdict(summary)}
    else:
        from kojudge.cli import looking

        summary, looked = looking.run_looks(session, request, looks)
        content = looking.as_json(summary, looked)
    if as_json:
        session.print_json(content)
    return 3 if summary.failed or summary.unscored else 0


def _cascade(
    session: Session,
    request: ScoreRequest,
    looks: int | None,
    strong: str | None,
    fraction: float | None,
    uncertain: bool,
) -> tuple[ScoreSummary, dict[str, Any]]:
    from kojudge.cli import cascading

    if looks is not None:
        raise cascading.refuse_both()
    if strong is None:
        raise click.UsageError(
            "--fraction과 --uncertain은 --with와 함께 씁니다 · --fraction and --uncertain need --with"
        )
    flags = cascading.CascadeRequest(strong, fraction, uncertain)
    summary, cascade = cascading.run_cascade(session, request, flags)
    return summary, cascading.as_json(summary, cascade)
