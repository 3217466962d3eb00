"""How steady the judges are, by prompt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kojudge.report.compare import Plan
from kojudge.report.families import families
from kojudge.report.gather import NAN, Pair, Score, as_scores
from kojudge.report.noise import rerun_noise
from kojudge.report.reliability import reliability

PLAN = Plan(margin=0.25, alpha=0.05, resamples=999, seed=1, primary=True)


def rows(points: list[Score], pairs: list[Pair]) -> dict[str, dict[str, Any]]:
    return {row["measure"]: row for row in reliability(points, pairs, PLAN, (1.0, 5.0))}


def pair(prompt: int, first: float, second: float) -> Pair:
    return Pair("j", "naturalness", "x", f"p{prompt}", "blog", 0, 1, first, second, 0.5, "t")


def point(judge: str, prompt: int, score: float, candidate: str = "x", text: str = "0/1") -> Score:
    return Score(judge, "naturalness", candidate, f"p{prompt}", "blog", text, score)


def test_a_judge_that_always_takes_the_first_text_is_never_consistent() -> None:
    found = rows([], [pair(at, 0.9, 0.1) for at in range(20)])
    assert found["position_consistency"]["value"] == 0.0
    assert found["first_place_wins"]["value"] == 1.0
    assert found["position_consistency"]["ci_low"] is None  # it cannot vary


def test_a_steady_judge_is_consistent_and_even_between_the_places() -> None:
    pairs = [pair(at, 0.9, 0.8) if at % 2 else pair(at, 0.1, 0.2) for at in range(20)]
    pairs.append(pair(99, 0.9, 0.1))
    found = rows([], pairs)
    assert found["position_consistency"]["value"] == pytest.approx(20 / 21)
    assert 0.4 < found["first_place_wins"]["value"] < 0.6
    low = found["position_consistency"]["ci_low"]
    assert 0 <= low < 20 / 21


def test_two_judges_who_agree_have_coefficients_near_one() -> None:
    rng = np.random.default_rng(2)
    points = []
    for at in range(30):
        level = float(rng.integers(1, 6))
        points += [point("a", at, level), point("b", at, float(np.clip(level + 0.2, 1, 5)))]
    found = rows(points, [])
    for measure in ("icc_single", "icc_mean", "krippendorff_alpha", "gwet_ac2", "quadratic_kappa"):
        assert found[measure]["value"] > 0.9
        assert found[measure]["judge"] == "a + b"
        assert found[measure]["n"] == 30


def test_repeats_tell_how_far_one_judge_wavers() -> None:
    rng = np.random.default_rng(3)
    points = [
        point("a", at, float(np.clip(3 + at % 3 - 1 + rng.normal(0, 0.2), 1, 5)))
        for at in range(30)
        for _ in range(2)
    ]
    found = rows(points, [])
    assert found["repeat_sd"]["value"] == pytest.approx(0.2, abs=0.06)
    assert found["repeat_icc"]["value"] > 0.8
    assert 0.9 < found["repetition_stability"]["value"] <= 1.0


def test_texts_judged_once_stand_beside_repeated_ones() -> None:
    points = [point("a", at, 3.0 + at % 2) for at in range(50)]
    found = rows([*points, point("a", 0, 3.0), point("a", 1, 3.0)], [])
    assert found["repetition_stability"]["value"] == pytest.approx(0.75)  # 1 and ½


def test_one_judge_without_repeats_has_no_row_and_missing_scores_are_left_out() -> None:
    assert rows([point("a", at, 3.0) for at in range(9)], []) == {}
    found = rows(
        [point("a", 0, 3.0), point("b", 0, NAN), point("a", 1, 2.0), point("b", 1, 2.0)], []
    )
    assert found == {}  # only one text has both


def test_rerun_noise_is_what_two_sets_of_the_baselines_texts_differ_by() -> None:
    rng = np.random.default_rng(4)
    points = [
        point("j", at, float(np.clip(3 + rng.normal(0, 0.5), 1, 5)), name, f"{sample}/1")
        for at in range(200)
        for name in ("base", "x")
        for sample in range(2)
    ]
    [row] = rerun_noise(families(points, "pointwise", "base", (1, 5)), [], PLAN, PLAN)
    # 1.96 · √(2 · 0.5² / 2 / 200)
    assert row["half_width"] == pytest.approx(1.96 * np.sqrt(0.25 / 200), rel=0.1)


def test_one_text_of_the_baseline_tells_nothing_about_its_noise() -> None:
    points = [point("j", at, 3.0, name) for at in range(9) for name in ("base", "x")]
    assert rerun_noise(families(points, "pointwise", "base", (1, 5)), [], PLAN, PLAN) == []


def test_pairs_of_the_baseline_with_its_rerun_are_noise_and_no_comparison() -> None:
    rng = np.random.default_rng(5)
    pairs = [replace(pair(at, 0.5, 0.5), win=float(rng.uniform(0, 1))) for at in range(300)]
    [row] = rerun_noise([], pairs, PLAN, PLAN)
    # A uniform win score has SD 1/√12.
    assert row["half_width"] == pytest.approx(1.96 / np.sqrt(12 * 300), rel=0.1)
    own = [replace(one, candidate="base") for one in as_scores(pairs)]
    assert families(own, "pairwise", "base", (0, 1)) == []
