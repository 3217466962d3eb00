"""The page in a real browser: places, switches, widths, paper, contrast."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sample_page import (
    LANGUAGES,
    PEOPLE,
    TEMPLATES,
    comparison,
    comparisons,
    page,
    results,
    standing,
)
from test_page_trust import audited

from kojudge.errors import Language
from kojudge.report.export_csv import comparisons_csv
from kojudge.report.page import render_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

SECTIONS = (
    "verdicts", "leaderboard", "forest", "outcomes", "slices", "distributions", "comparisons",
    "evidence", "trust", "texts", "missing", "methods",
)  # fmt: skip
LONG = "an-organisation/a-model-with-a-very-long-name-indeed-32b-instruct-2026-11"


def shown() -> dict[str, Any]:
    """Results with all that a page can hold: a long name, averages, a certificate, people."""
    averages = [{"leaderboard_average": 30.0 + at} for at in range(3)]
    names = ("gemma-2-2b-it", "warm", LONG)
    return results(
        comparisons=[
            *comparisons(),
            comparison(candidate=LONG, delta=-0.31, ci_low=-0.42, ci_high=-0.2, verdict="worse"),
            comparison(slice="emotional", primary=False, n_prompts=17, delta=-0.05),
        ],
        leaderboard=[
            standing(name, **own) for name, own in zip(names, averages, strict=True)
        ],
        rank_correlations=[
            {"criterion": "naturalness", "judge": "judge-a", "benchmark": "average", "n": 3, "rho": None, "ci_low": None,
             "ci_high": None}],
        judges=[audited()],
        labels=PEOPLE,
    )  # fmt: skip


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    contexts = []

    def opened(language: Language = "ko", *, width: int = 1440, **options: Any) -> Tab:
        path = tmp_path / f"{language}.html"
        html = render_page(page(results=shown()), TEMPLATES, language)
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.goto(path.as_uri())
        return tab

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [360, 1440])
def test_forest_marks_stand_within_a_pixel_of_their_values(open_page: Any, width: int) -> None:
    tab = open_page(width=width)
    drawn = tab.eval_on_selector_all(
        "#forest svg",
        """drawings => drawings.map(svg => {
            const middle = e => { const b = e.getBoundingClientRect(); return b.x + b.width / 2; };
            const ticks = [...svg.querySelectorAll('.tick')];
            const lines = [...svg.querySelectorAll('.grid')];
            return {
                ticks: ticks.map((t, at) => [parseFloat(t.textContent), middle(lines[at])]),
                marks: [...svg.querySelectorAll('a.mark')].map(mark => ({
                    name: mark.querySelector('title').textContent,
                    dot: [...mark.querySelectorAll('.dot')].map(middle),
                    whisker: [...mark.querySelectorAll('.whisker')].slice(1).map(middle),
                })),
            };
        })""",
    )
    found = [c for c in shown()["comparisons"] if c["slice"] == "overall"]
    seen = 0
    for drawing in drawn:
        (low, left), (high, right) = drawing["ticks"][0], drawing["ticks"][-1]
        for mark in drawing["marks"]:
            values = re.findall(r"[+-]?\d+\.\d+", mark["name"].rpartition(": ")[2])
            if not values:
                assert mark["dot"] == []
                continue
            own = next(
                c for c in found
                if c["delta"] is not None and f"{c['delta']:+.2f}" == values[0]
            )  # fmt: skip
            wanted = [
                left + (own[key] - low) / (high - low) * (right - left)
                for key in ("delta", "ci_low", "ci_high")
            ]
            assert [*mark["dot"], *mark["whisker"]] == pytest.approx(wanted, abs=1.0)
            seen += 1
    assert seen == len([c for c in found if c["delta"] is not None])


@pytest.mark.parametrize(("width", "media"), [(360, "screen"), (1440, "screen"), (688, "print")])
def test_names_in_drawings_are_whole_and_clear_of_the_numbers(
    open_page: Any, width: int, media: Any
) -> None:
    tab = open_page(width=width)
    tab.emulate_media(media=media)
    marks = tab.eval_on_selector_all(
        "#forest .mark, #slices .mark, #outcomes .mark",
        """marks => marks.map(mark => {
            const name = mark.querySelector('.mark-name');
            const box = name.getBoundingClientRect();
            const number = mark.querySelector('.mark-number').getBoundingClientRect();
            return [name.textContent, box.right < number.left, box.height];
        })""",
    )
    assert [name for name, _, _ in marks].count(LONG) == 2
    assert all(clear for _, clear, _ in marks)
    assert {height > 40 for name, _, height in marks if name == LONG} == {True}


def test_bars_are_as_wide_as_their_counts(open_page: Any) -> None:
    tab = open_page()
    bars = tab.eval_on_selector_all(
        "#outcomes svg.outcomes g.mark",
        """bars => bars.map(bar => [...bar.querySelectorAll('a')].map(one => [
            +one.dataset.count, one.querySelector('rect').getBoundingClientRect().width]))""",
    )
    assert len(bars) == 2
    for bar in bars:
        assert [count for count, _ in bar] == [467, 33, 801]
        whole = sum(width for _, width in bar)
        for count, width in bar:
            assert width == pytest.approx(whole * count / 1301, abs=1.0)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 360, 768])
def test_nothing_sticks_out_of_a_narrow_window(
    open_page: Any, language: Language, width: int
) -> None:
    tab = open_page(language, width=width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_without_a_script_every_section_and_chart_is_there(open_page: Any) -> None:
    tab = open_page(java_script_enabled=False)
    for name in SECTIONS:
        assert tab.locator(f"#{name} > h2").is_visible(), name
    for chart in ("#forest svg", "#outcomes svg.chart", "#slices svg", "#distributions svg"):
        assert tab.locator(chart).first.is_visible(), chart


def test_the_verdicts_switch_language_without_a_script(open_page: Any) -> None:
    tab = open_page("ko", java_script_enabled=False)
    korean = tab.get_by_text("[자연스러움] warm ↔ 기준 모델 gemma-2-2b-it: 더 나음.")
    english = tab.get_by_text("[Naturalness] warm vs baseline gemma-2-2b-it: better.")
    assert (korean.is_visible(), english.is_visible()) == (True, False)
    tab.get_by_label("English").check()
    assert (korean.is_visible(), english.is_visible()) == (False, True)


def test_many_verdicts_are_short_and_all_in_sight_without_a_script(
    browser: Browser, tmp_path: Path
) -> None:
    found = [comparison(candidate=f"{LONG}-{at}") for at in range(75)]
    path = tmp_path / "many.html"
    path.write_text(
        render_page(page(results=results(comparisons=found)), TEMPLATES, "ko"), encoding="utf-8"
    )
    for width, tallest in ((1440, 100), (360, 240)):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=False
        )
        tab = context.new_page()
        tab.goto(path.as_uri())
        lines = tab.locator("#verdicts article.line")
        boxes = [line.bounding_box() for line in lines.all()]
        english = tab.locator('#verdicts article.line .sentence >> text="vs baseline"')
        assert len(boxes) == 75
        assert all(box and 0 < box["height"] < tallest for box in boxes)
        assert lines.first.get_by_text("[자연스러움]").is_visible()
        assert not english.count() or not english.first.is_visible()
        context.close()


def test_the_theme_follows_the_reader_or_the_switch(open_page: Any) -> None:
    tab = open_page("en", color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = tab.evaluate(ground)
    tab.get_by_label("Light").check()
    light = tab.evaluate(ground)
    assert light == "rgb(251, 250, 247)" != dark
    tab.emulate_media(color_scheme="light")
    tab.get_by_label("Auto").check()
    assert tab.evaluate(ground) == light
    tab.get_by_label("Dark").check()
    assert tab.evaluate(ground) == dark


def test_on_paper_every_section_and_every_folded_table_is_there(open_page: Any) -> None:
    tab = open_page(color_scheme="dark")
    tab.get_by_label("어둡게").check()
    tab.emulate_media(media="print")
    for name in SECTIONS:
        assert tab.locator(f"#{name} > h2").is_visible(), name
    tables = tab.locator(".panel details table")
    assert tables.count() >= 6
    heights = tables.evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert min(heights) > 0
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    paper = tab.pdf()
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) > 3


def test_on_paper_no_table_is_wider_than_the_page(open_page: Any) -> None:
    """A4 less its margins is 688 px wide, on its side with narrow margins 1046 px."""
    tab = open_page(width=688)
    tab.emulate_media(media="print")
    wide = {"leaderboard", "comparisons"}
    for width in (688, 1046):
        tab.set_viewport_size({"width": width, "height": 900})
        found = tab.eval_on_selector_all(
            ".scroll",
            "all => all.map(one => [one.closest('section').id, one.scrollWidth - one.clientWidth])",
        )
        own = [over for section, over in found if (section in wide) is (width == 1046)]
        assert len(own) >= 4
        assert max(own) <= 0


def test_on_paper_the_manifest_stands_once(open_page: Any) -> None:
    tab = open_page()
    tab.emulate_media(media="print")
    assert tab.locator("#methods .tree").first.is_visible()
    assert not tab.locator("#methods .raw").is_visible()


def test_the_data_can_be_saved_from_a_file_without_a_script(open_page: Any, tmp_path: Path) -> None:
    tab = open_page(java_script_enabled=False)
    with tab.expect_download() as waiting:
        tab.get_by_role("link", name="comparisons.csv").click()
    saved = tmp_path / "saved.csv"
    waiting.value.save_as(saved)
    assert waiting.value.suggested_filename == "comparisons.csv"
    assert saved.read_bytes() == comparisons_csv(shown())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_serious(open_page: Any, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    # The policy forbids axe's own script; what it checks does not depend on the policy.
    tab = open_page(width=width, color_scheme=scheme, bypass_csp=True)
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = axe.Axe().run(tab).response["violations"]
    serious = [one for one in found if one["impact"] in {"serious", "critical"}]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:5]) for one in serious] == []
