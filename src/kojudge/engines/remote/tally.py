"""Add up the probability of each legal answer over the likeliest tokens a server lists."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kojudge.engines.remote.texts import Position

__all__ = ["can_be_listed", "tally"]

Spellings = tuple[tuple[str, ...], ...]


def can_be_listed(options: Spellings) -> bool:
    """Say whether every option is told by its first character, blanks apart.

    Otherwise (1 and 10) the first tokens do not decide, and a list shows only those.
    """
    firsts = [{spelling.strip()[:1] for spelling in option} for option in options]
    single = {first for one in firsts for first in one}
    return all(single) and sum(len(one) for one in firsts) == len(single)


def tally(written: Sequence[Position], options: Spellings, skipped: str = "") -> tuple[float, ...]:
    """Return the natural-log probability of each option [options]; -inf where it is not listed.

    The first token that tells one option from the others counts for that option. Where the
    server wrote a token that tells none (a space), its continuation is looked at. ``skipped``
    is what the model was to write first: where it did, the answer is read after it.
    """
    spelled = [tuple(s.encode() for s in option) for option in options]
    start, text = _after(written, skipped.strip().encode())
    found = [0.0] * len(options)
    reached = 1.0
    for position in written[start:]:
        further = None
        for token, value in position.top.items():
            here = text + token
            fits = [n for n, option in enumerate(spelled) if _begins(option, here)]
            if len(fits) == 1:
                found[fits[0]] += reached * math.exp(value)
            elif fits and token == position.token:
                further = math.exp(value)
        if further is None:
            break
        reached *= further
        text += position.token
    return tuple(math.log(p) if p > 0 else -math.inf for p in found)


def _begins(option: Sequence[bytes], here: bytes) -> bool:
    return bool(here) and any(spelling.startswith(here) for spelling in option)


def _after(written: Sequence[Position], skipped: bytes) -> tuple[int, bytes]:
    """Return where the answer begins and the part of it already written there."""
    text = b""
    for at, position in enumerate(written):
        text += position.token
        if skipped and text.lstrip().startswith(skipped):
            return at + 1, text.lstrip()[len(skipped) :]
    return 0, b""
