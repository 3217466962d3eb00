"""A published Korean leaderboard from its raw verdicts: 76 models, 500 prompts, both orders.

ko-arena-hard (qwopqwop200/ko-arena-hard-auto, Apache-2.0, board of 2025-04-23): each `>>`
counts as three games, a tie as half, and the score is the win rate against the baseline that
a Bradley–Terry fit predicts. `benchmarks/ko_arena_hard.py` does the sums; these tests say
that they are right. The votes of MT-bench and evalica are in test_agreement and test_ranking.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from kojudge.stats.bootstrap import max_t
from kojudge.stats.paired import paired_mean
from kojudge.stats.strata import stratify

ROOT = Path(__file__).resolve().parents[2]
BASELINE = "claude-3.7-sonnet"


def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "ko_arena_hard_benchmark", ROOT / "benchmarks" / "ko_arena_hard.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


arena = benchmark()
pytestmark = pytest.mark.skipif(
    not arena.DATA.is_dir(), reason="ko-arena-hard is not beside this checkout (../shared/data)"
)


@pytest.fixture(scope="module")
def games() -> dict[str, Any]:
    return dict(arena.read_games())


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    return dict(arena.read_published())


def rng() -> np.random.Generator:
    return np.random.default_rng(20261122)


def test_the_verdicts_are_those_of_76_models_on_500_prompts_in_two_orders(
    games: dict[str, Any], published: dict[str, Any]
) -> None:
    assert set(games) == set(published)
    assert {g.won.shape for g in games.values()} == {(500, 2)}
    assert sum(int(g.strong.sum()) for g in games.values()) == 15374 + 2624 + 5208 + 10603
    missing = {name: int(np.isnan(g.won).sum()) for name, g in games.items()}
    assert {name: n for name, n in missing.items() if n} == {"o4-mini-high": 1}


def test_bradley_terry_gives_the_published_score_of_every_model(
    games: dict[str, Any], published: dict[str, Any]
) -> None:
    """To the printed precision, Elo (400·log10 of the odds, baseline at 1000) included."""
    fit = dict(zip(games, arena.fit_published(games).strengths, strict=True))
    odds = {name: strength / fit[BASELINE] for name, strength in fit.items()}
    scores = {name: f"{100 * o / (1 + o):.2f}" for name, o in odds.items()}
    assert scores == {name: f"{row.score:.2f}" for name, row in published.items()}
    elo = {name: 1000 + 400 * float(np.log10(o)) for name, o in odds.items()}
    assert elo == pytest.approx({name: row.elo for name, row in published.items()}, abs=0.01)


def test_in_a_star_the_fitted_win_rate_is_the_share_of_games_won(games: dict[str, Any]) -> None:
    """Every model met the baseline alone, so the Bradley–Terry model is saturated."""
    fit = dict(zip(games, arena.fit_published(games).strengths, strict=True))
    for name in ("o3-high", "gemma-3-27b-it", "llama-3.1-8b-instruct"):
        won, weight = games[name].as_published()
        share = (won * weight).sum() / weight.sum()
        assert fit[name] / (fit[name] + fit[BASELINE]) == pytest.approx(share, abs=1e-9)


def test_the_published_score_is_not_the_plain_win_rate(
    games: dict[str, Any], published: dict[str, Any]
) -> None:
    """The reproduction could fail: without triple counting no far-off model has its score."""
    assert 100 * np.nanmean(games["lfm-7b"].by_prompt()) == pytest.approx(15.70)
    assert published["lfm-7b"].score == 9.72


def test_dropping_the_triple_counting_moves_half_of_the_ranks(
    games: dict[str, Any], published: dict[str, Any]
) -> None:
    plain = {name: float(np.nanmean(games[name].by_prompt())) for name in published}
    plain[BASELINE] = 0.5
    old = arena.ranks({name: row.score for name, row in published.items()})
    new = arena.ranks(plain)
    moves = [abs(old[name] - new[name]) for name in published]
    assert (sum(move > 0 for move in moves), max(moves)) == (38, 7)


def test_judgments_of_one_prompt_hang_together(games: dict[str, Any]) -> None:
    """By prompt, the published statistic is far less certain than as so many lone games."""
    for name in ("o3-high", "gpt-4.5-preview", "lfm-7b"):
        by_prompt = arena.width(arena.tripled_rate(games[name], rng())) / 100
        assert 1.4 < by_prompt / arena.independent_width(games[name]) < 2.1


def test_the_publishers_way_explains_the_width_of_its_intervals(
    games: dict[str, Any], published: dict[str, Any]
) -> None:
    """Its 100 resamples leave much noise in each; the median over 75 models tells."""
    ratios = [
        100 * arena.publisher_width(games[name], games[BASELINE], rng()) / (row.high - row.low)
        for name, row in published.items()
        if name != BASELINE
    ]
    assert np.median(ratios) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("name", ["o3-high", "gpt-4.5-preview", "lfm-7b", "llama-3.1-8b-instruct"])
def test_percentiles_students_t_and_the_studentised_bootstrap_agree_at_500_prompts(
    games: dict[str, Any], name: str
) -> None:
    d = games[name].by_prompt() - 0.5
    percentile = np.array(arena.ends(arena.plain_rate(games[name], rng()))) / 100 - 0.5
    student = paired_mean(d).interval(0.05)
    studentised = max_t(d[:, None], stratify(["all"] * 500), rng(), resamples=4000)
    tolerance = 0.15 * (percentile[1] - percentile[0])
    assert student == pytest.approx(tuple(percentile), abs=tolerance)
    assert (studentised.low[0], studentised.high[0]) == pytest.approx(student, abs=tolerance)


def test_the_baseline_against_itself_is_neither_better_nor_worse(games: dict[str, Any]) -> None:
    """The same texts in both places: an A/A run on real verdicts."""
    found = arena.plain_rate(games[BASELINE], rng())
    assert found.low < 0.5 < found.high


def test_a_simultaneous_interval_calls_fewer_models_different_than_the_published_ones(
    games: dict[str, Any], published: dict[str, Any]
) -> None:
    found = arena.family(games)
    honest = int((found.low > 0).sum() + (found.high < 0).sum())
    claimed = sum(row.low > 50 or row.high < 50 for row in published.values())
    assert claimed == 71
    assert honest == pytest.approx(59, abs=3)  # random resamples
    assert found.estimates.n.min() == 499  # the prompt with one order is left out of its model
