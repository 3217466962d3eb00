"""The Korean evidence stage: measure the texts of a run that have not been measured yet."""

from kojudge.annotate.stage import annotate, pending_texts

__all__ = ["annotate", "pending_texts"]
