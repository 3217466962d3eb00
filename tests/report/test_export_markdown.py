"""The Markdown table says what the page says, and no name can break out of its cell."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sample_page as sample
from hypothesis import given
from hypothesis import strategies as st

from kojudge.errors import Language
from kojudge.report.export_markdown import plain_cell, results_markdown


def table(language: Language = "en", **given: Any) -> list[list[str]]:
    lines = results_markdown(sample.results(**given), language).splitlines()
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in lines
        if line.startswith("| ")
    ]


def test_the_verdicts_come_first_and_categories_stay_out() -> None:
    found = table()
    assert found[0] == [
        "candidate", "criterion", "mode", "judge (grade)", "difference [95% CI]", "prompts",
        "verdict",
    ]  # fmt: skip
    assert found[1] == [
        "warm", "naturalness", "pairwise", "judge-a (unaudited)", "+0.15 \\[+0.09, +0.22\\]",
        "1,300", "better \\*",
    ]  # fmt: skip
    assert len(found) == 1 + 5
    assert found[-1][2] == "pointwise"
    assert "*" not in found[-1][-1]


def test_it_speaks_korean() -> None:
    found = table("ko")
    assert found[0][4:] == ["차이 \\[95% 신뢰구간\\]".replace("\\", ""), "프롬프트", "판정"]
    assert found[1][2:4] == ["쌍대 비교", "judge-a (검증 안 됨)"]
    assert found[1][-1] == "더 나음 \\*"


@pytest.mark.parametrize(
    ("language", "cell", "title"),
    [
        ("en", "withheld (better)", "Why verdicts are withheld:"),
        ("ko", "판정 보류 (더 나음)", "판정을 보류한 까닭:"),
    ],
)
def test_a_withheld_verdict_is_marked_and_explained(
    language: Language, cell: str, title: str
) -> None:
    withheld = sample.comparison(withheld=True, reasons=["judge_unaudited", "assay_failed"])
    text = results_markdown(sample.results(comparisons=[withheld]), language)
    assert cell in text
    assert text.count(title) == 1
    assert text.rstrip().splitlines()[-1].startswith("- ")
    assert len(re.findall("^- ", text, re.MULTILINE)) == 1


def test_what_was_not_computed_is_a_dash() -> None:
    refused = next(row for row in table() if row[-1].startswith("no verdict"))
    assert refused[4] == "—"


def test_a_judge_too_small_to_trust_opens_it() -> None:
    judges = [sample.judge(too_small=True, parameters=1_500_000_000)]
    text = results_markdown(sample.results(judges=judges), "en")
    assert text.index("The judge is too small") < text.index("| candidate")
    assert "judge-a (1.5B)" in text


def test_a_panel_is_as_well_checked_as_its_worst_member() -> None:
    panel = {"members": [{"criterion": "naturalness", "mode": "pairwise",
                          "judges": ["judge-a", "judge-b"]}]}  # fmt: skip
    judges = [sample.judge("judge-a", "certified"), sample.judge("judge-b", "provisional")]
    rows = table(comparisons=[sample.comparison(judge="panel")], judges=judges, panel=panel)
    assert rows[1][3].startswith("panel (provisional")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a|b", "a\\|b"),
        ("a\nb", "a⟦U+000A⟧b"),
        ("[x](http://e.vil)", "\\[x\\](http\\://e.vil)"),
        ("<b>`*_~#@&!$\\", "\\<b\\>\\`\\*\\_\\~\\#\\@\\&\\!\\$\\\\"),
        ("\u202eevil", "⟦U+202E⟧evil"),
        ("www.evil.com", "www\\.evil.com"),
        ("qwen2.5-0.5b-instruct", "qwen2.5-0.5b-instruct"),
    ],
)
def test_a_name_is_shown_as_it_is(name: str, shown: str) -> None:
    assert plain_cell(name) == shown


@given(st.text())
def test_any_name_stays_one_cell_on_one_line(name: str) -> None:
    rows = table(comparisons=[sample.comparison(candidate=name)])
    assert len(rows) == 2
    assert len(rows[1]) == 7
