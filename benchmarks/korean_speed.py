"""Characters a second of the Korean signals on one core, beside kiwi's own tokeniser.

    python benchmarks/korean_speed.py [--repeats N]

The text is made of this project's own labelled sentences in random paragraphs, so that
nothing is read twice from the cache of equal blocks. Time is CPU time of the process, which
other work on the machine disturbs less than the clock. Start-up and memory are measured in
processes of their own, and so is the growth from 1,000 to 1,000,000 characters. The package
hanlint joins in where it is installed.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from kojudge.cli.record import hardware
from kojudge.korean import (
    cliche,
    corruption,
    degeneration,
    friendliness,
    script,
    spacing,
    speech_level,
    spelling,
    style,
    translationese,
    truncation,
)
from kojudge.korean.analysis import Analysis, analyse, kiwi
from kojudge.korean.diagnose import diagnose

DATA = Path(__file__).resolve().parents[1] / "tests" / "korean" / "data"
SEED = 20261122
TEXT = 2_000
TEXTS = 20
GROWTH = (1_000, 10_000, 100_000, 1_000_000)
GROUPS: dict[str, Callable[[Analysis], object]] = {
    "script": script.measure,
    "degeneration": degeneration.measure,
    "truncation": truncation.measure,
    "spacing": spacing.measure,
    "spelling": spelling.measure,
    "corruption": corruption.measure,
    "speech_level": speech_level.measure,
    "translationese": translationese.measure,
    "cliche": cliche.measure,
    "style": style.measure,
    "friendliness": friendliness.measure,
}


def make_text(characters: int, seed: int = SEED) -> str:
    """Return paragraphs of four to eight random sentences, ``characters`` long."""
    sentences = [
        json.loads(line)["text"]
        for path in sorted(DATA.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    rng = np.random.default_rng(seed)
    parts: list[str] = []
    length = 0
    while length < characters:
        drawn = rng.integers(0, len(sentences), int(rng.integers(4, 9)))
        parts.append(" ".join(sentences[int(i)] for i in drawn))
        length += len(parts[-1]) + 1
    return "\n".join(parts)[:characters]


def cpu(run: Callable[[], object]) -> float:
    """Return the CPU seconds that ``run`` takes."""
    gc.collect()
    began = time.process_time()
    run()
    return time.process_time() - began


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Return ``median (least–most)``."""
    return (
        f"{statistics.median(values):,.{digits}f} "
        f"({min(values):,.{digits}f}–{max(values):,.{digits}f})"
    )


def compare(repeats: int) -> None:
    """Print characters a second of each part, measured in turn."""
    texts = [make_text(TEXT, SEED + at) for at in range(TEXTS)]
    analyses = [analyse(text) for text in texts]
    diagnose(texts[0])
    runs: dict[str, Callable[[], object]] = {
        "`kiwi.tokenize` alone": lambda: [kiwi().tokenize(text) for text in texts],
        "**`diagnose`, all eleven groups**": lambda: [diagnose(text) for text in texts],
        "shared analysis (`analyse`)": lambda: [analyse(text) for text in texts],
    } | {
        f"`{name}`, analysis given": lambda own=own: [own(a) for a in analyses]  # type: ignore[misc]
        for name, own in GROUPS.items()
    }
    if importlib.util.find_spec("hanlint"):
        import hanlint

        runs["hanlint `lintText`"] = lambda: [hanlint.lintText(text) for text in texts]
    speeds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            speeds[name].append(TEXT * TEXTS / max(cpu(run), 1e-6))
    full = statistics.median(speeds["**`diagnose`, all eleven groups**"])
    print("| | characters/s | share of `diagnose`'s time |\n|---|---|---|")
    for name, own in speeds.items():
        share = "" if "kiwi" in name else f"{100 * full / statistics.median(own):.0f} %"
        print(f"| {name} | {spread(own)} | {share} |")


def start(repeats: int) -> None:
    """Print what a new process pays before its first text."""
    found = [_apart("start") for _ in range(repeats)]
    print("\n| a new process | s of CPU | peak memory so far, MiB |\n|---|---|---|")
    for at, name in enumerate(("Python and `import kojudge.korean`", "kiwi ready", "a first text")):
        times, memory = ([f[at][i] for f in found] for i in (0, 1))
        print(f"| {name} | {spread(times, 2)} | {spread(memory)} |")


def grow(repeats: int) -> None:
    """Print time and memory by length, each length in processes of its own."""
    print("\n| characters | s of CPU | characters/s | peak memory, MiB |\n|---|---|---|---|")
    for characters in GROWTH:
        times_over = repeats if characters < GROWTH[-1] else 1
        found = [_apart("grow", str(characters))[0] for _ in range(times_over)]
        times = [f[0] for f in found]
        speeds = [characters / t for t in times]
        print(
            f"| {characters:,} | {spread(times, 2)} | {spread(speeds)} "
            f"| {spread([f[1] for f in found])} |"
        )


def _apart(*arguments: str) -> list[list[float]]:
    command = [sys.executable, __file__, "--point", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: list[list[float]] = json.loads(done.stdout)
    return found


def point(what: str, characters: int) -> list[list[float]]:
    """Return [CPU seconds so far, or of the run, and peak MiB] of this process."""
    if what == "grow":
        text = make_text(characters)
        diagnose(make_text(200, SEED + 1))
        return [[cpu(lambda: diagnose(text)), _peak()]]
    found = [[time.process_time(), _peak()]]
    kiwi()
    found.append([time.process_time(), _peak()])
    diagnose(make_text(500))
    return [*found, [time.process_time(), _peak()]]


def _peak() -> float:
    # getrusage would give the parent's peak, which a child inherits.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="the longest text is read once")
    parser.add_argument("--point", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.point:
        what, *rest = options.point
        print(json.dumps(point(what, int(rest[0]) if rest else 0)))
        return
    machine = hardware()
    print(
        f"{machine['processor']}, one of {machine['cores']} cores; "
        f"Python {platform.python_version()}, kiwipiepy {version('kiwipiepy')}; "
        f"{TEXTS} texts of {TEXT:,} characters; {options.repeats} repeats, median (least–most)\n"
    )
    compare(options.repeats)
    start(options.repeats)
    grow(options.repeats)


if __name__ == "__main__":
    main()
