"""Options that several commands share."""

from __future__ import annotations

import click

from kojudge.workspace.names import ENGINES

common_run = click.option(
    "--run", "run_path", help="실행 폴더 · the run directory (default: runs/<profile or main>)"
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="JSON 하나를 표준 출력으로 · one JSON object on stdout"
)
engine_option = click.option(
    "--engine", type=click.Choice(ENGINES), help="모델을 돌릴 엔진 · what runs the models"
)
limit_option = click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="분류마다 앞에서 N개 프롬프트만 · the first N prompts of each category",
)
