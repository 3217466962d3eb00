"""Type I error of the engine, and of the pooled test that it replaces."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy import stats

from acceptance import ALPHA, Above, AtMost, Near, Row
from kojudge.stats.bootstrap import max_t
from kojudge.stats.strata import Strata
from scenarios import (
    ASYM,
    BRITTLE,
    HIGH_ICC,
    SYM,
    Floats,
    Writing,
    differences,
    one_stratum,
    texts,
    three_strata,
)


def significant(d: Floats, strata: Strata, rng: np.random.Generator, resamples: int) -> bool:
    """Tell whether any hypothesis of ``d`` [prompts, hypotheses] is rejected at 5 %."""
    found = max_t(d, strata, rng, alpha=ALPHA, resamples=resamples)
    return bool((found.p_adjusted <= ALPHA).any())


def rejects(world: Writing, strata: Strata, rng: np.random.Generator, resamples: int) -> bool:
    """One experiment without a difference, through the engine."""
    return significant(differences(rng, world, strata.index.size), strata, rng, resamples)


def pooled_welch(world: Writing, prompts: int, rng: np.random.Generator, _: int) -> bool:
    """Welch's test on all texts as if they were independent."""
    candidate, baseline = texts(rng, world, prompts)
    found = stats.ttest_ind(candidate.ravel(), baseline.ravel(), equal_var=False)
    return bool(found.pvalue <= ALPHA)


ROWS = (
    *(
        Row(
            f"type-i-sym-{prompts}",
            f"engine, sym, P = {prompts}",
            Near(0.05),
            partial(rejects, SYM, one_stratum(prompts)),
            runs=10_000,
        )
        for prompts in (20, 100)
    ),
    Row(
        "type-i-sym-10-strata",
        "engine, sym, P = 10 in three categories",
        AtMost(0.05),
        partial(rejects, SYM, three_strata(10)),
        runs=10_000,
    ),
    Row(
        "type-i-sym-30-strata",
        "engine, sym, P = 30 in three strata",
        Near(0.05),
        partial(rejects, SYM, three_strata(30)),
        runs=10_000,
    ),
    Row(
        "type-i-asym-40",
        "engine, asym, P = 40",
        AtMost(0.08),
        partial(rejects, ASYM, one_stratum(40)),
        runs=10_000,
    ),
    Row(
        "type-i-brittle-40",
        "engine, asym with a skewness of −1.7, P = 40",
        AtMost(0.08),
        partial(rejects, BRITTLE, one_stratum(40)),
        runs=10_000,
    ),
    Row(
        "control-pooled-welch",
        "negative control: Welch on pooled texts, ICC .72, P = 40",
        Above(0.20),
        partial(pooled_welch, HIGH_ICC, 40),
        runs=10_000,
        resamples=None,
    ),
    Row(
        "limit-brittle-10",
        "limit: engine, skewness −1.7, P = 10 (28 % of the experiments see no collapse)",
        Above(0.10),
        partial(rejects, BRITTLE, one_stratum(10)),
        runs=10_000,
    ),
)
