"""``kojudge report``."""

from __future__ import annotations

from pathlib import Path

import click

from kojudge.cli.options import common_run, json_option
from kojudge.cli.session import Session


@click.command("report")
@common_run
@click.option("--baseline", help="기준 모델 · the baseline (default: kojudge.toml)")
@click.option(
    "--out", type=click.Path(path_type=Path), help="보고서 파일 · default: RUN/report.html"
)
@click.option("--lang", type=click.Choice(["ko", "en"]), help="보고서 언어 · the page's language")
@click.option(
    "--gate",
    metavar="EXPR",
    help="거짓이면 종료 코드 1, 예: MODEL.naturalness.similar_or_better · exit 1 unless it holds",
)
@json_option
@click.pass_obj
def command(
    session: Session,
    run_path: str | None,
    baseline: str | None,
    out: Path | None,
    lang: str | None,
    gate: str | None,
    as_json: bool,
) -> int:
    """통계를 내고 보고서를 만듭니다 · Compute results.json and build the report."""
    from kojudge.cli.gating import gate_holds, read_gate
    from kojudge.cli.reporting import ReportRequest, run_report

    wanted = read_gate(gate)
    results = run_report(session, ReportRequest(run_path, baseline, out, lang))
    if as_json:
        session.print_json(results)
    if not gate_holds(session, wanted, results):
        return 1
    return 3 if any(row["unscored"] for row in results["missing"]) else 0
