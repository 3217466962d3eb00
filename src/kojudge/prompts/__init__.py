"""Writing tasks: read from ``prompts/*.jsonl``."""

from kojudge.prompts.load import first_of_each, load_prompts

__all__ = ["first_of_each", "load_prompts"]
