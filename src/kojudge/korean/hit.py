"""One place in a text where a signal fired."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Hit"]


@dataclass(frozen=True, slots=True)
class Hit:
    """What was hit: ``text[start:end]``, in code points of the text as given.

    ``group`` is a signal group (``translationese``), ``name`` a stable id within it
    (``byeon_by``); the group's module keeps a table of labels in Korean and English.
    """

    group: str
    name: str
    start: int
    end: int
