"""Cut a stream of requests into blocks: large while there are many, small towards the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")

BATCHES = 16
"""Batches in a full block: the engine inside sorts them by length and reads rubrics once."""
MOST = 1024
"""Requests in a block at most, but a batch at least: a few megabytes of text."""
_SHARES = 4
"""Blocks a worker gets of what is in sight: the last ones are small, so that no worker waits."""


def cut(items: Iterable[Item], workers: int, batch_size: int) -> Iterator[tuple[Item, ...]]:
    """Yield ``items`` in blocks, drawing them as they are needed.

    A block holds a share of what is in sight: ``BATCHES`` batches or ``MOST`` items at most,
    one batch at least, and less only where there is not a batch for every worker. In sight
    are never more than ``4 * workers`` full blocks, so an endless stream takes no more memory.
    """
    iterator = iter(items)
    ahead = _SHARES * workers * max(batch_size, min(BATCHES * batch_size, MOST))
    sight = deque(islice(iterator, ahead))
    least = min(batch_size, -(-len(sight) // workers))
    while sight:
        share = -(-len(sight) // (_SHARES * workers))
        size = min(max(share, least), len(sight))
        yield tuple(sight.popleft() for _ in range(size))
        sight.extend(islice(iterator, ahead - len(sight)))
