"""``kojudge generate``."""

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


@click.command("generate")
@common_run
@click.option("--candidate", "candidates", multiple=True, help="이 후보만 · only these candidates")
@click.option("--prompts", multiple=True, help="이 프롬프트 묶음만 · only these prompt sets")
@click.option("--samples", type=click.IntRange(min=1), help="프롬프트마다 몇 편 · texts per prompt")
@engine_option
@placing_options
@limit_option
@click.option("--dry-run", is_flag=True, help="세어 보기만 합니다 · count, call no model")
@json_option
@click.pass_obj
def command(
    session: Session,
    run_path: str | None,
    candidates: Sequence[str],
    prompts: Sequence[str],
    samples: int | None,
    engine: str | None,
    workers: int | None,
    num_gpus_per_worker: float | None,
    limit: int | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """후보 모델이 아직 없는 글을 씁니다 · Candidates write the texts that are missing."""
    from kojudge.cli.generating import GenerateRequest, run_generate
    from kojudge.cli.placing import Placing

    placing = Placing(workers, num_gpus_per_worker)
    request = GenerateRequest(
        run_path, tuple(candidates), tuple(prompts), samples, engine, limit, dry_run, placing
    )
    summary = run_generate(session, request)
    if as_json:
        session.print_json({"schema": "kojudge.generate/1", **asdict(summary)})
    return 3 if summary.failed else 0
