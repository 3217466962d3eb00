"""The statistics of judgments: pure functions on arrays."""

from kojudge.stats.paired import Family, PairedMean, family_of, paired_mean
from kojudge.stats.pairs import combine_log_odds, combine_votes
from kojudge.stats.verdict import Verdict, similar_or_better, verdict_of

__all__ = [
    "Family",
    "PairedMean",
    "Verdict",
    "combine_log_odds",
    "combine_votes",
    "family_of",
    "paired_mean",
    "similar_or_better",
    "verdict_of",
]
