"""Pairwise judging without a difference, by a judge that favours the text it sees first."""

from __future__ import annotations

from functools import partial

import numpy as np

from acceptance import Above, Near, Row
from kojudge.stats import combine_log_odds, combine_votes
from kojudge.stats.strata import Strata
from scenarios import one_stratum, pair_probabilities
from type_one import significant

BIAS = 0.6
"""Log-odds: an even pair goes to the first text with probability .65."""


def both_orders(strata: Strata, rng: np.random.Generator, resamples: int) -> bool:
    """Both orders, combined in log-odds, against ½."""
    p_ab, p_ba = pair_probabilities(rng, strata.index.size, BIAS)
    wins = combine_log_odds(p_ab, p_ba).mean(axis=1, keepdims=True)
    return significant(wins - 0.5, strata, rng, resamples)


def both_votes(strata: Strata, rng: np.random.Generator, resamples: int) -> bool:
    """Both orders, only their winners kept, averaged, against ½."""
    p_ab, p_ba = pair_probabilities(rng, strata.index.size, BIAS)
    wins = combine_votes(p_ab > 0.5, p_ba > 0.5).mean(axis=1, keepdims=True)
    return significant(wins - 0.5, strata, rng, resamples)


def single_order(strata: Strata, rng: np.random.Generator, resamples: int) -> bool:
    """The candidate always shown first: what the bias does to half the work."""
    p_ab, _ = pair_probabilities(rng, strata.index.size, BIAS)
    return significant(p_ab.mean(axis=1, keepdims=True) - 0.5, strata, rng, resamples)


ROWS = tuple(
    Row(
        f"{name}-{prompts}",
        f"{text}, P = {prompts}",
        rule,
        partial(trial, one_stratum(prompts)),
        runs=10_000,
    )
    for name, text, rule, trial in (
        ("pairwise", "null with position bias, both orders in log-odds", Near(0.05), both_orders),
        ("pairwise-votes", "null with position bias, both orders as votes", Near(0.05), both_votes),
        (
            "control-single-order",
            "negative control: the candidate always first",
            Above(0.20),
            single_order,
        ),
    )
    for prompts in (12, 40)
)
