"""Real processes, killed at any moment or at work side by side, lose and double nothing."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from kojudge.store import manifest, parts
from kojudge.store.run import Run

WORKER = Path(__file__).with_name("worker.py")
KILLS = 24


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


def start(role: str, run: Run, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(WORKER), role, run.path, name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def finish(*processes: subprocess.Popen[str]) -> set[str]:
    """Wait for processes to end well, and return the keys that they said were stored."""
    said: set[str] = set()
    for process in processes:
        output, _ = process.communicate()
        assert process.returncode == 0
        said.update(output.split())
    return said


def kill_later(process: subprocess.Popen[str], wait: float) -> set[str]:
    """SIGKILL ``process`` some moment after its first step; return what it said was stored."""
    assert process.stdout is not None
    first = process.stdout.readline()
    timer = threading.Timer(wait, process.kill)
    timer.start()
    output = first + process.stdout.read()
    timer.join()
    process.wait()
    process.stdout.close()
    whole = output[: output.rfind("\n") + 1]  # the last line may be torn by the kill
    return set(whole.split())


def rows_on_disk(run: Run) -> list[str]:
    directory = run.directory.child("texts")
    tables = [pq.read_table(directory.url(name)) for name in parts.list_parts(directory)]
    return [key for table in tables for key in table["text_id"].to_pylist()]


@pytest.mark.parametrize("role", ["append", "compact"])
def test_a_kill_loses_nothing_that_was_stored(run: Run, role: str) -> None:
    rng = random.Random(20)
    stored: set[str] = set()
    for number in range(KILLS // 2):
        process = start(role, run, f"w{number}", 0)
        stored |= kill_later(process, rng.uniform(0, 0.15))

        assert stored <= set(rows_on_disk(run))  # every part is whole and readable
        seen = Counter(item.text_id for item in run.texts())
        assert stored <= set(seen)
        assert set(seen.values()) == {1}
        assert run.counts()["texts"]["ok"] == len(seen)
        assert run.pending("texts", sorted(stored)) == []
    assert len(stored) >= KILLS // 2


def test_half_a_part_left_by_a_kill_is_never_read(run: Run) -> None:
    process = start("append", run, "w", 3)
    stored = finish(process)
    directory = run.directory.child("texts")
    whole = Path(directory.url(parts.list_parts(directory)[0])).read_bytes()
    Path(directory.url(".part-00000000000000000001-aaaaaaaa.parquet.bbbbbbbb.tmp")).write_bytes(
        whole[: len(whole) // 2]
    )
    assert {item.text_id for item in run.texts()} == stored | {"shared"}


def test_processes_append_merge_and_read_at_once(run: Run) -> None:
    writers = [start("append", run, name, 30) for name in ("left", "right")]
    mergers = [start("compact", run, name, 12) for name in ("up", "down")]
    reads = 0
    while any(process.poll() is None for process in (*writers, *mergers)):
        keys = [item.text_id for item in run.texts()]
        assert len(keys) == len(set(keys))
        reads += 1
        time.sleep(0.02)
    stored = finish(*writers, *mergers)

    assert reads > 1
    assert len(stored) == (2 * 30 + 2 * 12) * 5
    assert {item.text_id for item in run.texts()} == stored | {"shared"}
    run.compact()
    assert Counter(rows_on_disk(run)) == Counter(stored | {"shared"})


def test_two_processes_lose_no_change_of_the_manifest(run: Run) -> None:
    finish(start("note", run, "left", 60), start("note", run, "right", 60))
    content = manifest.read(run.path)
    assert content["count"] == 120
    assert set(content["entries"]) == {f"{n}-{i}" for n in ("left", "right") for i in range(60)}
    assert content["schema"] == "kojudge.run/1"


def test_two_processes_share_a_label_file(run: Run) -> None:
    finish(start("opine", run, "left", 60), start("opine", run, "right", 60))
    found = run.labels()
    assert found.torn == 0
    expected = {f"{n}-{i}" for n in ("left", "right") for i in range(60)}
    assert {label.prompt_id for label in found.labels} == expected
