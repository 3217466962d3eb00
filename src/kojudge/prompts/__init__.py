"""Writing tasks: read from ``prompts/*.jsonl``."""

from kojudge.prompts.load import load_prompts

__all__ = ["load_prompts"]
