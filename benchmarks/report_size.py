"""The report page at size: bytes, build time, memory, and how soon its explorer is ready.

``python benchmarks/report_size.py [PAIRS …]`` (10,000 where none is named). Texts are 180
words of a made-up vocabulary of 8,000 in random order, which pack worse than written ones;
two judgments in both orders a pair, two marks a text. The browser is the Chromium that the tests use.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from kojudge.errors import said
from kojudge.report.content import Answer, Item, ItemText, Mark, Opinion, Page
from kojudge.report.page import render_page

TEMPLATES = Path(__file__).resolve().parents[1] / "reports"
CRITERIA = ("naturalness", "friendliness")
SYLLABLES = [chr(0xAC00 + 13 * at) for at in range(800)]
NEEDLE = "가장 마지막에 적힌 문장"


def vocabulary() -> list[str]:
    rng = random.Random(0)
    return ["".join(rng.choices(SYLLABLES, k=rng.choice((2, 3, 3, 4)))) for _ in range(8_000)]


WORDS = vocabulary()


def text(rng: random.Random, words: int) -> str:
    return "\n\n".join(" ".join(rng.choices(WORDS, k=words // 3)) + "." for _ in range(3))


def opinion(rng: random.Random, criterion: str) -> Opinion:
    first, second = rng.random(), rng.random()
    return Opinion(
        "judge", criterion, "pairwise", (first + second) / 2, (Answer(first), Answer(second))
    )


def written(rng: random.Random, name: str, end: str = "") -> ItemText:
    content = text(rng, 180) + end
    marks = tuple(
        Mark("cliche", said("상투적인 표현", "stock phrase"), at, at + 4) for at in (10, 40)
    )
    opinions = () if name == "base" else tuple(opinion(rng, c) for c in CRITERIA)
    return ItemText(name, content, "stop", "ok", (), {}, {}, marks=marks, opinions=opinions)


def items(pairs: int) -> Iterator[Item]:
    """Yield prompts with two candidates each, so ``pairs`` / 2 of them."""
    rng = random.Random(1)
    for at in range(pairs // 2):
        end = NEEDLE if at == pairs // 2 - 1 else ""
        texts = (written(rng, "base"), written(rng, "warm"), written(rng, "stiff", end))
        category = ("blog", "emotional", "imaginative")[at % 3]
        yield Item(f"{category}-{at:05d}", category, 0, text(rng, 24), (), texts)


def results() -> dict[str, object]:
    """Return results of a run without comparisons: what is timed is the explorer."""
    sys.path.insert(0, str(TEMPLATES.parent / "tests" / "report"))
    import sample_page

    made: dict[str, object] = sample_page.results(baseline="base")
    return made


def build(pairs: int, out: Path) -> None:
    """Write the page; print bytes of texts, bytes, seconds, and the peak of memory beyond the items."""
    made = list(items(pairs))
    size = sum(len(one.text.encode()) for item in made for one in item.texts)
    page = Page(results(), {"run": "size"}, made, {})
    before, start = peak(), time.perf_counter()
    html = render_page(page, TEMPLATES, "ko")
    seconds = time.perf_counter() - start
    out.write_text(html, encoding="utf-8")
    print(size, out.stat().st_size, seconds, peak() - before)


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def browse(page: Path) -> tuple[float, float, int]:
    """Return seconds until the list stands, seconds of a search through all texts, nodes."""
    from playwright.sync_api import sync_playwright

    found = os.environ.get("KOJUDGE_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        arguments = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.set_default_timeout(180_000)
        start = time.perf_counter()
        tab.goto(page.as_uri())
        tab.wait_for_selector("#explorer[data-ready]")
        ready = time.perf_counter() - start
        nodes = int(tab.evaluate("document.querySelectorAll('#explorer *').length"))
        start = time.perf_counter()
        tab.fill("[data-part=q]", NEEDLE)
        tab.wait_for_selector(".row[aria-setsize='1']")
        searched = time.perf_counter() - start
        browser.close()
    return ready, searched, nodes


def main() -> None:
    sizes = [int(given) for given in sys.argv[1:]] or [10_000]
    print(
        "| pairs | texts, MB | page, MB | build, s | build, MB of memory | ready, s | search, s | nodes |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for pairs in sizes:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "report.html"
            # A process of its own, so that its peak of memory is its own too.
            command = [sys.executable, __file__, "--build", str(pairs), str(out)]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            texts, size, seconds, memory = map(float, told.split())
            ready, searched, nodes = browse(out)
        print(
            f"| {pairs:,} | {texts / 1e6:.1f} | {size / 1e6:.1f} | {seconds:.1f} | {memory / 1e6:.0f} "
            f"| {ready:.2f} | {searched:.2f} | {nodes} |"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--build"]:
        build(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
