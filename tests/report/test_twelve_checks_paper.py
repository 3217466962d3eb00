"""The report taken away: on paper, and as a table for a spreadsheet."""

from __future__ import annotations

import base64
import csv
import io
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import pypdf
import pytest
from sample_run import FORMULA, HIDDEN, SMALL, Reported

from kojudge.errors import Language

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LANGUAGES: tuple[Language, ...] = ("ko", "en")


def squeezed(text: str) -> str:
    """``text`` without blanks: paper breaks lines where it likes.

    A blank may come back as a control character, for a font can draw both with one glyph.
    """
    return "".join(c for c in unicodedata.normalize("NFC", text) if c.isprintable() and c != " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_has_every_section_with_its_content_in_order(
    reported: Reported, browser: Browser, language: Language
) -> None:
    context = browser.new_context(color_scheme="dark")
    tab = context.new_page()
    tab.goto(reported.pages[language].as_uri() + "#item=blog-001/1/0/" + SMALL)
    tab.wait_for_selector(".detail article")
    headings = tab.locator("main section > h2").evaluate_all("all => all.map(h => h.textContent)")
    folded = tab.locator("main .panel details").evaluate_all(
        "all => all.map(one => one.querySelector('tbody tr').textContent)"
    )
    paper = pypdf.PdfReader(io.BytesIO(tab.pdf(outline=True, tagged=True)))
    context.close()
    text = squeezed("\n".join(page.extract_text() for page in paper.pages))
    assert len(headings) == 12
    at = -1
    for heading in headings:
        at = text.find(squeezed(heading), at + 1)
        assert at >= 0, heading
    outline = iter([entry.title for entry in flat(paper.outline)])
    assert all(heading in outline for heading in headings)  # each after the one before it
    said = {"ko": "기준 모델 gemma-2-2b-it: ", "en": "vs baseline gemma-2-2b-it: "}[language]
    primary = sum(row["primary"] for row in reported.results["comparisons"])
    assert text.count(squeezed(said)) == primary
    for row in reported.results["comparisons"]:
        if row["primary"] and row["delta"] is not None and abs(row["delta"]) >= 0.005:
            assert f"{row['delta']:+.2f}[" in text
    # What is folded away on the screen is open on paper: its first row of numbers is there.
    assert folded
    assert sum(squeezed(row) in text for row in folded) >= 0.9 * len(folded)
    assert "강가를걸었어요" in text  # the pair that was open


def flat(outline: Any) -> list[Any]:
    return [
        leaf for entry in outline for leaf in (flat(entry) if isinstance(entry, list) else [entry])
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_csv_in_the_page_opens_safely_in_a_spreadsheet(
    reported: Reported, language: Language
) -> None:
    html = reported.pages[language].read_text(encoding="utf-8")
    (packed,) = re.findall(r'download="comparisons\.csv"[^>]*href="data:text/csv;base64,([^"]+)"'
                           r'|href="data:text/csv;base64,([^"]+)"[^>]*download="comparisons\.csv"',
                           html)  # fmt: skip
    data = base64.b64decode("".join(packed))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    comparisons = reported.results["comparisons"]
    assert len(rows) == len(comparisons)
    for row, found in zip(rows, comparisons, strict=True):
        for key in ("delta", "ci_low", "ci_high", "p_adjusted", "n_prompts"):
            assert float(row[key]) == found[key]
        for key, cell in row.items():
            number = re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)
            assert number or not cell.startswith(("=", "+", "-", "@", "\t")), (key, cell)
    assert f"'{FORMULA}" in {row["candidate"] for row in rows}
    assert not set(HIDDEN[-3:]) & set(data.decode("utf-8-sig"))
