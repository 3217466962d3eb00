"""Good on every criterion at once: the intersection–union test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def good_on_all(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return for each candidate whether it is similar or better on every criterion.

    Each criterion's lower bound must lie above −margin; the bounds hold across models for
    one criterion, and all criteria must pass, so that no adjustment over criteria is needed
    (Berger 1982, Technometrics 24, 295–300). Says nothing about a single criterion.
    ``withheld`` where one of the comparisons is, ``holds`` None where one gave no verdict.
    """
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for entry in entries:
        if entry["slice"] == "overall":
            key = (entry["judge"], entry["mode"], entry["candidate"])
            groups.setdefault(key, []).append(entry)
    return [
        {
            "candidate": candidate,
            "judge": judge,
            "mode": mode,
            "criteria": [entry["criterion"] for entry in own],
            "holds": _holds(own),
            "withheld": any(entry["withheld"] for entry in own),
        }
        for (judge, mode, candidate), own in groups.items()
        if len(own) > 1
    ]


def _holds(own: Sequence[Mapping[str, Any]]) -> bool | None:
    if any(entry["verdict"] == "refused" for entry in own):
        return None
    # An interval without an end (an early look's) shows nothing.
    lows = [entry["lower_across_models"] for entry in own]
    return all(
        low is not None and low > -entry["margin"] for low, entry in zip(lows, own, strict=True)
    )
