"""Blocks are large while there is much to do, small towards the end, and drawn as needed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.engines.ray.blocks import BATCHES, MOST, cut


def sizes(items: int, workers: int, batch_size: int) -> list[int]:
    return [len(block) for block in cut(range(items), workers, batch_size)]


@settings(deadline=None)
@given(st.integers(0, 3000), st.integers(1, 5), st.integers(1, 20))
def test_every_item_is_in_one_block_in_order(items: int, workers: int, batch_size: int) -> None:
    blocks = list(cut(range(items), workers, batch_size))
    assert [item for block in blocks for item in block] == list(range(items))
    assert all(1 <= len(block) <= BATCHES * batch_size for block in blocks)


@pytest.mark.parametrize(
    ("items", "workers", "batch_size", "expected"),
    [
        (0, 2, 4, []),
        (1, 2, 4, [1]),
        (6, 2, 4, [3, 3]),
        (8, 2, 4, [4, 4]),
        (9, 2, 4, [4, 4, 1]),
        (64, 2, 4, [8, 7, 7, 6, 5, 4, 4, 4, 4, 4, 4, 4, 3]),
    ],
)
def test_no_worker_waits_for_anothers_long_last_block(
    items: int, workers: int, batch_size: int, expected: list[int]
) -> None:
    assert sizes(items, workers, batch_size) == expected


@pytest.mark.parametrize(
    ("batch_size", "full"), [(4, BATCHES * 4), (64, MOST), (500, MOST), (2000, 2000)]
)
def test_blocks_are_full_while_many_items_are_in_sight(batch_size: int, full: int) -> None:
    assert sizes(20 * full, 2, batch_size)[:10] == [full] * 10


def test_an_endless_stream_is_drawn_only_so_far_ahead() -> None:
    drawn = 0

    def endless() -> Iterator[int]:
        nonlocal drawn
        for number in count():
            drawn += 1
            yield number

    blocks = list(islice(cut(endless(), workers=2, batch_size=4), 3))
    full = BATCHES * 4
    assert [len(block) for block in blocks] == [full] * 3
    assert drawn <= (3 + 4 * 2) * full
