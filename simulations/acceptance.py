"""What a row of the acceptance table is, and when it passes.

A row counts how often an event (a wrong verdict, a covered truth) happens in R independent
trials. Each row draws from a generator of its own, seeded by ``SEED`` and the row's name, so
a row run alone gives the number it gives among all.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

SEED = 20261121
ALPHA = 0.05
ALLOWED = 3
"""Monte Carlo standard errors that a rule leaves room for."""

Trial = Callable[[np.random.Generator, int], bool]
"""One trial: (rng, resamples B) → whether the event happened."""


class Rule(Protocol):
    """What the measured share (0–1) of R trials must satisfy."""

    def passes(self, share: float, runs: int) -> bool:
        """Tell whether ``share`` of ``runs`` trials is acceptable."""

    def text(self, runs: int) -> str:
        """Return the rule with its numbers at ``runs`` trials."""


@dataclass(frozen=True, slots=True)
class Near:
    """|share − target| ≤ 3√(target(1 − target)/R) + 1 pp."""

    target: float

    def passes(self, share: float, runs: int) -> bool:
        return abs(share - self.target) <= self._room(runs)

    def text(self, runs: int) -> str:
        return f"{percent(self.target)} ± {points(self._room(runs))}"

    def _room(self, runs: int) -> float:
        return ALLOWED * monte_carlo_error(self.target, runs) + 0.01


@dataclass(frozen=True, slots=True)
class AtMost:
    """Share ≤ bound + 3√(bound(1 − bound)/R)."""

    bound: float

    def passes(self, share: float, runs: int) -> bool:
        return share <= self.bound + self._room(runs)

    def text(self, runs: int) -> str:
        return f"≤ {percent(self.bound)} + {points(self._room(runs))}"

    def _room(self, runs: int) -> float:
        return ALLOWED * monte_carlo_error(self.bound, runs)


@dataclass(frozen=True, slots=True)
class Above:
    """Share > bound: a negative control, which must fail for the simulation to mean anything."""

    bound: float

    def passes(self, share: float, runs: int) -> bool:  # noqa: ARG002
        return share > self.bound

    def text(self, runs: int) -> str:  # noqa: ARG002
        return f"> {percent(self.bound)}"


@dataclass(frozen=True, slots=True)
class Between:
    """Low ≤ share ≤ high."""

    low: float
    high: float

    def passes(self, share: float, runs: int) -> bool:  # noqa: ARG002
        return self.low <= share <= self.high

    def text(self, runs: int) -> str:  # noqa: ARG002
        return f"{100 * self.low:g}–{100 * self.high:g} %"


@dataclass(frozen=True, slots=True)
class Never:
    """The event happens in no trial."""

    def passes(self, share: float, runs: int) -> bool:  # noqa: ARG002
        return share == 0

    def text(self, runs: int) -> str:  # noqa: ARG002
        return "never"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: ``runs`` trials, each with ``resamples`` (None: no resampling).

    ``quick`` and ``quick_resamples`` are the sizes that `make test` uses.
    """

    name: str
    setting: str
    rule: Rule
    trial: Trial
    runs: int
    resamples: int | None = 1999
    quick: int = 600
    quick_resamples: int = 399


@dataclass(frozen=True, slots=True)
class Result:
    """A row measured: ``hits`` of ``runs`` trials in ``seconds``."""

    row: Row
    runs: int
    resamples: int | None
    hits: int
    seconds: float

    @property
    def share(self) -> float:
        """Share of the trials in which the event happened (0–1)."""
        return self.hits / self.runs

    @property
    def passed(self) -> bool:
        """Whether the row's rule holds."""
        return self.row.rule.passes(self.share, self.runs)


def measure(row: Row, *, quick: bool = False) -> Result:
    """Run the trials of ``row``, as many as the committed table has or the quick number."""
    runs = row.quick if quick else row.runs
    resamples = row.resamples
    if quick and resamples is not None:
        resamples = min(resamples, row.quick_resamples)
    rng = np.random.default_rng([SEED, zlib.crc32(row.name.encode())])
    started = time.perf_counter()
    hits = sum(row.trial(rng, resamples or 0) for _ in range(runs))
    return Result(row, runs, resamples, hits, time.perf_counter() - started)


def monte_carlo_error(share: float, runs: int) -> float:
    """Return the standard error of a share of ``runs`` trials."""
    return math.sqrt(share * (1 - share) / runs)


def percent(share: float) -> str:
    """Return ``5 %`` or ``5.25 %``."""
    return f"{100 * share:.4g} %"


def points(share: float) -> str:
    """Return ``1.2 pp``."""
    return f"{100 * share:.1f} pp"
