"""The index page: one self-contained HTML file without any script."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kojudge.errors import ConfigError, Language, said
from kojudge.publish.entry import CSV, REPORT, Entry
from kojudge.publish.history import HEIGHT, MOST_POINTS, histories
from kojudge.publish.words import WORDS
from kojudge.report.chosen import judge_grade, overall_rows
from kojudge.report.environment import TEMPLATE_ERRORS, explain, page_environment
from kojudge.report.families import PANEL
from kojudge.report.page import read_style
from kojudge.report.results_file import RESULTS
from kojudge.report.wording import VERDICTS, WITHHELD

__all__ = ["TEMPLATE", "render_index"]

TEMPLATE = "site.html.j2"
STYLE_SHEET = "site.css"
_ORDER = ("better", "similar", "not worse", "worse", "undecided", "refused", "withheld")


def render_index(
    entries: Sequence[Entry],
    unreadable: Sequence[str],
    templates: Path,
    language: Language,
    other_page: str,
) -> str:
    """Return the index of ``entries`` (in order of time) as HTML in ``language``.

    ``templates`` holds ``site.html.j2``, ``page.css`` and ``site.css``; ``unreadable`` names the runs left
    out; ``other_page`` is the address of the page in the other language.

    Raises:
        ConfigError: a template or the style sheet is missing or wrong; names file and line.
    """
    style = read_style(templates) + _own_style(templates)
    context: dict[str, Any] = {
        "language": language,
        "other_language": "en" if language == "ko" else "ko",
        "other_page": other_page,
        "say": {key: words.in_(language) for key, words in WORDS.items()},
        "style": Markup(style),  # noqa: S704 (without "</" it cannot leave its element)
        "csp": _policy(style),
        "entries": list(reversed(entries)),
        "panels": histories(entries),
        "unreadable": unreadable,
        "criterion": _criterion_names(entries, language),
        "rows": _rows,
        "tally": _tally,
        "tallied": {**{k: v.in_(language) for k, v in VERDICTS.items()},
                    "withheld": WITHHELD.in_(language)},
        "judge_grade": judge_grade,
        "panel_judge": PANEL,
        "height": HEIGHT,
        "most_points": MOST_POINTS,
        "files": {"report": REPORT, "results": RESULTS, "csv": CSV},
    }  # fmt: skip
    environment = page_environment(templates, language)
    try:
        return environment.get_template(TEMPLATE).render(context)
    except TEMPLATE_ERRORS as error:
        raise explain(error, templates, context) from error


def _own_style(templates: Path) -> str:
    path = templates / STYLE_SHEET
    try:
        style = path.read_text(encoding="utf-8-sig")
        if "</" in style or "\0" in style:
            raise ValueError("it holds `</` or NUL")
    except (OSError, ValueError) as error:
        raise ConfigError(
            said(f"{path}: 스타일시트를 쓸 수 없습니다: {error}",
                 f"{path}: the style sheet cannot be used: {error}."),
            said("`kojudge init DIR`로 만든 작업 공간의 reports 폴더에서 되가져오세요.",
                 "Restore it from the reports folder of a workspace made by `kojudge init DIR`."),
        ) from error  # fmt: skip
    return style


def _policy(style: str) -> str:
    """Return the policy that allows this one style sheet, and no script at all."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _criterion_names(entries: Sequence[Entry], language: Language) -> dict[str, str]:
    """Return what each criterion is called, by its latest run."""
    names: dict[str, str] = {}
    for entry in entries:
        for row in entry.results["comparisons"]:
            names.setdefault(row["criterion"], row["criterion"])
        for criterion, (ko, en) in entry.criteria.items():
            names[criterion] = ko if language == "ko" else en
    return names


def _rows(entry: Entry) -> list[Mapping[str, Any]]:
    return [row for row in overall_rows(entry.results) if row["primary"]]


def _tally(entry: Entry) -> list[tuple[str, int]]:
    """Count the verdicts of a run, the best first."""
    counted = Counter("withheld" if r["withheld"] else str(r["verdict"]) for r in _rows(entry))
    return [(verdict, counted[verdict]) for verdict in _ORDER if counted[verdict]]
