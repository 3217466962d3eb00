"""What length, script, markdown and repetition alone can tell, and what a judge adds to them.

Everything is about differences of an item from its source's original, so that what the
topic does to a text cancels.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import rankdata

from kojudge.audit.figures import SHARE, Figure, Precision, mean, of, share
from kojudge.audit.kinds import ORIGINAL, Criterion, kinds_of
from kojudge.korean.script import HANGUL
from kojudge.records import identity

__all__ = ["EQUAL_LENGTH", "FEATURES", "Baseline", "Shortcuts", "by_source", "features", "macro", "shortcuts", "trivial_baseline"]  # fmt: skip

FEATURES = ("length", "hangul", "markdown", "repetition")
EQUAL_LENGTH = 0.02
"""Pairs whose lengths differ by at most this share of the original's count as equally long."""
FOLDS = 5
GRAM = 10
"""Characters a string needs to count as repeated; shorter ones catch mere verb endings."""
_RIDGE = 1.0
_LETTER = re.compile(r"[^\W\d_]")
_HANGUL = re.compile(f"[{HANGUL}]")
_MARKS = re.compile(r"^[ \t]*(?:#{1,6}|[-*+]|\d+[.)]|>)[ \t]|\*\*|__|`+|^-{3,}$", re.MULTILINE)

Floats = NDArray[np.float64]
Key = tuple[str, str]
"""(source, kind)."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A logistic regression on trivial features, each source predicted without its fold.

    ``differences`` and ``hits`` are by (source, kind) of the ↓ rows (``differences`` of the ≈
    rows too): item minus original in each of ``FEATURES``, and whether the regression saw
    which is worse (1, ½ where nothing differs, 0). ``equal`` are the pairs equally long.
    ``auc`` (0–1): an item against an original of any source in the same fold.
    """

    differences: Mapping[Key, tuple[float, ...]]
    hits: Mapping[Key, float]
    equal: frozenset[Key]
    auc: float


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """The certificate's row on shortcuts.

    ``auc`` and ``trivial`` (detection, macro mean over kinds): what the features alone reach.
    ``gain``: the judge's detection minus theirs, on the same pairs. ``explained`` (0–1):
    share of the judge's preferences (mean square) that the features explain. ``partial_r``
    (−1 to 1): correlation of its preferences with the truth, features held constant.
    ``equal_length``: its detection within the ``equal_pairs`` pairs equally long.
    """

    auc: float
    trivial: Figure
    gain: Figure
    explained: float | None
    partial_r: Figure
    equal_length: Figure
    equal_pairs: int


def features(text: str) -> tuple[float, ...]:
    """Return log length, Hangul share of letters, markdown marks (log1p), repetition (0–1).

    Repetition is the share of strings of ten characters, white space aside, that occurred
    before.
    """
    letters = _LETTER.findall(text)
    hangul = len(_HANGUL.findall("".join(letters))) / len(letters) if letters else 0.0
    packed = "".join(text.split())
    grams = [packed[at : at + GRAM] for at in range(len(packed) - GRAM + 1)]
    repeated = 1 - len(set(grams)) / len(grams) if grams else 0.0
    return (math.log(max(len(text), 1)), hangul, math.log1p(len(_MARKS.findall(text))), repeated)


def trivial_baseline(criterion: Criterion, texts: Mapping[Key, str]) -> Baseline:
    """Fit the baseline on ``texts`` by (source, kind), originals among them.

    Raises:
        ValueError: a source has no original, or fewer than two sources have a ↓ item.
    """
    lower, same = kinds_of(criterion, "lower"), kinds_of(criterion, "same")
    measured = {
        key: features(text) for key, text in texts.items() if key[1] in {ORIGINAL, *lower, *same}
    }
    lacking = {source for source, _ in measured if (source, ORIGINAL) not in measured}
    if lacking:
        raise ValueError(f"sources without an original: {sorted(lacking)}")
    differences = {
        key: tuple(np.subtract(own, measured[key[0], ORIGINAL]).tolist())
        for key, own in measured.items()
        if key[1] != ORIGINAL
    }
    asked = sorted(key for key in differences if key[1] in lower)
    folds = _folds([source for source, _ in asked])
    hits: dict[Key, float] = {}
    areas = []
    for fold in sorted(set(folds.values())):
        train = [key for key in asked if folds[key[0]] != fold]
        held = [key for key in asked if folds[key[0]] == fold]
        weights = _fit(np.array([differences[key] for key in train]))
        for key in held:
            hits[key] = float((np.sign(np.array(differences[key]) @ weights) + 1) / 2)
        areas.append(_auc(weights, measured, held))
    equal = frozenset(k for k in asked if abs(math.expm1(differences[k][0])) <= EQUAL_LENGTH)
    return Baseline(differences, hits, equal, float(np.mean(areas)))


def shortcuts(
    baseline: Baseline, advantages: Mapping[Key, float], precision: Precision
) -> Shortcuts:
    """Return the row for a judge whose preferences for the original are ``advantages``.

    Positive: the original is better; by (source, kind) of all rows, unscored pairs left out.
    """
    keys = [key for key in baseline.hits if key in advantages]
    seen = {key: (np.sign(advantages[key]) + 1) / 2 for key in keys}
    gains = {key: float(seen[key] - baseline.hits[key]) for key in keys}
    equal = [key for key in keys if key in baseline.equal]
    return Shortcuts(
        auc=baseline.auc,
        trivial=macro({key: baseline.hits[key] for key in keys}, precision),
        gain=macro(gains, precision, (-1.0, 1.0)),
        explained=_explained(baseline, advantages),
        partial_r=_partial(baseline, {key: advantages[key] for key in keys}, precision),
        equal_length=share(by_source({key: float(seen[key]) for key in equal}), precision),
        equal_pairs=len(equal),
    )


def macro(
    values: Mapping[Key, float], precision: Precision, bounds: tuple[float, float] = SHARE
) -> Figure:
    """Return the mean over kinds of each kind's mean over sources, sources drawn again."""
    kinds = sorted({kind for _, kind in values})
    sources = sorted({source for source, _ in values})
    table = np.array([[values.get((s, k), np.nan) for k in kinds] for s in sources])
    if not table.size:
        return share([], precision)
    known = table[~np.isnan(table)]
    if known.size == table.size or np.ptp(known) == 0:
        # Every source weighs alike, or all say the same: an exact bound is there at 0 and 1.
        rows = np.nanmean(table, axis=1, keepdims=True)
        return (share if bounds == SHARE else mean)(list(rows), precision)
    return of(list(table[:, None]), _mean_of_means, precision, bounds)


def by_source(values: Mapping[Key, float]) -> list[list[float]]:
    """Return the values as one list a source."""
    clusters: dict[str, list[float]] = {}
    for (source, _), value in values.items():
        clusters.setdefault(source, []).append(value)
    return [clusters[source] for source in sorted(clusters)]


def _mean_of_means(table: Floats) -> float:
    """Mean over columns of each column's mean, nan left out; nan where a column is empty."""
    counts = (~np.isnan(table)).sum(axis=0)
    if not counts.all():
        return float("nan")
    return float((np.nansum(table, axis=0) / counts).mean())


def _folds(sources: Sequence[str]) -> dict[str, int]:
    """Deal the sources into folds, in an order that their ids alone decide."""
    dealt = sorted(set(sources), key=lambda source: identity(["fold", source]))
    if len(dealt) < 2:
        raise ValueError("the trivial baseline needs at least two sources with ↓ items")
    return {source: at % min(FOLDS, len(dealt)) for at, source in enumerate(dealt)}


def _fit(differences: Floats) -> Floats:
    """Weights of a ridge logistic regression without intercept: each pair, item worse."""
    scale = np.sqrt((differences**2).mean(axis=0))
    x = differences / np.where(scale > 0, scale, 1.0)

    def loss(w: Floats) -> tuple[float, Floats]:
        z = x @ w
        value = float(np.logaddexp(0, -z).sum() + _RIDGE * (w @ w) / 2)
        return value, _RIDGE * w - x.T @ expit(-z)

    found: Any = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B")
    weights: Floats = found.x / np.where(scale > 0, scale, 1.0)
    return weights


def _auc(weights: Floats, measured: Mapping[Key, tuple[float, ...]], held: Sequence[Key]) -> float:
    sources = sorted({source for source, _ in held})
    worse = np.array([np.array(measured[key]) @ weights for key in held])
    better = np.array([np.array(measured[s, ORIGINAL]) @ weights for s in sources])
    ranks = rankdata(np.concatenate([worse, better]))[: worse.size]
    wins = ranks.sum() - worse.size * (worse.size + 1) / 2
    return float(wins / (worse.size * better.size))


def _explained(baseline: Baseline, advantages: Mapping[Key, float]) -> float | None:
    """Uncentred R² of the preferences on the differences, over all rows."""
    keys = [key for key in baseline.differences if key in advantages]
    x = np.array([baseline.differences[key] for key in keys])
    y = np.array([advantages[key] for key in keys])
    total = float(y @ y)
    if not total > 0:
        return None
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(1 - rest @ rest / total)


def _partial(baseline: Baseline, advantages: Mapping[Key, float], precision: Precision) -> Figure:
    """Correlation of preference and truth, features held constant, over pairs taken both ways.

    A pair taken as (item, original) and as (original, item) gives the means 0, so no
    intercept is needed and sums of products suffice, one row of them a source.
    """
    size = len(FEATURES)
    rows: dict[str, Floats] = {}
    scale = _scale([baseline.differences[key] for key in advantages], size)
    for key, advantage in advantages.items():
        z = np.array([*(np.array(baseline.differences[key]) / scale), advantage, 1.0])
        rows[key[0]] = rows.get(key[0], 0) + np.outer(z, z).ravel()

    def correlation(drawn: Floats) -> float:
        sums = drawn.sum(axis=0).reshape(size + 2, size + 2)
        inner = sums[:size, :size] + 1e-9 * np.eye(size)
        cross = sums[:size, size:]
        rest = sums[size:, size:] - cross.T @ np.linalg.solve(inner, cross)
        spread = rest[0, 0] * rest[1, 1]
        floor = 1e-12 * max(1.0, sums[size, size] * sums[-1, -1])
        return float(rest[0, 1] / math.sqrt(spread)) if spread > floor else float("nan")

    clusters = [rows[source][None] for source in sorted(rows)]
    return of(clusters, correlation, precision, (-1.0, 1.0))


def _scale(differences: Sequence[tuple[float, ...]], size: int) -> Floats:
    if not differences:
        return np.ones(size)
    found: Floats = np.sqrt((np.array(differences) ** 2).mean(axis=0))
    return np.where(found > 0, found, 1.0)
