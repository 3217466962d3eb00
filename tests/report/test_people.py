"""Labels beside the judge: agreement, prediction-powered estimates, the alt-test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kojudge.records import Label
from kojudge.report.compare import Plan
from kojudge.report.families import Family, families
from kojudge.report.gather import Score
from kojudge.report.people import people

PLAN = Plan(margin=0.25, alpha=0.05, resamples=999, seed=1, primary=True)
BASE = "base"


def world(prompts: int, noise: float, seed: int = 1) -> tuple[list[Family], list[Label]]:
    """A judge on all prompts and two raters on the first 40; x is half a point better."""
    rng = np.random.default_rng(seed)
    points: list[Score] = []
    labels: list[Label] = []
    for at in range(prompts):
        for name, lift in ((BASE, 0.0), ("x", 0.5)):
            true = 3 + lift + rng.normal(0, 0.6)
            seen = float(np.clip(true + rng.normal(0, noise), 1, 5))
            points.append(Score("j", "naturalness", name, f"p{at}", "blog", "0/1", seen))
            for rater in ("가람", "나래") if at < 40 else ():
                said = float(np.clip(round(true + rng.normal(0, 0.3)), 1, 5))
                labels.append(Label(f"p{at}", name, 0, "naturalness", rater, score=said))
    return families(points, "pointwise", BASE, (1, 5)), labels


def found(prompts: int = 150, noise: float = 0.2) -> dict[str, Any]:
    judged, labels = world(prompts, noise)
    result = people(labels, judged, BASE, PLAN)
    assert result is not None
    return result


def test_without_labels_there_is_nothing_to_say() -> None:
    assert people([], world(10, 0.2)[0], BASE, PLAN) is None


def test_raters_labels_and_prompts_are_counted() -> None:
    result = found()
    assert (result["raters"], result["labels"], result["prompts"]) == (2, 160, 40)


def test_a_judge_that_sees_what_people_see_correlates_on_differences() -> None:
    [row] = found()["agreement"]
    assert row["correlation"] > 0.7
    assert row["ci_low"] < row["correlation"] < row["ci_high"]
    assert row["n"] == 40


def test_people_agree_with_one_another_only_so_far() -> None:
    [row] = found()["ceiling"]
    assert (row["raters"], row["pairs"]) == (2, 80)
    assert 0.3 < row["krippendorff_alpha"] < 1


def test_a_good_judge_narrows_peoples_interval() -> None:
    [row] = found()["powered"]
    assert (row["labelled"], row["unlabelled"]) == (40, 110)
    assert row["ci_high"] - row["ci_low"] < row["people_ci_high"] - row["people_ci_low"]
    assert row["ci_low"] < 0.5 < row["ci_high"]


def test_a_judge_that_guesses_is_given_no_weight() -> None:
    [row] = found(noise=5.0)["powered"]
    assert abs(row["weight"]) < 0.3


def test_below_thirty_labelled_prompts_there_is_no_powered_estimate() -> None:
    judged, labels = world(150, 0.2)
    few = [label for label in labels if int(label.prompt_id[1:]) < 29]
    result = people(few, judged, BASE, PLAN)
    assert result is not None
    assert result["powered"] == []
    assert result["alt_test"] == []


def test_the_alternative_annotator_test_names_its_allowance() -> None:
    [row] = found()["alt_test"]
    assert row["epsilon"] == 0.15
    assert row["annotators"] == 2
    assert row["passed"] is (row["winning_rate"] >= 0.5)


def test_preferences_over_pairs_are_differences_from_one_half() -> None:
    judged, _ = world(50, 0.2)
    labels = [
        Label(
            f"p{at}",
            "x",
            0,
            "naturalness",
            "가람",
            preference=1.0 if at % 2 else 0.5,
            baseline=BASE,
        )
        for at in range(40)
    ]
    result = people(labels, judged, BASE, PLAN)
    assert result is not None
    [row] = result["powered"]
    assert row["kind"] == "preference"
    assert row["people_delta"] == pytest.approx(0.25)


def test_preferences_over_another_baseline_do_not_count() -> None:
    judged, _ = world(50, 0.2)
    labels = [
        Label(f"p{at}", "x", 0, "naturalness", "가람", preference=1.0, baseline="other")
        for at in range(40)
    ]
    result = people(labels, judged, BASE, PLAN)
    assert result is not None
    assert (result["agreement"], result["powered"]) == ([], [])
    assert (result["ceiling"], result["alt_test"]) == ([], [])
