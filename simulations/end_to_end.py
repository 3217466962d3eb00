"""A baseline against reruns of itself, from judgments in a run to verdicts in results.json."""

from __future__ import annotations

from functools import partial

import numpy as np

from acceptance import AtMost, Row
from judged import Study, judgments, results, settings
from kojudge.records import Mode

STUDY = Study()


def claims_a_difference(mode: Mode, rng: np.random.Generator, resamples: int) -> bool:
    """Does any rerun of the baseline come out better or worse in ``mode``'s family?"""
    made = judgments(rng, STUDY)
    found = results(made, settings(STUDY, int(rng.integers(2**31)), resamples))
    verdicts = [
        entry["verdict"]
        for entry in found["comparisons"]
        if entry["mode"] == mode and entry["slice"] == "overall"
    ]
    if len(verdicts) != len(STUDY.reruns) * 2:
        raise RuntimeError(f"expected a verdict for each rerun and criterion, got {verdicts}")
    return not {"better", "worse"}.isdisjoint(verdicts)


MODES: tuple[Mode, ...] = ("pairwise", "pointwise")
ROWS = tuple(
    Row(
        f"a-a-{mode}",
        f"A/A end to end, {mode}: 3 reruns × 2 criteria, 36 prompts, any better or worse",
        AtMost(0.05),
        partial(claims_a_difference, mode),
        runs=500,
        quick=12,
        quick_resamples=999,
    )
    for mode in MODES
)
