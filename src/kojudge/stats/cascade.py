"""A cascade: the strong judge's verdict from a cheap judge on all prompts and itself on some.

The estimate is the strong judge's mean difference on the drawn prompts, moved by what the
cheap judge says of the other prompts: PPI++ (Angelopoulos, Duchi and Zrnic 2023,
arXiv:2311.01453), by stratum and for several hypotheses at once. With one stratum and an even
draw it is :func:`kojudge.stats.ppi.powered_mean`: λ·mean(f of the rest) + mean(Y − λ'f of the
drawn) is mean(Y) + λ(mean f of all − mean f of the drawn) with λ = Cov(Y, f)/Var f, the
regression estimator of survey sampling (Cochran 1977, 7.1–7.5). Where prompts were drawn with
unequal probabilities π, each drawn prompt weighs 1/π (active inference: Zrnic and Candès
2024, arXiv:2403.03208), normalised by stratum (Hájek 1971).

Two things can be asked of it, and both have an interval. The verdict is about prompts like
these, as every verdict of kojudge: its variance is that of the strong judge over prompts, plus
what is not known for not having asked it everywhere. What the strong judge would have said of
just these prompts is known better: only the second part counts (``full``).

The family is corrected as :func:`kojudge.stats.bootstrap.max_t` corrects it: drawn and other
prompts are resampled within their stratum, all hypotheses together, λ is estimated anew in
each resample, and the largest studentised deviation gives one critical value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kojudge.stats.bootstrap import Estimates, MaxT, adjusted
from kojudge.stats.cascade_draw import Draw
from kojudge.stats.cascade_moments import Judged, Solved, judged, observed, resampled, variance_left
from kojudge.stats.ppi import MIN_LABELLED
from kojudge.stats.strata import Strata

MIN_STRONG = MIN_LABELLED
"""Below this many prompts judged by the strong judge the interval cannot be trusted."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cascade:
    """H hypotheses tested together; arrays have shape [H], NaN where undefined.

    ``tested`` holds estimates, intervals and p-values of the strong judge's mean difference
    over prompts like these; its ``n`` counts the prompts that the strong judge scored.
    ``n_cheap`` counts those that the cheap judge scored. ``weight`` is λ, how far the cheap
    judge is used; ``correlation`` that of the two judges within strata (−1 to 1);
    ``width_ratio`` the interval's width over that of the strong judge alone on the same
    prompts. ``full_se`` is the standard error of the estimate about what the strong judge
    would say of all P prompts; 0 where it was asked about all.
    """

    tested: MaxT
    n_cheap: NDArray[np.intp]
    weight: Floats
    correlation: Floats
    width_ratio: Floats
    full_se: Floats

    @property
    def full(self) -> tuple[Floats, Floats]:
        """Intervals, simultaneous too, for the strong judge's estimate on all P prompts."""
        half = self.tested.critical * self.full_se
        return self.tested.estimates.delta - half, self.tested.estimates.delta + half


def cascade(
    strong: ArrayLike,
    cheap: ArrayLike,
    asked: Draw,
    strata: Strata,
    rng: np.random.Generator,
    *,
    alpha: float = 0.05,
    resamples: int = 10_000,
    there: ArrayLike | None = None,
    groupings: Mapping[str, Sequence[str]] | None = None,
) -> Cascade:
    """Test H hypotheses δ_h = 0 about the strong judge together.

    ``strong`` and ``cheap`` [P, H] are prompt-level differences (candidate minus baseline,
    averaged inside the prompt), NaN where a judge has none; ``strong`` counts where ``asked``
    has drawn the prompt. The cheap judge's unit and bias are free. Where it has no score the
    mean of its stratum stands in, which is as valid and says nothing. ``there`` [P, H] tells
    where there is something to judge at all (default: everywhere). ``groupings`` as for
    :func:`kojudge.stats.bootstrap.max_t`. A hypothesis weighs the strata in which the strong
    judge has two prompts or more. Fewer than ``MIN_STRONG`` prompts in all are computed too:
    refusing them is the caller's.

    Raises:
        ValueError: wrong shapes, an infinite value, alpha or resamples out of range.
    """
    if not 0 < alpha < 1 or resamples < 1:
        raise ValueError("need 0 < alpha < 1 and resamples >= 1")
    data = judged(strong, cheap, asked, strata, there)
    seen = observed(data)
    estimates = _estimates(data, seen)
    nan = np.where(np.isnan(estimates.se), np.nan, 1.0)
    deviations = resampled(data, seen.slope, rng, resamples)[:, nan == 1.0]
    alone = observed(data, np.zeros(nan.size))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.sqrt(seen.variance / alone.variance)
        correlation = seen.joint / np.sqrt(seen.spread * seen.cheap_spread)
    scored = data.there & ~np.isnan(np.asarray(cheap, dtype=np.float64))
    return Cascade(
        adjusted(estimates, deviations, alpha, groupings),
        scored.sum(0),
        seen.slope * data.unit / data.cheap_unit * nan,
        correlation * nan,
        ratio * nan,
        np.sqrt(variance_left(data, seen)) * data.unit * nan,
    )


def cascade_estimate(
    strong: ArrayLike,
    cheap: ArrayLike,
    asked: Draw,
    strata: Strata,
    there: ArrayLike | None = None,
) -> Estimates:
    """Return the estimates of :func:`cascade`, which has the arguments, without a test.

    Raises:
        ValueError: as there.
    """
    data = judged(strong, cheap, asked, strata, there)
    return _estimates(data, observed(data))


def _estimates(data: Judged, seen: Solved) -> Estimates:
    n = data.n
    used = seen.shares > 0
    centre = data.centre + seen.slope * data.gap * data.unit
    delta = np.where(used.any(0), (seen.shares * centre).sum(0), np.nan)
    varies = seen.variance > 1e-20
    nan = np.where(varies & used.any(0), 1.0, np.nan)
    count = np.where(used, n, 0).sum(0)
    df = np.maximum(count - used.sum(0) - (seen.slope != 0), 1)
    sd = np.sqrt(np.maximum(seen.spread, 0.0))
    return Estimates(
        count,
        delta,
        np.sqrt(seen.variance) * data.unit * nan,
        df * nan,
        sd * data.unit * nan,
    )
