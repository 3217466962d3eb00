"""The static site: both languages, no broken link, nothing from elsewhere, fit for a phone."""

from __future__ import annotations

import functools
import importlib.util
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag, urljoin

import pytest

from .shown import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BUILD = ROOT / "docs" / "site" / "build.py"
IN_BOTH = {"folders/benchmarks", "folders/simulations"}
"""Pages that mix their languages throughout and are shown whole in both."""


def load_pages() -> Any:
    spec = importlib.util.spec_from_file_location("pages", BUILD.parent / "pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pages = load_pages()


class TestOnePageInTwoLanguages:
    PAGE = "# 제목 · Title\n\n설명이 먼저 나옵니다. English follows the Korean.\n\n몸통\n\n---\n\nBody\n"

    def test_each_language_gets_its_title_and_half(self) -> None:
        assert pages.in_language(self.PAGE, "ko") == "# 제목\n\n몸통\n"
        assert pages.in_language(self.PAGE, "en") == "# Title\n\nBody\n"

    def test_an_english_half_may_bring_its_own_heading(self) -> None:
        page = "# prompts/ — 과제\n\n글\n\n---\n\n# prompts/ — tasks\n\ntext\n"
        assert pages.in_language(page, "en") == "# prompts/ — tasks\n\ntext\n"

    def test_a_rule_inside_a_code_block_parts_nothing(self) -> None:
        page = "# 가 · A\n\n```yaml\n---\nname: x\n---\n```\n\n---\n\nEnd\n"
        assert "name: x" in pages.in_language(page, "ko")
        assert pages.in_language(page, "en") == "# A\n\nEnd\n"

    def test_what_follows_a_second_rule_is_in_both(self) -> None:
        page = self.PAGE + "\n---\n\n## 표 · Tables\n"
        assert pages.in_language(page, "ko") == "# 제목\n\n몸통\n\n## 표 · Tables\n"
        assert pages.in_language(page, "en") == "# Title\n\nBody\n\n## 표 · Tables\n"

    def test_a_page_without_a_rule_is_shown_whole(self) -> None:
        assert pages.in_language("# 가\n\n나\n", "en") == "# 가\n\n나\n"

    @pytest.mark.parametrize(
        ("written", "given"),
        [
            ("글\n- 하나\n- 둘\n", "글\n\n- 하나\n- 둘\n"),
            ("<!-- 표 -->\n| 가 |\n|---|\n", "<!-- 표 -->\n\n| 가 |\n|---|\n"),
            ("- 하나\n  이어서\n- 둘\n", "- 하나\n  이어서\n- 둘\n"),
            ("```yaml\na:\n- b\n```\n", "```yaml\na:\n- b\n```\n"),
        ],
    )
    def test_tables_and_lists_get_the_empty_line_they_need(self, written: str, given: str) -> None:
        assert pages.spaced(written) == given

    def test_links_lead_to_pages_of_the_site_and_files_beside_them(self) -> None:
        text = (
            "[프롬프트](../prompts/README.md) [표](statistics.md#식) [견본](specimen/report.html)"
        )
        found, files = pages.relinked(text, "judges")
        assert (
            found
            == "[프롬프트](folders/prompts.md) [표](statistics.md#식) [견본](specimen/report.html)"
        )
        assert files == {"docs/specimen/report.html"}

    def test_links_from_a_folder_climb_out_of_it(self) -> None:
        found, _ = pages.relinked("[루브릭](../docs/rubrics.md)", "folders/prompts")
        assert found == "[루브릭](../rubrics.md)"

    def test_a_link_to_what_the_site_does_not_have_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"docs/judges\.md links to \.\./Makefile"):
            pages.relinked("[여기](../Makefile)", "judges")


@pytest.mark.parametrize("page", pages.names())
def test_every_page_is_in_both_languages(page: str) -> None:
    text = (ROOT / pages.source_of(page)).read_text(encoding="utf-8")
    korean, english = (pages.in_language(text, language) for language in ("ko", "en"))
    if page in IN_BOTH:
        assert korean == english
        return
    hangul, latin = (len(re.findall(r"[가-힣]", part)) for part in (korean, prose(english)))
    assert hangul > 100
    assert len(re.findall(r"[A-Za-z]", english)) > max(300, 4 * latin)


def prose(text: str) -> str:
    """Leave out code blocks, tables and quoted code, which hold Korean on English pages too."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    text = re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)
    return re.sub(r"`[^`]*`", "", text)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once; mkdocs fails on a broken link, anchor or page outside the navigation."""
    pytest.importorskip(
        "material", reason="mkdocs-material is not installed: pip install kojudge[docs]"
    )
    folder = tmp_path_factory.mktemp("docs") / "site"
    built = subprocess.run(
        [sys.executable, str(BUILD), str(folder)], capture_output=True, text=True, encoding="utf-8"
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


class References(HTMLParser):
    """Collect what a page links to, loads and names."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in ("link", "img", "script", "iframe"):
            self.loaded += [given[name] for name in ("href", "src") if name in given]


def read(path: Path) -> References:
    found = References()
    found.feed(path.read_text(encoding="utf-8"))
    return found


def documents(site: Path) -> list[Path]:
    return [
        path
        for path in site.rglob("*.html")
        if "specimen" not in path.parts and path.name != "404.html"
    ]


def test_both_languages_have_the_same_pages(site: Path) -> None:
    korean = {
        str(p.relative_to(site)) for p in documents(site) if p.relative_to(site).parts[0] != "en"
    }
    english = {str(p.relative_to(site / "en")) for p in documents(site / "en")}
    assert korean == english == {f"{page}.html" for page in pages.names()}


def test_every_internal_link_resolves_to_a_file_and_its_anchor(site: Path) -> None:
    found = {path: read(path) for path in documents(site)}
    for path, references in found.items():
        for link in references.links + references.loaded:
            address, anchor = urldefrag(link)
            if re.match(r"\w+:", address):
                continue
            to = (path.parent / unquote(address)).resolve() if address else path
            assert to.is_file(), f"{path.relative_to(site)} → {link}"
            if anchor and to in found:
                assert unquote(anchor) in found[to].ids | {"__skip", "__toc"}, (
                    f"{path.name} → {link}"
                )


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for path in documents(site):
        assert not [link for link in read(path).loaded if re.match(r"(\w+:)?//", link)], path


def test_lists_and_tables_are_rendered_as_such(site: Path) -> None:
    for path in documents(site):
        html = path.read_text(encoding="utf-8")
        assert not re.search(r"<p>[^<]*\n(- |\d+\. |\|)", html), path.relative_to(site)


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """The site on a local port, as a static host would serve it."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


class Visit:
    """A page that keeps what went wrong, and whom it asked."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.asked: list[str] = []
        page.on(
            "console",
            lambda message: self.errors.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))


@pytest.fixture
def phone(browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield Visit(context.new_page())
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    yield Visit(context.new_page())
    context.close()


def test_no_page_errs_asks_elsewhere_or_is_too_wide_for_a_phone(phone: Visit, address: str) -> None:
    for place in [f"{root}{page}.html" for root in ("", "en/") for page in pages.names()]:
        phone.page.goto(urljoin(address, place), wait_until="load")
        wide = phone.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{place} is {wide} px wide"
        assert phone.errors == [], place
    assert {url for url in phone.asked if not url.startswith((address, "data:", "blob:"))} == set()


def test_the_other_language_is_one_click_away_and_back(desk: Visit, address: str) -> None:
    desk.page.goto(urljoin(address, "folders/prompts.html"))
    assert desk.page.locator("html").get_attribute("lang") == "ko"
    desk.page.locator(".kojudge-language").click()
    desk.page.wait_for_url("**/en/folders/prompts.html")
    assert desk.page.locator("html").get_attribute("lang") == "en"
    desk.page.locator(".kojudge-language").click()
    desk.page.wait_for_url(urljoin(address, "folders/prompts.html"))


def test_a_command_is_copied_as_it_stands(desk: Visit, address: str) -> None:
    desk.page.goto(urljoin(address, "quickstart.html"))
    block = desk.page.locator(".highlight", has_text="kojudge init my-eval").first
    block.hover()
    block.locator("[data-clipboard-target], [data-md-type=copy]").first.click()
    copied = desk.page.evaluate("navigator.clipboard.readText()")
    assert (
        copied.strip() == "kojudge init my-eval && cd my-eval\nkojudge doctor\nkojudge models list"
    )


@pytest.mark.parametrize(
    ("place", "asked", "page"),
    [
        ("", "동등 범위", "choosing.html"),
        ("", "체크포인트", "ci.html"),
        ("", "번역투", "korean.html"),
        ("", "tensor_parallel_size", "vllm.html"),
        ("en/", "withheld", "judges.html"),
    ],
)
def test_search_finds_words_and_their_beginnings(
    desk: Visit, address: str, place: str, asked: str, page: str
) -> None:
    desk.page.goto(urljoin(address, f"{place}index.html"))
    desk.page.locator(".md-search__input").click()
    ready = re.compile("검색어를 입력하세요|Type to start searching")
    desk.page.locator(".md-search-result__meta", has_text=ready).wait_for(timeout=30_000)
    desk.page.locator(".md-search__input").fill(asked)
    desk.page.locator(".md-search__input").press("End")  # it listens for keys
    result = desk.page.locator(f".md-search-result__link[href*='/{page}']").first
    result.wait_for(state="attached", timeout=30_000)
    assert desk.errors == []
