"""A published Korean leaderboard again from its raw verdicts: what dependence and weights do.

ko-arena-hard (500 Korean questions, 76 models against one baseline, both orders, five-step
verdicts of an ensemble) counts every `>>` verdict as three games and resamples games as if
they were independent. Here the published scores are computed again to the last digit, and
beside them stand plain win rates with intervals by prompt. Reads ../shared/data/ko-arena-hard.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from kojudge.stats.bootstrap import MaxT, max_t
from kojudge.stats.cluster import Estimate, cluster_estimate, cluster_mean
from kojudge.stats.ranking import Ranking, bradley_terry
from kojudge.stats.strata import stratify

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "ko-arena-hard"
BASELINE = "claude-3.7-sonnet"
TRIPLE = 3
SEED = 20261122

# What the text shown first gets, and how strongly it is said.
VERDICTS = {
    "A>>B": (1.0, True),
    "A>B": (1.0, False),
    "A=B": (0.5, False),
    "B>A": (0.0, False),
    "B>>A": (0.0, True),
}
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Games:
    """A model's games: ``won`` [P, 2] is 1, ½ or 0, NaN where a game is missing.

    The baseline was shown first in column 0, the model in column 1. ``strong`` [P, 2] marks
    `>>`.
    """

    won: Floats
    strong: NDArray[np.bool_]

    def by_prompt(self) -> Floats:
        """Return the mean of the two orders, [P]; NaN where one is missing."""
        mean: Floats = self.won.mean(axis=1)
        return mean

    def as_published(self) -> tuple[Floats, Floats]:
        """Return wins and weights [P, 2] as the publisher counts them."""
        missing = np.isnan(self.won[:, 1])
        won, strong = self.won.copy(), self.strong.copy()
        # Its code reads the first game's letters again where there is no second game.
        won[missing, 1], strong[missing, 1] = 1 - won[missing, 0], strong[missing, 0]
        return won, np.where(strong, float(TRIPLE), 1.0)


@dataclass(frozen=True, slots=True)
class Published:
    """A row of the leaderboard: win rate against the baseline and its interval (0–100), Elo."""

    score: float
    low: float
    high: float
    elo: float


def read_games() -> dict[str, Games]:
    """Return the games of every model, prompts in the order of their ids."""
    folder = DATA / "data" / "ko-arena-hard-v0.1" / "model_judgment" / "ensemble"
    return {path.stem: _games(path) for path in sorted(folder.glob("*.jsonl"))}


def _games(path: Path) -> Games:
    with path.open(encoding="utf-8") as file:
        rows = sorted((json.loads(line) for line in file), key=lambda row: row["question_id"])
    won, strong = np.full((len(rows), 2), np.nan), np.zeros((len(rows), 2), dtype=np.bool_)
    for at, row in enumerate(rows):
        for order, game in enumerate(row["games"]):
            first, strong[at, order] = VERDICTS[game["score"]]
            won[at, order] = 1 - first if order == 0 else first
    return Games(won, strong)


def read_published() -> dict[str, Published]:
    """Return the leaderboard without style control, in its own order."""
    path = DATA / "leaderboard" / "arena_hard_leaderboard_20250423_ensemble" / "no_control.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["model"]: Published(
                float(row["score"]),
                float(row["rating_q025"]),
                float(row["rating_q975"]),
                float(row["elo_score"]),
            )
            for row in csv.DictReader(file)
        }


def fit_published(games: dict[str, Games]) -> Ranking:
    """Fit Bradley–Terry as published: `>>` three times, ties half, the baseline anchored.

    Items are in the order of ``games``. Games of the baseline against itself say nothing.
    """
    names = list(games)
    base = names.index(BASELINE)
    wins = np.zeros((len(names), len(names)))
    for at, name in enumerate(names):
        if at != base:
            won, weight = games[name].as_published()
            wins[at, base], wins[base, at] = (weight * won).sum(), (weight * (1 - won)).sum()
    return bradley_terry(wins)


def plain_rate(games: Games, rng: np.random.Generator) -> Estimate:
    """Return the unweighted win rate (0–1) with its 95 % interval by prompt."""
    d = games.by_prompt()
    return cluster_mean(list(d[~np.isnan(d), None]), rng, bounds=(0.0, 1.0))


def tripled_rate(games: Games, rng: np.random.Generator) -> Estimate:
    """Return the published statistic (0–1) with its 95 % interval by prompt."""
    won, weight = games.as_published()
    rows = np.column_stack([(won * weight).sum(axis=1), weight.sum(axis=1)])[:, None, :]
    return cluster_estimate(list(rows), lambda r: float(r[:, 0].sum() / r[:, 1].sum()), rng)


def independent_width(games: Games) -> float:
    """Return the 95 % width (0–1) of the published statistic were every counted game its own."""
    won, weight = games.as_published()
    total = weight.sum()
    rate = (won * weight).sum() / total
    return float(2 * 1.96 * np.sqrt((weight * (won - rate) ** 2).sum()) / total)


def publisher_width(games: Games, baseline: Games, rng: np.random.Generator) -> float:
    """Return the 95 % width (0–1) made the publisher's way, from 4,000 resamples.

    Its resampled ratings are not anchored: they float with the baseline's games against
    itself, and each end is a quantile of the model's rating less that of the baseline's.
    """
    base, own = (_resampled_log_odds(g, rng) for g in (baseline, games))
    ends = [np.quantile(own + base, q) - np.quantile(base, q) for q in (0.025, 0.975)]
    return float(expit(ends[1]) - expit(ends[0]))


def _resampled_log_odds(games: Games, rng: np.random.Generator) -> Floats:
    won, weight = games.as_published()
    total = int(weight.sum())
    shares = [weight[won == value].sum() / total for value in (1.0, 0.5)]
    drawn = rng.multinomial(total, [*shares, 1 - sum(shares)], size=4000)
    odds: Floats = logit((drawn[:, 0] + drawn[:, 1] / 2) / total)
    return odds


def family(games: dict[str, Games]) -> MaxT:
    """Test all models but the baseline together against ½: simultaneous 95 % intervals."""
    d = np.column_stack([g.by_prompt() for name, g in games.items() if name != BASELINE]) - 0.5
    return max_t(d, stratify(["all"] * len(d)), np.random.default_rng(SEED))


def ranks(scores: dict[str, float]) -> dict[str, int]:
    """Return each name's place, 1 for the highest score."""
    order = sorted(scores, key=lambda name: -scores[name])
    return {name: at for at, name in enumerate(order, start=1)}


def ends(found: Estimate) -> tuple[float, float]:
    """Return the interval in points, 0–100."""
    if found.low is None or found.high is None:
        raise ValueError("no interval: fewer than two prompts, or nothing varies")
    return 100 * found.low, 100 * found.high


def width(found: Estimate) -> float:
    """Return the interval's width in points."""
    low, high = ends(found)
    return high - low


def rates_of(plain: dict[str, Estimate]) -> dict[str, float]:
    """Return plain rates in points; the baseline stands at 50 by definition."""
    return {n: 50.0 if n == BASELINE else 100 * (e.value or 0.0) for n, e in plain.items()}


def print_models(
    names: Sequence[str],
    published: dict[str, Published],
    again: dict[str, float],
    plain: dict[str, Estimate],
) -> None:
    """Print one row a model."""
    rates = rates_of(plain)
    old, new = ranks({name: p.score for name, p in published.items()}), ranks(rates)
    print("| model | published | again | plain, by prompt | width, plain / published | rank |")
    print("|---|---|---|---|---|---|")
    for name in names:
        p, (low, high) = published[name], ends(plain[name])
        print(
            f"| {name} | {p.score:.2f} ({p.low:.2f}–{p.high:.2f}) | {again[name]:.2f} "
            f"| {rates[name]:.2f} ({low:.2f}–{high:.2f}) "
            f"| {(high - low) / (p.high - p.low):.2f} | {old[name]} → {new[name]} |"
        )


def print_widths(
    games: dict[str, Games], published: dict[str, Published], plain: dict[str, Estimate]
) -> None:
    """Print ratios of interval widths over the models."""
    rng = np.random.default_rng(SEED)
    names = [name for name in published if name != BASELINE]
    stated = np.array([published[n].high - published[n].low for n in names])
    tripled = np.array([width(tripled_rate(games[n], rng)) for n in names])
    apart = 100 * np.array([independent_width(games[n]) for n in names])
    their = 100 * np.array([publisher_width(games[n], games[BASELINE], rng) for n in names])
    ratios = {
        "plain rate by prompt / published": np.array([width(plain[n]) for n in names]) / stated,
        "published statistic by prompt / published": tripled / stated,
        "published statistic by prompt / games as independent": tripled / apart,
        "games as independent / published": apart / stated,
        "the publisher's way, 4,000 resamples / published": their / stated,
    }
    print("\n| width of the 95 % interval | median (least–most) |\n|---|---|")
    for label, ratio in ratios.items():
        print(f"| {label} | {np.median(ratio):.2f} ({ratio.min():.2f}–{ratio.max():.2f}) |")


def print_findings(
    games: dict[str, Games],
    published: dict[str, Published],
    again: dict[str, float],
    plain: dict[str, Estimate],
) -> None:
    """Print what changes over the whole board."""
    rates = rates_of(plain)
    old, new = ranks({name: p.score for name, p in published.items()}), ranks(rates)
    moves = [abs(old[name] - new[name]) for name in published]
    exact = sum(f"{again[name]:.2f}" == f"{p.score:.2f}" for name, p in published.items())
    outside = sum(not p.low <= rates[name] <= p.high for name, p in published.items())
    tested, board = family(games), published.values()
    low, high = ends(plain[BASELINE])
    print(f"\n- published scores found again to the last digit: {exact} of {len(published)}")
    print(f"- ranks that move without triple counting: {sum(m > 0 for m in moves)}, ", end="")
    print(f"by {max(moves)} at most")
    print(f"- plain rates outside the published interval: {outside}")
    print(
        f"- above / below the baseline by published intervals: {sum(p.low > 50 for p in board)}",
        end="",
    )
    print(
        f" / {sum(p.high < 50 for p in board)}; by simultaneous intervals of plain rates: ", end=""
    )
    print(f"{(tested.low > 0).sum()} / {(tested.high < 0).sum()}")
    print(
        f"- the baseline against itself: {100 * (plain[BASELINE].value or 0):.2f} ({low:.2f}–{high:.2f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=12, help="models in the table")
    rows = parser.parse_args().rows
    if not DATA.is_dir():
        raise SystemExit("ko-arena-hard is not here: put it in ../shared/data/ko-arena-hard")
    games, published = read_games(), read_published()
    fit = dict(zip(games, fit_published(games).strengths, strict=True))
    again = {name: 100 * s / (s + fit[BASELINE]) for name, s in fit.items()}
    rng = np.random.default_rng(SEED)
    plain = {name: plain_rate(games[name], rng) for name in published}
    others = [name for name in published if name != BASELINE]
    shown = np.linspace(0, len(others) - 1, rows).round().astype(int)
    print_models([others[at] for at in shown], published, again, plain)
    print_widths(games, published, plain)
    print_findings(games, published, again, plain)


if __name__ == "__main__":
    main()
