"""The page: certificates, controls, panel, families and calibration, as results.json has them."""

from __future__ import annotations

from typing import Any

import pytest
from sample_page import (
    HOSTILE,
    LANGUAGES,
    PEOPLE,
    SHOWN,
    TEMPLATES,
    Document,
    comparison,
    judge,
    page,
    read,
    results,
)
from sample_trust import SETTINGS, blind, card, entry, figure, standing

from kojudge.errors import Language
from kojudge.report import Counted
from kojudge.report.families import Family
from kojudge.report.judges import judge_rows
from kojudge.report.page import Page, render_page


def audited(name: str = "judge-a", *, quick: bool = False, **entries: Any) -> dict[str, Any]:
    """A row of results.json: naturalness failed pairwise and passed pointwise."""
    given = {
        ("naturalness", "pairwise"): blind(mode="pairwise"),
        ("naturalness", "pointwise"): entry(standing(), quick=quick),
        **{("naturalness", mode): made for mode, made in entries.items()},
    }
    certificates = {(name, *place): made for place, made in given.items()}
    counted = Counted(SETTINGS, (), (), {name: card()}, certificates=certificates)
    found = [
        Family(name, mode, ("base", "x"), (), (), {"naturalness": None})  # type: ignore[arg-type,dict-item]
        for mode in ("pairwise", "pointwise")
    ]
    [row] = judge_rows(counted, found)
    return row


def shown(language: Language = "ko", **given: Any) -> Document:
    return read(page(results=results(**given)), language)


def cells(document: Document, *start: str) -> list[str]:
    return next(row for row in document.rows() if row[: len(start)] == list(start))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_criterion_and_mode_has_a_row_with_its_numbers(language: Language) -> None:
    document = shown(language, judges=[audited()])
    name, mode, failed, kinds = {
        "ko": ("자연스러움", "쌍대 비교", "인증 실패", ("띄어쓰기", "71.0%")),
        "en": ("Naturalness", "pairwise", "failed", ("spaces", "71.0%")),
    }[language]
    row = cells(document, name, mode, failed)
    assert row[3] == "55.1% [52.1%, 58.1%]"
    assert all(word in row[4] for word in kinds)
    assert row[5].endswith("97.0%")
    assert row[6] == "83.1% [80.1%, 86.1%]"
    assert row[7].startswith("2.2% [1.2%, 3.2%]")
    assert row[7].endswith("31.2%")
    assert row[8] == "0.0% [0.0%, 6.0%]"
    assert row[9] == "—"
    assert row[10] == "66.1% [63.1%, 69.1%] AUC 0.88"
    assert (
        row[11]
        == {
            "ko": "+19.2%p [+16.2%p, +22.2%p]",
            "en": "+19.2 pp [+16.2 pp, +22.2 pp]",
        }[language]
    )
    assert row[12] == "—"


def test_the_reasons_stand_in_the_pages_language_only() -> None:
    korean, english = (shown(language, judges=[audited()]).text for language in LANGUAGES)
    assert "나빠진 글을 알아보는 비율이 평균 55.1%로" in korean
    assert "Mean detection of degraded texts is 55.1%" not in korean
    assert "Mean detection of degraded texts is 55.1%" in english


def test_kinds_and_rises_are_listed_one_by_one() -> None:
    text = shown("en", judges=[audited()]).text
    assert "translationese 88.0% [85.0%, 91.0%]" in text
    assert "padded by saying things twice -0.11 [-0.14, -0.08]" in text
    assert "Audit texts 60 · audit-1" in text


def test_agreement_with_people_stands_on_the_certificate() -> None:
    from kojudge.audit.validity import Agreement

    people = Agreement(80, 2, figure(0.61, 0.1), figure(0.7))
    row = cells(
        shown("en", judges=[audited(pointwise=entry(standing(people=people)))]),
        "Naturalness", "pointwise", "certified",
    )  # fmt: skip
    assert row[12] == "+0.61 [+0.51, +0.71]"


def test_a_quick_audit_is_called_one() -> None:
    text = shown("ko", judges=[audited(quick=True)]).text
    assert "잠정 인증(사람 평가와는 견주지 않음) 간이 검증" in text


def test_an_unaudited_judge_is_told_how_to_earn_a_certificate() -> None:
    assert "kojudge audit --judge judge-a" in shown().text
    assert "kojudge audit --judge" not in shown(judges=[audited()]).text


def test_a_failed_judge_is_named_before_any_number_and_its_verdicts_are_grey() -> None:
    failed = comparison(withheld=True, reasons=["judge_failed"])
    html = render_page(
        page(results=results(judges=[audited()], comparisons=[failed])), TEMPLATES, "ko"
    )
    notice = "검증을 통과하지 못한 심사 모델이 있습니다."
    assert notice in html
    assert html.index(notice) < html.index('id="verdicts"')
    card = html[html.index('<article class="card withheld">') :]
    card = card[: card.index("</article>")]
    assert "인증 실패" in card
    assert "심사 모델이 검증을 통과하지 못함" in card


def test_a_card_shows_the_grade_of_its_own_mode() -> None:
    found = comparison(mode="pointwise", reasons=["judge_provisional"])
    html = render_page(
        page(results=results(judges=[audited()], comparisons=[found])), TEMPLATES, "en"
    )
    cards = html[html.index('id="verdicts"') : html.index('id="leaderboard"')]
    assert "(provisional (not checked against people))" in cards
    assert "failed" not in cards


# --- controls


def control(**given: Any) -> dict[str, Any]:
    plain = {
        "judge": "judge-a", "criterion": "naturalness", "mode": "pairwise", "delta": -0.2711,
        "ci_low": -0.3317, "ci_high": -0.2113, "p_adjusted": 0.0117, "verdict": "worse",
        "n_prompts": 29, "seen": True, "reasons": [],
    }  # fmt: skip
    return plain | given


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({}, "알아봄"),
        ({"seen": False, "verdict": "undecided"}, "알아보지 못함"),
        ({"seen": False, "verdict": "refused"}, "자료가 모자람"),
    ],
)
def test_a_control_has_a_row_that_says_whether_it_was_seen(
    given: dict[str, Any], word: str
) -> None:
    row = cells(shown(controls=[control(**given)]), "judge-a", "자연스러움", "쌍대 비교", word)
    assert row[4:] == ["-0.27", "[-0.33, -0.21]", "0.012", "29"]


def test_a_run_without_controls_says_so() -> None:
    assert "망가뜨린 글을 함께 심사하지 않았습니다." in shown().text
    assert "망가뜨린 글을 함께 심사하지 않았습니다." not in shown(controls=[control()]).text


# --- panel and families


def panel(**given: Any) -> dict[str, Any]:
    plain = {
        "members": [{"criterion": "naturalness", "mode": "pairwise", "judges": ["a", "b"]}],
        "excluded": [
            {"judge": "c", "criterion": "naturalness", "mode": "pairwise", "why": "failed"}],
        "leave_one_out": [
            {"without": "a", "candidate": "warm", "criterion": "naturalness", "mode": "pairwise",
             "delta": 0.0317, "ci_low": -0.0211, "ci_high": 0.0913, "verdict": "undecided",
             "changes": True, "withheld": False}],
    }  # fmt: skip
    return plain | given


def test_the_panel_names_its_members_and_whom_it_left_out() -> None:
    text = shown(panel=panel()).text
    assert "자연스러움 · 쌍대 비교 a, b" in text
    assert "c · 자연스러움 · 쌍대 비교 검증을 통과하지 못함" in text
    related = {"judge": "d", "criterion": "naturalness", "mode": "pairwise", "why": "same_family"}
    assert "of a compared model's family" in shown("en", panel=panel(excluded=[related])).text


def test_a_verdict_that_rests_on_one_judge_is_told() -> None:
    row = cells(shown(panel=panel()), "a", "warm")
    assert row[2:] == ["자연스러움", "쌍대 비교", "결론 없음", "+0.03", "[-0.02, +0.09]", "예"]


def test_what_the_whole_panel_cannot_carry_is_not_carried_without_one() -> None:
    [row] = panel()["leave_one_out"]
    withheld = panel(leave_one_out=[row | {"withheld": True, "verdict": "better"}])
    assert cells(shown(panel=withheld), "a", "warm")[4] == "판정 보류"


def test_too_few_judges_are_no_panel() -> None:
    text = shown(panel=panel(members=[], leave_one_out=[])).text
    assert "심사단을 꾸리지 않았습니다" in text
    assert "심사단" not in shown().text


def test_a_judge_of_a_candidates_family_is_pointed_out() -> None:
    row = {"judge": "judge-a", "candidate": "warm", "family": "qwen2.5"}
    difference = {"criterion": "naturalness", "mode": "pointwise", "difference": 0.2117,
                  "ci_low": 0.1013, "ci_high": 0.3219, "n_prompts": 57}  # fmt: skip
    given = [row | {"differences": [difference]}, row | {"candidate": "b", "differences": []}]
    document = shown("en", self_preference=given)
    assert cells(document, "judge-a", "warm", "qwen2.5")[3:] == [
        "Naturalness", "pointwise", "+0.21", "[+0.10, +0.32]", "57",
    ]  # fmt: skip
    assert cells(document, "judge-a", "b")[3] == "no judge of another family to compare with"


# --- calibration


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_scale_is_calibrated_against_people(language: Language) -> None:
    document = shown(language, labels=PEOPLE)
    name = {"ko": "자연스러움", "en": "Naturalness"}[language]
    assert cells(document, "judge-a", name, "+0.41 [+0.29, +0.54]")[3:] == [
        "0.72 [0.55, 0.89]", "0.51", "82", "41",
    ]  # fmt: skip
    assert ["3", "37", "3.06", "2.75"] in document.rows()


# --- hostile names


def hostile() -> Page:
    made = audited(HOSTILE)
    for row in made["grades"]:
        row["criterion"] = row["certificate"] = row["audit_set"] = HOSTILE
        row["reasons"] = [{"code": HOSTILE, "ko": HOSTILE, "en": HOSTILE}]
        row["kinds"][0]["kind"] = row["weakest"]["kind"] = row["rises"][0]["kind"] = HOSTILE
    seat = {"judge": HOSTILE, "judges": [HOSTILE], "criterion": HOSTILE, "why": HOSTILE,
            "mode": HOSTILE}  # fmt: skip
    [left] = panel()["leave_one_out"]
    [point] = PEOPLE["calibration"]  # type: ignore[misc]
    return page(
        results=results(
            judges=[made, judge(HOSTILE + "2", grades=[])],
            controls=[control(judge=HOSTILE, criterion=HOSTILE, mode=HOSTILE)],
            panel={
                "members": [seat],
                "excluded": [seat],
                "leave_one_out": [left | {"without": HOSTILE, "candidate": HOSTILE}],
            },
            self_preference=[
                {"judge": HOSTILE, "candidate": HOSTILE, "family": HOSTILE, "differences": []}
            ],
            labels=PEOPLE | {"calibration": [point | {"judge": HOSTILE, "criterion": HOSTILE}]},
        )
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_show_literally_and_do_nothing(language: Language) -> None:
    html = render_page(hostile(), TEMPLATES, language)
    document = Document(html)
    assert not {"img", "iframe", "object", "form"} & {tag for tag, _ in document.tags}
    assert not set("\u202e\u200b\u3164\x00") & set(html)
    assert document.text.count(SHOWN) >= 25
    for _, attributes in document.tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
