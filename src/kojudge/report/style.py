"""How much of a preference the looks of the texts buy: win rates at equal length and style."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from kojudge.records import Text
from kojudge.report.compare import Plan
from kojudge.report.gather import Pair
from kojudge.stats.length import style_controlled

_RESAMPLES = 500
_COUNTS = {
    "headers": re.compile(r"^ {0,3}#{1,6} ", re.MULTILINE),
    "bold": re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__"),
    "lists": re.compile(r"^\s*(?:[-*+•]|\d+[.)]) ", re.MULTILINE),
}
"""Markdown that decorates: as in the style control of public arenas."""


def style_control(
    found: Sequence[Pair], texts: Sequence[Text], baseline: str, plan: Plan
) -> list[dict[str, Any]]:
    """Return raw and controlled win rates by judge, criterion and candidate.

    Beside the verdict, never instead of it. Only pairs whose two texts are in the run count.
    """
    looks = {
        (text.candidate, text.prompt_id, text.sample, text.turn): _looks(text.text)
        for text in texts
    }
    groups: dict[tuple[str, str, str], list[tuple[Pair, np.ndarray[Any, Any]]]] = {}
    for pair in found:
        if pair.flagged:  # a gate decided, not the looks of the text
            continue
        place = (pair.prompt_id, pair.sample, pair.turn)
        own, other = looks.get((pair.candidate, *place)), looks.get((baseline, *place))
        if own is not None and other is not None:
            key = (pair.judge, pair.criterion, pair.candidate)
            groups.setdefault(key, []).append((pair, own - other))
    return list(_rows(groups, plan))


def _rows(
    groups: dict[tuple[str, str, str], list[tuple[Pair, np.ndarray[Any, Any]]]], plan: Plan
) -> Iterator[dict[str, Any]]:
    for (judge, criterion, candidate), rows in sorted(groups.items()):
        differences = np.array([of for _, of in rows], dtype=np.float64)
        prompts = np.unique([pair.prompt_id for pair, _ in rows], return_inverse=True)[1]
        control = style_controlled(
            [pair.win for pair, _ in rows],
            prompts,
            differences[:, 0],
            {name: differences[:, at] for at, name in enumerate(_COUNTS, start=1)},
            rng=plan.rng,
            alpha=plan.alpha,
            resamples=_RESAMPLES,
        )
        row = asdict(control)
        low, high = row.pop("interval") or (None, None)
        yield {
            "judge": judge,
            "criterion": criterion,
            "candidate": candidate,
            **row,
            "ci_low": low,
            "ci_high": high,
        }


def _looks(text: str) -> np.ndarray[Any, Any]:
    counts = [len(pattern.findall(text)) for pattern in _COUNTS.values()]
    return np.array([len(text), *counts], dtype=np.float64)
