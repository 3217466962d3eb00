"""Render one self-contained HTML page: no script, no request, readable over ``file://``."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kojudge.errors import ConfigError, Language, said
from kojudge.korean.names import GROUPS, PER
from kojudge.report import wording
from kojudge.report.content import Item, ItemText, Page
from kojudge.report.environment import TEMPLATE_ERRORS, explain, page_environment
from kojudge.report.evidence import shown_measures
from kojudge.report.looked import looks_sentence
from kojudge.report.view import (
    all_criteria,
    criterion_names,
    forests,
    order_flips,
    split_comparisons,
    standings,
    texts_by_category,
    verdict_cards,
)
from kojudge.report.words import WORDS

__all__ = ["Item", "ItemText", "Page", "render_page"]

PAGE_TEMPLATE = "page.html.j2"
STYLE_SHEET = "page.css"


def render_page(page: Page, templates: Path, language: Language) -> str:
    """Return the page as HTML in ``language``; the same input gives the same bytes.

    ``templates`` is the folder that holds ``page.html.j2`` and ``page.css``. The result
    always encodes to UTF-8.

    Raises:
        ConfigError: a template or the style sheet is missing or wrong; names file and line.
    """
    style = read_style(templates)
    context = {
        **_context(page, language),
        "style": Markup(style),  # noqa: S704 (without "</" it cannot leave its element)
        "csp": content_policy(style),
    }
    environment = page_environment(templates, language)
    try:
        return environment.get_template(PAGE_TEMPLATE).render(context)
    except TEMPLATE_ERRORS as error:
        raise explain(error, templates, context) from error


def read_style(templates: Path) -> str:
    """Return the style sheet as it will stand inside ``<style>``.

    Raises:
        ConfigError: it cannot be read, or holds ``</``, which would end the element.
    """
    path = templates / STYLE_SHEET
    try:
        style = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            said(f"{path}: 스타일시트를 읽을 수 없습니다: {error}",
                 f"{path}: cannot read the style sheet: {error}."),
            said("`kojudge init DIR`로 만든 작업 공간의 reports 폴더에서 되가져오세요.",
                 "Restore it from the reports folder of a workspace made by `kojudge init DIR`."),
        ) from error  # fmt: skip
    if "</" in style or "\0" in style:
        raise ConfigError(
            said(f"{path}: 스타일시트에 `</`나 NUL 문자를 쓸 수 없습니다.",
                 f"{path}: a style sheet cannot hold `</` or NUL."),
            said("그 부분을 지우세요.", "Remove it."),
        )  # fmt: skip
    return style


def content_policy(style: str) -> str:
    """Return the policy that allows this one style sheet and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _context(page: Page, language: Language) -> dict[str, Any]:
    results = page.results
    split = split_comparisons(results)
    other: Language = "en" if language == "ko" else "ko"
    return {
        "language": language,
        "other_language": other,
        "language_note": wording.LANGUAGE_NOTE.in_(other),
        "say": {key: text.in_(language) for key, text in WORDS.items()},
        "run": page.manifest["run"],
        "results": results,
        "manifest": page.manifest,
        "manifest_json": json.dumps(page.manifest, ensure_ascii=False, indent=2),
        "criteria": {
            name: criterion_names(page, name)[0 if language == "ko" else 1]
            for name in all_criteria(results)
        },
        "cards": verdict_cards(page, split.primary, language),
        "comparisons": split,
        "standings": standings(results, split),
        "forests": forests(split, results["primary_mode"]),
        "categories": texts_by_category(page.items),
        "order_flips": order_flips,
        "measures": shown_measures(),
        "groups": GROUPS,
        "per": PER,
        "notices": _notices(results, language),
        "methods": _methods(results, language),
    }


def _notices(results: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Return what must be read before any number; a key is there only when it applies."""
    judges = results["judges"]
    small = [judge for judge in judges if judge["too_small"]]
    failed = [judge for judge in judges if judge["grade"] == "failed"]
    unaudited = [judge for judge in judges if judge["grade"] == "unaudited"]
    found = {}
    if small:
        found["too_small"] = wording.too_small_notice(small).in_(language)
    if failed:
        found["failed"] = wording.failed_notice(failed).in_(language)
    if unaudited:
        found["unaudited"] = wording.unaudited_notice(unaudited).in_(language)
    if not results.get("labels"):
        found["no_labels"] = wording.NO_LABELS.in_(language)
    return found


def _methods(results: Mapping[str, Any], language: Language) -> dict[str, str]:
    family, alpha, looks = results["family"], results["alpha"], results.get("looks")
    return {
        "looks": looks_sentence(looks).in_(language) if looks else "",
        "family": wording.family_sentence(family, alpha).in_(language),
        "tests": family["text_ko" if language == "ko" else "text_en"],
        "equivalence": wording.equivalence_sentence(alpha).in_(language),
    }
