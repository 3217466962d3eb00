"""Where a judge is unsure: the spread of its answers, prompt by prompt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kojudge.store.run import Run


def unsure_of(run: Run, wanted: Sequence[str]) -> dict[str, float]:
    """Return how unsure a judge is by prompt, ≥ 0, from its stored judgments ``wanted`` (ids).

    The standard deviation of its answer: over the levels where it gave probabilities, √(p(1 − p))
    of a pair. Squares are averaged over a prompt's judgments; each criterion and mode counts
    alike. Empty where no answer tells how sure it is.
    """
    table = run.query(
        """SELECT prompt_id, criterion, mode, score, probabilities FROM judgments
           WHERE status = 'scored' AND judgment_id IN (SELECT unnest(?::VARCHAR[]))
           ORDER BY judgment_id""",
        [list(wanted)],
    )
    by_place: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in table.to_pylist():
        found = _variance(row)
        if found is not None:
            place = by_place.setdefault((row["criterion"], row["mode"]), {})
            place.setdefault(row["prompt_id"], []).append(found)
    means = [{name: float(np.mean(own)) for name, own in of.items()} for of in by_place.values()]
    usual = [float(np.mean(list(of.values()))) for of in means]
    scaled = [
        {name: own / unit for name, own in of.items()}
        for of, unit in zip(means, usual, strict=True)
        if unit > 0
    ]
    names = sorted({name for of in scaled for name in of})
    return {name: float(np.sqrt(_mean(scaled, name))) for name in names}


def _mean(scaled: Iterable[dict[str, float]], name: str) -> float:
    return float(np.mean([of[name] for of in scaled if name in of]))


def _variance(row: dict[str, Any]) -> float | None:
    """Return the variance of one answer; None where it does not tell."""
    p = np.asarray(row["probabilities"] or (), dtype=np.float64)
    if row["mode"] == "pairwise":
        return float(row["score"] * (1 - row["score"]))
    if p.size < 2 or p.sum() <= 0:
        return None
    p, level = p / p.sum(), np.arange(p.size)
    return float(p @ level**2 - (p @ level) ** 2)
