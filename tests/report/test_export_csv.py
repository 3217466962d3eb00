"""The CSV of the comparisons: complete, exact, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import sample_page as sample
from hypothesis import given
from hypothesis import strategies as st

from kojudge.report.export_csv import COLUMNS, comparisons_csv, harmless
from kojudge.visible import visible


def rows(results: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(comparisons_csv(results).decode("utf-8-sig"))))


def test_it_begins_with_a_byte_order_mark_so_that_hangul_survives_a_spreadsheet() -> None:
    data = comparisons_csv(sample.results())
    assert data.startswith(b"\xef\xbb\xbfcandidate,")
    assert data.endswith(b"\r\n")


def test_every_comparison_is_a_row_in_order() -> None:
    results = sample.results()
    found = rows(results)
    assert [(r["candidate"], r["slice"]) for r in found] == [
        (r["candidate"], r["slice"]) for r in results["comparisons"]
    ]
    assert tuple(found[0]) == COLUMNS


def test_numbers_come_back_to_the_last_digit_and_negative_ones_stay_numbers() -> None:
    results = sample.results(comparisons=[sample.comparison(delta=-1 / 3, p_value=1e-17)])
    (found,) = rows(results)
    assert float(found["delta"]) == -1 / 3
    assert float(found["p_value"]) == 1e-17
    assert found["n_prompts"] == "1300"


def test_what_is_not_there_is_empty_and_flags_are_words() -> None:
    found = rows(sample.results())
    refused = next(r for r in found if r["verdict"] == "refused")
    assert (refused["delta"], refused["ci_low"], refused["withheld"]) == ("", "", "false")
    assert found[0]["judge_grade"] == "unaudited"
    assert found[0]["reasons"] == "judge_unaudited"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])
def test_a_name_that_a_spreadsheet_would_run_is_quoted(start: str) -> None:
    name = f"{start}HYPERLINK(1)"
    (found,) = rows(sample.results(comparisons=[sample.comparison(candidate=name)]))
    assert found["candidate"].startswith("'")
    assert found["candidate"] == f"'{visible(name)}"


def test_quotes_commas_and_hidden_characters_come_through_in_sight() -> None:
    name = 'a,"b"\u202e\x00c'
    (found,) = rows(sample.results(comparisons=[sample.comparison(candidate=name)]))
    assert found["candidate"] == 'a,"b"⟦U+202E⟧⟦U+0000⟧c'


@given(st.text())
def test_no_text_cell_begins_a_formula(text: str) -> None:
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_names_keep_the_rows_apart(names: list[str]) -> None:
    results = sample.results(comparisons=[sample.comparison(candidate=n) for n in names])
    assert [r["candidate"] for r in rows(results)] == [
        harmless(name).replace("\r\n", "\n") for name in names
    ]
