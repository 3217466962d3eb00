"""The statistics of judgments: pure functions on arrays."""

from kojudge.stats.aggregate import Scores, aggregate, win_share
from kojudge.stats.bootstrap import Estimates, MaxT, estimate, max_t, prompt_weights
from kojudge.stats.effect import Effect, standardised_effect
from kojudge.stats.paired import PairedMean, paired_mean
from kojudge.stats.pairs import combine_log_odds, combine_votes
from kojudge.stats.ranks import Ranks, rank_ranges
from kojudge.stats.signflip import sign_flip_family
from kojudge.stats.strata import Strata, stratify
from kojudge.stats.verdict import Verdict, similar_or_better, still_holds, verdict_of

__all__ = [
    "Effect",
    "Estimates",
    "MaxT",
    "PairedMean",
    "Ranks",
    "Scores",
    "Strata",
    "Verdict",
    "aggregate",
    "combine_log_odds",
    "combine_votes",
    "estimate",
    "max_t",
    "paired_mean",
    "prompt_weights",
    "rank_ranges",
    "sign_flip_family",
    "similar_or_better",
    "standardised_effect",
    "still_holds",
    "stratify",
    "verdict_of",
    "win_share",
]
