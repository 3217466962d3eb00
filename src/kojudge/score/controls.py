"""The assay control: the baseline's own text made worse, so that a judge who sees says so."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from kojudge.records import identity
from kojudge.selection import WantedJudgment
from kojudge.selection.controls import FRIENDLINESS

__all__ = ["damaged"]

PROGRAMS = (("particle_allomorph", 0.5), ("mixed_levels", 0.5), ("spaces_removed", 0.2))
"""Programs and the share of places they touch: plain to see for who reads, and still readable."""


def damaged(item: WantedJudgment) -> WantedJudgment | None:
    """Return the control with its text made worse; None where nothing of it could be.

    For friendliness all endings are rewritten to the plain written level (haera); for any
    other criterion particles, speech levels and spaces are broken.
    """
    worse = _worse(item.text.text, item.rubric.criterion, item.text.text_id)
    if worse == item.text.text:
        return None
    return replace(item, text=replace(item.text, text=worse))


@lru_cache(maxsize=1024)
def _worse(text: str, criterion: str, text_id: str) -> str:
    """Each control is asked about alone and in both orders: it is damaged once."""
    from kojudge.korean.degrade import PROGRAMS as KNOWN
    from kojudge.korean.degrade import rewrite

    if criterion == FRIENDLINESS:
        return rewrite(text, "haera").text
    rng = np.random.default_rng(int(identity(["control", text_id])[:16], 16))
    for name, severity in PROGRAMS:
        text = KNOWN[name](text, severity, rng).text
    return text
