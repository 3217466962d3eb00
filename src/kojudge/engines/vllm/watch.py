"""End vLLM's processes when this one is killed and cannot do it itself.

vLLM's engine process waits for its parent for ever, the model in memory. So a process of our
own, run from this very file, sees which children appear while the model loads, and ends them
when its standard input closes: that happens however its parent ends.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_POLL = 0.2
_GRACE = 10.0
_LOADED = b"."


class Watch:
    """Watches over the children that this process starts until :meth:`loaded` is called."""

    def __init__(self) -> None:
        parent = os.getpid()
        older = [str(pid) for pid in _children(parent)]
        self._process = subprocess.Popen(  # noqa: S603 - this file, by this interpreter
            [sys.executable, "-I", __file__, str(parent), *older],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # an interrupt from the keyboard is not for it
        )

    def loaded(self) -> None:
        """Say that all children are there; later ones are nobody's business."""
        if self._process.stdin is not None:
            # Where it has ended meanwhile, kojudge works as well without it.
            with suppress(BrokenPipeError):
                self._process.stdin.write(_LOADED)
                self._process.stdin.flush()

    def end(self) -> None:
        """Stop watching; the children stay as they are."""
        self._process.kill()
        self._process.communicate()


def _children(pid: int) -> Iterable[int]:
    """Return the processes that ``pid`` has started; none where the system does not tell."""
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            yield from map(int, path.read_text(encoding="ascii").split())
        except OSError:  # the thread has ended meanwhile
            continue


def _watch(parent: int, older: set[int]) -> None:
    """Remember the children of ``parent`` until it has loaded; end them when it is gone."""
    held: dict[int, int] = {}
    while not select.select([0], [], [], _POLL)[0]:
        _hold(held, set(_children(parent)) - older - {os.getpid()})
    if os.read(0, 1) == _LOADED:
        _hold(held, set(_children(parent)) - older - {os.getpid()})
        os.read(0, 1)  # returns when the parent is gone
    _signal(held.values(), signal.SIGTERM)
    deadline = time.monotonic() + _GRACE
    while time.monotonic() < deadline and _signal(held.values(), 0):
        time.sleep(_POLL)
    _signal(held.values(), signal.SIGKILL)


def _hold(held: dict[int, int], pids: set[int]) -> None:
    """Keep a descriptor of each process: unlike its number it is never another's."""
    for pid in pids - held.keys():
        try:
            held[pid] = os.pidfd_open(pid)
        except OSError:  # it has ended meanwhile
            continue


def _signal(processes: Iterable[int], sign: int) -> int:
    """Send ``sign`` and return how many are still there."""
    there = 0
    for process in processes:
        try:
            signal.pidfd_send_signal(process, sign)
            there += 1
        except OSError:
            continue
    return there


if __name__ == "__main__":
    _watch(int(sys.argv[1]), set(map(int, sys.argv[2:])))
