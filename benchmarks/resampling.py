"""The statistics engine beside scipy's resampling, and how it grows with the family.

First table: 12 models × 2 criteria = 24 hypotheses on 300 prompts, 10,000 resamples, in turn
in one process. scipy tests one hypothesis after the other: no strata, no studentising, no
correction for their number. Then time and peak memory of kojudge up to 100 models × 5 criteria on
3,000 prompts, each point in processes of its own.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy import stats

from kojudge.cli.record import hardware
from kojudge.stats.bootstrap import max_t
from kojudge.stats.ranks import rank_ranges
from kojudge.stats.signflip import sign_flip_family
from kojudge.stats.strata import Strata, stratify

RESAMPLES = 10_000
SEED = 20261122
GROWTH = ((12, 2, 300), (12, 2, 1000), (12, 2, 3000), (100, 5, 300), (100, 5, 1000), (100, 5, 3000))
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Family:
    """Prompt means of one baseline and M models on C criteria, and their differences."""

    scores: Floats  # [P, M, C]
    differences: Floats  # [P, M·C]
    strata: Strata


def family(models: int, criteria: int, prompts: int) -> Family:
    """Make 1–5 scores that share the prompt's difficulty, in three categories."""
    rng = np.random.default_rng(SEED)
    shared = rng.normal(size=(prompts, 1, criteria))
    scores = np.clip(3 + shared + rng.normal(size=(prompts, models + 1, criteria)), 1, 5)
    differences = (scores[:, 1:] - scores[:, :1]).reshape(prompts, -1)
    strata = stratify([("blog", "emotional", "imaginative")[at % 3] for at in range(prompts)])
    return Family(scores[:, 1:], differences, strata)


def with_max_t(data: Family) -> None:
    max_t(data.differences, data.strata, np.random.default_rng(SEED), resamples=RESAMPLES)


def with_sign_flips(data: Family) -> None:
    d = data.differences
    sign_flip_family(d, np.ones_like(d), np.random.default_rng(SEED), resamples=RESAMPLES)


def with_ranks(data: Family) -> None:
    rank_ranges(data.scores[:, :, 0], data.strata, np.random.default_rng(SEED))


def with_scipy_bootstrap(data: Family, method: str) -> None:
    rng = np.random.default_rng(SEED)
    for d in data.differences.T:
        stats.bootstrap((d,), np.mean, n_resamples=RESAMPLES, method=method, rng=rng)


def with_scipy_bootstrap_at_once(data: Family, method: str) -> None:
    """All hypotheses in one call; batches keep the draws within some 100 MB."""
    rng = np.random.default_rng(SEED)
    d = data.differences
    batch = max(1, 12_000_000 // d.size)
    stats.bootstrap(
        (d,), np.mean, axis=0, n_resamples=RESAMPLES, method=method, batch=batch, rng=rng
    )


def with_scipy_permutation(data: Family) -> None:
    rng = np.random.default_rng(SEED)
    for d in data.differences.T:
        stats.permutation_test(
            (d,),
            lambda x, axis: np.mean(x, axis=axis),
            permutation_type="samples",
            n_resamples=RESAMPLES,
            rng=rng,
        )


WAYS: dict[str, Callable[[Family], None]] = {
    "kojudge `max_t`: strata, studentised, simultaneous, step-down": with_max_t,
    "`scipy.stats.bootstrap`, percentile, one by one": lambda f: with_scipy_bootstrap(
        f, "percentile"
    ),
    "`scipy.stats.bootstrap`, BCa, one by one": lambda f: with_scipy_bootstrap(f, "BCa"),
    "`scipy.stats.bootstrap`, percentile, one call": lambda f: with_scipy_bootstrap_at_once(
        f, "percentile"
    ),
    "`scipy.stats.bootstrap`, BCa, one call": lambda f: with_scipy_bootstrap_at_once(f, "BCa"),
    "kojudge `sign_flip_family`": with_sign_flips,
    "`scipy.stats.permutation_test`, one by one": with_scipy_permutation,
}


def seconds(run: Callable[[Family], None], data: Family) -> float:
    started = time.perf_counter()
    run(data)
    return time.perf_counter() - started


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Return ``median (least–most)``."""
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def compare(repeats: int) -> None:
    data = family(12, 2, 300)
    measured: dict[str, list[float]] = {name: [] for name in WAYS}
    with_max_t(data)  # warm up
    for _ in range(repeats):
        for name, run in WAYS.items():
            measured[name].append(seconds(run, data))
    first = measured[next(iter(WAYS))]
    print("| 24 hypotheses, 300 prompts, 10,000 resamples | ms | times `max_t` |\n|---|---|---|")
    for name, taken in measured.items():
        ratios = [a / b for a, b in zip(taken, first, strict=True)]
        print(f"| {name} | {spread([1000 * t for t in taken], 0)} | {spread(ratios)} |")


def point(models: int, criteria: int, prompts: int, ranks: bool) -> None:
    """Print seconds and the peak of Python's and numpy's memory (MiB) of one run as JSON."""
    run = with_ranks if ranks else with_max_t
    run(family(2, 1, 20))  # warm up
    data = family(models, criteria, prompts)
    taken = seconds(run, data)
    tracemalloc.start()  # in a second run, for it slows the first
    run(data)
    print(json.dumps([taken, tracemalloc.get_traced_memory()[1] / 2**20]))


def apart(repeats: int, *arguments: str) -> str:
    """Return the table cells of one point, measured in processes of their own."""
    command = [sys.executable, __file__, "--point", *arguments]
    found = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(repeats)
    ]
    return f"{spread([f[0] for f in found])} | {spread([f[1] for f in found], 0)}"


def grow(repeats: int) -> None:
    print("\n| `max_t`, 10,000 resamples | hypotheses | s | peak memory, MiB |")
    print("|---|---|---|---|")
    for models, criteria, prompts in GROWTH:
        cells = apart(repeats, str(models), str(criteria), str(prompts), "0")
        label = f"{models} models × {criteria} criteria, {prompts:,} prompts"
        print(f"| {label} | {models * criteria} | {cells} |")
    print("\n| `rank_ranges` (all pairs), 2,000 resamples | pairs | s | peak memory, MiB |")
    print("|---|---|---|---|")
    for models, prompts in ((12, 300), (30, 1000), (100, 300), (100, 3000)):
        cells = apart(repeats, str(models), "1", str(prompts), "1")
        label = f"{models} models, {prompts:,} prompts"
        print(f"| {label} | {models * (models - 1) // 2:,} | {cells} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--point", nargs=4, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.point:
        models, criteria, prompts, ranks = options.point
        point(models, criteria, prompts, bool(ranks))
        return
    machine = hardware()
    print(
        f"{machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_bytes'] / 2**30:.0f} GiB; Python {platform.python_version()}, "
        f"numpy {np.__version__}, scipy {scipy.__version__}; "
        f"{options.repeats} repeats, median (least–most)\n"
    )
    compare(options.repeats)
    grow(options.repeats)


if __name__ == "__main__":
    main()
