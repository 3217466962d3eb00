"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
_workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Ray 작업자 수. 모델을 하나씩 듭니다 · Ray workers, each with a copy of the model",
)
_gpus_option = click.option(
    "--num-gpus-per-worker",
    type=click.FloatRange(min=0),
    help="Ray 작업자마다 GPU 몇 개(0.5도 됨) · GPUs of each Ray worker, also shares as 0.5",
)
limit_option = click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="분류마다 앞에서 N개 프롬프트만 · the first N prompts of each category",
)


def placing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give ``command`` the flags of :class:`kojudge.cli.placing.Placing`."""
    return _workers_option(_gpus_option(command))
