"""How often looks decide wrongly, and how much they save: the layers that --looks joins."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kojudge.cli.looking import decisions
from kojudge.report.compare import Plan, comparisons
from kojudge.report.families import families
from kojudge.report.gather import Score
from kojudge.stats.sequential import batches, obrien_fleming

LOOKS, PROMPTS, CANDIDATES = 3, 45, ("x", "y")
NOMINAL = obrien_fleming(LOOKS).nominal
TINY = 1e-9
"""A margin inside which nothing is: "similar" is never decided."""


def wins(rng: np.random.Generator, shift: float) -> dict[tuple[str, int], float]:
    """Win scores of a world where each candidate's mean is about ½ + ``shift``, SD .2."""
    return {
        (name, at): float(np.clip(0.5 + shift + rng.normal(0, 0.2), 0, 1))
        for name in CANDIDATES
        for at in range(PROMPTS)
    }


def first_stop(rng: np.random.Generator, shift: float, levels: tuple[float, ...]) -> int | None:
    """Return the look (from 1) at which anything is decided better or worse, None for none."""
    scores = wins(rng, shift)
    dealt = batches(rng, ["all"] * PROMPTS, LOOKS)
    for look in range(1, LOOKS + 1):
        rows = [
            Score("j", "k", name, f"p{at}", "all", "0/1", scores[name, int(at)])
            for at in np.concatenate(dealt[:look])
            for name in CANDIDATES
        ]
        [family] = families(rows, "pairwise", "base", (0.0, 1.0))
        plan = Plan(TINY, levels[look - 1], 1_999, 1, True)
        if decisions(comparisons(family, plan), look, TINY):
            return look
    return None


@pytest.fixture(scope="module")
def under_the_null() -> dict[str, int]:
    """Runs of 200 in which anything was decided: at the planned levels, and at 5 % each time."""
    runs = range(200)
    return {
        name: sum(first_stop(np.random.default_rng(seed), 0.0, levels) is not None for seed in runs)
        for name, levels in (("planned", NOMINAL), ("careless", (0.05,) * LOOKS))
    }


def test_under_the_null_the_looks_keep_their_error_rate(under_the_null: dict[str, int]) -> None:
    bound = 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)
    assert under_the_null["planned"] / 200 <= bound


def test_looking_at_the_usual_level_each_time_does_not(under_the_null: dict[str, int]) -> None:
    """The negative control: the same worlds, so the simulation can fail."""
    assert under_the_null["careless"] > under_the_null["planned"]


def test_a_large_difference_saves_prompts() -> None:
    stops = [first_stop(np.random.default_rng(seed), 0.25, NOMINAL) for seed in range(20)]
    assert None not in stops
    assert np.mean([stop / LOOKS for stop in stops if stop]) <= 2 / 3
