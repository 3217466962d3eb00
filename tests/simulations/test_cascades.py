"""The two judges' worlds are what their descriptions say."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import cascades
from cascades import Judges, World, blind, follows, heavy, levels, unsure
from scenarios import SYM

WORLDS: dict[str, World] = {
    "correlated": partial(follows, SYM, 0.8),
    "unrelated": partial(follows, SYM, 0.0),
    "blind": blind,
    "levels": levels,
    "heavy": heavy,
    "unsure": unsure,
}


def many(world: World, times: int = 300) -> tuple[NDArray[np.float64], ...]:
    rng = np.random.default_rng(20261123)
    drawn: list[Judges] = [world(rng) for _ in range(times)]
    strong, cheap, doubt = (np.concatenate([one[at].ravel() for one in drawn]) for at in range(3))
    return strong, cheap, doubt


@pytest.mark.parametrize("name", WORLDS)
def test_the_strong_judge_sees_no_difference_and_the_cheap_one_is_no_guide(name: str) -> None:
    strong, cheap, _ = many(WORLDS[name])
    assert abs(strong.mean()) < 4 * strong.std() / np.sqrt(strong.size)
    if name != "heavy":
        assert abs(cheap.mean()) > 0.1


@pytest.mark.parametrize(("name", "r"), [("correlated", 0.8), ("unrelated", 0.0)])
def test_judges_correlate_as_said(name: str, r: float) -> None:
    strong, cheap, _ = many(WORLDS[name])
    assert np.corrcoef(strong, cheap)[0, 1] == pytest.approx(r, abs=0.02)


def test_the_cheap_judge_does_not_see_the_collapses() -> None:
    strong, cheap, _ = many(blind)
    assert stats.skew(strong) < -0.5
    assert abs(stats.skew(cheap)) < 0.05


def test_levels_are_whole_points() -> None:
    strong, cheap, _ = many(levels, 20)
    assert (np.round(strong) == strong).all()
    assert (np.round(cheap) == cheap).all()


def test_a_judge_that_knows_where_it_errs_does() -> None:
    strong, cheap, doubt = many(unsure)
    error = np.abs(strong - cheap / 0.8)
    assert stats.spearmanr(doubt, error).statistic > 0.4
    strong, cheap, doubt = many(heavy)
    assert abs(stats.spearmanr(doubt, np.abs(strong - cheap)).statistic) < 0.02


def test_every_world_has_rows_for_three_fractions() -> None:
    names = {row.name for row in cascades.ROWS}
    for name, *_ in cascades.WORLDS:
        assert {f"cascade-full-{name}-{part}" for part in (10, 20, 50)} <= names
