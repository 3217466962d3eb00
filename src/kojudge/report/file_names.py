"""File names made of model and run names: safe in paths and URLs, one a name."""

from __future__ import annotations

import re

from kojudge.records import identity

LONGEST = 80
"""Characters of a name kept; Hangul takes three bytes each, and a name may take 255."""


def file_name(name: str) -> str:
    """Return ``name`` where it is safe already, else what is left of it with a short hash.

    Kept are letters, digits, Hangul, ``.``, ``-`` and ``_``; the result never starts with a
    dot, so that it is neither hidden nor a way upwards.
    """
    kept = re.sub(r"[^A-Za-z0-9가-힣._-]+", "-", name)[:LONGEST].strip(".-")
    if kept and kept == name:
        return kept
    return f"{kept or 'name'}-{identity(name)[:8]}"
