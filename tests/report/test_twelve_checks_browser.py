"""The whole report in headless Chromium: what the other tests of the page do not show."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sample_explorer import pairs
from sample_page import TEMPLATES, page
from sample_run import AWKWARD, CANDIDATES, NFD_WORD, SMALL, Reported

from kojudge.errors import Language
from kojudge.report.page import render_page
from kojudge.visible import visible

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

LANGUAGES: tuple[Language, ...] = ("ko", "en")
Open = Callable[..., "Tab"]
WAIT = 30_000


@pytest.fixture
def opened(reported: Reported, browser: Browser) -> Iterator[Open]:
    """Open the report offline; whatever it complains of or asks for fails the test at its end."""
    contexts, troubles, asked = [], [], []

    def show(language: Language = "ko", hash_: str = "", width: int = 1280, **options: Any) -> Tab:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, offline=True, **options
        )
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(WAIT)
        tab.on("console", lambda said: troubles.append(f"{said.type}: {said.text}"))
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request: asked.append(request.url.partition("#")[0]))
        tab.goto(reported.pages[language].as_uri() + hash_)
        if options.get("java_script_enabled", True):
            tab.wait_for_selector("#explorer[data-ready]")
        return tab

    yield show
    for context in contexts:
        context.close()
    assert troubles == []
    own = {path.as_uri() for path in reported.pages.values()}
    assert set(asked) <= {*own, "data:,"}


def settled(tab: Tab, does: Callable[[], Any]) -> None:
    """Wait until the list has been drawn anew after ``does``."""
    before = tab.get_attribute("#explorer", "data-ready")
    does()
    tab.wait_for_function(
        "before => document.querySelector('#explorer').dataset.ready !== before", arg=before
    )


def rows(tab: Tab) -> int:
    if not tab.locator(".row").count():
        return 0
    return int(tab.locator(".row").first.get_attribute("aria-setsize") or 0)


def heading(tab: Tab) -> list[str]:
    """The prompt and the candidate of the open pair."""
    return [tab.inner_text(".detail h3"), tab.locator(".detail h4").first.inner_text()]


# --- 1, 2, 3: alone, literally, without a way to write markup


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_who_opens_everything_sees_no_error_and_sends_no_request(
    opened: Open, language: Language
) -> None:
    tab = opened(language)
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    for select in tab.locator("select[data-key]").all():
        for value in select.locator("option").evaluate_all("all => all.map(o => o.value)")[:2]:
            select.select_option(value)
    settled(tab, lambda: tab.click("[data-part=reset]"))
    tab.click(".row >> nth=2")
    tab.wait_for_selector(".detail article")
    tab.check("[data-toggle=diff]")
    tab.keyboard.press("?")
    assert tab.is_visible("dialog")


def test_a_hostile_text_stands_in_the_open_pair_as_it_was_written(opened: Open) -> None:
    tab = opened("ko", "#item=blog-007/1/0/" + SMALL)
    tab.wait_for_selector(".detail article")
    shown = tab.locator(".detail article .text").first.inner_text()
    assert shown == (
        "</script><img src=x onerror=alert(1)>⟦U+202E⟧거꾸로⟦U+200B⟧⟦U+115F⟧⟦U+0000⟧ 👩‍🚀 끝."
    )
    assert tab.locator("#texts img").count() == 0
    isolated = tab.locator(".detail article .text").first
    assert isolated.evaluate("one => getComputedStyle(one).unicodeBidi") == "isolate"


SINKS = {
    "innerHTML": "document.body.innerHTML = '<p>'",
    "outerHTML": "document.body.outerHTML = '<p>'",
    "insertAdjacentHTML": "document.body.insertAdjacentHTML('beforeend', '<p>')",
    "document.write": "document.write('<p>')",
    "srcdoc": "document.createElement('iframe').srcdoc = '<p>'",
    "parser": "new DOMParser().parseFromString('<p>', 'text/html')",
    "eval": "eval('window.fired = 1')",
    "Function": "new Function('window.fired = 1')()",
    "script": "document.createElement('script').src = 'data:text/javascript,window.fired=1'",
    "policy": "trustedTypes.createPolicy('own', { createHTML: text => text })",
}


@pytest.mark.parametrize("sink", SINKS)
def test_no_way_to_write_markup_or_code_is_open(
    reported: Reported, browser: Browser, sink: str
) -> None:
    tab = browser.new_page()
    tab.goto(reported.pages["ko"].as_uri())
    tab.wait_for_selector("#explorer[data-ready]")
    before = tab.evaluate("document.querySelectorAll('*').length")
    # A script that a tool of the browser runs may use eval itself, so the page's own timer asks.
    thrown = tab.evaluate(
        f"""() => new Promise(done => setTimeout(() => {{
            try {{ {SINKS[sink]}; done('nothing'); }} catch (error) {{ done(error.name); }}
        }}))"""
    )
    assert thrown in {"TypeError", "EvalError"}
    assert tab.evaluate("window.fired ?? 'nothing'") == "nothing"
    assert tab.evaluate("document.querySelectorAll('*').length") == before
    tab.close()


def test_a_handler_a_style_a_frame_and_an_image_added_to_the_page_do_nothing(
    reported: Reported, browser: Browser
) -> None:
    """As if text had become markup after all: the policy is the second wall."""
    source = reported.pages["ko"].read_text(encoding="utf-8")
    hostile = (
        '<body><p id="inside" style="color: rgb(1, 2, 3)">글</p>'
        '<img src="http://127.0.0.1:9/x.png" onerror="window.fired=1">'
        "<script>window.fired=1</script><style>#inside { color: rgb(1, 2, 3) }</style>"
        '<svg onload="window.fired=1"></svg><iframe src="data:text/html,hi"></iframe>'
        '<form action="http://127.0.0.1:9/"><button>go</button></form>'
    )
    path = reported.pages["ko"].with_name("broken-into.html")
    path.write_text(source.replace("<body>", hostile, 1), encoding="utf-8")
    tab = browser.new_page()
    answered: list[str] = []
    refused: list[str | None] = []
    tab.on("requestfinished", lambda request: answered.append(request.url.partition(":")[0]))
    tab.on("requestfailed", lambda request: refused.append(request.failure))
    tab.goto(path.as_uri())
    tab.wait_for_selector("#explorer[data-ready]")
    tab.evaluate("document.forms[0].requestSubmit()")
    assert tab.evaluate("window.fired ?? 'nothing'") == "nothing"
    assert tab.evaluate("getComputedStyle(inside).color") != "rgb(1, 2, 3)"
    assert set(answered) <= {"file", "data"}
    assert set(refused) == {"csp"}
    tab.close()


# --- 4: without a script


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_script_the_whole_report_but_the_explorer_is_there(
    opened: Open, reported: Reported, language: Language
) -> None:
    tab = opened(language, java_script_enabled=False)
    primary = sum(row["primary"] for row in reported.results["comparisons"])
    assert tab.locator("#verdicts .card:visible").count() == primary
    assert tab.locator("#leaderboard tbody tr:visible").count() == 1 + len(CANDIDATES)
    for chart in ("forest", "outcomes", "slices", "distributions"):
        drawn = tab.locator(f"#{chart} svg.chart:visible")
        assert drawn.count() >= 2, chart
        assert min(drawn.nth(at).bounding_box()["height"] for at in range(drawn.count())) > 40
    assert tab.locator("#texts details.prompt").count() > 0
    assert not tab.locator("#explorer").is_visible()


# --- 7: from a chart to its texts


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outcome", ["loss", "win"])
def test_each_bar_leads_to_as_many_rows_as_it_counts(
    opened: Open, reported: Reported, language: Language, outcome: str
) -> None:
    tab = opened(language)
    counts = [
        tally[{"loss": "losses", "win": "wins"}[outcome]]
        for entry in reported.results["leaderboard"]
        for tally in entry["pairs"].values()
    ]
    bars = tab.locator(f"#outcomes a[data-outcome={outcome}]")
    seen = []
    for at in range(bars.count()):
        bar = bars.nth(at)
        settled(tab, bar.locator("rect").first.click)
        assert rows(tab) == int(bar.get_attribute("data-count") or 0)
        assert {"loss": "-", "win": "+"}[outcome] in tab.locator(".row .figure").first.inner_text()
        about = tab.locator(".row-about").first.inner_text()
        assert about.startswith((bar.get_attribute("aria-label") or "").rpartition(": ")[0])
        seen.append(rows(tab))
    assert sorted(seen) == sorted(count for count in counts if count)


def test_each_mark_of_a_chart_leads_to_texts_of_its_candidate(opened: Open) -> None:
    tab = opened()
    links = tab.eval_on_selector_all(
        "#forest a.mark, #slices a.mark, #outcomes a, #distributions a",
        "all => all.map(a => [a.getAttribute('href'), a.getAttribute('aria-label')])",
    )
    assert len(links) >= 40
    for href, _ in dict(links).items():
        settled(tab, lambda href=href: tab.evaluate("to => { location.hash = to }", href + "&"))
        chosen = tab.input_value("select[data-key=candidate]")
        assert chosen in {visible(name) for name in CANDIDATES}, href
        assert rows(tab) > 0, href
        assert tab.locator(".row-about").first.inner_text().startswith(chosen)


def test_a_bar_can_be_followed_with_the_keyboard(opened: Open) -> None:
    tab = opened()
    bar = tab.locator("#outcomes a[data-outcome=loss]").first
    bar.focus()
    settled(tab, lambda: tab.keyboard.press("Enter"))
    assert rows(tab) == int(bar.get_attribute("data-count") or 0)
    assert tab.evaluate("document.activeElement.dataset.part") == "list"
    tab.keyboard.press("ArrowDown")
    tab.wait_for_selector(".detail article")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.dataset.part") == "detail"


# --- 8: addresses


def test_a_link_to_an_awkward_name_opens_its_pair_again_after_a_reload(opened: Open) -> None:
    tab = opened()
    settled(tab, lambda: tab.select_option("select[data-key=candidate]", AWKWARD))
    settled(tab, lambda: tab.select_option("select[data-key=sort]", "difference"))
    settled(tab, lambda: tab.fill("[data-part=q]", "번째 날 & 빵집".partition(" &")[0]))
    tab.click(".row >> nth=3")
    tab.wait_for_selector(".detail article")
    before = heading(tab), rows(tab), tab.locator(".row-name").all_inner_texts()
    assert before[0][1] == AWKWARD
    tab.reload()
    tab.wait_for_selector("#explorer[data-ready]")
    tab.wait_for_selector(".detail article")
    assert (heading(tab), rows(tab), tab.locator(".row-name").all_inner_texts()) == before
    assert tab.input_value("select[data-key=candidate]") == AWKWARD
    assert tab.input_value("select[data-key=sort]") == "difference"
    assert tab.input_value("[data-part=q]") == "번째 날"
    assert tab.locator(".row[aria-selected=true]").is_visible()


def test_back_and_forward_go_through_the_pairs_that_were_opened(opened: Open) -> None:
    tab = opened()
    first, second = tab.locator(".row").nth(0), tab.locator(".row").nth(1)
    first.click()
    tab.wait_for_selector(".detail article")
    one = heading(tab)
    second.click()
    tab.wait_for_function(
        "was => document.querySelector('.detail h4').innerText !== was", arg=one[1]
    )
    two = heading(tab)
    settled(tab, tab.go_back)
    tab.wait_for_function(
        "was => document.querySelector('.detail h4').innerText === was", arg=one[1]
    )
    assert heading(tab) == one != two
    settled(tab, tab.go_forward)
    tab.wait_for_function(
        "was => document.querySelector('.detail h4').innerText === was", arg=two[1]
    )
    assert heading(tab) == two


@pytest.mark.parametrize(
    "hash_",
    ["#%E0%A4%A", "#=", "#q=%00%FF", "#outcome=none&__proto__=1&constructor=2", "#sort=p&mode=x",
     "#item=" + "x" * 5000, "#candidate=%3Cimg%20src%3Dx%3E", "#verdicts", "#texts"],
)  # fmt: skip
def test_an_address_that_says_nothing_useful_does_no_harm(opened: Open, hash_: str) -> None:
    tab = opened("ko", hash_)
    assert rows(tab) >= 0
    settled(tab, lambda: tab.click("[data-part=reset]"))
    assert rows(tab) == sum(1 for _ in CANDIDATES) * 48 - 2


# --- 9: many rows


@pytest.fixture(scope="module")
def long_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.html"
    path.write_text(render_page(page(items=pairs(5000)), TEMPLATES, "en"), encoding="utf-8")
    return path


def test_the_list_scrolls_to_any_of_ten_thousand_rows(long_page: Path, browser: Browser) -> None:
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.set_default_timeout(WAIT)
    tab.goto(long_page.as_uri())
    tab.wait_for_selector("#explorer[data-ready]")
    for at in (0, 1, 777, 4999, 5000, 8191, 9998, 9999):
        tab.evaluate(
            """at => { const list = document.querySelector('[data-part=list]');
                list.scrollTop = at * parseFloat(getComputedStyle(list).getPropertyValue('--row'));
            }""",
            at,
        )
        row = tab.locator(f"[data-at='{at}']")
        row.wait_for()
        name = f"{('blog', 'emotional')[at // 2 % 2]}-{at // 2:05d}"
        assert row.locator(".row-name").inner_text() == name
        list_box = tab.locator("[data-part=list]").bounding_box()
        box = row.bounding_box()
        assert box is not None
        assert list_box is not None
        assert list_box["y"] - 1 <= box["y"] <= list_box["y"] + list_box["height"]
        assert tab.evaluate("document.querySelectorAll('#explorer *').length") < 500
    row.click()
    tab.wait_for_selector("text=딱딱한 글 4999.")
    tab.close()


# --- 10: accessibility where the other test does not look: a pair open, help open, both languages


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_serious_in_an_open_pair_and_in_the_help(
    reported: Reported, browser: Browser, language: Language, scheme: Any
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    # The policy forbids axe's own script; what it checks does not depend on the policy.
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    tab = context.new_page()
    tab.goto(reported.pages[language].as_uri() + "#item=blog-007/1/0/" + SMALL)
    tab.wait_for_selector(".detail article")
    tab.check("[data-toggle=diff]")
    assert serious(axe, tab) == []
    tab.keyboard.press("Escape")
    tab.focus("[data-part=list]")
    tab.keyboard.press("?")
    assert tab.is_visible("dialog")
    assert serious(axe, tab) == []
    context.close()


def serious(axe: Any, tab: Tab) -> list[Any]:
    found = axe.Axe().run(tab).response["violations"]
    return [
        (one["id"], [node["target"] for node in one["nodes"]][:5])
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


# --- 11: Hangul


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_query_finds_a_word_however_its_syllables_are_put_together(
    opened: Open, form: Any
) -> None:
    tab = opened()
    word = unicodedata.normalize("NFC", NFD_WORD)
    settled(tab, lambda: tab.fill("[data-part=q]", unicodedata.normalize(form, word)))
    assert rows(tab) == 2 * len(CANDIDATES)
    assert set(tab.locator(".row-name").all_inner_texts()) == {"blog-005", "emotional-005"}


GLYPHS = """() => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 48;
    const ink = canvas.getContext('2d', { willReadFrequently: true });
    const drawn = (character, font) => {
        ink.clearRect(0, 0, 48, 48);
        ink.font = '32px ' + font;
        ink.textBaseline = 'top';
        ink.fillText(character, 2, 2);
        return ink.getImageData(0, 0, 48, 48).data.join();
    };
    const fonts = ['body', '.detail .hidden-character', 'code'].map(
        name => getComputedStyle(document.querySelector(name)).fontFamily);
    const words = document.body.innerText
        + [...document.querySelectorAll('svg')].map(one => one.textContent).join('');
    const characters = [...new Set(words)].filter(
        one => one.trim() && !/\\p{Extended_Pictographic}|\\u200d/u.test(one));
    return fonts.map(font => {
        const nothing = ['\\u0378', '\\ue0ff'].map(one => drawn(one, font));
        return { agree: nothing[0] === nothing[1] && nothing[0] !== drawn(' ', font),
                 hangul: characters.filter(one => /[가-힣]/.test(one)).length,
                 boxes: characters.filter(one => drawn(one, font) === nothing[0]) };
    });
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_of_the_page_is_drawn_as_an_empty_box(opened: Open, language: Language) -> None:
    tab = opened(language, "#item=blog-007/1/0/" + SMALL)
    tab.wait_for_selector(".detail article")
    for font in tab.evaluate(GLYPHS):
        assert font["agree"], "two characters that no font has must look alike"
        assert font["hangul"] > {"ko": 200, "en": 20}[language]
        assert font["boxes"] == []


def test_syllables_that_came_apart_are_drawn_as_one(opened: Open) -> None:
    tab = opened("ko", "#item=blog-005/1/0/" + SMALL)
    tab.wait_for_selector(".detail article")
    widths = tab.evaluate(
        """words => words.map(word => {
            const node = document.querySelector('.detail article .text').cloneNode();
            const piece = document.createElement('span');
            piece.textContent = word;
            node.append(piece);
            document.querySelector('.detail').append(node);
            return piece.getBoundingClientRect().width;
        })""",
        [NFD_WORD, unicodedata.normalize("NFC", NFD_WORD)],
    )
    assert widths[0] == pytest.approx(widths[1], abs=0.5)
    assert widths[0] > 0


def test_korean_breaks_between_words_and_the_fonts_are_asked_for_in_order(opened: Open) -> None:
    tab = opened()
    style = tab.evaluate(
        """(() => { const own = getComputedStyle(document.body);
            return [own.wordBreak, own.overflowWrap, own.fontFamily.replaceAll('"', '')]; })()"""
    )
    assert style == [
        "keep-all", "anywhere",
        "Pretendard, Apple SD Gothic Neo, Malgun Gothic, Noto Sans KR, Noto Sans CJK KR, "
        "NanumGothic, sans-serif",
    ]  # fmt: skip


KEYS: Sequence[tuple[str, str]] = (("KeyJ", "ㅓ"), ("KeyK", "ㅏ"), ("KeyJ", "Process"))


@pytest.mark.parametrize(("code", "key"), KEYS)
def test_a_shortcut_is_a_place_on_the_keyboard(opened: Open, code: str, key: str) -> None:
    tab = opened()
    tab.evaluate(
        """([code, key]) => document.body.dispatchEvent(new KeyboardEvent('keydown',
            { code, key, bubbles: true, cancelable: true }))""",
        [code, key],
    )
    tab.wait_for_selector(".detail article")
    assert tab.locator(".row[aria-selected=true]").count() == 1


def test_letters_in_the_middle_of_a_syllable_are_no_shortcuts(opened: Open) -> None:
    tab = opened()
    tab.evaluate(
        """() => document.body.dispatchEvent(new KeyboardEvent('keydown',
            { code: 'KeyJ', key: 'ㅓ', isComposing: true, bubbles: true }))"""
    )
    assert tab.locator(".row[aria-selected=true]").count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_sticks_out_at_360_pixels_with_everything_open(
    opened: Open, language: Language
) -> None:
    tab = opened(language, "#item=blog-007/1/0/" + SMALL, width=360)
    tab.wait_for_selector(".detail article")
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    beyond = tab.evaluate(
        """[...document.querySelectorAll('main *, header *')].filter(node =>
            !node.closest('.scroll, svg, .row, select, dialog') && node.checkVisibility()
            && node.getBoundingClientRect().right > 360.5).map(node => node.outerHTML.slice(0, 90))"""
    )
    assert beyond == []
