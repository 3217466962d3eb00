"""Collect records and write them out in batches that a kill cannot tear."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Generic, TypeVar

Record = TypeVar("Record")

_SECONDS = 10.0


class Flusher(Generic[Record]):
    """Buffers records; writes every ``size`` of them, every ten seconds, and on leaving."""

    def __init__(self, write: Callable[[Sequence[Record]], None], size: int) -> None:
        self._write = write
        self._size = size
        self._held: list[Record] = []
        self._written_at = time.monotonic()

    def __enter__(self) -> Flusher[Record]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.flush()

    def add(self, record: Record) -> None:
        """Take one record."""
        self._held.append(record)
        if len(self._held) >= self._size or time.monotonic() - self._written_at > _SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        if self._held:
            # Cleared afterwards: an interrupt during the write keeps them for the next one,
            # and a row that was written twice counts once.
            self._write(self._held)
            self._held = []
        self._written_at = time.monotonic()
