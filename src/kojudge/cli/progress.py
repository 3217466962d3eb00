"""Long work shown: a bar on a terminal, a plain line every ten seconds elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_EVERY = 10.0


class Bar:
    """One piece of work of ``total`` items, its rate, its end and its failures."""

    def __init__(self, label: str, total: int, unit: str) -> None:
        self._label = label
        self._total = total
        self._unit = unit
        self._started = self._told = time.monotonic()
        self._rich: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Bar:
        if sys.stderr.isatty():
            self._open_rich()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._rich is not None:
            self._rich.stop()

    def show(self, done: int, note: str = "", total: int | None = None) -> None:
        """Tell that ``done`` items are finished; ``note`` says what else is worth knowing."""
        self._total = self._total if total is None else total
        if self._rich is not None and self._task is not None:
            self._rich.update(self._task, completed=done, total=self._total, note=note)
            return
        now = time.monotonic()
        if now - self._told >= _EVERY:
            self._told = now
            click.echo(
                plain_line(self._label, done, self._total, now - self._started, note), err=True
            )

    def _open_rich(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._rich = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(stderr=True),
        )
        self._rich.start()
        self._task = self._rich.add_task(self._label, total=self._total, note="")


def plain_line(label: str, done: int, total: int, seconds: float, note: str) -> str:
    """Return one line of progress: counts, rate, time left."""
    rate = done / seconds if seconds > 0 else 0.0
    left = f"{(total - done) / rate:.0f} s" if rate > 0 else "?"
    tail = f" · {note}" if note else ""
    return f"{label}: {done}/{total} · {rate:.2f}/s · ETA {left}{tail}"
