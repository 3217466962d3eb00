"""What many small parts cost: finding what is left of a run, by parts and rows, and after merging.

    python benchmarks/many_parts.py [--repeats N]

A run flushes a part a batch. Each point stores judgments of one made-up judge in batches of
16 or 256, asks the run what is pending (as every resumed command does first), merges the
parts as `kojudge compact` does, and asks again.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import common
from kojudge.records import Judgment, Scored, identity
from kojudge.store.run import Run

POINTS = ((4_000, 16), (16_000, 16), (64_000, 16), (64_000, 256))
LABELS = ("1", "2", "3", "4", "5")


def judgments(count: int) -> Iterator[Judgment]:
    for number in range(count):
        near = number % 97 / 100
        spread = (0.01, 0.02, 0.97 - near, near - 0.0, 0.0)
        text = identity(["text", number])
        yield Judgment(
            judgment_id=identity(["judgment", number]),
            text_id=text,
            prompt_id=identity(["prompt", number // 40]),
            category="blog",
            candidate=f"model-{number % 10}",
            sample=number % 4,
            criterion="naturalness",
            rubric="naturalness",
            judge="judge",
            mode="pointwise",
            outcome=Scored(3.0 + near, "expected", 0.99, LABELS, spread),
            rubric_id=identity(["rubric"]),
            judge_id=identity(["judge"]),
            seconds=0.4,
            prompt_tokens=900,
        )


def asks(run: Run, keys: list[str], repeats: int) -> list[float]:
    found = []
    for _ in range(repeats):
        started = time.perf_counter()
        assert not run.pending("judgments", keys)
        found.append(time.perf_counter() - started)
    return found


def point(count: int, batch: int, repeats: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        run = Run.open(folder, create=True)
        held = list(judgments(count))
        started = time.perf_counter()
        for at in range(0, count, batch):
            run.append_judgments(held[at : at + batch])
        stored = (time.perf_counter() - started) / count
        keys = [item.judgment_id for item in held]
        parts = list((Path(folder) / "judgments").glob("part-*.parquet"))
        size = sum(part.stat().st_size for part in parts) / count
        before = asks(run, keys, repeats)
        started = time.perf_counter()
        run.compact()
        merging = time.perf_counter() - started
        after = asks(run, keys, repeats)
        merged = sum(p.stat().st_size for p in Path(folder).rglob("part-*.parquet")) / count
    return (
        f"| {count:,} | {len(parts):,} | {stored * 1e3:.2f} | {size:.0f} | {common.spread(before)} "
        f"| {merging:.1f} | {merged:.0f} | {statistics.median(after):.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    print(f"{common.describe_machine()}; {repeats} repeats, median (least–most)\n")
    print(
        "| judgments | parts | ms to store one | bytes each | s to find what is left | "
        "s to compact | bytes each | s to find it then |\n|---|---|---|---|---|---|---|---|"
    )
    for count, batch in POINTS:
        print(point(count, batch, repeats), flush=True)


if __name__ == "__main__":
    main()
