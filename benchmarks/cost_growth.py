"""What a judgment costs beside the judge: 100, 1,000 and 10,000 judgments with the fake engine.

    python benchmarks/cost_growth.py [--repeats N]

Each point is `kojudge score` in a process of its own, on a copy of a run whose texts are there
and whose Korean evidence is measured. The fake judge answers from a hash, so that what is timed
is finding the work, rendering the rubric, asking, storing. Then the same command again, with
nothing left to ask. Seconds are CPU time of the process; memory is its peak.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kojudge.annotate import annotate
from kojudge.cli.record import hardware
from kojudge.cli.session import Session
from kojudge.engines import Completion
from kojudge.generate.stage import to_text
from kojudge.selection import wanted_texts
from kojudge.store.run import Run

ROOT = Path(__file__).resolve().parents[1]
SIZES = (100, 1_000, 10_000)
RUBRICS = ("naturalness-short", "friendliness-short", "naturalness", "friendliness")
MODELS = ("plain", "warm")
CARD = "name: {0}\nengine: fake\nsource:\n  path: fake:{0}\nlicense: none\n"
SETTINGS = """\
[workspace]
baseline = "plain"
candidates = ["warm"]
judges = ["judge"]
rubrics = {rubrics}
prompts = ["many"]
engine = "fake"
primary_mode = "pointwise"
controls = 0
"""
SENTENCES = (
    "골목 끝 빵집에서 고소한 냄새가 났습니다.",
    "저도 처음엔 엄청 헤맸거든요.",
    "저녁에는 창문을 열어 두고 책을 읽었습니다.",
    "여러분도 한 번쯤 걸어 보시면 좋겠어요.",
    "별일 없는 하루였지만 마음은 편안했습니다.",
)


@dataclass(frozen=True, slots=True)
class Point:
    """CPU seconds and wall seconds of one call, and the process's peak memory in MiB."""

    cpu: float
    wall: float
    peak: float


def make_workspace(folder: Path, judgments: int) -> Path:
    """Write a workspace whose plan is so many judgments, with the texts they are about."""
    shutil.copytree(ROOT / "rubrics", folder / "rubrics")
    for kind, names in (("candidates", MODELS), ("judge", ("judge",))):
        (folder / kind).mkdir()
        for name in names:
            (folder / kind / f"{name}.yaml").write_text(CARD.format(name), encoding="utf-8")
    (folder / "prompts").mkdir()
    lines = [
        {"id": f"many-{at}", "category": "many",
         "messages": [{"role": "user", "content": f"{at}번째 골목 이야기를 짧게 써 주세요."}]}
        for at in range(judgments // len(RUBRICS) // len(MODELS) + 1)
    ]  # fmt: skip
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "prompts" / "many.jsonl").write_text(text, encoding="utf-8")
    settings = SETTINGS.format(rubrics=json.dumps(RUBRICS))
    (folder / "kojudge.toml").write_text(settings, encoding="utf-8")
    write_texts(folder)
    return folder


def write_texts(folder: Path) -> None:
    """Store a text for everything the workspace asks for, with its evidence."""
    run = Run.open(folder / "first", create=True)
    asked, _ = Session(folder, None, "en").ask(None, {}, {})
    texts = []
    for at, item in enumerate(wanted_texts(asked)):
        turned = " ".join(SENTENCES[at % 5 :] + SENTENCES[: at % 5])
        words = f"{at}번 집을 지나 걸었어요. {turned}"
        texts.append(to_text(item, Completion(item.text_id, words, "stop", 0, 0, 0.0)))
    run.append_texts(texts)
    annotate(run, texts, lambda _: None)


def measure(folder: Path) -> list[Point]:
    """Call `kojudge score` on a fresh copy, then once more; each in a process of its own."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder / "first", copy)
    return [_apart(folder, copy), _apart(folder, copy)]


def _apart(folder: Path, run: Path) -> Point:
    command = [sys.executable, __file__, "--point", str(folder), str(run)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Point(**json.loads(done.stdout))


def point(folder: str, run: str) -> None:
    """Score in this process; print what it took."""
    from kojudge.cli.main import run as call

    began, started = time.process_time(), time.perf_counter()
    with contextlib.redirect_stderr(io.StringIO()):
        code = call(["-C", folder, "--lang", "en", "score", "--run", run])
    if code != 0:
        raise SystemExit(f"kojudge score ended with {code}")
    cpu, wall = time.process_time() - began, time.perf_counter() - started
    print(json.dumps({"cpu": cpu, "wall": wall, "peak": _peak()}))


def _peak() -> float:
    # getrusage would give the parent's peak, which a child inherits.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024


def spread(values: Sequence[float], digits: int) -> str:
    """Return ``median (least–most)``."""
    return (
        f"{statistics.median(values):,.{digits}f} "
        f"({min(values):,.{digits}f}–{max(values):,.{digits}f})"
    )


def show(size: int, found: Sequence[Sequence[Point]], less: tuple[int, float] | None) -> float:
    """Print one size; return the median CPU seconds of its first call."""
    first, again = zip(*found, strict=True)
    cpu = statistics.median(p.cpu for p in first)
    extra = "" if less is None else f"{1000 * (cpu - less[1]) / (size - less[0]):.2f}"
    print(
        f"| {size:,} | {spread([p.cpu for p in first], 2)} | {spread([p.wall for p in first], 2)} "
        f"| {extra} | {spread([p.peak for p in first], 0)} | {spread([p.cpu for p in again], 2)} |",
        flush=True,
    )
    return cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--point", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.point:
        point(*options.point)
        return
    machine = hardware()
    print(
        f"{machine['processor']}, {machine['cores']} cores; Python {platform.python_version()}; "
        f"{options.repeats} repeats, median (least–most)\n"
    )
    print(
        "| judgments | s of CPU | s | ms a judgment more than the row above | peak memory, MiB "
        "| s of CPU with nothing left |\n|---|---|---|---|---|---|"
    )
    less: tuple[int, float] | None = None
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            space = make_workspace(Path(folder), size)
            found = [measure(space) for _ in range(options.repeats)]
            less = (size, show(size, found, less))


if __name__ == "__main__":
    main()
