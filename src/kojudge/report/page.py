"""Render one self-contained HTML page: one script, no request, readable over ``file://``."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kojudge.errors import ConfigError, Language, Said, said
from kojudge.korean.names import FAULT_GROUPS, GROUPS, PER
from kojudge.report import charts, wording
from kojudge.report.allpairs import expected_share
from kojudge.report.cascaded import cascade_sentence
from kojudge.report.content import Item, ItemText, Page
from kojudge.report.downloads import downloads
from kojudge.report.environment import TEMPLATE_ERRORS, explain, page_environment
from kojudge.report.evidence import failed_gates, shown_measures
from kojudge.report.explorer import build_explorer, first_texts
from kojudge.report.explorer_words import EXPLORER_WORDS, SCRIPT_WORDS
from kojudge.report.looked import looks_sentence
from kojudge.report.view import (
    all_criteria,
    criterion_names,
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
SCRIPT = "explorer.js"


def render_page(page: Page, templates: Path, language: Language) -> str:
    """Return the page as HTML in ``language``; the same input gives the same bytes.

    ``templates`` is the folder that holds ``page.html.j2``, ``page.css`` and ``explorer.js``.
    The result always encodes to UTF-8.

    Raises:
        ConfigError: a template, the style sheet or the script is missing or wrong; names file
            and line.
    """
    style, script = read_style(templates), read_script(templates)
    context = {
        **_context(page, language),
        "style": Markup(style),  # noqa: S704 (without "</" it cannot leave its element)
        "script": Markup(script),  # noqa: S704 (without "</" it cannot leave its element)
        "csp": content_policy(style, script),
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
    return _embedded(
        templates / STYLE_SHEET,
        said("스타일시트", "the style sheet"),
        ("</",),
    )


def read_script(templates: Path) -> str:
    """Return the explorer's script as it will stand inside ``<script>``.

    Raises:
        ConfigError: it cannot be read, or holds what would end the element (``</script``) or
            keep it from ending (``<!--``).
    """
    return _embedded(templates / SCRIPT, said("스크립트", "the script"), ("</script", "<!--"))


def _embedded(path: Path, what: Said, barred: Sequence[str]) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            said(f"{path}: {what.ko}를 읽을 수 없습니다: {error}",
                 f"{path}: cannot read {what.en}: {error}."),
            said("`kojudge init DIR`로 만든 작업 공간의 reports 폴더에서 되가져오세요.",
                 "Restore it from the reports folder of a workspace made by `kojudge init DIR`."),
        ) from error  # fmt: skip
    found = next((one for one in (*barred, "\0") if one in text.lower()), None)
    if found is not None:
        shown = "NUL" if found == "\0" else f"`{found}`"
        raise ConfigError(
            said(f"{path}: {what.ko}에 쓸 수 없는 것이 있습니다: {shown}",
                 f"{path}: {what.en} cannot hold {shown}."),
            said("그 부분을 지우세요.", "Remove it."),
        )  # fmt: skip
    return text


def content_policy(style: str, script: str) -> str:
    """Return the policy that allows this one style sheet and script, and nothing else."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


def _context(page: Page, language: Language) -> dict[str, Any]:
    results = page.results
    split = split_comparisons(results)
    other: Language = "en" if language == "ko" else "ko"
    return {
        "language": language,
        "other_language": other,
        "language_note": wording.LANGUAGE_NOTE.in_(other),
        "say_in": {
            one: {key: text.in_(one) for key, text in WORDS.items()} for one in (language, other)
        },
        "say": {key: text.in_(language) for key, text in {**WORDS, **EXPLORER_WORDS}.items()},
        "script_words": {key: text.in_(language) for key, text in SCRIPT_WORDS.items()},
        "run": page.manifest["run"],
        "results": results,
        "manifest": page.manifest,
        "downloads": downloads(results, page.manifest),
        "manifest_json": json.dumps(page.manifest, ensure_ascii=False, indent=2),
        "criteria": {
            name: criterion_names(page, name)[0 if language == "ko" else 1]
            for name in all_criteria(results)
        },
        "cards": verdict_cards(page, split.primary, language),
        "comparisons": split,
        "standings": standings(results),
        "forests": charts.forests(results),
        "outcomes": charts.outcomes(results),
        "slices": charts.slices(results, language),
        "mirrors": charts.mirrors(results),
        "scatters": charts.scatters(results),
        "categories": first_texts(texts_by_category(page.items)),
        "explorer": build_explorer(page, language),
        "order_flips": order_flips,
        "expected_share": expected_share,
        "measures": shown_measures(),
        "gates": failed_gates(results["evidence"]),
        "fault_groups": FAULT_GROUPS,
        "groups": GROUPS,
        "per": PER,
        "notices": _notices(results, language),
        "methods": _methods(results, language),
    }


def _notices(results: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Return what must be read before any number; a key is there only when it applies."""
    judges = results["judges"]
    failed = [judge for judge in judges if judge["grade"] == "failed"]
    unaudited = [judge for judge in judges if judge["grade"] == "unaudited"]
    found = {}
    if any(judge["too_small"] for judge in judges):
        found["too_small"] = wording.too_small_notice(judges).in_(language)
    if results.get("cascade"):
        found["cascade"] = cascade_sentence(results["cascade"]).in_(language)
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
