"""How far predictions agree with the teacher, and what a head adds to trivial features.

Everything is on texts left out of training. Intervals are over prompts, drawn again whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from kojudge.audit.figures import Figure, Precision, of
from kojudge.stats.agreement import quadratic_kappa
from kojudge.stats.rank_correlation import FEWEST

__all__ = [
    "KOREAN_FROM", "STRATA", "Agreement", "Compared", "Table", "agreement", "auc", "correlation",
    "third_of",
]  # fmt: skip

Floats = NDArray[np.float64]
Statistic = Callable[[Floats, Floats, Floats], float]
"""Of truth [n], prediction [n] and all columns of the rows."""

STRATA = 5
"""Strata of equal length: fifths of the texts by their length."""
KOREAN_FROM = 0.9
"""A text counts as Korean throughout from this share of Hangul among its letters."""

_TRUTH, _HEAD, _TRIVIAL, _THIRD, _WRITER, _STRATUM, _KOREAN = range(7)
_FEATURES = 7
BOTH = (-1.0, 1.0)
SHARE = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Table:
    """One row a text (or pair) left out, shape [n] each; ``features`` [n, F] are the trivial ones.

    ``truth``, ``head`` and ``trivial`` are expected levels, or preferences (0–1) for the
    candidate. ``stratum`` is of length, ``korean`` says that the text is Korean throughout.
    """

    truth: Floats
    head: Floats
    trivial: Floats
    prompt: Sequence[str]
    candidate: Sequence[str]
    stratum: NDArray[np.intp]
    korean: NDArray[np.bool_]
    features: Floats


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure on one ``slice`` of the texts: the head's, that of trivial features, the gain."""

    measure: str
    slice: str
    n: int
    head: Figure
    trivial: Figure
    gain: Figure


@dataclass(frozen=True, slots=True)
class Agreement:
    """All measures. ``beyond``: correlation with the teacher, trivial features held constant."""

    rows: tuple[Compared, ...]
    beyond: Figure

    def row(self, measure: str, slice_: str = "all") -> Compared | None:
        """Return one measure; None where it was not taken."""
        found = (r for r in self.rows if (r.measure, r.slice) == (measure, slice_))
        return next(found, None)


def agreement(table: Table, precision: Precision) -> Agreement:
    """Measure the agreement with the teacher.

    On all rows: r, ρ, κ (quadratic), AUC of the teacher's top against its bottom third, ρ of
    the writers' means (five writers or more). On rows of equal length, on those Korean
    throughout, and on both: r and AUC within the strata.
    """
    rows = _rows(table)
    writers = np.unique(rows[:, _WRITER]).size
    korean = rows[rows[:, _KOREAN] > 0]
    made = [_compared(name, "all", rows, table, precision) for name in ("r", "rho", "kappa", "auc")]
    if writers >= FEWEST:
        made.append(_compared("models", "all", rows, table, precision))
    for name in ("r", "auc"):
        made.append(_compared(f"{name}_within", "equal_length", rows, table, precision))
        made.append(_compared(name, "korean", korean, table, precision))
        made.append(_compared(f"{name}_within", "korean_equal_length", korean, table, precision))
    beyond = of(_clusters(rows, table), _beyond, precision, BOTH)
    return Agreement(tuple(made), beyond)


def third_of(truth: Floats) -> Floats:
    """Return 1 for the top third, −1 for the bottom third, 0 between, [n]; ties go outwards."""
    low = np.quantile(truth, 1 / 3, method="lower")
    high = np.quantile(truth, 2 / 3, method="higher")
    if low == high:
        return np.sign(truth - low)
    return np.where(truth >= high, 1.0, np.where(truth <= low, -1.0, 0.0))


def auc(third: Floats, prediction: Floats) -> float:
    """Return the share (0–1) of top-and-bottom pairs that the prediction orders rightly."""
    return _auc_within(third, prediction, np.zeros(third.size))


def _rows(table: Table) -> Floats:
    _, writer = np.unique(np.array(table.candidate), return_inverse=True)
    named = (table.truth, table.head, table.trivial, third_of(table.truth), writer,
             table.stratum, table.korean)  # fmt: skip
    columns = [np.asarray(column, dtype=np.float64)[:, None] for column in named]
    return np.hstack([*columns, table.features, np.arange(len(table.truth))[:, None]])


def _clusters(rows: Floats, table: Table) -> list[Floats]:
    prompts = np.array(table.prompt)[rows[:, -1].astype(np.intp)]
    return [rows[prompts == prompt] for prompt in np.unique(prompts)]


def _compared(name: str, slice_: str, rows: Floats, table: Table, precision: Precision) -> Compared:
    statistic, bounds = _STATISTICS[name]
    clusters = _clusters(rows, table)

    def value(column: int) -> Callable[[Floats], float]:
        return lambda drawn: statistic(drawn[:, _TRUTH], drawn[:, column], drawn)

    def gain(drawn: Floats) -> float:
        return value(_HEAD)(drawn) - value(_TRIVIAL)(drawn)

    width = bounds[1] - bounds[0]
    return Compared(
        name.removesuffix("_within"),
        slice_,
        len(rows),
        of(clusters, value(_HEAD), precision, bounds),
        of(clusters, value(_TRIVIAL), precision, bounds),
        of(clusters, gain, precision, (-width, width)),
    )


def _r(truth: Floats, prediction: Floats, rows: Floats) -> float:  # noqa: ARG001
    return correlation(truth, prediction)


def _rho(truth: Floats, prediction: Floats, rows: Floats) -> float:  # noqa: ARG001
    return correlation(rankdata(truth), rankdata(prediction))


def _kappa(truth: Floats, prediction: Floats, rows: Floats) -> float:  # noqa: ARG001
    return quadratic_kappa(truth, prediction)


def _auc(truth: Floats, prediction: Floats, rows: Floats) -> float:  # noqa: ARG001
    return auc(rows[:, _THIRD], prediction)


def _r_within(truth: Floats, prediction: Floats, rows: Floats) -> float:
    stratum = rows[:, _STRATUM]
    return correlation(_centred(truth, stratum), _centred(prediction, stratum))


def _auc_inside(truth: Floats, prediction: Floats, rows: Floats) -> float:  # noqa: ARG001
    return _auc_within(rows[:, _THIRD], prediction, rows[:, _STRATUM])


def _models(truth: Floats, prediction: Floats, rows: Floats) -> float:
    writers, place = np.unique(rows[:, _WRITER], return_inverse=True)
    if writers.size < FEWEST:
        return float("nan")
    count = np.bincount(place)
    means = [np.bincount(place, weights=column) / count for column in (truth, prediction)]
    return correlation(rankdata(means[0]), rankdata(means[1]))


_STATISTICS: dict[str, tuple[Statistic, tuple[float, float]]] = {
    "r": (_r, BOTH),
    "rho": (_rho, BOTH),
    "kappa": (_kappa, BOTH),
    "auc": (_auc, SHARE),
    "models": (_models, BOTH),
    "r_within": (_r_within, BOTH),
    "auc_within": (_auc_inside, SHARE),
}


def correlation(x: Floats, y: Floats) -> float:
    """Return Pearson's r of two arrays [n]; nan where one is constant or n < 3."""
    if x.size < 3:
        return float("nan")
    x, y = x - x.mean(), y - y.mean()
    spread = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y / spread) if spread > 1e-12 else float("nan")


def _centred(values: Floats, stratum: Floats) -> Floats:
    _, place = np.unique(stratum, return_inverse=True)
    means = np.bincount(place, weights=values) / np.bincount(place)
    centred: Floats = values - means[place]
    return centred


def _auc_within(third: Floats, prediction: Floats, stratum: Floats) -> float:
    wins = pairs = 0.0
    for one in np.unique(stratum):
        own = stratum == one
        top, bottom = prediction[own & (third > 0)], prediction[own & (third < 0)]
        ranks = rankdata(np.concatenate([top, bottom]))[: top.size]
        wins += float(ranks.sum()) - top.size * (top.size + 1) / 2
        pairs += top.size * bottom.size
    return wins / pairs if pairs else float("nan")


def _beyond(rows: Floats) -> float:
    """Partial correlation of truth and head, the trivial features (and their squares) held."""
    features = rows[:, _FEATURES:-1]
    x = np.column_stack([np.ones(len(rows)), features])
    both = rows[:, [_TRUTH, _HEAD]]
    if len(rows) <= x.shape[1] + 2:
        return float("nan")
    rest = both - x @ np.linalg.lstsq(x, both, rcond=None)[0]
    return correlation(rest[:, 0], rest[:, 1])
