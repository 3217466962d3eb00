"""The explorer in a real browser, over ``file://``."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sample_explorer import JUDGES, labelled, mark, opinion, pair, pairs, scored
from sample_page import (
    BASE,
    HOSTILE,
    SHOWN,
    TEMPLATES,
    comparison,
    item,
    page,
    results,
    standing,
    written,
)

from kojudge.errors import Language
from kojudge.report.content import Answer, Item
from kojudge.report.page import render_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WAIT = 20_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Write a page of the items given under a name, once; returns its address."""
    folder = tmp_path_factory.mktemp("site")

    def at(
        name: str, items: Callable[[], Sequence[Item]], language: Language = "ko", **given: Any
    ) -> str:
        path: Path = folder / f"{name}-{language}.html"
        if not path.exists():
            html = render_page(page(items=items(), **given), TEMPLATES, language)
            path.write_text(html, encoding="utf-8")
        return path.as_uri()

    return at


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address; at the end no error and no request but the page itself may have been."""
    contexts, troubles, asked = [], [], []

    def show(address: str, hash_: str = "", **options: Any) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(WAIT)
        tab.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url.split("#")[0]))
        tab.goto(address + hash_)
        if options.get("java_script_enabled", True):
            ready(tab)
        return tab

    yield show
    for context in contexts:
        context.close()
    assert not troubles
    assert all(url.startswith(("file:", "data:,")) for url in asked)
    assert len(set(asked)) <= 2


def ready(tab: Page) -> None:
    tab.wait_for_selector("#explorer[data-ready]")


def settled(tab: Page, does: Callable[[], Any]) -> None:
    """Wait until the list has been drawn anew after ``does``."""
    before = tab.get_attribute("#explorer", "data-ready")
    does()
    tab.wait_for_function(
        "before => document.querySelector('#explorer').dataset.ready !== before", arg=before
    )


def choose(tab: Page, key: str, value: str) -> None:
    settled(tab, lambda: tab.select_option(f"select[data-key={key}]", value))


def seek(tab: Page, query: str) -> None:
    settled(tab, lambda: tab.fill("[data-part=q]", query))


def count(tab: Page) -> str:
    return tab.inner_text("[data-part=count]")


def rows(tab: Page) -> int:
    """How many rows the list says it has."""
    if not tab.locator(".row").count():
        return 0
    return int(tab.locator(".row").first.get_attribute("aria-setsize") or 0)


def names(tab: Page) -> list[str]:
    return tab.locator(".row-name").all_inner_texts()


def title(tab: Page) -> str:
    return tab.inner_text(".detail h3")


def some() -> list[Item]:
    return pairs(60)


# --- opening


@pytest.mark.parametrize("language", ["ko", "en"])
def test_it_opens_without_an_error_or_a_request(
    site: Callable[..., str], opened: Callable[..., Page], language: Language
) -> None:
    tab = opened(site("some", some, language))
    said = {"ko": "전체 120쌍 가운데 120쌍", "en": "120 of 120 pairs"}
    assert count(tab) == said[language]
    tab.click(".row >> nth=1")
    tab.wait_for_selector(".detail article")
    assert tab.locator(".detail article h4").all_inner_texts() == ["stiff", BASE]
    assert tab.locator(".detail .text").all_inner_texts()[:3] == [
        "글감 0", "딱딱한 글 0.", "기준 글 0. 강가를 걸었다.",
    ]  # fmt: skip


def hostile() -> list[Item]:
    said = (opinion(0.2, HOSTILE, judge=HOSTILE, answers=(Answer(0.2, HOSTILE), Answer(0.2))),)
    texts = (written(BASE), written(HOSTILE, HOSTILE, flags=(HOSTILE,), opinions=said))
    return [
        item(prompt_name=HOSTILE, category=HOSTILE, request=HOSTILE,
             history=(("user", HOSTILE),), texts=texts)
    ]  # fmt: skip


def test_hostile_texts_show_literally_and_fire_nothing(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("hostile", hostile))
    fired: list[str] = []
    tab.on("dialog", lambda dialog: (fired.append(dialog.message), dialog.dismiss()))
    tab.click(".row")
    tab.wait_for_selector(".detail article")
    assert title(tab) == SHOWN
    shown = tab.locator(".detail .text").all_inner_texts()
    assert [text for text in shown if text == SHOWN] == [SHOWN] * 4  # two turns, text, rationale
    assert tab.locator(".row-name").inner_text() == SHOWN
    assert tab.locator("img, iframe, a[style]").count() == 0
    assert tab.locator(".detail article .hidden-character").all_inner_texts() == [
        "⟦U+202E⟧", "⟦U+200B⟧", "⟦U+3164⟧", "⟦U+0000⟧", "⟦U+D800⟧",
    ]  # fmt: skip
    assert not set("\u202e\u200b\u3164\x00") & set(tab.content())
    choose(tab, "candidate", SHOWN)
    choose(tab, "outcome", "loss")
    assert rows(tab) == 1
    assert not fired


def test_markup_cannot_be_written_even_by_a_script(
    site: Callable[..., str], browser: Browser
) -> None:
    tab = browser.new_page()
    tab.goto(site("some", some))
    thrown = "() => { try { document.body.innerHTML = '<p>'; } catch (e) { return e.name; } }"
    assert tab.evaluate(thrown) == "TypeError"
    added = """() => { const s = document.createElement('script');
        try { s.text = 'window.fired = 1'; document.body.append(s); } catch { }
        return window.fired ?? 'nothing'; }"""
    assert tab.evaluate(added) == "nothing"
    tab.close()


def test_without_javascript_the_verdicts_and_the_first_texts_are_there(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("some", some), java_script_enabled=False)
    assert "자바스크립트가 켜져 있어야" in tab.inner_text("#texts")
    assert not tab.is_visible("#explorer")
    assert tab.is_visible("#verdicts .card >> nth=0")
    assert tab.is_visible("#leaderboard table")
    assert tab.is_visible("#forest svg >> nth=0")
    prompts = tab.locator("#texts details.prompt")
    assert 16 <= prompts.count() <= 18
    prompts.first.locator("summary").first.click()
    assert "기준 글 0. 강가를 걸었다." in prompts.first.inner_text()


# --- filters


def test_a_link_to_losses_shows_as_many_rows_as_there_are_losses(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("some", some), "#outcome=loss&candidate=warm&criterion=naturalness")
    assert rows(tab) == 30  # two of four
    assert count(tab) == "판정 30건 (30쌍, 전체 120쌍)"
    assert tab.input_value("select[data-key=outcome]") == "loss"
    assert set(tab.locator(".row .figure").all_inner_texts()) == {"-0.30 짐", "-0.40 짐"}
    for outcome, expected in (("win", 15), ("tie", 15), ("none", 0)):
        choose(tab, "outcome", outcome)
        assert rows(tab) == expected


def test_clicking_a_bar_of_losses_leads_to_just_those_losses(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tally = {"win_rate": 0.4, "wins": 15, "ties": 15, "losses": 30, "flips": 0, "n": 60}
    board = [standing(BASE), standing("warm", pairs={"naturalness": tally})]
    tab = opened(site("bars", some, results=results(leaderboard=board)))
    bar = tab.locator("#outcomes a[data-outcome=loss]").first
    assert bar.get_attribute("data-count") == "30"
    settled(tab, lambda: bar.click(force=True))
    assert rows(tab) == 30
    assert tab.evaluate(
        "document.querySelector('#explorer').getBoundingClientRect().top < innerHeight / 2"
    )


def two_judges() -> list[Item]:
    """warm loses with one judge and wins with the other, the more so the later the prompt."""
    made = []
    for at in range(10):
        apart = 0.04 * (at + 1)
        opinions = (
            opinion(0.5 - apart, judge=JUDGES[0], answers=(Answer(0.9 - apart), Answer(0.1))),
            opinion(0.5 + apart, judge=JUDGES[1]),
            scored(4.0, JUDGES[0]),
        )
        texts = (
            written(BASE, opinions=(scored(3.0, JUDGES[0]),)),
            written("warm", opinions=opinions),
        )
        made.append(pair(at, texts=texts))
    return made


def test_with_several_judges_every_lost_verdict_is_a_row(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("two", two_judges), "#outcome=loss&candidate=warm&criterion=naturalness")
    assert rows(tab) == 10
    assert all("judge-a" in text for text in tab.locator(".row-about").all_inner_texts())
    choose(tab, "judge", "judge-b")
    assert rows(tab) == 0
    assert count(tab) == "조건에 맞는 글이 없습니다."
    choose(tab, "outcome", "win")
    assert rows(tab) == 10


def test_pairs_sort_by_the_disagreement_of_judges_and_of_orders(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("two", two_judges))
    assert names(tab)[0] == "blog-00000"
    choose(tab, "sort", "judges")
    assert names(tab)[0] == "emotional-00009"
    choose(tab, "sort", "orders")
    assert names(tab)[0] == "blog-00000"
    choose(tab, "judge", "judge-b")
    choose(tab, "sort", "difference")
    assert names(tab)[0] == "emotional-00009"


def test_a_mark_of_a_score_opens_the_scores_where_there_are_pairs_too(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    marks = [
        comparison(mode=mode, primary=mode == "pairwise") for mode in ("pairwise", "pointwise")
    ]
    tab = opened(site("marks", some, results=results(comparisons=marks)))
    for mode in ("pointwise", "pairwise"):
        mark = tab.locator(f"#forest a.mark[href$='mode={mode}'] .dot")
        settled(tab, lambda mark=mark: mark.click())
        assert tab.input_value("select[data-key=mode]") == mode


def test_the_mode_is_pairwise_until_one_asks_for_scores(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("some", some), "#candidate=warm")
    assert tab.input_value("select[data-key=mode]") == "pairwise"
    assert tab.locator(".row .figure").first.inner_text() == "+0.40 이김"
    choose(tab, "mode", "pointwise")
    assert tab.locator(".row .figure").first.inner_text() == "+1.00 이김"


def test_categories_flags_and_unknown_names_filter_too(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("some", some), "#category=emotional")
    assert rows(tab) == 60
    settled(tab, lambda: tab.evaluate("location.hash = 'candidate=nobody'"))
    assert rows(tab) == 0
    settled(tab, lambda: tab.click("[data-part=reset]"))
    assert rows(tab) == 120
    assert tab.evaluate("location.hash") == "#texts"


# --- addresses


def test_a_deep_link_opens_its_pair_and_reload_and_back_restore_the_filters(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("some", some), "#category=blog&item=blog-00040/1/0/stiff")
    tab.wait_for_selector(".detail article")
    assert title(tab) == "blog-00040"
    chosen = tab.locator(".row[aria-selected=true]")
    assert chosen.is_visible()
    assert tab.evaluate("scrollY") > 0
    choose(tab, "outcome", "win")
    tab.reload()
    ready(tab)
    assert tab.input_value("select[data-key=outcome]") == "win"
    assert tab.input_value("select[data-key=category]") == "blog"
    assert title(tab) == "blog-00040"
    settled(tab, tab.go_back)
    assert tab.input_value("select[data-key=outcome]") == ""
    assert rows(tab) == 60
    settled(tab, tab.go_forward)
    assert tab.input_value("select[data-key=outcome]") == "win"


def test_a_link_to_a_pair_that_is_not_there_says_so(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("some", some), "#item=gone/1/0/warm")
    assert "이 보고서에 없습니다: gone/1/0/warm" in tab.inner_text(".detail")


# --- many pairs


def many() -> list[Item]:
    return pairs(5000)


def test_ten_thousand_pairs_are_few_nodes_and_every_one_can_be_reached(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("many", many))
    nodes = "document.querySelectorAll('#explorer *').length"
    assert count(tab) == "전체 10,000쌍 가운데 10,000쌍"
    assert tab.evaluate(nodes) < 500
    tab.evaluate("document.querySelector('[data-part=list]').scrollTop = 1e9")
    tab.wait_for_selector("text=emotional-04999")
    assert tab.evaluate(nodes) < 500
    seek(tab, "후보 글 4321.")
    assert names(tab) == ["emotional-04321"]
    tab.click(".row")
    tab.wait_for_selector("text=후보 글 4321. 빵집에 다녀왔어요.")


# --- search


@pytest.mark.parametrize(
    ("query", "found"),
    [("후보 글 7.", 1), ("강가를", 120), ("번역투", 120), ("emotional-00003", 2), ("없는 말", 0)],
)
def test_search_looks_in_names_both_texts_and_rationales(
    site: Callable[..., str], opened: Callable[..., Page], query: str, found: int
) -> None:
    tab = opened(site("some", some))
    seek(tab, query)
    assert rows(tab) == found


def apart() -> list[Item]:
    """A text in jamo, one in capitals, one with a hidden character in a word."""
    made = [unicodedata.normalize("NFD", "노을이 진다"), "Seoul", "노\u200b을"]
    return [pair(at, texts=(written(BASE), written("warm", text))) for at, text in enumerate(made)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (unicodedata.normalize("NFC", "노을"), ["blog-00000", "blog-00002"]),
        (unicodedata.normalize("NFD", "노을"), ["blog-00000", "blog-00002"]),
        ("seoul", ["emotional-00001"]),
        ("U+200B", ["blog-00002"]),
    ],
)
def test_search_does_not_mind_jamo_capitals_or_hidden_characters(
    site: Callable[..., str], opened: Callable[..., Page], query: str, found: list[str]
) -> None:
    tab = opened(site("apart", apart))
    seek(tab, query)
    assert names(tab) == found


# --- the pair


def told() -> list[Item]:
    text = "오늘은 빵집에 다녀왓어요."
    base = written(BASE, "오늘은 강가에 다녀왔어요.", opinions=(scored(3.0),))
    warm = written("warm", text, opinions=(opinion(0.75), scored(4.0)),
                   marks=(mark(text, "다녀왓어요"), mark(text, "빵집", "cliche")))  # fmt: skip
    plain = [labelled(base)], [labelled(warm)]
    texts = [
        written(t.candidate, t.text, opinions=t.opinions, marks=t.marks, labels=tuple(said))
        for t, said in zip((base, warm), plain, strict=True)
    ]
    return [pair(0, texts=tuple(texts), history=(("user", "안녕"), ("assistant", "반가워요")))]


def test_scores_orders_rationales_and_labels_stand_below_the_texts(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("told", told), "#item=blog-00000/1/0/warm")
    tab.wait_for_selector(".detail article")
    assert tab.locator(".request .role").all_inner_texts() == [
        "글감", "사용자", "모델", "사용자",
    ]  # fmt: skip
    assert tab.locator(".detail tbody tr").all_inner_texts() == [
        "자연스러움\tjudge-a\t75.0%\t75.0%\t75.0%\t",
        "자연스러움\tjudge-a\t4.00\t3.00\t+1.00\t",
        "자연스러움\t평가자 1\t4.00\t3.00\t+1.00",
    ]
    assert tab.locator(".rationale").all_inner_texts() == [
        "자연스러움 · judge-a · 후보 먼저 · 75.0%\n\n앞 글이 자연스럽습니다.",
        "자연스러움 · judge-a · 후보 나중 · 75.0%\n\n뒤 글은 번역투입니다.",
    ]


def test_evidence_is_marked_in_place_and_differing_words_on_request(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("told", told), "#item=blog-00000/1/0/warm")
    tab.wait_for_selector(".detail article")
    assert tab.locator("article mark.correctness").all_inner_texts() == ["다녀왓어요"]
    assert tab.locator("article mark.style").all_inner_texts() == ["빵집"]
    assert "눈에 띈 곳: 맞춤법 1" in tab.inner_text(".detail article")
    assert tab.locator("mark.differing").count() == 0
    tab.check("[data-toggle=diff]")
    differing = "".join(tab.locator("article.baseline mark.differing").all_inner_texts())
    assert "강가" in differing
    assert "오늘" not in differing
    tab.uncheck("[data-toggle=marks]")
    assert tab.locator("article mark.hit").count() == 0


# --- keys


def press(tab: Page, code: str, key: str, target: str = "document.activeElement") -> None:
    """Press a key as a Hangul keyboard does: the code is the key's place, the key a jamo."""
    tab.evaluate(
        f"""([code, key]) => {target}.dispatchEvent(new KeyboardEvent('keydown',
            {{ code, key, bubbles: true, cancelable: true }}))""",
        [code, key],
    )


def test_shortcuts_work_with_a_hangul_keyboard(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("some", some))
    for code, jamo, expected in (
        ("KeyJ", "ㅓ", "warm"),
        ("KeyJ", "ㅓ", "stiff"),
        ("KeyK", "ㅏ", "warm"),
    ):
        press(tab, code, jamo)
        tab.wait_for_selector(f".detail article h4:has-text('{expected}')")
    assert tab.evaluate("location.hash").endswith("item=blog-00000%2F1%2F0%2Fwarm")


def test_a_pair_can_be_found_opened_and_left_by_keyboard_alone(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("some", some))
    focus = "document.activeElement.dataset.part"
    tab.keyboard.press("/")
    assert tab.evaluate(focus) == "q"
    settled(tab, lambda: tab.keyboard.insert_text("후보 글 1"))
    tab.keyboard.press("Enter")
    assert tab.evaluate(focus) == "list"
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("End")
    active = tab.get_attribute("[data-part=list]", "aria-activedescendant")
    assert tab.get_attribute(f"#{active}", "aria-selected") == "true"
    tab.keyboard.press("Enter")
    assert tab.evaluate(focus) == "detail"
    tab.keyboard.press("Escape")
    assert tab.evaluate(focus) == "list"
    tab.keyboard.press("?")
    assert tab.is_visible("dialog")
    tab.keyboard.press("Escape")
    assert not tab.is_visible("dialog")
    tab.keyboard.press("/")
    settled(tab, lambda: tab.keyboard.press("Escape"))
    assert rows(tab) == 120


def test_letters_typed_into_the_search_are_no_shortcuts(
    site: Callable[..., str], opened: Callable[..., Page]
) -> None:
    tab = opened(site("some", some))
    tab.focus("[data-part=q]")
    settled(tab, lambda: tab.keyboard.type("jk?/"))
    assert tab.input_value("[data-part=q]") == "jk?/"
    assert not tab.is_visible("dialog")
    assert tab.locator(".detail article").count() == 0


# --- narrow


@pytest.mark.parametrize("language", ["ko", "en"])
def test_nothing_overflows_a_narrow_screen(
    site: Callable[..., str], opened: Callable[..., Page], language: Language
) -> None:
    tab = opened(site("told", told, language), "#item=blog-00000/1/0/warm")
    tab.set_viewport_size({"width": 360, "height": 780})
    tab.wait_for_selector(".detail article")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    hidden = "#texts *:not(.scroll *, .row *, .row, option, dialog *)"
    beyond = f"""[...document.querySelectorAll('{hidden}')]
        .filter(node => node.getBoundingClientRect().right > 360.5).map(node => node.className)"""
    assert tab.evaluate(beyond) == []
