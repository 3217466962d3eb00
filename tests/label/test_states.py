"""Every state of the page, in both languages, light and dark, wide and narrow."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kojudge.errors import Language, StoreError, said
from kojudge.label import Sitting
from kojudge.label.results import results_of
from kojudge.label.told import as_json, told
from kojudge.label.words import PAGE
from kojudge.records import Json
from kojudge.store.run import Run

from .samples import (
    BASELINE,
    CANDIDATES,
    CRITERIA,
    SEED,
    choice_of,
    go_on,
    judge,
    make_run,
    sides,
    sit,
    text,
    view,
)

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser

from .watched import Watched, serving

STATES = ("start", "item", "undone", "help", "skip", "trouble", "end")
LONG = "가을 산책길은 언제 걸어도 좋습니다. 억새가 어느새 하얗게 피어 있더라고요.\u200b\n\n" * 12
SHOWN: dict[Language, tuple[str, ...]] = {
    "ko": ("더 자연스러운가요", "저장했습니다", "되돌렸습니다", "이렇게 합니다", "왜 건너뛰나요",
           "저장하지 못했습니다", "모두 마쳤습니다"),
    "en": ("reads more naturally", "Saved", "Taken back", "How it works",
           "Why skip this one", "NOT saved", "All done"),
}  # fmt: skip
INTERVAL: dict[Language, str] = {
    "ko": r"크리펜도르프 α -?\d\.\d\d \(95% 신뢰구간 -?\d\.\d\d~-?\d\.\d\d\)",
    "en": r"Krippendorff's α -?\d\.\d\d \(95% CI -?\d\.\d\d to -?\d\.\d\d\)",
}
HANGUL = re.compile("[가-힣]+")
WORDS_OF_THE_PAGE = """
    () => {
      const found = [];
      const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (nodes.nextNode()) {
        if (!nodes.currentNode.parentElement.closest("[lang=ko], script"))
          found.push(nodes.currentNode.textContent);
      }
      for (const one of document.querySelectorAll("[aria-label]")) found.push(one.ariaLabel);
      return [...found, ...Object.values(document.body.dataset)].join("\\n");
    }
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Twelve prompts, a judge, and a second rater who agrees most of the time."""
    content = {
        (name, at): f"{intro}{at}번 글이고 {(at * 37 + len(name) * 29) % 100}점짜리입니다.\n{LONG}"
        for name, intro in ((BASELINE, ""), (CANDIDATES[0], "저는 Gemma예요. "))
        for at in range(12)
    }
    run = make_run(tmp_path / "run", [text(name, at, told) for (name, at), told in content.items()])
    judge(run)
    other, rng = sit(run, "이평가"), random.Random(3)
    while (question := other.current) is not None:
        agrees = rng.random() < 0.7
        other.answer(question, choice_of(*sides(question)) if agrees else rng.randint(1, 5))
    return run


def results_in(language: Language, run: Run, sitting: Sitting) -> list[Json]:
    """The end of the sitting in words, as ``kojudge label`` puts them together."""
    found = results_of(run, sitting.questions, sitting.repeated(), SEED)
    return as_json(told(found, sitting.progress, 1, view(language).criteria), language)


def walk(
    watched: Watched, url: str, sitting: Sitting, patch: pytest.MonkeyPatch, language: Language
) -> Iterator[str]:
    """Bring the page from one state into the next; yield the name of each."""
    page, say = watched.page, {key: words.in_(language) for key, words in PAGE.items()}

    def full(label: object) -> None:
        raise StoreError(said("디스크가 가득 찼습니다.", "full"), said("비우세요.", "free"))

    watched.open(url)
    yield "start"
    watched.press("2", say["saved"])
    yield "item"
    watched.press("u", say["undone"])
    yield "undone"
    page.keyboard.press("?")
    yield "help"
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    yield "skip"
    page.keyboard.press("Escape")
    with patch.context() as patched:
        patched.setattr(sitting.files, "add_label", full)
        page.keyboard.press("4")
        page.wait_for_selector("#trouble:not([hidden])")
        yield "trouble"
    page.keyboard.press("Enter")
    watched.told(say["saved"])
    go_on(sitting)
    watched.open(url)
    yield "end"


@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("ko", "light", 1440), ("ko", "dark", 360), ("en", "dark", 1440), ("en", "light", 360)],
)
def test_each_state_is_legible_to_everybody_and_fits(
    language: Language,
    scheme: str,
    width: int,
    browser: Browser,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    # The policy forbids axe's own script; what it checks does not depend on the policy.
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    )  # type: ignore[call-overload]
    watched, sitting = Watched(context.new_page()), sit(run)
    seen = []
    with serving(sitting, language, lambda: results_in(language, run, sitting)) as url:
        for state in walk(watched, url, sitting, monkeypatch, language):
            page = watched.page
            assert SHOWN[language][len(seen)] in page.inner_text("body"), state
            assert page.evaluate("document.documentElement.scrollWidth") == width, state
            found = axe.Axe().run(page).response["violations"]
            serious = [one for one in found if one["impact"] in {"serious", "critical"}]
            shown = [(one["id"], [node["target"] for node in one["nodes"]][:5]) for one in serious]
            assert shown == [], state
            seen.append(state)
        ends = watched.page.locator("#results li").all_inner_texts()
    context.close()
    assert tuple(seen) == STATES
    assert sum(bool(re.search(INTERVAL[language], line)) for line in ends) == len(CRITERIA)


def test_an_english_page_is_english_but_for_the_texts(
    browser: Browser, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = browser.new_context()
    watched, sitting = Watched(context.new_page()).watch(), sit(run)
    with serving(sitting, "en", lambda: results_in("en", run, sitting)) as url:
        for state in walk(watched, url, sitting, monkeypatch, "en"):
            words = watched.page.evaluate(WORDS_OF_THE_PAGE)
            assert set(HANGUL.findall(words)) <= {"가", "나"}, state
            assert watched.page.locator("html").get_attribute("lang") == "en"
    context.close()


def test_a_question_mark_opens_the_help_on_any_keyboard(browser: Browser, run: Run) -> None:
    """On a German keyboard it lies where others have the minus."""
    context = browser.new_context()
    watched, sitting = Watched(context.new_page()).watch(), sit(run)
    with serving(sitting) as url:
        watched.open(url)
        watched.page.evaluate(
            """document.body.dispatchEvent(new KeyboardEvent(
                "keydown", {key: "?", code: "Minus", shiftKey: true, bubbles: true}))"""
        )
        assert watched.page.locator("#help-dialog").is_visible()
    context.close()
    assert watched.complaints == []
