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

    from kojudge.cli.plan_audit import AuditCost
    from kojudge.cli.plan_cascade import CascadeRow
    from kojudge.cli.plan_memory import Memory
    from kojudge.cli.plan_power import Power, Spreads
    from kojudge.cli.timing import Forecast
    from kojudge.selection import Asked
    from kojudge.store.run import Run


@click.command("plan")
@click.option(
    "--gpu-memory",
    type=click.FloatRange(min=0, min_open=True),
    help="GPU 하나의 메모리(GiB). 들어가는 심사 모델을 모두 봅니다 · memory of a GPU in GiB; lists the judges that fit",
)
@click.option(
    "--gpus",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="모델 하나를 나누어 담을 GPU 수 · GPUs that hold one model together",
)
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
    gpus: int,
    pilot: str | None,
    difference: float | None,
    power: float,
    calibrate: bool,
    as_json: bool,
) -> None:
    """메모리, 작업량, 시간, 필요한 프롬프트 수를 봅니다 · Does it fit, how long, how many prompts."""
    from kojudge.cli.against_plan import plans_of
    from kojudge.cli.plan_memory import memory_of
    from kojudge.cli.plan_power import find_spreads, power_of
    from kojudge.cli.plan_work import with_reading, work_of
    from kojudge.cli.timing import time_content

    asked, _ = session.ask(None, {}, {})
    work = work_of(asked)
    run = None if pilot is None else session.open_run(pilot)
    memory = memory_of(asked, run, gpu_memory, gpus)
    spreads = find_spreads(
        session, asked, work, run, difference, power, must_have_scores=not calibrate
    )
    rows = _forecasts(session, asked, run, calibrate=calibrate)
    audits = _audits(session, asked)
    work = with_reading(work, asked, memory.lengths, audits)
    found = None if spreads is None else power_of(spreads, run, rows)
    cascades = _cascades(session, run, spreads)
    earlier = plans_of(run) if run else []
    if as_json:
        content: dict[str, Any] = {"schema": "kojudge.plan/1", "work": work, **memory.content()}
        content["power"] = found and found.content()
        content["cascade"] = [asdict(row) for row in cascades]
        session.print_json(content | {"time": time_content(rows), "held": earlier})
        return
    from rich.console import Console

    console = Console()
    _show_memory(memory, console, session.language)
    _show_work(work, audits, session.language)
    _show_time(rows, earlier, console, session.language)
    _show_power(found, console, session.language)
    _show_cascades(cascades, session.language)


def _audits(session: Session, asked: Asked) -> list[AuditCost]:
    from kojudge.cli import calibrations
    from kojudge.cli.plan_audit import audit_costs

    return audit_costs(asked, calibrations.kept(session.workspace().runs))


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


def _show_memory(found: Memory, console: Console, language: Language) -> None:
    from kojudge.cli.memory_table import judges_lines, judges_table, memory_lines, memory_table

    console.print(memory_table(found.needs, language))
    for line in memory_lines(found):
        click.echo(line.in_(language))
    if found.judges is not None:
        console.print(judges_table(found, language))
        for line in judges_lines(found.judges):
            click.echo(line.in_(language))


def _show_work(work: dict[str, Any], audits: list[AuditCost], language: Language) -> None:
    from kojudge.cli.plan_audit import lines
    from kojudge.cli.plan_work import work_line

    for line in (work_line(work), *lines(audits)):
        click.echo(line.in_(language))


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


def _cascades(session: Session, run: Run | None, spreads: Spreads | None) -> list[CascadeRow]:
    """Return how much a better judge must read, where a pilot run holds two judges' scores."""
    from kojudge.cli.plan_cascade import cascade_rows

    if run is None or spreads is None or spreads.pilot is None:
        return []
    its, _ = session.ask(run, {}, {})
    return cascade_rows(run, its, spreads.design)


def _show_cascades(rows: list[CascadeRow], language: Language) -> None:
    from kojudge.cli.plan_cascade import lines

    for line in lines(rows):
        click.echo(line.in_(language))
