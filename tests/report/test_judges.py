"""The certificate in results.json: grades by criterion and mode, and what they withhold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sample_trust import (
    blind,
    counted,
    entry,
    figure,
    fill,
    fill_pairs,
    judged,
    open_run,
    standing,
)

from kojudge.report import build_results
from kojudge.report.judges import worst
from kojudge.store.run import Run

POINT = ("j", "naturalness", "pointwise")
PAIR = ("j", "naturalness", "pairwise")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """One judge that finds x better in both modes."""
    run = open_run(tmp_path)
    fill(run, {"j": {"x": 0.8}})
    fill_pairs(run, {"j": {"x": 0.8}})
    return run


def comparison(results: dict[str, Any], mode: str, judge: str = "j") -> dict[str, Any]:
    [found] = [
        e
        for e in results["comparisons"]
        if (e["mode"], e["slice"], e["judge"]) == (mode, "overall", judge)
    ]
    return found


def test_a_judge_that_failed_carries_no_verdict_in_the_mode_it_failed(run: Run) -> None:
    given = {POINT: entry(standing()), PAIR: blind(mode="pairwise")}
    results = build_results(run, counted(certificates=given))
    failed = comparison(results, "pairwise")
    assert (failed["verdict"], failed["withheld"]) == ("better", True)
    assert failed["reasons"] == ["judge_failed"]
    assert failed["delta"] > 0.2
    kept = comparison(results, "pointwise")
    assert (kept["verdict"], kept["withheld"]) == ("better", False)
    assert kept["reasons"] == ["judge_provisional"]


def test_a_judge_may_fail_one_criterion_and_carry_another(run: Run) -> None:
    run.append_judgments([
        judged(name, at, 3.0 + lift + 0.1 * (at % 4), criterion="friendliness")
        for name, lift in (("base", 0.0), ("x", 1.0 - 0.013))
        for at in range(30)
    ])  # fmt: skip
    made = {POINT: entry(standing()), ("j", "friendliness", "pointwise"): blind("friendliness")}
    results = build_results(run, counted(certificates=made))
    withheld = {
        (e["criterion"], e["mode"]): e["withheld"]
        for e in results["comparisons"]
        if e["slice"] == "overall"
    }
    assert withheld["friendliness", "pointwise"] is True
    assert withheld["naturalness", "pointwise"] is False


def test_categories_are_withheld_with_their_whole(run: Run) -> None:
    results = build_results(run, counted(certificates={PAIR: blind(mode="pairwise")}))
    cells = [e for e in results["comparisons"] if e["slice"] == "blog" and e["mode"] == "pairwise"]
    assert [e["withheld"] for e in cells] == [True]


def test_a_verdict_that_was_refused_is_withheld_too(tmp_path: Path) -> None:
    run = open_run(tmp_path)
    fill(run, {"j": {"x": 0.8}}, prompts=5)
    results = build_results(run, counted(certificates={POINT: blind()}))
    found = comparison(results, "pointwise")
    assert (found["verdict"], found["withheld"]) == ("refused", True)
    assert found["reasons"] == ["judge_failed", "too_few_prompts"]


def test_without_a_certificate_verdicts_are_shown_and_marked(run: Run) -> None:
    found = comparison(build_results(run, counted()), "pointwise")
    assert (found["withheld"], found["reasons"]) == (False, ["judge_unaudited"])


def test_a_certificate_says_nothing_of_judgments_made_elsewhere(run: Run) -> None:
    results = build_results(run, counted(judges=(), certificates={POINT: blind()}))
    found = comparison(results, "pointwise")
    assert (found["withheld"], found["reasons"]) == (False, ["judge_unaudited"])
    assert results["judges"][0]["grade"] == "unaudited"


@pytest.mark.parametrize(
    ("grades", "grade"),
    [
        (["certified", "certified"], "certified"),
        (["certified", "provisional"], "provisional"),
        (["certified", "unaudited"], "unaudited"),
        (["provisional", "unaudited", "failed"], "failed"),
        ([], "unaudited"),
    ],
)
def test_a_judges_grade_is_its_worst(grades: list[str], grade: str) -> None:
    assert worst(grades) == grade


def test_one_criterion_without_a_certificate_leaves_the_judge_unaudited(run: Run) -> None:
    results = build_results(run, counted(certificates={POINT: entry(standing())}))
    [judge] = results["judges"]
    assert judge["grade"] == "unaudited"
    assert [(g["mode"], g["grade"]) for g in judge["grades"]] == [
        ("pairwise", "unaudited"), ("pointwise", "provisional"),
    ]  # fmt: skip


def test_a_grade_brings_its_numbers_and_its_reasons(run: Run) -> None:
    failed = standing(mode="pairwise", macro=figure(0.7613))
    given = {PAIR: entry(failed, quick=True)}
    [judge] = build_results(run, counted(certificates=given))["judges"]
    row, other = judge["grades"]
    assert (row["grade"], row["quick"], row["certificate"]) == ("failed", True, "key-1")
    assert (row["detection"], row["detection_low"]) == (0.7613, pytest.approx(0.7313))
    assert row["weakest"]["kind"] == "spaces_removed"
    assert row["strongest"]["kind"] == "sentence_loop"
    assert (row["position"], row["injection"], row["unscored"]) == (0.8311, 0.0217, 0.0)
    assert (row["trivial"], row["gain"], row["trivial_auc"]) == (0.6611, 0.1922, 0.88)
    assert (row["ceiling"], row["people_r"]) == (None, None)
    assert row["rises"] == [
        {"kind": "verbose", "value": -0.11, "ci_low": pytest.approx(-0.14),
         "ci_high": pytest.approx(-0.08)}
    ]  # fmt: skip
    [reason] = row["reasons"]
    assert reason["code"] == "detection"
    assert "76.1%" in reason["ko"]
    assert "76.1%" in reason["en"]
    assert (other["mode"], other["detection"], other["reasons"]) == ("pointwise", None, [])
