"""Run the acceptance simulations and print their table; exit 1 where a row fails.

python simulations/run.py                      all rows, two at a time
python simulations/run.py type-i obf --jobs 1  the rows whose names begin so
python simulations/run.py --write              and keep the lines in the README
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

# One thread a process: the processes share the cores already. Read when numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import tables
from acceptance import Result, Row, measure
from rows import ROWS

NAMES = [row.name for row in ROWS]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the rows asked for; return the exit code."""
    options = _options(arguments)
    chosen = _chosen(options.rows)
    print("\n".join(tables.header()), flush=True)
    results = []
    for result in _measured(chosen, options.jobs, partial(measure, quick=options.quick)):
        results.append(result)
        print(tables.line(result), flush=True)
    if options.write:
        tables.write(results, NAMES)
    failed = [result.row.name for result in results if not result.passed]
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run the acceptance simulations.")
    parser.add_argument("rows", nargs="*", help="names, or how they begin (default: all)")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--quick", action="store_true", help="the sizes `make test` uses")
    parser.add_argument("--write", action="store_true", help="keep the lines in README.md")
    options = parser.parse_args(arguments)
    if options.quick and options.write:
        parser.error("--write keeps full sizes only: leave out --quick")
    return options


def _chosen(names: Sequence[str]) -> list[Row]:
    unknown = [n for n in names if not any(row.startswith(n) for row in NAMES)]
    if unknown:
        known = "\n  ".join(NAMES)
        raise SystemExit(f"no row begins with {', '.join(unknown)}. The rows:\n  {known}")
    return [row for row in ROWS if not names or row.name.startswith(tuple(names))]


def _measured(chosen: Sequence[Row], jobs: int, work: Callable[[Row], Result]) -> Iterator[Result]:
    """Yield the results in the table's order, ``jobs`` rows at a time."""
    if jobs == 1:
        yield from map(work, chosen)
        return
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        yield from pool.map(work, chosen)


if __name__ == "__main__":
    raise SystemExit(main())
