"""Assay controls: degraded copies of the baseline's texts, judged along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sample_trust import (
    control,
    counted,
    fill,
    fill_pairs,
    judge_controls,
    judged,
    noise,
    open_run,
)

from kojudge.report import build_results
from kojudge.selection import WantedJudgment
from kojudge.store.run import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A judge that finds x like the baseline in both modes."""
    run = open_run(tmp_path)
    fill(run, {"j": {"x": 0.0}}, prompts=60)
    fill_pairs(run, {"j": {"x": 0.5}}, prompts=60)
    return run


def scored_copies(
    level: float, prompts: int = 60, judge: str = "j"
) -> list[tuple[WantedJudgment, float | None]]:
    wobble = noise(prompts, 7)
    return [(control(at, judge=judge), level + wobble[at]) for at in range(prompts)]


def paired_copies(win: float, prompts: int = 60) -> list[tuple[WantedJudgment, float | None]]:
    wobble = noise(prompts, 8, 0.02)
    return [
        (control(at, order), win + wobble[at]) for at in range(prompts) for order in ("AB", "BA")
    ]  # type: ignore[misc]


def results_of(run: Run, scores: Any, **given: Any) -> dict[str, Any]:
    return build_results(run, counted(controls=judge_controls(run, scores), **given))


def verdicts(results: dict[str, Any], mode: str) -> list[tuple[str, bool, list[str]]]:
    return [
        (e["verdict"], e["withheld"], e["reasons"])
        for e in results["comparisons"]
        if (e["mode"], e["slice"]) == (mode, "overall")
    ]


def test_a_control_seen_as_worse_lets_similar_stand(run: Run) -> None:
    results = results_of(run, [*scored_copies(2.0), *paired_copies(0.2)])
    assert verdicts(results, "pointwise") == [("similar", False, ["judge_unaudited"])]
    assert verdicts(results, "pairwise") == [("similar", False, ["judge_unaudited"])]
    scored, paired = results["controls"]
    assert (scored["judge"], scored["criterion"], scored["mode"]) == (
        "j", "naturalness", "pointwise",
    )  # fmt: skip
    assert scored["delta"] == pytest.approx(-1.0, abs=0.15)
    assert scored["ci_low"] < scored["delta"] < scored["ci_high"] < 0
    assert (scored["verdict"], scored["seen"], scored["n_prompts"]) == ("worse", True, 60)
    assert paired["delta"] == pytest.approx(-0.3, abs=0.05)
    assert paired["p_adjusted"] < 0.01


def test_a_control_that_looks_as_good_withholds_similar(run: Run) -> None:
    results = results_of(run, scored_copies(3.0))
    assert verdicts(results, "pointwise") == [
        ("similar", True, ["judge_unaudited", "assay_failed"])
    ]
    [row] = results["controls"]
    assert row["seen"] is False


def test_a_control_in_one_mode_supports_that_mode_only(run: Run) -> None:
    results = results_of(run, scored_copies(2.0))
    assert verdicts(results, "pointwise")[0][1] is False
    assert verdicts(results, "pairwise")[0][1:] == (True, ["judge_unaudited", "no_assay_control"])


def test_a_control_of_too_few_prompts_is_none(run: Run) -> None:
    results = results_of(run, scored_copies(2.0, prompts=7))
    [row] = results["controls"]
    assert (row["verdict"], row["seen"], row["n_prompts"]) == ("refused", False, 7)
    assert verdicts(results, "pointwise")[0][1:] == (True, ["judge_unaudited", "no_assay_control"])


def test_controls_that_were_not_asked_yet_are_not_missing(run: Run) -> None:
    copies = judge_controls(run, scored_copies(2.0, prompts=20))
    later = tuple(control(at) for at in range(20, 60))
    [row] = build_results(run, counted(controls=(*copies, *later)))["controls"]
    assert (row["n_prompts"], row["seen"]) == (20, True)


def test_unscored_controls_may_hide_what_the_judge_sees(run: Run) -> None:
    lost: list[tuple[WantedJudgment, float | None]] = [(control(at), None) for at in range(12, 60)]
    [row] = results_of(run, [*scored_copies(2.6, prompts=12), *lost])["controls"]
    assert (row["verdict"], row["reasons"]) == ("refused", ["missing", "few_prompts"])


def test_a_text_with_nothing_to_damage_is_neither_a_control_nor_missing(run: Run) -> None:
    whole: list[tuple[WantedJudgment, float | None]] = [(control(at), None) for at in range(20, 60)]
    asked = [*scored_copies(2.0, prompts=20), *whole]
    copies = judge_controls(run, asked, why="control_unchanged")
    [row] = build_results(run, counted(controls=copies))["controls"]
    assert (row["n_prompts"], row["seen"]) == (20, True)


def test_a_judge_that_is_always_sure_sees_the_control(run: Run) -> None:
    pairs = [(control(at, order), 0.0001) for at in range(60) for order in ("AB", "BA")]  # type: ignore[arg-type]
    [row] = results_of(run, pairs)["controls"]
    assert (row["verdict"], row["seen"], row["ci_low"]) == ("worse", True, None)
    assert row["delta"] == pytest.approx(-0.499)


def test_a_judge_that_never_moves_does_not_see_it(run: Run) -> None:
    pairs = [(control(at, order), 0.5) for at in range(60) for order in ("AB", "BA")]  # type: ignore[arg-type]
    results = results_of(run, pairs)
    assert results["controls"][0]["seen"] is False
    assert "assay_failed" in verdicts(results, "pairwise")[0][2]


def test_a_copy_is_held_against_its_own_original(run: Run) -> None:
    """Other samples of the baseline on the prompt are much worse, and do not count."""
    run.append_judgments([judged("base", at, 1.0, sample=1) for at in range(60)])
    [row] = results_of(run, scored_copies(2.0))["controls"]
    assert row["delta"] == pytest.approx(-1.0, abs=0.15)


def test_the_control_stays_out_of_the_primary_family(run: Run) -> None:
    before = build_results(run, counted())
    after = results_of(run, [*scored_copies(2.0), *paired_copies(0.2)])
    assert after["family"] == before["family"]
    assert {e["candidate"] for e in after["comparisons"]} == {"x"}
    for old, new in zip(before["comparisons"], after["comparisons"], strict=True):
        assert (new["p_adjusted"], new["ci_low"]) == (old["p_adjusted"], old["ci_low"])
    assert {row["candidate"] for row in after["leaderboard"]} == {"base", "x"}


def test_the_panels_control_is_the_mean_over_its_members(tmp_path: Path) -> None:
    run = open_run(tmp_path)
    fill(run, {"a": {"x": 0.0}, "b": {"x": 0.0}}, prompts=60)
    copies = [*scored_copies(2.0, judge="a"), *scored_copies(2.5, judge="b")]
    results = results_of(run, copies, judges=("a", "b"))
    rows = {row["judge"]: row for row in results["controls"]}
    assert rows["panel"]["delta"] == pytest.approx((rows["a"]["delta"] + rows["b"]["delta"]) / 2)
    assert [w for _, w, _ in verdicts(results, "pointwise")] == [False] * 3


def test_a_panel_with_a_member_that_saw_no_control_has_none(tmp_path: Path) -> None:
    run = open_run(tmp_path)
    fill(run, {"a": {"x": 0.0}, "b": {"x": 0.0}, "c": {"x": 0.0}}, prompts=60)
    copies = [*scored_copies(2.0, judge="a"), *scored_copies(2.5, judge="b")]
    results = results_of(run, copies, judges=("a", "b", "c"))
    assert [row["judge"] for row in results["controls"]] == ["a", "b"]
    assert verdicts(results, "pointwise")[-1][2] == ["judge_unaudited", "no_assay_control"]


def test_good_on_all_rests_on_the_controls_too(run: Run) -> None:
    run.append_judgments([
        judged(name, at, 3.0 + 0.1 * (at % size), criterion="friendliness")
        for name, size in (("base", 4), ("x", 3))
        for at in range(60)
    ])  # fmt: skip
    copies = scored_copies(2.0)
    copies += [(control(at, criterion="friendliness"), 1.5 + 0.1 * (at % 7)) for at in range(60)]
    [row] = [r for r in results_of(run, copies)["good_on_all"] if r["mode"] == "pointwise"]
    assert (row["holds"], row["withheld"]) == (True, False)
