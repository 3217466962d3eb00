"""Every number a reader sees, in both languages, against results.json; the terminal says the same.

The numbers are read back from the page as rendered and compared at the precision they are
written in, without the code that wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from sample_run import CANDIDATES, CRITERIA, JUDGES, Reported

from kojudge.errors import Language
from kojudge.report.export_markdown import results_markdown
from kojudge.visible import visible

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

LANGUAGES: tuple[Language, ...] = ("ko", "en")
VERDICTS = {
    "ko": {"better": "더 나음", "similar": "사실상 같음", "not worse": "뒤지지 않음",
           "worse": "더 나쁨", "undecided": "결론 없음", "refused": "판정하지 않음"},
    "en": {"better": "better", "similar": "similar", "not worse": "not worse", "worse": "worse",
           "undecided": "undecided", "refused": "no verdict"},
}  # fmt: skip
NAMES = {
    "ko": {"naturalness": "자연스러움", "friendliness": "친근함",
           "pairwise": "쌍대 비교", "pointwise": "점수"},
    "en": {"naturalness": "Naturalness", "friendliness": "Friendliness",
           "pairwise": "pairwise", "pointwise": "pointwise"},
}  # fmt: skip
FIGURE = re.compile(r"<?(?<![\w.])[+-]?\d[\d,]*(?:\.\d+)?%?")
Values = Sequence[float | None]


def figures(text: str) -> list[str]:
    """The numbers in ``text`` as they are written; ``1–3`` is two, ``±0.10`` one."""
    return FIGURE.findall(text.replace("–", " ").replace("~", " "))


def same(written: str, value: float | None) -> bool:
    """Whether ``written`` is ``value`` rounded to as many places as are written."""
    if value is None:
        return False
    if written.startswith("<"):
        return value < float(written[1:])
    plain = written.replace(",", "").rstrip("%")
    places = len(plain.partition(".")[2])
    if written.endswith("%"):
        value *= 100
    return abs(float(plain) - value) <= 0.5 * 10**-places + 1e-9


def agree(text: str, *values: float | None) -> bool:
    """Whether the numbers in ``text`` are just ``values``, a dash standing for None."""
    known = [value for value in values if value is not None]
    found = figures(text)
    return (len(found) == len(known) and all(map(same, found, known))) and (
        bool(known) or "—" in text
    )


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("+0.31 [+0.18, +0.44]", (0.3149, 0.1751, 0.436), True),
        ("+0.31 [+0.18, +0.44]", (0.3149, 0.1751, 0.446), False),
        ("-0.31", (0.31,), False),
        ("65.1% [58.7%, 71.5%] n=1,301", (0.6512, 0.5871, 0.7153, 1301), True),
        ("2 1–3", (2, 1, 3), True),
        ("<0.001", (0.0004,), True),
        ("<0.001", (0.0014,), False),
        ("—", (None,), True),
        ("", (None,), False),
    ],
)
def test_the_reader_of_numbers_can_tell_right_from_wrong(
    text: str, values: Values, expected: bool
) -> None:
    assert agree(text, *values) is expected


@pytest.fixture
def tab(reported: Reported, browser: Browser, language: Language) -> Iterator[Tab]:
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    opened.goto(reported.pages[language].as_uri())
    yield opened
    opened.close()


def overall(reported: Reported) -> list[dict[str, Any]]:
    return [row for row in reported.results["comparisons"] if row["slice"] == "overall"]


def badge(row: dict[str, Any], language: str) -> str:
    if row["withheld"]:
        return {"ko": "판정 보류", "en": "withheld"}[language]
    return VERDICTS[language][row["verdict"]]


def test_the_run_shows_what_it_should(reported: Reported) -> None:
    """Several verdicts, both modes, both judges and their panel, a missing answer."""
    rows = overall(reported)
    assert len(rows) == len(CANDIDATES) * len(CRITERIA) * 2 * (len(JUDGES) + 1)
    assert len({row["verdict"] for row in rows}) >= 4
    assert {row["judge"] for row in rows} == {*JUDGES, "panel"}
    assert sum(row["unscored"] for row in reported.results["missing"]) > 0


CARDS = """() => {
    const read = (node, name) => [...node.querySelectorAll(name)]
        .filter(one => one.checkVisibility()).map(one => one.innerText).join('');
    let heading = '';
    const found = [];
    for (const node of document.querySelectorAll('#verdicts .cards > *')) {
        if (node.tagName === 'H3') { heading = node.innerText; continue; }
        const facts = {};
        for (const fact of node.querySelectorAll('dl.facts > div'))
            if (fact.checkVisibility()) {
                const [term, ...value] = fact.innerText.split('\\n');
                facts[term] = value.join(' ');
            }
        found.push({ heading, name: node.querySelector('h4').innerText, facts,
            figure: node.querySelector('.figure').innerText,
            badge: read(node, '.badge'),
            sentence: read(node, '.sentence') });
    }
    return found;
}"""


@pytest.mark.parametrize("shown", LANGUAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_card_says_its_comparison_in_either_language(
    reported: Reported, tab: Tab, language: Language, shown: Language
) -> None:
    tab.get_by_label({"ko": "한국어", "en": "English"}[shown], exact=True).check()
    cards = tab.evaluate(CARDS)
    primary = [row for row in overall(reported) if row["primary"]]
    assert len(cards) == len(primary)
    left = list(primary)
    for card in cards:
        judge = next(
            (name for name in JUDGES if any(name in fact for fact in card["facts"].values())),
            "panel",
        )
        (row,) = (
            one for one in left
            if NAMES[shown][one["criterion"]] == card["heading"]
            and visible(one["candidate"]) == card["name"] and one["judge"] == judge
        )  # fmt: skip
        left.remove(row)
        check_card(card, row, shown)
    assert not left


def check_card(card: dict[str, Any], row: dict[str, Any], shown: Language) -> None:
    interval = (row["delta"], row["ci_low"], row["ci_high"])
    assert card["badge"] == badge(row, shown)
    assert agree(card["figure"], *interval)
    assert any(
        agree(fact, row["margin"]) for fact in card["facts"].values() if fact.startswith("±")
    )
    sentence = card["sentence"]
    start, end = {
        "ko": (f"[{card['heading']}] {card['name']} ↔ 기준 모델 gemma-2-2b-it: ", "개."),
        "en": (f"[{card['heading']}] {card['name']} vs baseline gemma-2-2b-it: ", " prompts."),
    }[shown]
    assert sentence.startswith(start + badge(row, shown))
    assert sentence.endswith(end)
    told = sentence[sentence.rindex("차이 +" if shown == "ko" and row["delta"] >= 0 else
                                    "차이 -" if shown == "ko" else "Difference "):]  # fmt: skip
    assert agree(told.replace("95%", ""), *interval, row["n_prompts"])


def cells(tab: Tab, rows: str) -> list[list[str]]:
    """The cells of the table rows that ``rows`` selects, each on one line."""
    found: list[list[str]] = tab.eval_on_selector_all(
        rows,
        """all => all.map(row => [...row.cells].map(
            cell => cell.innerText.replace(/\\s+/g, ' ').trim()))""",
    )
    return found


def in_order(found: Sequence[str], expected: Sequence[Values]) -> bool:
    """Whether cells that agree with each of ``expected`` come in this order."""
    rest = iter(found)
    return all(any(agree(cell, *values) for cell in rest) for values in expected)


def headline(rows: Sequence[dict[str, Any]], **place: str) -> dict[str, Any]:
    """The panel's comparison there."""
    place |= {"judge": "panel"}
    (row,) = (one for one in rows if all(one[key] == value for key, value in place.items()))
    return row


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_leaderboard_has_each_number_of_each_model(
    reported: Reported, tab: Tab, language: Language
) -> None:
    rows = {row[0]: row[1:] for row in cells(tab, "#leaderboard table >> nth=0 >> tbody tr")}
    entries = reported.results["leaderboard"]
    assert len(rows) == len(entries) == 1 + len(CANDIDATES)
    length = next(entry["mean_chars"] for entry in entries if entry["baseline"])
    for entry in entries:
        (row,) = (own for name, own in rows.items() if name.startswith(visible(entry["candidate"])))
        for criterion in CRITERIA:
            mean, rank = entry["criteria"][criterion], entry["ranks"][criterion]
            at = next(at for at, cell in enumerate(row) if agree(cell, mean["mean"], mean["n"]))
            told = [int(figure) for figure in figures(row[at - 1])]
            assert told[0] == rank["rank"]
            assert set(told) <= set(rank.values())  # the ranks left open beside it
            expected: list[Values] = [(mean["mean"], mean["n"])]
            if not entry["baseline"]:
                place = {"candidate": entry["candidate"], "criterion": criterion}
                found = headline(overall(reported), mode="pairwise", **place)
                tally = entry["pairs"][criterion]
                bounds = [0.5 + found[key] for key in ("delta", "ci_low", "ci_high")]
                expected += [
                    (found["delta"], found["ci_low"], found["ci_high"]),
                    (*bounds, tally["n"]),
                    (tally["wins"], tally["ties"], tally["losses"]),
                    (tally["flips"],),
                ]
            assert in_order(row, expected), (row, expected)
        tail: list[Values] = [
            (entry["failed"], entry["texts"]),
            (entry["mean_chars"],),
            (entry["mean_chars"] / length,),
        ]
        assert in_order(row, tail), (row, tail)


MARKS = """all => all.map(figure => ({
    caption: figure.querySelector('figcaption').innerText,
    marks: [...figure.querySelectorAll('svg a.mark')].map(mark => ({
        number: mark.querySelector('.mark-number').textContent,
        told: mark.getAttribute('aria-label'),
        title: mark.querySelector('title').textContent,
    })),
}))"""


def check_marks(marks: list[dict[str, str]], rows: list[dict[str, Any]], *, count: bool) -> None:
    """Each mark stands for one of ``rows``, beside it and in what a screen reader says."""
    left = list(rows)
    for mark in marks:
        assert mark["told"] == mark["title"]
        name, _, told = mark["told"].rpartition(": ")
        own = next(
            row for row in left
            if agree(told, row["delta"], row["ci_low"], row["ci_high"], row["n_prompts"])
            and visible(row["candidate"]) in name
        )  # fmt: skip
        prompts = (own["n_prompts"],) if count else ()
        assert agree(mark["number"], own["delta"], own["ci_low"], own["ci_high"], *prompts)
        left.remove(own)
    assert not left


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_forest_writes_the_numbers_that_it_draws(
    reported: Reported, tab: Tab, language: Language
) -> None:
    drawn = tab.eval_on_selector_all("#forest figure", MARKS)
    names = NAMES[language]
    for mode in ("pairwise", "pointwise"):
        for criterion in CRITERIA:
            marks = [
                mark for one in drawn for mark in one["marks"]
                if names[criterion] in one["caption"] and f"· {names[mode]}" in one["caption"]
            ]  # fmt: skip
            place = (criterion, mode)
            rows = [r for r in overall(reported) if (r["criterion"], r["mode"]) == place]
            check_marks(marks, rows, count=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_slice_writes_the_numbers_that_it_draws(
    reported: Reported, tab: Tab, language: Language
) -> None:
    drawn = tab.eval_on_selector_all("#slices figure", MARKS)
    for criterion in CRITERIA:
        marks = [m for one in drawn for m in one["marks"]
                 if NAMES[language][criterion] in one["caption"]]  # fmt: skip
        rows = [
            row for row in reported.results["comparisons"]
            if row["slice"] != "overall"
            and (row["criterion"], row["mode"], row["judge"]) == (criterion, "pairwise", "panel")
        ]  # fmt: skip
        assert len(rows) == 2 * len(CANDIDATES)
        check_marks(marks, rows, count=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_wins_ties_and_losses_are_those_of_the_leaderboard(
    reported: Reported, tab: Tab, language: Language
) -> None:
    figures_ = tab.locator("#outcomes figure")
    assert figures_.count() == len(CRITERIA)
    tallies = {
        (NAMES[language][criterion], visible(entry["candidate"])): tally
        for entry in reported.results["leaderboard"]
        for criterion, tally in entry["pairs"].items()
    }
    bars = tab.eval_on_selector_all(
        "#outcomes svg.outcomes g.mark",
        """all => all.map(bar => ({
            criterion: bar.closest('figure').querySelector('strong').innerText,
            name: bar.querySelector('.mark-name').textContent,
            numbers: bar.querySelector('.mark-number').textContent,
            parts: Object.fromEntries([...bar.querySelectorAll('a')].map(
                a => [a.dataset.outcome, [a.dataset.count, a.getAttribute('aria-label')]])),
        }))""",
    )
    assert len(bars) == len(tallies)
    for bar in bars:
        start = bar["name"].rstrip("…")
        (place,) = (p for p in tallies if p[0] == bar["criterion"] and p[1].startswith(start))
        tally = tallies[place]
        counts = {"win": tally["wins"], "tie": tally["ties"], "loss": tally["losses"]}
        assert agree(bar["numbers"], *counts.values())
        assert {key: int(count) for key, (count, _) in bar["parts"].items()} == {
            key: count for key, count in counts.items() if count
        }
        for key, (_, told) in bar["parts"].items():
            assert agree(told.removeprefix(place[1]), counts[key], counts[key] / tally["n"])
    tab.evaluate("document.querySelectorAll('#outcomes details').forEach(d => { d.open = true; })")
    table = cells(tab, "#outcomes tbody tr")
    for (_, name), tally in tallies.items():
        keys = ("wins", "ties", "losses", "n", "win_rate")
        assert any(row[0] == name and in_order(row[1:], [(tally[key],) for key in keys])
                   for row in table), (name, tally)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_full_tables_hold_every_comparison(
    reported: Reported, tab: Tab, language: Language
) -> None:
    rows = cells(tab, "#comparisons tbody tr")
    comparisons = reported.results["comparisons"]
    assert len(rows) == len(comparisons)
    for found in comparisons:
        names = [visible(found["candidate"]), NAMES[language][found["criterion"]]]
        expected: list[Values] = [
            (found["delta"],), (found["ci_low"], found["ci_high"]), (found["margin"],),
            (found["n_prompts"],), (found["n_samples"],), (found["se"],), (found["p_value"],),
            (found["p_adjusted"],),
        ]  # fmt: skip
        own = next(row for row in rows
                   if row[:2] == names and in_order(row, expected)
                   and NAMES[language][found["mode"]] in row)  # fmt: skip
        rows.remove(own)
        assert badge(found, language) in own or found["slice"] != "overall"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_says_what_the_page_says(reported: Reported, language: Language) -> None:
    lines = [line for line in reported.told[language].splitlines() if line.startswith("│")]
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]
    found = overall(reported)
    assert len(rows) == len(found)
    panel = {"ko": "심사단", "en": "panel"}[language]
    for row in found:
        judge = panel if row["judge"] == "panel" else row["judge"]
        mode = NAMES[language][row["mode"]]
        place = [visible(row["candidate"]), row["criterion"], mode, judge]
        (cells_,) = (own for own in rows if own[:4] == place)
        difference, p_adjusted, prompts, verdict = cells_[4:]
        assert agree(difference, row["delta"], row["ci_low"], row["ci_high"])
        assert agree(p_adjusted, row["p_adjusted"])
        assert agree(prompts, row["n_prompts"])
        assert verdict.removesuffix(" *").partition(" (")[0] == badge(row, language)
        assert verdict.endswith("*") is row["primary"]
    verdicts = [own[-1].endswith("*") for own in rows]
    assert verdicts == sorted(verdicts, reverse=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_says_what_the_page_says(reported: Reported, language: Language) -> None:
    text = results_markdown(reported.results, language)
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    found = sorted(overall(reported), key=lambda row: not row["primary"])
    assert len(lines) == len(found)
    for line, row in zip(lines, found, strict=True):
        *_, difference, prompts, verdict = (
            cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]
        )
        assert agree(difference, row["delta"], row["ci_low"], row["ci_high"])
        assert agree(prompts, row["n_prompts"])
        assert verdict.startswith(badge(row, language))
