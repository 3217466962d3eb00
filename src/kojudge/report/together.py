"""Good on every criterion at once: the intersection–union test."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from kojudge.report.withhold import Place


def good_on_all(
    entries: Sequence[Mapping[str, Any]], unproven: Collection[Place]
) -> list[dict[str, Any]]:
    """Return for each candidate whether it is similar or better on every criterion.

    Each criterion's lower bound must lie above −margin; the bounds hold across models for
    one criterion, and all criteria must pass, so that no adjustment over criteria is needed
    (Berger 1982, Technometrics 24, 295–300). Says nothing about a single criterion.
    ``holds`` is None where one gave no verdict. ``withheld`` where a comparison is, or where
    anything but "better" rests on a judge that no control has tried (``unproven``).
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
            "withheld": any(_in_doubt(entry, unproven) for entry in own),
        }
        for (judge, mode, candidate), own in groups.items()
        if len(own) > 1
    ]


def _in_doubt(entry: Mapping[str, Any], unproven: Collection[Place]) -> bool:
    place = (entry["judge"], entry["criterion"], entry["mode"])
    return entry["withheld"] or (place in unproven and entry["verdict"] != "better")


def _holds(own: Sequence[Mapping[str, Any]]) -> bool | None:
    if any(entry["verdict"] == "refused" for entry in own):
        return None
    # An interval without an end (an early look's) shows nothing.
    lows = [entry["lower_across_models"] for entry in own]
    return all(
        low is not None and low > -entry["margin"] for low, entry in zip(lows, own, strict=True)
    )
