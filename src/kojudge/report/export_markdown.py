"""The verdicts as a Markdown table, for a pull request, a wiki or a job summary."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from kojudge.errors import Language, Said, said
from kojudge.report import numbers
from kojudge.report.chosen import Comparison, judge_grade, overall_rows
from kojudge.report.families import PANEL
from kojudge.report.wording import (
    GRADES,
    MODES,
    NO_LABELS,
    REASONS,
    VERDICTS,
    look_up,
    too_small_notice,
    verdict_badge,
)
from kojudge.visible import visible

__all__ = ["plain_cell", "results_markdown"]

_MARKS = re.compile(r"([\\`*_\[\]<>|~&#:@!$])")
_WEB = re.compile(r"(?i)(www)\.")
_HEADINGS = (
    said("후보 모델", "candidate"),
    said("평가 항목", "criterion"),
    said("방식", "mode"),
    said("심사 모델(검증 등급)", "judge (grade)"),
    said("차이", "difference"),
    said("프롬프트", "prompts"),
    said("판정", "verdict"),
)


def results_markdown(results: Mapping[str, Any], language: Language) -> str:
    """Return the overall comparisons of ``results`` (results.json) as Markdown in ``language``.

    Those that carry the verdicts come first and are marked ``*``; what the judge cannot
    support is marked as withheld, with the reasons below the table.
    """
    rows = overall_rows(results)
    title = said("기준 모델과의 비교", "Comparison with the baseline").in_(language)
    lines = [f"### {title}: {plain_cell(results['baseline'])}", ""]
    lines += _notices(results, language)
    lines += [_line([heading.in_(language) for heading in _headings(results["alpha"])])]
    lines += ["|---|---|---|---|---|---:|---|"]
    lines += [_line(_cells(row, results, language)) for row in rows]
    caption = said("\\* 미리 정한 주 비교", "\\* primary family, fixed before the data")
    lines += ["", caption.in_(language), *_withheld(rows, language)]
    return "\n".join(lines) + "\n"


def plain_cell(text: str) -> str:
    """Return ``text`` as a Markdown cell shows it literally: no mark-up, no link, one line."""
    shown = visible(text).replace("\n", "⟦U+000A⟧").replace("\t", "⟦U+0009⟧")
    return _WEB.sub(r"\1\\.", _MARKS.sub(r"\\\1", shown))


def _headings(alpha: float) -> list[Said]:
    level = numbers.confidence(alpha)
    bounds = said(f"차이 [{level} 신뢰구간]", f"difference [{level} CI]")
    return [bounds if heading.en == "difference" else heading for heading in _HEADINGS]


def _notices(results: Mapping[str, Any], language: Language) -> list[str]:
    judges = results["judges"]
    notices = [too_small_notice(judges)] if any(judge["too_small"] for judge in judges) else []
    notices += [] if results.get("labels") else [NO_LABELS]
    return [line for one in notices for line in (f"> {plain_cell(one.in_(language))}", "")]


def _cells(row: Comparison, results: Mapping[str, Any], language: Language) -> list[str]:
    grade = GRADES[judge_grade(results, row)].in_(language)
    panel = said("심사단", "panel").in_(language)
    judge = panel if row["judge"] == PANEL else row["judge"]
    figures = numbers.signed(row["delta"])
    if row["delta"] is not None and row["ci_low"] is not None:
        figures += " " + numbers.interval(row["ci_low"], row["ci_high"])
    cells = (
        row["candidate"],
        row["criterion"],
        look_up(MODES, row["mode"]).in_(language),
        f"{judge} ({grade})",
        figures,
        numbers.count(row["n_prompts"]),
        _verdict(row, language) + (" *" if row["primary"] else ""),
    )
    return [plain_cell(cell) for cell in cells]


def _verdict(row: Comparison, language: Language) -> str:
    badge, verdict = verdict_badge(row).in_(language), VERDICTS[row["verdict"]].in_(language)
    return f"{badge} ({verdict})" if row["withheld"] else badge


def _withheld(rows: Sequence[Comparison], language: Language) -> list[str]:
    """Return why verdicts are withheld, each reason once."""
    marks = {"judge_certified", "judge_provisional", "judge_unaudited"}
    found = dict.fromkeys(
        reason for row in rows if row["withheld"] for reason in row["reasons"]
    )  # fmt: skip
    told = [look_up(REASONS, reason).in_(language) for reason in found if reason not in marks]
    if not told:
        return []
    title = said("판정을 보류한 까닭:", "Why verdicts are withheld:").in_(language)
    return ["", title, "", *(f"- {plain_cell(reason)}" for reason in told)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
