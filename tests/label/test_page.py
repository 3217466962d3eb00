"""The document: whole, hashed, and without a way for text to become markup."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files

import pytest

from kojudge.errors import Language
from kojudge.label.page import label_page

SCRIPT = (files("kojudge.label") / "page.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_policy_holds_the_hashes_of_the_style_and_script_on_the_page(
    language: Language,
) -> None:
    page = label_page(language, "kim")
    html = page.html.decode("utf-8")
    for name in ("style", "script"):
        [content] = re.findall(rf"<{name}>(.*?)</{name}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in page.policy
    assert html.startswith(f'<!doctype html>\n<html lang="{language}">')
    assert not re.search(r"\son\w+=|style=|https?://|src=", html)


def test_the_script_has_no_way_to_make_markup_or_code_of_text() -> None:
    for way in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function(",
                "DOMParser", "createContextualFragment", "setAttribute(\"on"):  # fmt: skip
        assert way not in SCRIPT


def test_keys_go_by_place_not_by_letter_but_for_the_question_mark() -> None:
    assert re.findall(r"event\.key\b.{8}", SCRIPT) == ['event.key === "?"']
    assert "event.code" in SCRIPT


def test_a_rater_s_name_is_escaped() -> None:
    assert b"<b>" not in label_page("ko", "<b>").html
