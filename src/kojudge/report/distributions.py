"""How the scores lie, and how the difference goes with length: the data of two charts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kojudge.records import Text
from kojudge.report.families import Family
from kojudge.report.standing import headline
from kojudge.stats.rank_correlation import rank_correlation

Floats = NDArray[np.float64]
MOST_POINTS = 200
"""Above this the prompts are counted in cells instead of drawn one by one."""
_COLUMNS, _ROWS = 16, 11
_MOST_STEPS = 10


def distributions(
    points: Sequence[Family],
    wins: Sequence[Family],
    primary_mode: str,
    scale: tuple[float, float],
    texts: Sequence[Text],
) -> dict[str, Any]:
    """Return the ``distributions`` of results.json, of the panel or else the first judge.

    ``scores`` counts each model's texts by score in bins of width ``step`` around
    ``centres``; ``lengths`` sets the difference on each prompt, in the mode that carries the
    verdicts, against log2 of mean characters over the baseline's (1 is twice as long): one
    text of a loop would squeeze all others on a scale of characters.
    """
    scored = headline(points)
    compared = headline(points if primary_mode == "pointwise" else wins)
    step, centres = bins(scale)
    return {
        "judge": scored.judge if scored else None,
        "step": step,
        "centres": centres,
        "scores": _scores(scored, centres, step) if scored else [],
        "lengths": _lengths(compared, texts) if compared else [],
    }


def bins(scale: tuple[float, float]) -> tuple[float, list[float]]:
    """Return the width (1, 2 or 5 × 10ⁿ) and the centres of at most 11 bins over ``scale``."""
    low, high = scale
    power = 10.0 ** math.floor(math.log10((high - low) / _MOST_STEPS))
    steps = (round(factor * power, 12) for factor in (1, 2, 5, 10))
    step = next(one for one in steps if (high - low) / one <= _MOST_STEPS + 1e-9)
    count = math.ceil((high - low) / step - 1e-9)
    return step, [round(low + at * step, 12) for at in range(count + 1)]


def _scores(family: Family, centres: Sequence[float], step: float) -> list[dict[str, Any]]:
    rows = []
    for criterion, scores in family.criteria.items():
        for at, model in enumerate(family.models):
            own = scores.texts[at][~np.isnan(scores.texts[at])]
            if not own.size:
                continue
            place = np.floor((own - centres[0]) / step + 0.5 + 1e-9).astype(int)
            counts = np.bincount(np.clip(place, 0, len(centres) - 1), minlength=len(centres))
            rows.append(
                {
                    "criterion": criterion,
                    "candidate": model,
                    "counts": counts.tolist(),
                    "n": int(own.size),
                    "mean": float(own.mean()),
                }
            )
    return rows


def _lengths(family: Family, texts: Sequence[Text]) -> list[dict[str, Any]]:
    lengths = _log_lengths(family, texts)
    rows = []
    for criterion in family.criteria:
        for at, candidate in enumerate(family.models[1:], start=1):
            longer, better = lengths[at] - lengths[0], family.differences(criterion, at)
            both = ~np.isnan(longer) & ~np.isnan(better)
            if not both.any():
                continue
            found = rank_correlation(longer[both], better[both])
            rows.append(
                {
                    "judge": family.judge,
                    "mode": family.mode,
                    "criterion": criterion,
                    "candidate": candidate,
                    "n": found.n,
                    "rho": found.rho,
                    "rho_low": found.low,
                    "rho_high": found.high,
                    **_marks(longer[both], better[both]),
                }
            )
    return rows


def _log_lengths(family: Family, texts: Sequence[Text]) -> Floats:
    """Return log2 of the mean characters [M, P] of each model's texts, NaN where it has none.

    Empty texts count as one character.
    """
    models = {name: at for at, name in enumerate(family.models)}
    prompts = {name: at for at, name in enumerate(family.prompts)}
    total, count = np.zeros((2, len(models), len(prompts)))
    for text in texts:
        if text.candidate in models and text.prompt_id in prompts:
            place = models[text.candidate], prompts[text.prompt_id]
            total[place] += len(text.text)
            count[place] += 1
    mean = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    logs: Floats = np.log2(np.maximum(mean, 1.0))
    return logs


def _marks(x: Floats, y: Floats) -> Mapping[str, Any]:
    """Return [x, y, prompts] of each mark, and whether marks are cells of a grid."""
    if x.size <= MOST_POINTS:
        points = [[round(float(a), 4), round(float(b), 4), 1] for a, b in zip(x, y, strict=True)]
        return {"binned": False, "marks": points}
    counts, at_x, at_y = np.histogram2d(x, y, bins=(_edges(x, _COLUMNS), _edges(y, _ROWS)))
    centre_x, centre_y = (at_x[:-1] + at_x[1:]) / 2, (at_y[:-1] + at_y[1:]) / 2
    cells = [
        [round(float(centre_x[i]), 4), round(float(centre_y[j]), 4), int(counts[i, j])]
        for i, j in np.argwhere(counts)
    ]
    return {"binned": True, "marks": cells}


def _edges(values: Floats, count: int) -> Floats:
    """Return the edges of ``count`` cells over ``values``; votes 0, ½, 1 fall in cell centres."""
    low, high = float(values.min()), float(values.max())
    half = (high - low) / (count - 1) / 2 if high > low else 0.5
    edges: Floats = np.linspace(low - half, high + half, count + 1)
    return edges
