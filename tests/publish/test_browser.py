"""The site in real headless Chromium, over ``file://``: nothing but its own files is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kojudge.publish import publish_to_folder, read_source

from .runs import CRITERIA, TEMPLATES, comparison, make_run

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, BrowserContext, Page


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Three checkpoints with long names; one verdict is withheld."""
    runs = [
        make_run(
            tmp_path, f"checkpoint-with-a-long-name-{n}", 2 + n,
            comparison(f"organisation/model-of-many-words-{n}", delta=n / 10, withheld=n == 0),
            comparison(f"organisation/model-of-many-words-{n}", criterion="friendliness"),
        )
        for n in range(3)
    ]  # fmt: skip
    for run in runs:
        (run / "report.html").write_text(
            "<!doctype html><html lang='ko'><title>x</title><main><h1>x</h1></main>",
            encoding="utf-8",
        )
    sources = [read_source(run, CRITERIA) for run in runs]
    publish_to_folder(tmp_path / "site", sources, TEMPLATES, "ko")
    return tmp_path / "site"


@dataclass
class Opened:
    """The index in a browser, with what it asked for and complained of."""

    context: BrowserContext
    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, address: str) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)


@pytest.fixture
def open_index(browser: Browser, site: Path) -> Iterator[Any]:
    opened = []

    def made(name: str = "index.html", **options: Any) -> Opened:
        context = browser.new_context(**options)
        opened.append(Opened(context, context.new_page()))
        opened[-1].go((site / name).as_uri())
        return opened[-1]

    yield made
    for one in opened:
        one.context.close()


def test_from_the_index_a_report_and_from_the_report_its_data(open_index: Any, site: Path) -> None:
    opened = open_index()
    page = opened.page
    page.locator(".run h3 a").first.click()
    assert page.locator("main > p a").all_inner_texts() == [
        "results.json", "comparisons.csv", "발행한 실행 모두 보기",
    ]  # fmt: skip
    with page.expect_navigation():
        page.get_by_role("link", name="results.json").click()
    assert "kojudge.results/1" in page.content()
    page.go_back()
    with page.expect_download() as saved:
        page.get_by_role("link", name="comparisons.csv").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"\xef\xbb\xbf")
    page.get_by_role("link", name="발행한 실행 모두 보기").click()
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert all(url.startswith((site.as_uri(), "data:,")) for url in opened.asked)
    assert opened.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("name", ["index.html", "index.en.html"])
def test_the_index_is_legible_to_everybody_and_fits(
    name: str, width: int, scheme: str, open_index: Any
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    # The policy forbids axe's own script; what it checks does not depend on the policy.
    page = open_index(
        name, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    ).page
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    found = axe.Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in {"serious", "critical"}]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:5]) for one in serious] == []
