"""The score stage: a judge answers the judgments that are still missing."""

from kojudge.score.stage import ScoreCount, judge_reads, score

__all__ = ["ScoreCount", "judge_reads", "score"]
