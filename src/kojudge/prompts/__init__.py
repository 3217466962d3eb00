"""Writing tasks: read from ``prompts/*.jsonl``."""

from kojudge.prompts.load import Split, first_of_each, for_tuning, load_prompts

__all__ = ["Split", "first_of_each", "for_tuning", "load_prompts"]
