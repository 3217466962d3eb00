"""The scores of one judge in one mode as arrays: what is tested together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kojudge.records import Mode
from kojudge.report.gather import NAN, Score
from kojudge.stats import Scores, aggregate

PANEL = "panel"
"""Stands for the judge where the mean over several judges is meant."""
EVEN = 0.5
Seat = tuple[str, str]
"""A judge and a criterion, in one mode."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Family:
    """All that ``judge`` scored in ``mode``, over P prompts.

    ``models`` names the first axis of each criterion's scores: the baseline, then the
    candidates. Pairwise scores are win scores, the baseline's ½ by definition.
    """

    judge: str
    mode: Mode
    models: tuple[str, ...]
    prompts: tuple[str, ...]
    categories: tuple[str, ...]
    criteria: Mapping[str, Scores]

    def differences(self, criterion: str, model: int) -> Floats:
        """Return candidate minus baseline by prompt [P], NaN where either has no score."""
        means = self.criteria[criterion].means
        difference: Floats = means[model] - means[0]
        return difference

    def extremes(self, criterion: str, model: int) -> tuple[Floats, Floats]:
        """Return the lowest and highest differences [P] that missing scores leave possible."""
        low, high = self.criteria[criterion].bounds
        return low[model] - high[0], high[model] - low[0]


def families(
    rows: Sequence[Score],
    mode: Mode,
    baseline: str,
    scale: tuple[float, float],
    left_out: Collection[Seat] = (),
) -> list[Family]:
    """Return a family for each judge of ``rows``, and one for their panel where there are several.

    Judges ``left_out`` have no seat on the panel and keep a family of their own.
    Pairwise rows of the baseline against itself stay out: no difference to test (see
    :mod:`kojudge.report.noise`).
    """
    judges: dict[str, list[Score]] = {}
    for row in rows:
        if mode == "pointwise" or row.candidate != baseline:
            judges.setdefault(row.judge, []).append(row)
    groups = {judge: own for judge, own in sorted(judges.items()) if any(map(_has_score, own))}
    panel = panel_scores([row for own in groups.values() for row in own], left_out)
    if panel:
        groups[PANEL] = panel
    found = [_family(judge, mode, own, baseline, scale) for judge, own in groups.items()]
    return [family for family in found if len(family.models) > 1]


def _has_score(row: Score) -> bool:
    return row.score == row.score


def members(rows: Sequence[Score], left_out: Collection[Seat] = ()) -> dict[str, list[str]]:
    """Return the panel's judges by criterion: those that scored and are not ``left_out``.

    A criterion with fewer than two of them has no panel.
    """
    judges: dict[str, set[str]] = {}
    for row in rows:
        if _has_score(row) and (row.judge, row.criterion) not in left_out:
            judges.setdefault(row.criterion, set()).add(row.judge)
    return {criterion: sorted(own) for criterion, own in sorted(judges.items()) if len(own) > 1}


def panel_scores(rows: Sequence[Score], left_out: Collection[Seat] = ()) -> list[Score]:
    """Return the mean over the judges of each text, for criteria that several judges scored.

    NaN where one of a criterion's judges has no score.
    """
    judges = members(rows, left_out)
    by_text: dict[tuple[str, str, str, str], dict[str, list[Score]]] = {}
    for row in rows:
        if row.judge in judges.get(row.criterion, ()):
            key = (row.criterion, row.candidate, row.prompt_id, row.text)
            by_text.setdefault(key, {}).setdefault(row.judge, []).append(row)
    panel = []
    for (criterion, *_), by_judge in by_text.items():
        first = next(iter(by_judge.values()))[0]
        means = [float(np.mean([row.score for row in own])) for own in by_judge.values()]
        complete = {*judges[criterion]} <= {*by_judge}
        score = float(np.mean(means)) if complete else NAN
        panel.append(replace(first, judge=PANEL, score=score))
    return panel if any(map(_has_score, panel)) else []


def _family(
    judge: str, mode: Mode, rows: Sequence[Score], baseline: str, scale: tuple[float, float]
) -> Family:
    category = {row.prompt_id: row.category for row in rows}
    prompts = {name: at for at, name in enumerate(sorted(category))}
    candidates = sorted({row.candidate for row in rows} - {baseline})
    models = {name: at for at, name in enumerate([baseline, *candidates])}
    if mode == "pairwise":
        rows = [*rows, *_even(rows, baseline)]
        scale = (0.0, 1.0)
    by_criterion: dict[str, list[Score]] = {}
    for row in rows:
        by_criterion.setdefault(row.criterion, []).append(row)
    texts = {name: at for at, name in enumerate({row.text: None for row in rows})}
    scores = {
        criterion: aggregate(
            [models[row.candidate] for row in own],
            [prompts[row.prompt_id] for row in own],
            [texts[row.text] for row in own],
            [row.score for row in own],
            models=len(models),
            prompts=len(prompts),
            scale=scale,
        )
        for criterion, own in sorted(by_criterion.items())
    }
    categories = tuple(category[name] for name in prompts)
    return Family(judge, mode, tuple(models), tuple(prompts), categories, scores)


def _even(rows: Sequence[Score], baseline: str) -> list[Score]:
    """Return the baseline's even score against itself, once a prompt and criterion."""
    once = {(row.criterion, row.prompt_id): row for row in rows}
    return [replace(row, candidate=baseline, text="", score=EVEN) for row in once.values()]
