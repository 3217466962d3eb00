"""Calibration: what a judge's points are worth in people's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kojudge.records import Label
from kojudge.report.compare import Plan
from kojudge.report.families import families
from kojudge.report.gather import NAN, Score
from kojudge.report.people import people
from kojudge.report.scale import calibration

PLAN = Plan(margin=0.25, alpha=0.05, resamples=999, seed=1, primary=True)
SCALE = (1.0, 5.0)


def world(texts: int, noise: float = 0.1) -> tuple[list[Label], list[Score]]:
    """People's score is 1 + half the judge's; two texts a prompt, two raters a text."""
    rng = np.random.default_rng(3)
    labels, rows = [], []
    for at in range(texts):
        prompt, name = f"p{at // 2}", ("base", "x")[at % 2]
        judge = float(rng.uniform(1, 5))
        rows.append(Score("j", "naturalness", name, prompt, "blog", "0/1", judge))
        for rater, lift in (("가람", 0.25), ("나래", -0.25)):
            said = 1 + judge / 2 + lift + float(rng.normal(0, noise))
            labels.append(Label(prompt, name, 0, "naturalness", rater, score=said))
    return labels, rows


def row(texts: int = 120, noise: float = 0.1) -> dict[str, Any]:
    [found] = calibration(*world(texts, noise), SCALE, PLAN)
    return found


def test_slope_and_intercept_are_people_on_the_judge() -> None:
    found = row()
    assert (found["texts"], found["prompts"]) == (120, 60)
    assert found["slope"] == pytest.approx(0.5, abs=0.03)
    assert found["intercept"] == pytest.approx(1.0, abs=0.1)
    assert found["slope_low"] < found["slope"] < found["slope_high"] < 0.6


def test_without_noise_they_are_exact() -> None:
    found = row(noise=0.0)
    assert found["slope"] == pytest.approx(0.5)
    assert found["intercept"] == pytest.approx(1.0)


def test_bias_is_the_judge_minus_people() -> None:
    labels, rows = world(120, 0.0)
    [found] = calibration(labels, rows, SCALE, PLAN)
    expected = np.mean([score.score / 2 - 1 for score in rows])
    assert found["bias"] == pytest.approx(expected)
    assert found["bias_low"] < found["bias"] < found["bias_high"]


def test_each_level_of_the_judge_has_its_means() -> None:
    found = row(noise=0.0)
    assert [one["level"] for one in found["levels"]] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert sum(one["n"] for one in found["levels"]) == 120
    for one in found["levels"]:
        assert one["people"] == pytest.approx(1 + one["judge"] / 2)


@pytest.mark.parametrize(("texts", "rows"), [(29, 0), (30, 1)])
def test_thirty_texts_are_needed(texts: int, rows: int) -> None:
    assert len(calibration(*world(texts), SCALE, PLAN)) == rows


def test_texts_that_no_judge_read_do_not_count() -> None:
    labels, rows = world(60)
    unread = [replace(score, flagged=True) for score in rows[:31]]
    assert calibration(labels, unread + rows[31:], SCALE, PLAN) == []
    lost = [replace(score, score=NAN) for score in rows[:31]]
    assert calibration(labels, lost + rows[31:], SCALE, PLAN) == []


def test_a_judge_that_always_says_the_same_has_no_slope() -> None:
    labels, rows = world(120)
    [found] = calibration(labels, [replace(r, score=3.0) for r in rows], SCALE, PLAN)
    assert (found["slope"], found["slope_low"], found["intercept"]) == (None, None, None)
    assert found["bias"] is not None


def test_preferences_over_pairs_say_nothing_of_the_scale() -> None:
    labels, rows = world(60)
    pairs = [replace(label, score=None, preference=1.0, baseline="base") for label in labels]
    assert calibration(pairs, rows, SCALE, PLAN) == []


def test_it_stands_among_what_people_say() -> None:
    labels, rows = world(60)
    judged = families(rows, "pointwise", "base", SCALE)
    found = people(labels, judged, "base", PLAN, rows, SCALE)
    assert found is not None
    assert [one["judge"] for one in found["calibration"]] == ["j"]
