"""Synthetic judgments of a baseline against reruns of itself, and what the report makes of them.

Texts of one model differ by prompt, by what it happened to write and by how the judge
happened to read it. A rerun is the same model, so nothing tells it from the baseline but
chance; the judge of pairs favours the text it sees first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from kojudge.records import Judgment, Mode, Order, Scored
from kojudge.report import Counted, build_results
from kojudge.store.run import Run
from kojudge.workspace import Settings
from scenarios import CATEGORIES, Floats

BASELINE = "baseline"
CRITERIA = ("friendliness", "naturalness")
PROMPT_SD, TEXT_SD, JUDGE_SD = 0.5, 0.6, 0.3
"""On the scale 1–5."""
POSITION_BIAS = 0.6
SLOPE = 1.5
"""Log-odds of winning a pair for each point between the texts."""


@dataclass(frozen=True, slots=True)
class Study:
    """How much is judged: ``prompts`` over three categories, ``samples`` texts each.

    A ``coarse`` judge gives whole scores, and of a pair only the winner.
    """

    prompts: int = 36
    samples: int = 2
    reruns: tuple[str, ...] = ("rerun-1", "rerun-2", "rerun-3")
    coarse: bool = False

    @property
    def models(self) -> tuple[str, ...]:
        """The baseline and its reruns."""
        return (BASELINE, *self.reruns)


def settings(study: Study, seed: int, resamples: int) -> Settings:
    """Return the workspace settings that a report of ``study`` reads."""
    return Settings(
        baseline=BASELINE,
        candidates=study.reruns,
        judges=("judge",),
        rubrics=("rubric",),
        prompts=("prompts",),
        seed=seed,
        resamples=resamples,
    )


def judgments(rng: np.random.Generator, study: Study) -> list[Judgment]:
    """Draw the judgments of ``study``, pointwise and pairwise in both orders."""
    made: list[Judgment] = []
    for criterion in CRITERIA:
        quality = rng.normal(3.2, PROMPT_SD, study.prompts)[None, :, None] + rng.normal(
            0, TEXT_SD, (len(study.models), study.prompts, study.samples)
        )
        made += _pointwise(rng, study, criterion, quality)
        made += _pairwise(rng, study, criterion, quality)
    return made


def results(made: Sequence[Judgment], configured: Settings) -> dict[str, Any]:
    """Return results.json of a run that holds ``made``."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run.open(Path(folder) / "run", create=True)
        run.append_judgments(made)
        return build_results(run, Counted(configured, (), (), {}))


def _pointwise(
    rng: np.random.Generator, study: Study, criterion: str, quality: Floats
) -> list[Judgment]:
    read = np.clip(quality + rng.normal(0, JUDGE_SD, quality.shape), 1, 5)
    if study.coarse:
        read = np.round(read)
    return [
        _judgment(study.models[m], p, s, criterion, "pointwise", float(read[m, p, s]))
        for m, p, s in np.ndindex(read.shape)
    ]


def _pairwise(
    rng: np.random.Generator, study: Study, criterion: str, quality: Floats
) -> list[Judgment]:
    ahead = SLOPE * (quality[1:] - quality[:1])
    made = []
    orders: tuple[tuple[Order, float], ...] = (("AB", POSITION_BIAS), ("BA", -POSITION_BIAS))
    for order, lean in orders:
        wins = expit(ahead + lean + rng.normal(0, SLOPE * JUDGE_SD, ahead.shape))
        method = "vote" if study.coarse else "expected"
        if study.coarse:
            wins = np.round(wins)
        made += [
            replace(
                _judgment(study.reruns[m], p, s, criterion, "pairwise", float(wins[m, p, s])),
                outcome=Scored(float(wins[m, p, s]), method),
                judgment_id=f"{study.reruns[m]}/{p}/{s}/{criterion}/{order}",
                baseline=BASELINE,
                baseline_text_id=f"{BASELINE}/{p}/{s}",
                order=order,
                scale=(0.0, 1.0),
            )
            for m, p, s in np.ndindex(wins.shape)
        ]
    return made


def _judgment(
    candidate: str, prompt: int, sample: int, criterion: str, mode: Mode, score: float
) -> Judgment:
    return Judgment(
        judgment_id=f"{candidate}/{prompt}/{sample}/{criterion}",
        text_id=f"{candidate}/{prompt}/{sample}",
        prompt_id=f"prompt-{prompt}",
        category=CATEGORIES[prompt % 3],
        candidate=candidate,
        sample=sample,
        criterion=criterion,
        rubric="rubric",
        judge="judge",
        mode=mode,
        outcome=Scored(score, "expected", 0.95),
        origin="imported",
    )
