"""The alternative annotator test: may the judge stand in for one of the people?

Each annotator is left out in turn. Judge and left-out annotator are both compared with the
rest; the judge wins an annotator over if it does no worse than a handicap ε (Calderon,
Reichart and Dror 2025, arXiv:2501.10970).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

MIN_PROMPTS = 30
"""An annotator compared on fewer prompts is left out of the test."""
PASS_RATE = 0.5
"""The judge passes if it wins over at least this share of the annotators."""
EPSILON = {"experts": 0.2, "skilled": 0.15, "crowd": 0.1}
"""The handicap ε by what an annotator costs, as the paper advises."""

Score = Literal["match", "rmse"]
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AltAnnotator:
    """The judge against one left-out annotator, row ``row`` of the ratings, on ``n`` prompts.

    ``judge_wins`` and ``annotator_wins`` (0–1): share of items on which each agrees with the
    rest at least as well as the other; a draw counts for both. ``p_value``: one-sided,
    against annotator_wins − judge_wins ≥ ε; ``p_adjusted``: by Benjamini–Yekutieli.
    """

    row: int
    n: int
    judge_wins: float
    annotator_wins: float
    p_value: float
    p_adjusted: float
    won: bool


@dataclass(frozen=True, slots=True)
class AltTest:
    """``winning_rate`` ω (0–1): share of tested annotators won over; ``passed``: ω ≥ ½.

    ``advantage`` ρ (0–1): the mean of ``judge_wins``, free of ε, for ranking judges.
    ``skipped``: rows of annotators with too few prompts to be tested.
    """

    winning_rate: float
    advantage: float
    passed: bool
    annotators: tuple[AltAnnotator, ...]
    skipped: tuple[int, ...]


def alt_test(
    judge: ArrayLike,
    ratings: ArrayLike,
    epsilon: float,
    *,
    prompts: ArrayLike | None = None,
    score: Score = "match",
    q: float = 0.05,
) -> AltTest:
    """Return the alternative annotator test of ``judge``, shape [items].

    ``ratings`` is [annotators, items] (3 annotators or more are advised, 2 the least), nan
    where an annotator did not rate. ``prompts``, shape [items], names each item's prompt:
    items of one prompt are averaged, for the prompt is the unit; by default each item is a
    prompt of its own. ``score`` compares a rating with the rest: "match", the share of
    equal ones (choices), or "rmse", the root mean squared distance (ratings). One-sided t
    test of (annotator wins − judge wins) against ``epsilon`` for each annotator with at
    least 30 prompts, false discovery rate ``q`` by Benjamini–Yekutieli.

    Raises:
        ValueError: shapes that do not fit, a judge's rating missing, an infinite rating, an
            unknown ``score``, ``epsilon`` or ``q`` outside 0–1, or no annotator to test.
    """
    votes, people, groups = _checked(judge, ratings, prompts)
    if score not in {"match", "rmse"}:
        raise ValueError(f"unknown score: {score}")
    if not 0 <= epsilon <= 1 or not 0 < q < 1:
        raise ValueError("need 0 <= epsilon <= 1 and 0 < q < 1")
    compared = {row: _wins(votes, people, row, groups, score) for row in range(len(people))}
    tested = {row: wins for row, wins in compared.items() if len(wins) >= MIN_PROMPTS}
    if not tested:
        raise ValueError(f"no annotator shares {MIN_PROMPTS} prompts with another")
    p = [_p_below(wins[:, 1] - wins[:, 0], epsilon) for wins in tested.values()]
    adjusted = stats.false_discovery_control(p, method="by")
    annotators = tuple(
        AltAnnotator(
            row=row,
            n=len(wins),
            judge_wins=float(wins[:, 0].mean()),
            annotator_wins=float(wins[:, 1].mean()),
            p_value=raw,
            p_adjusted=float(by),
            won=bool(by <= q),
        )
        for (row, wins), raw, by in zip(tested.items(), p, adjusted, strict=True)
    )
    rate = sum(a.won for a in annotators) / len(annotators)
    advantage = sum(a.judge_wins for a in annotators) / len(annotators)
    skipped = tuple(row for row in compared if row not in tested)
    return AltTest(rate, advantage, rate >= PASS_RATE, annotators, skipped)


def _wins(
    votes: _Floats, people: _Floats, row: int, groups: NDArray[np.intp], score: Score
) -> _Floats:
    """Wins of judge and annotator ``row``, averaged inside each prompt: [prompts, 2]."""
    rest = np.delete(people, row, axis=0)
    usable = ~np.isnan(people[row]) & ~np.isnan(rest).all(axis=0)
    rest, group = rest[:, usable], groups[usable]
    judge = _closeness(votes[usable], rest, score)
    annotator = _closeness(people[row, usable], rest, score)
    draw = np.isclose(judge, annotator, rtol=0, atol=1e-12)  # distances equal but for rounding
    wins = np.stack([draw | (judge > annotator), draw | (annotator > judge)], axis=1)
    _, place, sizes = np.unique(group, return_inverse=True, return_counts=True)
    sums = np.zeros((sizes.size, 2))
    np.add.at(sums, place, wins)
    averaged: _Floats = sums / sizes[:, None]
    return averaged


def _closeness(one: _Floats, rest: _Floats, score: Score) -> _Floats:
    """How close ``one`` [items] is to ``rest`` [others, items]: the larger, the closer."""
    if score == "match":
        shares: _Floats = (rest == one).sum(axis=0) / (~np.isnan(rest)).sum(axis=0)
        return shares
    distances: _Floats = np.sqrt(np.nanmean((rest - one) ** 2, axis=0))
    return -distances


def _p_below(differences: _Floats, epsilon: float) -> float:
    """One-sided p of a mean below ``epsilon``; without variation the mean itself decides."""
    n, mean, sd = differences.size, float(differences.mean()), float(differences.std(ddof=1))
    if sd <= 1e-12:
        return 0.0 if mean < epsilon else 1.0
    return float(stats.t.cdf((mean - epsilon) / (sd / math.sqrt(n)), n - 1))


def _checked(
    judge: ArrayLike, ratings: ArrayLike, prompts: ArrayLike | None
) -> tuple[_Floats, _Floats, NDArray[np.intp]]:
    votes = np.asarray(judge, dtype=np.float64)
    people = np.asarray(ratings, dtype=np.float64)
    if people.ndim != 2 or len(people) < 2 or votes.shape != people.shape[1:]:
        raise ValueError("need judge [items] and ratings [annotators, items], 2 annotators or more")
    if not np.isfinite(votes).all() or np.isinf(people).any():
        raise ValueError("the judge must rate every item, and no rating may be infinite")
    names = np.arange(votes.size) if prompts is None else np.asarray(prompts)
    if names.shape != votes.shape:
        raise ValueError("prompts must name the prompt of each item")
    return votes, people, np.unique(names, return_inverse=True)[1]
