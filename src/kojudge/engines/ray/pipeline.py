"""One Ray Data pipeline that lives as long as its engine, so that models load once.

A feed actor holds the blocks that were sent; a source draws them from it by number, and
``map_batches`` workers answer them. A block stays in the feed until all its results have
come, so whatever Ray runs again after a loss reads the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from kojudge.engines.base import Engine
from kojudge.engines.opening import Placement
from kojudge.engines.ray.rows import Block, Group, read_group, write_block
from kojudge.engines.ray.worker import Worker


class Feed:
    """Blocks by number, for readers that wait for the next; and how often workers began."""

    def __init__(self, starts: int) -> None:
        self._rows: dict[int, str] = {}
        self._closed = False
        self._changed = asyncio.Condition()
        self._most_starts = starts
        self._starts = 0

    async def put(self, number: int, row: str) -> None:
        """Take a block. Blocks may arrive in any order."""
        async with self._changed:
            self._rows[number] = row
            self._changed.notify_all()

    async def take(self, number: int) -> str | None:
        """Wait for a block. Empty where its results have come; None when there is no more."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._closed or number in self._rows)
            return self._rows.get(number)

    async def done(self, number: int) -> None:
        """Forget a block whose results have come."""
        self._rows[number] = ""

    async def progress(self) -> None:
        """Note that a result has come: the workers are well."""
        self._starts = 0

    async def may_start(self) -> bool:
        """Count a worker that begins; say no where too many began without any result."""
        self._starts += 1
        return self._starts <= self._most_starts

    async def close(self) -> None:
        """Let the readers end."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()


class Pipeline:
    """Workers that answer blocks: :meth:`send` them, :meth:`receive` groups of results."""

    def __init__(
        self, ray: Any, opening: Callable[[], Engine], model: str, placement: Placement
    ) -> None:
        self._ray = ray
        # Every worker begins once, and a machine may take all its workers down with it.
        starts = 2 * placement.workers + 4
        self._feed = feed_here(ray, starts)
        self._results = _results(ray, self._feed, opening, model, placement)

    def send(self, block: Block) -> None:
        """Hand a block to the workers."""
        self._feed.put.remote(block.number, write_block(block))

    def receive(self) -> Group:
        """Wait for the next group of results, of any block.

        Raises:
            Exception: what Ray raises when it gives up, or StopIteration.
        """
        group = read_group(next(self._results))
        self._feed.progress.remote()
        if group.last:
            self._feed.done.remote(group.number)
        return group

    def close(self) -> None:
        """Stop the workers; what they are doing is thrown away."""
        self._results.close()
        self._ray.kill(self._feed)


def feed_here(ray: Any, starts: int) -> Any:
    """Start a feed on this very node: one elsewhere would be lost with its node."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return ray.remote(num_cpus=0, scheduling_strategy=here)(Feed).remote(starts)


def _results(
    ray: Any, feed: Any, opening: Callable[[], Engine], model: str, placement: Placement
) -> Any:
    """Build the dataset and return the generator of its rows."""
    data = ray.data
    context = data.DataContext.get_current().copy()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.execution_no_progress_timeout_s = -1  # a slow model is no fault, nor is a pause
    context.target_max_block_size = 1  # bytes: every row is a block of its own and leaves at once

    def may_start() -> bool:
        return bool(ray.get(feed.may_start.remote()))

    with data.DataContext.current(context):
        rows = data.read_datasource(_source(ray, feed), override_num_blocks=1, num_cpus=0)
        answers = rows.map_batches(
            Worker,
            fn_constructor_args=(opening, model, may_start),
            compute=data.ActorPoolStrategy(size=placement.workers),
            batch_size=None,
            batch_format="pyarrow",
            num_cpus=1,
            num_gpus=placement.num_gpus_per_worker or None,
        )
    return _rows(answers)


def _rows(answers: Any) -> Iterator[str]:
    for table in answers.iter_batches(batch_size=None, prefetch_batches=0, batch_format="pyarrow"):
        yield from table.column("row").to_pylist()


def _source(ray: Any, feed: Any) -> Any:
    """Return the source that draws blocks from ``feed`` until it is closed."""
    import pyarrow as pa
    from ray.data.block import BlockMetadata
    from ray.data.datasource import Datasource, ReadTask

    def read() -> Iterator[Any]:
        number = 0
        while (row := ray.get(feed.take.remote(number))) is not None:
            yield pa.table({"row": [row]})
            number += 1

    class Requests(Datasource):  # type: ignore[misc, unused-ignore]
        def estimate_inmemory_data_size(self) -> int | None:
            return None

        def get_read_tasks(self, *_: Any, **__: Any) -> list[Any]:
            unknown = BlockMetadata(
                num_rows=None, size_bytes=None, input_files=None, exec_stats=None
            )
            return [ReadTask(read, unknown)]

    return Requests()  # type: ignore[no-untyped-call, unused-ignore]
