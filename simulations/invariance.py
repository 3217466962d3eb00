"""What must not change a p: names, the order of rows, judgments that are there twice."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from acceptance import Never, Row
from judged import BASELINE, Study, judgments, results, settings
from kojudge.records import Judgment

STUDY = Study(prompts=24, reruns=("rerun-1", "rerun-2"))
NAMES: Mapping[str, str] = {BASELINE: BASELINE, "rerun-1": "zeta", "rerun-2": "alpha"}
"""The other way round in the alphabet, so that the hypotheses change places too."""
ENGINE = ("p_value", "p_adjusted", "p_stepdown")
SIGN_FLIP = ("p_signflip",)
ALL = (*ENGINE, *SIGN_FLIP)
TOLERANCE = 1e-9
Key = tuple[str, ...]
Change = Callable[[np.random.Generator, Sequence[Judgment]], list[Judgment]]


def relabelled(rng: np.random.Generator, made: Sequence[Judgment]) -> list[Judgment]:
    """Give prompts and candidates other names, in another order of the alphabet."""
    prompts = sorted({j.prompt_id for j in made})
    names = dict(zip(prompts, rng.permutation(prompts).tolist(), strict=True))
    return [
        replace(
            j,
            judgment_id=f"renamed/{j.judgment_id}",
            text_id=f"renamed/{j.text_id}",
            prompt_id=names[j.prompt_id],
            candidate=NAMES[j.candidate],
        )
        for j in made
    ]


def reordered(rng: np.random.Generator, made: Sequence[Judgment]) -> list[Judgment]:
    """Put the rows in another order."""
    return [made[at] for at in rng.permutation(len(made))]


def stored_twice(_: np.random.Generator, made: Sequence[Judgment]) -> list[Judgment]:
    """Append every row again, as a resumed run might."""
    return [*made, *made]


def judged_twice(_: np.random.Generator, made: Sequence[Judgment]) -> list[Judgment]:
    """Let the judge give each answer again: more judgments, no more prompts."""
    again = [replace(j, judgment_id=f"again/{j.judgment_id}", repeat=1) for j in made]
    return [*made, *again]


def changes_a_p(
    change: Change,
    names: Collection[str],
    coarse: bool,
    rng: np.random.Generator,
    resamples: int,
) -> bool:
    """Does ``change`` move any of the p-values called ``names`` in results.json?"""
    made = judgments(rng, replace(STUDY, coarse=coarse))
    seed = int(rng.integers(2**31))
    there = p_values(results(made, settings(STUDY, seed, resamples)), names)
    study = STUDY
    if change is relabelled:
        study = replace(STUDY, reruns=tuple(NAMES[name] for name in STUDY.reruns))
    back = p_values(results(change(rng, made), settings(study, seed, resamples)), names)
    if change is relabelled:
        there = {(NAMES[key[0]], *key[1:]): p for key, p in there.items()}
    if there.keys() != back.keys() or not there:
        raise RuntimeError("the change made other comparisons, or there are none")
    return any(not math.isclose(p, back[key], abs_tol=TOLERANCE) for key, p in there.items())


def p_values(found: Mapping[str, Any], names: Collection[str]) -> dict[Key, float]:
    """Return the p-values called ``names`` of every comparison in ``found``."""
    return {
        (entry["candidate"], entry["criterion"], entry["mode"], entry["slice"], name): entry[name]
        for entry in found["comparisons"]
        for name in names
        if entry[name] is not None
    }


RELABELLED = "prompts and candidates relabelled"
ROWS = tuple(
    Row(
        f"invariance-{name}",
        setting,
        Never(),
        partial(changes_a_p, change, names, coarse),
        runs=20,
        resamples=9999,
        quick=2,
        quick_resamples=999,
    )
    for name, setting, change, names, coarse in (
        ("names", f"any bootstrap p changes: {RELABELLED}", relabelled, ENGINE, False),
        ("names-votes", f"any bootstrap p of whole scores or votes changes: {RELABELLED}", relabelled, ENGINE, True),
        ("names-signflip", f"the sign-flip p changes: {RELABELLED}", relabelled, SIGN_FLIP, False),
        ("order", "any p changes: rows in another order", reordered, ALL, False),
        ("stored-twice", "any p changes: every row stored twice", stored_twice, ALL, False),
        ("judged-twice", "any p changes: every judgment repeated, same answer", judged_twice, ALL, False),
    )
)  # fmt: skip
