"""The panel: the mean over the judges that may sit on it, and what it owes to each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sample_trust import (
    SETTINGS,
    blind,
    card,
    counted,
    entry,
    fill,
    fill_pairs,
    open_run,
    standing,
)

from kojudge.report import build_results
from kojudge.store.run import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Two judges that find x better, and one that finds it as much worse."""
    run = open_run(tmp_path)
    fill(run, {"a": {"x": 0.5}, "b": {"x": 0.4}, "c": {"x": -0.9}})
    return run


def place(judge: str) -> tuple[str, str, str]:
    return (judge, "naturalness", "pointwise")


def overall(results: dict[str, Any], judge: str) -> dict[str, Any]:
    [found] = [e for e in results["comparisons"] if (e["judge"], e["slice"]) == (judge, "overall")]
    return found


def deltas(results: dict[str, Any]) -> dict[str, float]:
    return {e["judge"]: e["delta"] for e in results["comparisons"] if e["slice"] == "overall"}


def test_judges_that_nobody_audited_all_count(run: Run) -> None:
    results = build_results(run, counted("abc"))
    found = deltas(results)
    assert found["panel"] == pytest.approx((found["a"] + found["b"] + found["c"]) / 3)
    assert results["panel"]["members"] == [
        {"criterion": "naturalness", "mode": "pointwise", "judges": ["a", "b", "c"]}
    ]
    assert results["panel"]["excluded"] == []


def test_a_judge_that_failed_has_no_seat_and_that_is_said(run: Run) -> None:
    given = {place("a"): entry(standing()), place("c"): blind()}
    results = build_results(run, counted("abc", certificates=given))
    found = deltas(results)
    assert found["panel"] == pytest.approx((found["a"] + found["b"]) / 2)
    assert results["panel"]["excluded"] == [
        {"judge": "c", "criterion": "naturalness", "mode": "pointwise", "why": "failed"}
    ]
    assert overall(results, "panel")["reasons"] == ["judge_unaudited"]
    assert overall(results, "panel")["withheld"] is False
    assert overall(results, "c")["withheld"] is True


def test_a_panel_is_as_well_checked_as_its_worst_member(run: Run) -> None:
    given = {place(judge): entry(standing()) for judge in "abc"}
    results = build_results(run, counted("abc", certificates=given))
    assert overall(results, "panel")["reasons"][0] == "judge_provisional"


def test_one_judge_left_is_no_panel(run: Run) -> None:
    given = {place("b"): blind(), place("c"): blind()}
    results = build_results(run, counted("abc", certificates=given))
    assert "panel" not in deltas(results)
    assert results["panel"]["members"] == []
    assert [row["judge"] for row in results["panel"]["excluded"]] == ["b", "c"]
    assert results["panel"]["leave_one_out"] == []
    assert results["family"]["size"] == 0  # pairwise is the primary mode


def test_failing_one_mode_costs_the_seat_in_that_mode_only(run: Run) -> None:
    fill_pairs(run, {"a": {"x": 0.8}, "c": {"x": 0.7}})
    given = {("c", "naturalness", "pairwise"): blind(mode="pairwise")}
    panel = build_results(run, counted("abc", certificates=given))["panel"]
    assert [(row["mode"], row["judges"]) for row in panel["members"]] == [
        ("pointwise", ["a", "b", "c"])
    ]
    assert [row["mode"] for row in panel["excluded"]] == ["pairwise"]


def test_a_single_judge_is_no_panel_at_all(tmp_path: Path) -> None:
    run = open_run(tmp_path)
    fill(run, {"a": {"x": 0.5}})
    assert build_results(run, counted("a"))["panel"] is None


def test_leaving_one_out_tests_the_others_again(run: Run) -> None:
    results = build_results(run, counted("abc"))
    found = deltas(results)
    rows = {row["without"]: row for row in results["panel"]["leave_one_out"]}
    assert rows["c"]["delta"] == pytest.approx((found["a"] + found["b"]) / 2)
    assert (rows["c"]["verdict"], rows["c"]["changes"]) == ("better", True)
    assert rows["a"]["delta"] == pytest.approx((found["b"] + found["c"]) / 2)
    assert (rows["a"]["verdict"], rows["a"]["changes"]) == ("worse", True)
    assert rows["c"]["ci_low"] < rows["c"]["delta"] < rows["c"]["ci_high"]
    assert overall(results, "panel")["verdict"] not in ("better", "worse")


def test_of_two_judges_the_other_one_is_left(tmp_path: Path) -> None:
    run = open_run(tmp_path)
    fill(run, {"a": {"x": 0.5}, "b": {"x": 0.4}})
    results = build_results(run, counted("ab"))
    without_a, without_b = results["panel"]["leave_one_out"]
    alone = overall(results, "b")
    assert without_a["delta"] == pytest.approx(alone["delta"])
    assert (without_a["ci_low"], without_a["ci_high"]) == (alone["ci_low"], alone["ci_high"])
    assert (without_a["verdict"], without_a["changes"]) == ("better", False)
    assert without_b["without"] == "b"


def test_what_the_panel_withholds_is_withheld_without_one_too(tmp_path: Path) -> None:
    run = open_run(tmp_path)
    fill(run, {"a": {"x": 0.0}, "b": {"x": 0.0}}, prompts=60)
    results = build_results(run, counted("ab"))
    assert overall(results, "panel")["withheld"] is True  # similar, and no control
    assert all(row["withheld"] for row in results["panel"]["leave_one_out"])


# --- judges of a candidate's family


FAMILIES = {"base": "gemma", "x": "qwen"}


def test_a_judge_of_a_candidates_family_is_marked_and_not_withheld(run: Run) -> None:
    cards = {"a": card("qwen"), "b": card("solar"), "c": card()}
    results = build_results(run, counted(judge_cards=cards, candidate_families=FAMILIES))
    assert overall(results, "a")["reasons"] == ["judge_unaudited", "same_family"]
    assert overall(results, "a")["withheld"] is False
    assert "same_family" not in overall(results, "b")["reasons"]
    assert "same_family" in overall(results, "panel")["reasons"]
    [row] = results["self_preference"]
    assert (row["judge"], row["candidate"], row["family"]) == ("a", "x", "qwen")


def test_cards_that_name_no_family_are_related_to_nobody(run: Run) -> None:
    results = build_results(run, counted("abc", candidate_families={"x": ""}))
    assert results["self_preference"] == []


def test_how_much_a_judge_favours_its_family_is_its_delta_less_the_others(run: Run) -> None:
    cards = {"a": card("qwen"), "b": card("solar"), "c": card()}
    results = build_results(run, counted(judge_cards=cards, candidate_families=FAMILIES))
    [difference] = results["self_preference"][0]["differences"]
    found = deltas(results)
    assert difference["difference"] == pytest.approx(found["a"] - (found["b"] + found["c"]) / 2)
    assert 0 < difference["ci_low"] < difference["difference"] < difference["ci_high"]
    assert (difference["mode"], difference["n_prompts"]) == ("pointwise", 30)


def test_a_judge_of_the_baselines_family_is_asked_whether_it_favours_the_baseline(
    run: Run,
) -> None:
    cards = {"a": card("solar"), "c": card("gemma")}
    results = build_results(run, counted(judge_cards=cards, candidate_families=FAMILIES))
    [row] = results["self_preference"]
    assert (row["judge"], row["candidate"]) == ("c", "base")
    found = deltas(results)
    assert row["differences"][0]["difference"] == pytest.approx(
        (found["a"] + found["b"]) / 2 - found["c"]
    )
    assert "same_family" in overall(results, "c")["reasons"]


def test_without_a_judge_of_another_family_there_is_nothing_to_compare(tmp_path: Path) -> None:
    run = open_run(tmp_path)
    fill(run, {"a": {"x": 0.5}})
    found = build_results(
        run, counted(judge_cards={"a": card("qwen")}, candidate_families=FAMILIES)
    )
    assert found["self_preference"][0]["differences"] == []


@pytest.mark.parametrize("relative", ["x", "base"])
def test_a_related_judge_can_be_kept_off_the_panel(run: Run, relative: str) -> None:
    cards = {"a": card("qwen"), "b": card("solar"), "c": card()}
    settings = SETTINGS.model_copy(update={"exclude_same_family": True})
    results = build_results(
        run,
        counted(settings=settings, judge_cards=cards, candidate_families={relative: "qwen"}),
    )
    found = deltas(results)
    assert found["panel"] == pytest.approx((found["b"] + found["c"]) / 2)
    assert results["panel"]["excluded"] == [
        {"judge": "a", "criterion": "naturalness", "mode": "pointwise", "why": "same_family"}
    ]
    assert "same_family" not in overall(results, "panel")["reasons"]
    assert "same_family" in overall(results, "a")["reasons"]


def test_a_model_that_is_not_compared_keeps_nobody_off(run: Run) -> None:
    cards = {"a": card("qwen"), "b": card(), "c": card()}
    settings = SETTINGS.model_copy(update={"exclude_same_family": True})
    results = build_results(
        run, counted(settings=settings, judge_cards=cards, candidate_families={"absent": "qwen"})
    )
    assert results["panel"]["excluded"] == []
