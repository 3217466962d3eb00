"""The generate stage: candidates write the texts that are still missing."""

from kojudge.generate.stage import GenerateCount, generate

__all__ = ["GenerateCount", "generate"]
