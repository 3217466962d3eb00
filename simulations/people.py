"""Coverage of the interval that joins people's ratings with the judge's (PPI++)."""

from __future__ import annotations

from functools import partial

import numpy as np

from acceptance import ALPHA, Between, Row
from kojudge.stats.ppi import powered_mean
from scenarios import people_and_judge

TRUTH = 0.3


def covers(n: int, rest: int, r: float, rng: np.random.Generator, _: int) -> bool:
    """Does the interval of ``n`` labelled prompts and ``rest`` others hold people's mean?"""
    y, f = people_and_judge(rng, n + rest, r)
    found = powered_mean(y[:n], f[:n], f[n:]).interval(ALPHA)
    return found is not None and found[0] <= TRUTH <= found[1]


ROWS = (
    Row(
        "ppi-coverage",
        "PPI++ coverage of a biased judge, n = 50 of 300, r = .5",
        Between(0.93, 0.97),
        partial(covers, 50, 250, 0.5),
        runs=10_000,
        resamples=None,
        quick=2000,
    ),
)
