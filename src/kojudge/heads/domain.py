"""Where the texts lay that a head learned from, and how far off a text may lie."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from kojudge.engines.head.file import Domain
from kojudge.engines.head.levels import outside
from kojudge.heads.folds import Folds

__all__ = ["STRAYED", "fit_domain"]

STRAYED = 0.01
"""Share of texts like those learnt from, of other prompts and writers, that count as outside."""
DIRECTIONS = 32
_ROWS_A_DIRECTION = 10


def fit_domain(x: NDArray[Any], folds: Folds) -> Domain:
    """Return the domain of standardised states ``x`` [N, D]; its limit from texts left out.

    Each text's distance is taken to a domain of the texts of other prompts and other writers;
    the limit is the distance that ``STRAYED`` of them exceed.
    """
    far = np.full(len(x), np.nan)
    for p, c in folds.cells():
        test, train = folds.prompt == p, folds.prompt != p
        if folds.candidate is not None:
            test, train = test & (folds.candidate == c), train & (folds.candidate != c)
        if test.any() and train.sum() > _ROWS_A_DIRECTION:
            far[test] = outside(_shape(x[train]), x[test])
    whole = _shape(x)
    known = far[~np.isnan(far)]
    return replace(whole, limit=float(np.quantile(known, 1 - STRAYED)))


def _shape(x: NDArray[Any]) -> Domain:
    """Return centre, main directions and spreads of the rows of ``x``, without a limit yet."""
    own = x.astype(np.float64)
    centre = own.mean(axis=0)
    apart = own - centre
    number = max(1, min(DIRECTIONS, len(x) // _ROWS_A_DIRECTION, x.shape[1] - 1))
    covariance = apart.T @ apart / len(x)
    width = x.shape[1]
    values, vectors = eigh(covariance, subset_by_index=[width - number, width - 1])
    components = vectors[:, ::-1].T
    spread = np.sqrt(np.maximum(values[::-1], 1e-12))
    rest = float(np.sqrt(max(np.trace(covariance) - values.sum(), 1e-12)))
    return Domain(
        components.astype(np.float32),
        centre.astype(np.float32),
        spread.astype(np.float32),
        rest,
        1.0,
    )
