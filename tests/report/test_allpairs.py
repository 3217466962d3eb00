"""All-pairs strengths, where judgments have several baselines."""

from __future__ import annotations

import numpy as np
import pytest

from kojudge.report.allpairs import all_pairs
from kojudge.report.compare import Plan
from kojudge.report.gather import Pair

PLAN = Plan(margin=0.1, alpha=0.05, resamples=999, seed=1, primary=True)


def pair(candidate: str, prompt: int, win: float) -> Pair:
    return Pair("j", "naturalness", candidate, f"p{prompt}", "blog", 0, 1, win, win, win, "t")


def drawn(truth: dict[str, float], prompts: int) -> dict[str, list[Pair]]:
    """Every model against every other, with ties, from Davidson's model (ν = 0.5)."""
    rng = np.random.default_rng(1)
    names, found = sorted(truth), {}
    for at, baseline in enumerate(names):
        pairs = []
        for candidate in names[at + 1 :]:
            one, other = truth[candidate], truth[baseline]
            weights = np.array([one, 0.5 * np.sqrt(one * other), other])
            for prompt in range(prompts):
                pairs.append(
                    pair(candidate, prompt, rng.choice([1, 0.5, 0], p=weights / weights.sum()))
                )
        found[baseline] = pairs
    return found


def test_strengths_come_in_order_with_the_truth_inside_their_intervals() -> None:
    truth = {"a": 0.5, "b": 0.3, "c": 0.2}
    [row] = all_pairs(drawn(truth, 200), PLAN)
    assert [model["candidate"] for model in row["models"]] == ["a", "b", "c"]
    for model in row["models"]:
        assert model["ci_low"] < truth[model["candidate"]] < model["ci_high"]
    assert row["tie_propensity"] == pytest.approx(0.5, abs=0.2)
    assert sum(model["strength"] for model in row["models"]) == pytest.approx(1)


def test_one_baseline_has_no_such_ranking() -> None:
    assert all_pairs({"base": [pair("x", at, 1.0) for at in range(9)]}, PLAN) == []


def test_a_model_that_never_lost_has_no_strength_and_the_row_says_why() -> None:
    found = {"a": [pair("b", 0, 1.0)], "b": [pair("c", 0, 0.0)]}
    [row] = all_pairs(found, PLAN)
    assert row["models"] == []
    assert "never lost" in row["reason"]
