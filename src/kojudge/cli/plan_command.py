"""``kojudge plan``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from kojudge.cli.options import json_option
from kojudge.cli.session import Session
from kojudge.errors import Language, Said, said

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from kojudge.cli.plan_power import Power
    from kojudge.cli.timing import Forecast
    from kojudge.models.memory import Footprint
    from kojudge.selection import Asked
    from kojudge.store.run import Run

_GIB = 2**30
_JUDGE_TOKENS = 2048
"""Tokens a judge reads at most about a pair of texts of ordinary length, rubric included."""


@click.command("plan")
@click.option("--gpu-memory", type=click.FloatRange(min=0), help="GPU 메모리(GiB) · memory in GiB")
@click.option(
    "--run",
    "pilot",
    help="분산과 속도를 잴 예비 실행 · a pilot run to measure variances and speed in",
)
@click.option(
    "--difference",
    type=float,
    help="찾고 싶은 차이(점수 또는 승률 − 0.5) · the difference to find (default: the margin)",
)
@click.option(
    "--power",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.8,
    show_default=True,
    help="그 차이를 찾을 확률 · the probability of finding it",
)
@click.option(
    "--calibrate",
    is_flag=True,
    help="여기 있는 모델을 열어 실제 요청을 잠깐씩 재기 · open the models that are here and time real requests",
)
@json_option
@click.pass_obj
def command(
    session: Session,
    gpu_memory: float | None,
    pilot: str | None,
    difference: float | None,
    power: float,
    calibrate: bool,
    as_json: bool,
) -> None:
    """메모리, 작업량, 시간, 필요한 프롬프트 수를 봅니다 · Does it fit, how long, how many prompts."""
    from kojudge.cli.against_plan import plans_of
    from kojudge.cli.plan_power import find_spreads, power_of
    from kojudge.cli.timing import time_content

    asked, _ = session.ask(None, {}, {})
    needs = _footprints(asked, None if gpu_memory is None else gpu_memory * _GIB)
    work = _work(asked)
    run = None if pilot is None else session.open_run(pilot)
    spreads = find_spreads(
        session, asked, work, run, difference, power, must_have_scores=not calibrate
    )
    rows = _forecasts(session, asked, run, calibrate=calibrate)
    found = None if spreads is None else power_of(spreads, run, rows)
    earlier = plans_of(run) if run else []
    if as_json:
        content: dict[str, Any] = {"schema": "kojudge.plan/1", "work": work}
        content["models"] = [asdict(need) for need in needs]
        content["power"] = found and found.content()
        session.print_json(content | {"time": time_content(rows), "held": earlier})
        return
    from rich.console import Console

    console = Console()
    console.print(_table(needs, session.language))
    click.echo(said(
        f"글 {work['texts']}편(새 토큰 최대 {work['max_new_tokens']:,}) · 판정 {work['judgments']}건",
        f"{work['texts']} texts (at most {work['max_new_tokens']:,} new tokens) · "
        f"{work['judgments']} judgments",
    ).in_(session.language))  # fmt: skip
    _show_time(rows, earlier, console, session.language)
    _show_power(found, console, session.language)


def _forecasts(
    session: Session, asked: Asked, run: Run | None, *, calibrate: bool
) -> list[Forecast]:
    """Return how long each model takes; with ``calibrate`` the models are timed first."""
    from kojudge.cli import calibrations
    from kojudge.cli.timing import forecasts

    folder = session.workspace().runs
    reasons: dict[str, Said] = {}
    if calibrate:
        from kojudge.cli.calibrating import calibrate as measure

        measured = measure(session, asked, run)
        calibrations.keep(folder, measured.found.values())
        reasons = measured.reasons
    return forecasts(asked, calibrations.kept(folder), reasons)


def _show_time(
    rows: list[Forecast], earlier: list[dict[str, Any]], console: Console, language: Language
) -> None:
    from kojudge.cli.time_table import explanations, held, time_table

    if any(row.span is not None for row in rows):
        console.print(time_table(rows, language))
    for line in (*explanations(rows), *held(earlier)):
        click.echo(line.in_(language))


def _show_power(found: Power | None, console: Console, language: Language) -> None:
    from kojudge.cli.power_table import explanations, power_table

    if found is None:
        click.echo(said(
            "primary_mode에 맞는 루브릭이 없어 필요한 프롬프트 수를 셈하지 않았습니다.",
            "No rubric has the primary mode, so the prompts needed were not worked out.",
        ).in_(language))  # fmt: skip
        return
    console.print(power_table(found.design, found.rows, language))
    for line in explanations(found.design, found.rows, found.pace, found.pilot):
        click.echo(line.in_(language))


def _footprints(asked: Asked, memory: float | None) -> list[Footprint]:
    from kojudge.models.memory import footprint

    size = asked.settings.batch_size
    writers = [
        footprint(card, "candidate", size * (512 + card.sampling.max_tokens), memory)
        for card in asked.candidates
    ]
    judges = [footprint(card, "judge", size * _JUDGE_TOKENS, memory) for card in asked.judges]
    return [*writers, *judges]


def _work(asked: Asked) -> dict[str, Any]:
    settings = asked.settings
    each = len(asked.prompts) * settings.samples
    texts = each * len(asked.candidates)
    points = sum(r.mode == "pointwise" for r in asked.rubrics) * (settings.mode != "pairwise")
    pairs = sum(r.mode == "pairwise" for r in asked.rubrics) * (settings.mode != "pointwise")
    rivals = len(asked.candidates) - 1
    judgments = len(asked.judges) * (points * texts + pairs * each * rivals * 2)
    tokens = sum(each * card.sampling.max_tokens for card in asked.candidates)
    return {
        "prompts": len(asked.prompts),
        "texts": texts,
        "max_new_tokens": tokens,
        "judgments": judgments,
    }


def _table(needs: list[Footprint], language: Language) -> Table:
    from rich.table import Table

    table = Table()
    for heading in (
        said("모델", "model"),
        said("역할", "role"),
        said("파라미터", "parameters"),
        said("FP16", "FP16"),
        said("INT8", "INT8"),
        said("INT4", "INT4"),
        said("KV 캐시", "KV cache"),
    ):
        table.add_column(heading.in_(language))
    for need in needs:
        cells = [_size(need.weights.get(p), need.fits.get(p)) for p in ("fp16", "int8", "int4")]
        parameters = f"{need.parameters / 1e9:.2f}B" if need.parameters else "—"
        table.add_row(need.name, need.role, parameters, *cells, _size(need.kv_cache, None))
    return table


def _size(size: float | None, fits: bool | None) -> str:
    if size is None:
        return "—"
    mark = "" if fits is None else " ✓" if fits else " ✗"
    return f"{size / 1e9:.1f} GB{mark}"
