"""Time: how long to wait before a request is sent again, and what a request took."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

__all__ = ["SharedClock", "asked_wait", "next_wait"]

_FIRST = 0.5
_LONGEST = 30.0


def next_wait(attempt: int, asked: float | None = None) -> float:
    """Return seconds to wait after failed ``attempt`` (0 is the first).

    Full jitter (exponential backoff drawn evenly from 0 to its bound), so that many clients do
    not come back together; what the server ``asked`` for comes on top.
    """
    bound = min(_LONGEST, _FIRST * 2**attempt)
    return (asked or 0.0) + random.uniform(0, bound)  # noqa: S311


def asked_wait(header: str | None) -> float | None:
    """Read ``Retry-After``, seconds or a date; None where there is none that can be read."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


class SharedClock:
    """Splits time evenly among all that run at once, so that shares add up to the whole."""

    def __init__(self) -> None:
        self._running = 0
        self._shared = 0.0
        self._at = time.perf_counter()

    @contextmanager
    def share(self) -> Iterator[Callable[[], float]]:
        """Give the seconds that fell to this one; ask after the block."""
        began = self._tick(1)
        ended: list[float] = []
        try:
            yield lambda: ended[0] - began
        finally:
            ended.append(self._tick(-1))

    def _tick(self, change: int) -> float:
        """Return the time of one that had run all along, and count ``change`` more from now."""
        now = time.perf_counter()
        if self._running:
            self._shared += (now - self._at) / self._running
        self._at = now
        self._running += change
        return self._shared
