"""What ``kojudge report`` does, between the flags and the page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kojudge.cli.annotating import measure
from kojudge.cli.session import Session, language_of
from kojudge.cli.table import cascade_table, page_line, verdict_table
from kojudge.errors import StoreError, said
from kojudge.report import Page, build_items, build_results, check_judged, count, render_page
from kojudge.report.cascaded import cascade_sentence
from kojudge.report.looked import looks_sentence
from kojudge.selection import Asked, current_texts, wanted_texts
from kojudge.store import manifest
from kojudge.workspace import starter_root


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """The flags of one call."""

    run_path: str | None = None
    baseline: str | None = None
    out: Path | None = None
    lang: str | None = None


def run_report(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Write results.json and report.html; return the results."""
    run = session.open_run(request.run_path)
    asked, _ = session.ask(run, {"baseline": request.baseline}, {}, starter_serves=True)
    check_judged(run, asked.settings.baseline)  # measuring the texts can take minutes
    measure(session, run, current_texts(run, {item.text_id for item in wanted_texts(asked)}))
    counted = count(run, asked)
    results = build_results(run, counted)
    about = {"run": Path(run.path).name, **manifest.read(run.path)}
    page = Page(results, about, build_items(run, counted), _criteria(asked, results))
    html = render_page(page, _templates(session), language_of(request.lang or session.language))
    out = request.out or Path(run.path) / "report.html"
    _write(
        Path(run.path) / "results.json", json.dumps(results, ensure_ascii=False, indent=1) + "\n"
    )
    _write(out, html)
    session.console().print(verdict_table(results, session.language))
    if results["cascade"]:
        session.console().print(cascade_table(results["cascade"], session.language))
    _tell(session, results, out)
    return results


def _templates(session: Session) -> Path:
    """Return the workspace's page templates; a workspace without any uses the starter's."""
    own = session.workspace_or_starter().reports
    return own if (own / "page.html.j2").is_file() else starter_root() / "reports"


def _criteria(asked: Asked, results: dict[str, Any]) -> dict[str, tuple[str, str]]:
    named = {rubric.criterion: (rubric.name_ko, rubric.name_en) for rubric in asked.rubrics}
    found = {c for row in results["leaderboard"] for c in (*row["criteria"], *row["pairs"])}
    return {c: named.get(c, (c, c)) for c in sorted(found)}


def _write(path: Path, content: str) -> None:
    """Replace ``path`` in one step: a reader sees the old page or the new one."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_text(content, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreError(
            said(f"{path}에 쓸 수 없습니다: {error}", f"Cannot write {path}: {error}"),
            said("권한과 남은 용량을 확인하거나 --out으로 다른 곳을 고르세요.",
                 "Check permissions and free space, or choose another place with --out."),
        ) from error  # fmt: skip


def _tell(session: Session, results: dict[str, Any], out: Path) -> None:
    if results["looks"]:
        session.say(looks_sentence(results["looks"]))
    if results["cascade"]:
        session.say(cascade_sentence(results["cascade"]))
    small = [judge["name"] for judge in results["judges"] if judge["too_small"]]
    if small:
        names = ", ".join(small)
        session.say(said(
            f"⚠ 심사 모델 {names}: 너무 작아 판정을 믿을 수 없습니다. 도구가 도는 모습만 보여 줍니다.",
            f"⚠ Judge {names} is too small to trust: this shows the machinery only.",
        ))  # fmt: skip
    stale = results["stale"]
    if stale["texts"] or stale["judgments"]:
        session.say(said(
            f"지금 설정이 찾지 않는 글 {stale['texts']}편, 판정 {stale['judgments']}건은 빼고 셌습니다"
            "(지우지는 않았습니다).",
            f"{stale['texts']} texts and {stale['judgments']} judgments are stale: kept, not counted.",
        ))  # fmt: skip
    session.say(page_line(out, out.stat().st_size))
