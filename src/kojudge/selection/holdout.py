"""What is kept out of sight while rubrics, judges or settings are tuned."""

from __future__ import annotations

from kojudge.prompts import load_prompts
from kojudge.selection.asked import Asked


def held_out(asked: Asked) -> frozenset[str]:
    """Return the prompt ids that tuning must not read, of every line of the asked sets.

    Texts know their prompt by its id, so those of an earlier run are recognised too.
    """
    prompts = list(asked.prompts)
    if asked.workspace is not None:
        prompts += load_prompts(asked.workspace.prompts, asked.settings.prompts)
    return frozenset(prompt.prompt_id for prompt in prompts if prompt.holdout)
