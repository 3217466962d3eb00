"""The page: what hostile texts cannot do to it, and how an edited template fails."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from pathlib import Path

import pytest
from sample_page import (
    HOSTILE,
    LANGUAGES,
    MANIFEST,
    SHOWN,
    TEMPLATES,
    Document,
    comparison,
    item,
    judge,
    page,
    read,
    results,
    standing,
    written,
)

from kojudge.errors import ConfigError, Language
from kojudge.report.page import Page, render_page

# --- security


def hostile() -> Page:
    text = written(HOSTILE, text=HOSTILE, finish_reason=HOSTILE, flags=(HOSTILE,))
    unaudited = judge(HOSTILE, parameters=1, too_small=True, grades=[])
    found = comparison(candidate=HOSTILE, judge=HOSTILE, reasons=[HOSTILE], criterion=HOSTILE)
    return page(
        results=results(
            baseline=HOSTILE,
            comparisons=[found, found | {"slice": HOSTILE, "primary": False}],
            judges=[unaudited],
            leaderboard=[standing(HOSTILE)],
            missing=[{"candidate": HOSTILE, "criterion": HOSTILE, "unscored": 1, "total": 2}],
            family={"size": 1, "method": HOSTILE, "text_ko": HOSTILE, "text_en": HOSTILE},
        ),
        manifest={
            "run": HOSTILE,
            "commands": [{"argv": [HOSTILE], "started": HOSTILE, "finished": "", "seconds": 1.0}],
            "prompts": {HOSTILE: [HOSTILE, {HOSTILE: HOSTILE}]},
        },
        items=[
            item(prompt_name=HOSTILE, category=HOSTILE, request=HOSTILE,
                 history=((HOSTILE, HOSTILE),), texts=(text,))
        ],
        criteria={HOSTILE: (HOSTILE, HOSTILE)},
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_strings_show_literally_and_do_nothing(language: Language) -> None:
    html = render_page(hostile(), TEMPLATES, language)
    html.encode("utf-8")
    document = Document(html)
    assert not {"img", "iframe", "object", "form"} & {tag for tag, _ in document.tags}
    assert all(PACKED.fullmatch(text) for text in scripts_of(html)[:-1])
    assert scripts_of(html)[-1] == SCRIPT
    assert not set("\u202e\u200b\u3164\x00") & set(html)
    assert document.text.count(SHOWN) >= 25


@pytest.mark.parametrize("given", [page(), hostile()], ids=["plain", "hostile"])
def test_no_element_carries_a_handler_or_a_style_of_its_own(given: Page) -> None:
    for _, attributes in read(given).tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("given", [page(), hostile()], ids=["plain", "hostile"])
def test_nothing_is_loaded_from_anywhere(given: Page) -> None:
    html = render_page(given, TEMPLATES, "ko")
    for tag, attributes in Document(html).tags:
        for name in {"src", "href", "srcset", "action", "data", "xlink:href"} & set(attributes):
            target = attributes[name] or ""
            if tag == "a" and "download" in attributes:
                assert re.fullmatch(r"data:[a-z/]+;base64,[\w+/=]+", target)
                continue
            assert target == "data:," or re.fullmatch(r"#[\w=&%.-]+", target), (tag, target)
    assert not re.search(r"url\(|@import|https?:", style_of(html))


PACKED = re.compile("[A-Za-z0-9+/=]+")
SCRIPT = (TEMPLATES / "explorer.js").read_text(encoding="utf-8")


def scripts_of(html: str) -> list[str]:
    """What stands in each ``<script>``: the texts packed, then the one script that runs."""
    return re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)


def style_of(html: str) -> str:
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    return str(style)


def policy_of(html: str) -> str:
    policies = [
        a["content"]
        for a in Document(html).named("meta")
        if a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    return policies[0] or ""


def digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def test_the_policy_allows_the_one_style_sheet_and_script_and_nothing_else() -> None:
    html = render_page(page(), TEMPLATES, "ko")
    assert policy_of(html) == (
        f"default-src 'none'; script-src 'sha256-{digest(SCRIPT)}'; "
        f"style-src 'sha256-{digest(style_of(html))}'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    )


# --- templates that users edit


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATES, tmp_path / "reports"))


def append(path: Path, text: str) -> int:
    """Add a last line and return its number."""
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, text, ""]), encoding="utf-8")
    return len(lines) + 1


def test_an_edited_style_sheet_is_allowed_by_its_own_policy(templates: Path) -> None:
    append(templates / "page.css", "h1 { color: teal; } /* 제목 */")
    html = render_page(page(), templates, "ko")
    assert "color: teal" in style_of(html)
    assert f"sha256-{digest(style_of(html))}" in policy_of(html)


def test_an_edited_script_is_allowed_by_its_own_policy(templates: Path) -> None:
    append(templates / "explorer.js", "// 글")
    html = render_page(page(), templates, "ko")
    assert f"script-src 'sha256-{digest(scripts_of(html)[-1])}'" in policy_of(html)


@pytest.mark.parametrize("text", ["// </SCRIPT>", "// <!-- <script>", "// \0"])
def test_a_script_cannot_leave_its_element(templates: Path, text: str) -> None:
    append(templates / "explorer.js", text)
    with pytest.raises(ConfigError, match=r"explorer\.js"):
        render_page(page(), templates, "ko")


def test_an_added_expression_is_escaped_without_being_told_to(templates: Path) -> None:
    append(templates / "_texts.html.j2", "<p>{{ run }}</p>")
    html = render_page(page(manifest=MANIFEST | {"run": HOSTILE}), templates, "ko")
    assert Document(html).text.count(SHOWN) == Document(
        render_page(page(manifest=MANIFEST | {"run": HOSTILE}), TEMPLATES, "ko")
    ).text.count(SHOWN) + 1  # fmt: skip


@pytest.mark.parametrize(
    "mistake",
    [
        "{{ leaderbord }}",
        "{{ results.no_such_field }}",
        "{{ 1 / 0 }}",
        "{{ 'a' | signed }}",
        "{{ ''.__class__.__mro__ }}",
        "{% if %}",
        "{{ run | no_such_filter }}",
        "{% for x in cards %}",
    ],
)
def test_a_mistake_in_a_template_names_the_file_and_the_line(templates: Path, mistake: str) -> None:
    path = templates / "_missing.html.j2"
    line = append(path, mistake)
    with pytest.raises(ConfigError) as caught:
        render_page(page(), templates, "ko")
    for language in LANGUAGES:
        assert caught.value.message.in_(language).startswith(f"{path}:{line}: ")
    assert caught.value.hint is not None


def test_a_misspelt_variable_gets_a_suggestion(templates: Path) -> None:
    append(templates / "_missing.html.j2", "{{ standing }}")
    with pytest.raises(ConfigError) as caught:
        render_page(page(), templates, "ko")
    assert caught.value.hint is not None
    assert "standings" in caught.value.hint.en


def test_a_relative_folder_is_named_as_it_was_given(
    templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = append(templates / "_missing.html.j2", "{{ standing }}")
    monkeypatch.chdir(templates.parent)
    with pytest.raises(ConfigError) as caught:
        render_page(page(), Path("reports"), "ko")
    assert caught.value.message.en.startswith(f"reports/_missing.html.j2:{line}: ")


@pytest.mark.parametrize("name", ["page.html.j2", "_forest.html.j2", "page.css", "explorer.js"])
def test_a_missing_file_is_named(templates: Path, name: str) -> None:
    (templates / name).unlink()
    with pytest.raises(ConfigError, match=re.escape(name)) as caught:
        render_page(page(), templates, "ko")
    assert caught.value.hint is not None
    assert "kojudge init" in caught.value.hint.ko


@pytest.mark.parametrize(
    "text", ["</style><script>alert(1)</script>", "a::before { content: '\0' }"]
)
def test_a_style_sheet_cannot_leave_its_element(templates: Path, text: str) -> None:
    append(templates / "page.css", text)
    with pytest.raises(ConfigError, match=r"page\.css"):
        render_page(page(), templates, "ko")


@pytest.mark.parametrize("name", ["_texts.html.j2", "page.css"])
def test_a_file_that_is_not_utf_8_is_an_error(templates: Path, name: str) -> None:
    (templates / name).write_bytes("한글".encode("cp949"))
    with pytest.raises(ConfigError, match="reports"):
        render_page(page(), templates, "ko")
