"""Children of a killed process do not outlive it; those of one that ends in order do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kojudge.engines.vllm import watch

pytestmark = pytest.mark.skipif(
    not Path(f"/proc/self/task/{os.getpid()}/children").exists() or not hasattr(os, "pidfd_open"),
    reason="only Linux lists a process's children and holds processes by descriptor",
)

PARENT = """
import importlib.util, subprocess, sys, time
spec = importlib.util.spec_from_file_location("watch", sys.argv[1])
watch = importlib.util.module_from_spec(spec)
spec.loader.exec_module(watch)
start = lambda: subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
older = start()
watching = watch.Watch()
child = start()
if sys.argv[2] != "loading":
    watching.loaded()
if sys.argv[2] == "ended":
    watching.end()
time.sleep(1)
later = start()
print(older.pid, child.pid, later.pid, flush=True)
time.sleep(600)
"""
PATIENCE = 30.0


@pytest.fixture
def started() -> Iterator[list[int]]:
    """Processes to be ended after the test."""
    pids: list[int] = []
    yield pids
    for pid in filter(alive, pids):
        os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def kill_a_parent(how: str, started: list[int]) -> tuple[int, int, int]:
    """Kill a watched parent; return its children: the older, the watched, the later one."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, watch.__file__, how], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        older, child, later = map(int, parent.stdout.readline().split())
        started += [older, child, later]
        parent.kill()
    return older, child, later


@pytest.mark.parametrize("how", ["loading", "loaded"])
def test_a_killed_process_takes_the_watched_child_along(how: str, started: list[int]) -> None:
    older, child, _ = kill_a_parent(how, started)
    deadline = time.monotonic() + PATIENCE
    while alive(child):
        assert time.monotonic() < deadline, "the child stays"
        time.sleep(0.05)
    assert alive(older)


def test_what_comes_after_loading_is_left_alone(started: list[int]) -> None:
    _, child, later = kill_a_parent("loaded", started)
    deadline = time.monotonic() + PATIENCE
    while alive(child):
        assert time.monotonic() < deadline, "the child stays"
        time.sleep(0.05)
    assert alive(later)


def test_after_the_watch_has_ended_nobody_is_ended(started: list[int]) -> None:
    processes = kill_a_parent("ended", started)
    time.sleep(1)
    assert all(map(alive, processes))


def test_ending_a_watch_leaves_nothing_open() -> None:
    watching = watch.Watch()
    watching.loaded()
    watching.end()
    assert watching._process.returncode == -signal.SIGKILL
