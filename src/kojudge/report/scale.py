"""Calibration of the scale: what a judge's points are worth in people's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kojudge.records import Label
from kojudge.report.compare import Plan
from kojudge.report.gather import Score
from kojudge.stats.cluster import cluster_estimate

MIN_TEXTS = 30
"""Texts with a judge's score and people's that a calibration needs."""
_RESAMPLES = 1_000
Floats = NDArray[np.float64]
_Text = tuple[str, str, int]
"""prompt_id, candidate, sample"""


def calibration(
    labels: Sequence[Label], rows: Sequence[Score], scale: tuple[float, float], plan: Plan
) -> list[dict[str, Any]]:
    """Return a row for each judge and criterion with thirty texts that people scored too.

    ``bias``: judge minus people, in points; ``slope`` and ``intercept`` of people on the judge
    (least squares over texts): one judge point is worth ``slope`` points of people's.
    Intervals at 1 − ``plan.alpha`` by prompt, None where the prompts cannot give one.
    ``levels`` has the means of both by the judge's score rounded to a level of ``scale``.
    """
    said = _people(labels)
    judged: dict[tuple[str, str], dict[_Text, list[float]]] = {}
    for row in rows:
        text = (row.prompt_id, row.candidate, int(row.text.partition("/")[0]))
        if row.score == row.score and not row.flagged and text in said.get(row.criterion, {}):
            judged.setdefault((row.judge, row.criterion), {}).setdefault(text, []).append(row.score)
    return [
        _row(judge, criterion, texts, said[criterion], scale, plan)
        for (judge, criterion), texts in sorted(judged.items())
        if len(texts) >= MIN_TEXTS
    ]


def _people(labels: Sequence[Label]) -> dict[str, dict[_Text, float]]:
    """Return the mean over raters by criterion and text."""
    found: dict[str, dict[_Text, list[float]]] = {}
    for label in labels:
        if label.score is not None:
            text = (label.prompt_id, label.candidate, label.sample)
            found.setdefault(label.criterion, {}).setdefault(text, []).append(label.score)
    return {
        criterion: {text: float(np.mean(given)) for text, given in texts.items()}
        for criterion, texts in found.items()
    }


def _row(
    judge: str,
    criterion: str,
    judged: dict[_Text, list[float]],
    said: dict[_Text, float],
    scale: tuple[float, float],
    plan: Plan,
) -> dict[str, Any]:
    prompts: dict[str, list[tuple[float, float]]] = {}
    for text, given in judged.items():
        prompts.setdefault(text[0], []).append((float(np.mean(given)), said[text]))
    clusters = [np.array(pairs) for _, pairs in sorted(prompts.items())]
    measures: dict[str, Callable[[Floats], float]] = {
        "bias": _bias,
        "slope": _slope,
        "intercept": _intercept,
    }
    row: dict[str, Any] = {
        "judge": judge,
        "criterion": criterion,
        "texts": len(judged),
        "prompts": len(clusters),
    }
    for name, of in measures.items():
        found = cluster_estimate(clusters, of, plan.rng, alpha=plan.alpha, resamples=_RESAMPLES)
        row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
    return row | {"levels": list(_levels(np.concatenate(clusters), scale))}


def _bias(x: Floats) -> float:
    return float((x[:, 0] - x[:, 1]).mean())


def _slope(x: Floats) -> float:
    judge = x[:, 0] - x[:, 0].mean()
    spread = float(judge @ judge)
    # A spread below the rounding error of the scores is no variation.
    return float(judge @ x[:, 1]) / spread if spread > 1e-12 * len(x) else float("nan")


def _intercept(x: Floats) -> float:
    return float(x[:, 1].mean() - _slope(x) * x[:, 0].mean())


def _levels(x: Floats, scale: tuple[float, float]) -> Iterator[dict[str, Any]]:
    low, high = scale
    nearest = np.clip(low + np.rint(x[:, 0] - low), low, high)
    for level in np.unique(nearest):
        judge, people = x[nearest == level].T
        yield {
            "level": float(level),
            "n": int(judge.size),
            "judge": float(judge.mean()),
            "people": float(people.mean()),
        }
