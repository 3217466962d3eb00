"""Mean paired difference by prompt: t with P − 1 degrees of freedom.

Not the verdict's method (that is :mod:`kojudge.stats.bootstrap`): what people's labels say
alone is shown this way beside the prediction-powered estimate. The unit is the prompt:
samples, repeats and orders are averaged inside it before they
come here (Miller 2024, arXiv:2411.00640: for balanced data the clustered standard error
is that of the prompt means).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


@dataclass(frozen=True, slots=True)
class PairedMean:
    """A mean difference over ``n`` prompts, in the differences' unit.

    ``se`` is the standard error of ``delta``, ``df`` its degrees of freedom, ``p_value``
    two-sided against 0, ``effect_size`` = delta / SD of the differences. All but ``n`` and
    ``delta`` are None where the differences do not vary or n < 2; ``delta`` where n = 0.
    """

    n: int
    delta: float | None
    se: float | None
    df: int | None
    p_value: float | None
    effect_size: float | None

    def interval(self, alpha: float) -> tuple[float, float] | None:
        """Return the two-sided 1 − ``alpha`` t interval, or None where there is no ``se``."""
        if self.delta is None or self.se is None or self.df is None:
            return None
        half = float(stats.t.ppf(1 - alpha / 2, self.df)) * self.se
        return (self.delta - half, self.delta + half)


def paired_mean(differences: ArrayLike) -> PairedMean:
    """Return the one-sample t analysis of prompt-level ``differences``, shape [P].

    Student's paired t test; checked against the `sleep` data (Student 1908).

    Raises:
        ValueError: a difference is not finite, or the array is not one-dimensional.
    """
    d = np.asarray(differences, dtype=np.float64)
    if d.ndim != 1 or not np.isfinite(d).all():
        raise ValueError("differences must be one-dimensional and finite")
    n = int(d.size)
    if n == 0:
        return PairedMean(0, None, None, None, None, None)
    delta = float(d.mean())
    sd = float(d.std(ddof=1)) if n > 1 else 0.0
    # A spread below rounding error of the values themselves is no variation.
    if sd <= 1e-12 * max(1.0, float(np.abs(d).max())):
        return PairedMean(n, delta, None, None, None, None)
    se = sd / math.sqrt(n)
    p = float(2 * stats.t.sf(abs(delta) / se, n - 1))
    return PairedMean(n, delta, se, n - 1, p, delta / sd)
