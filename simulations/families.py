"""Family-wise error of 12 models × 2 criteria against one baseline."""

from __future__ import annotations

from functools import partial

import numpy as np

from acceptance import AtMost, Row
from kojudge.stats.strata import Strata
from scenarios import ASYM, SYM, Writing, family, one_stratum
from type_one import significant

SAMPLES = 3


def any_rejected(world: Writing, strata: Strata, rng: np.random.Generator, resamples: int) -> bool:
    """One family of 24 without a difference: is any of them rejected?"""
    d = family(rng, world, strata.index.size, SAMPLES)
    return significant(d, strata, rng, resamples)


ROWS = tuple(
    Row(
        f"fwer-{name}-{prompts}",
        f"24 hypotheses, {name}, P = {prompts}",
        AtMost(0.08),
        partial(any_rejected, world, one_stratum(prompts)),
        runs=4000,
        resamples=999,
        quick=200,
    )
    for name, world in (("sym", SYM), ("asym", ASYM))
    for prompts in (16, 30, 60)
)
