"""Make the specimen of this folder from a run of ``make demo``: page, numbers, pictures.

``python docs/specimen/make.py [--run runs/demo]`` needs Chromium (KOJUDGE_CHROMIUM, or
``chromium`` on the path) and Hangul fonts. The page is dated by the run, not by the clock.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SECTIONS = (
    # picture, section, language, colour scheme, width
    ("verdicts-ko", "#verdicts", "ko", "light", 1200),
    ("verdicts-en", "#verdicts", "en", "light", 1200),
    ("forest", "#forest", "en", "light", 1200),
    ("explorer-dark", "#texts", "ko", "dark", 1200),
)
TALLEST = 1300
"""Pixels of a section that a picture shows at most."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=ROOT / "runs" / "demo")
    run: Path = parser.parse_args().run.resolve()
    pages = {lang: HERE / f"report.{lang}.html" for lang in ("ko", "en")}
    for lang, page in pages.items():
        command = [sys.executable, "-m", "kojudge", "--profile", "demo", "-C", str(ROOT)]
        # 3 says that some texts or judgments failed: the page shows them too.
        done = subprocess.run(
            [*command, "report", "--run", str(run), "--out", str(page), "--lang", lang],
            check=False,
        )
        if done.returncode not in {0, 3}:
            raise SystemExit(done.returncode)
    shutil.copyfile(run / "results.json", HERE / "results.json")
    with _browser() as browser:
        for name, section, lang, scheme, width in SECTIONS:
            _picture(browser, pages[lang], HERE / f"{name}.png", section, scheme, width)
    pages["ko"].rename(HERE / "report.html")
    pages["en"].unlink()


@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = os.environ.get("KOJUDGE_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def _picture(browser: Any, page: Path, out: Path, section: str, scheme: str, width: int) -> None:
    view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    address = page.as_uri()
    if section == "#texts":  # with a pair open, as a reader would see it
        address += "#criterion=naturalness&candidate=smollm2-135m-instruct&sort=difference"
    view.goto(address)
    view.wait_for_load_state("networkidle")
    if section == "#texts":
        view.locator("#texts [role=option]").first.click()
    box = view.locator(f"section{section}").bounding_box()
    box["y"] += view.evaluate("scrollY")  # the box is of the window, the picture of the page
    box["height"] = min(box["height"], TALLEST)
    view.screenshot(path=out, full_page=True, clip=box)
    view.close()


if __name__ == "__main__":
    main()
