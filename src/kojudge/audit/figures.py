"""A measured number of the certificate, with an interval over sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike

from kojudge.records import Json
from kojudge.stats.cluster import (
    UNBOUNDED,
    Bounds,
    Estimate,
    Statistic,
    cluster_estimate,
    cluster_mean,
)

__all__ = ["ALPHA", "Figure", "Precision", "as_json", "mean", "of", "share"]

ALPHA = 0.05
Method = Literal["percentile", "jackknife-t", "exact", "none"]
SHARE: Bounds = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Figure:
    """A ``value`` with a 95 % interval [``low``, ``high``] over ``sources`` sources.

    ``low`` and ``high`` are None where the sources cannot give an interval (``method``
    "none"); ``value`` too where nothing was measured.
    """

    value: float | None
    low: float | None
    high: float | None
    sources: int
    method: Method


UNMEASURED = Figure(None, None, None, 0, "none")


@dataclass(frozen=True, slots=True)
class Precision:
    """What intervals are drawn with: a generator and the number of bootstrap ``resamples``."""

    rng: np.random.Generator
    resamples: int = 2000


def share(clusters: Sequence[ArrayLike], precision: Precision) -> Figure:
    """Return the mean of values in 0–1 over all rows, one cluster a source.

    Intervals as in :mod:`kojudge.stats.cluster`. Where every value is 0, or every value 1, no
    draw differs, yet n sources bound the share: Clopper–Pearson with a source as the trial,
    so [(α/2)^(1/n), 1] and its mirror image.
    """
    parts = [np.asarray(c, dtype=np.float64) for c in clusters if np.size(c)]
    if not parts:
        return UNMEASURED
    found = cluster_mean(parts, precision.rng, resamples=precision.resamples, bounds=SHARE)
    if found.low is not None or found.value not in (0.0, 1.0):
        return _figure(found)
    edge = (ALPHA / 2) ** (1 / len(parts))
    low, high = (edge, 1.0) if found.value else (0.0, 1.0 - edge)
    return Figure(found.value, low, high, len(parts), "exact")


def mean(clusters: Sequence[ArrayLike], precision: Precision) -> Figure:
    """Return the mean over all rows, one cluster a source; empty clusters do not count."""
    parts = [np.asarray(c, dtype=np.float64) for c in clusters if np.size(c)]
    if not parts:
        return UNMEASURED
    return _figure(cluster_mean(parts, precision.rng, resamples=precision.resamples))


def of(
    clusters: Sequence[ArrayLike],
    statistic: Statistic,
    precision: Precision,
    bounds: Bounds = UNBOUNDED,
) -> Figure:
    """Return ``statistic`` of all rows, one cluster a source, as ``cluster_estimate`` does."""
    parts = [np.asarray(c, dtype=np.float64) for c in clusters if len(np.asarray(c))]
    if not parts:
        return UNMEASURED
    return _figure(
        cluster_estimate(
            parts, statistic, precision.rng, resamples=precision.resamples, bounds=bounds
        )
    )


def _figure(found: Estimate) -> Figure:
    return Figure(found.value, found.low, found.high, found.n_clusters, found.method)


def as_json(record: object) -> Json:
    """Return a record as JSON: dataclasses and mappings as objects, tuples as lists, nan as null."""
    if is_dataclass(record) and not isinstance(record, type):
        return {field.name: as_json(getattr(record, field.name)) for field in fields(record)}
    if isinstance(record, Mapping):
        return {str(key): as_json(value) for key, value in record.items()}
    if isinstance(record, list | tuple):
        return [as_json(value) for value in record]
    if isinstance(record, float):
        return float(record) if np.isfinite(record) else None
    return cast("Json", record)
