"""Marks of places that overlap: brackets must always pair up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.cli.marks import Mark, marks

PLACES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda p: (p[0], p[0] + p[1])),
    max_size=12,
)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([], ()),
        ([(0, 2), (3, 5)], (Mark(0, 2, (1,)), Mark(3, 5, (2,)))),
        ([(0, 2), (2, 4)], (Mark(0, 2, (1,)), Mark(2, 4, (2,)))),
        ([(1, 2), (0, 9)], (Mark(0, 9, (2,)), Mark(1, 2, (1,)))),
        ([(0, 4), (0, 4)], (Mark(0, 4, (1, 2)),)),
        ([(0, 4), (2, 6)], (Mark(0, 6, (1, 2)),)),
        ([(0, 4), (1, 2), (3, 6)], (Mark(0, 6, (1, 3)), Mark(1, 2, (2,)))),
        ([(0, 5), (2, 4), (3, 7)], (Mark(0, 7, (1, 2, 3)),)),
    ],
    ids=["none", "apart", "side by side", "inside", "equal", "crossing", "crossing later",
         "crossing two"],
)  # fmt: skip
def test_places_become_marks(places: list[tuple[int, int]], expected: tuple[Mark, ...]) -> None:
    assert marks(places) == expected


@given(PLACES)
def test_marks_nest_or_stand_apart_and_show_every_place_once(
    places: list[tuple[int, int]],
) -> None:
    found = marks(places)
    assert sorted(n for mark in found for n in mark.numbers) == list(range(1, len(places) + 1))
    for mark in found:
        own = [places[number - 1] for number in mark.numbers]
        assert (mark.start, mark.end) == (min(s for s, _ in own), max(e for _, e in own))
    for at, mark in enumerate(found):
        for other in found[at + 1 :]:
            apart = other.start >= mark.end
            inside = other.end <= mark.end and (other.start, other.end) != (mark.start, mark.end)
            assert mark.start <= other.start
            assert apart or inside


@given(PLACES)
def test_a_place_that_crosses_no_other_keeps_its_mark(places: list[tuple[int, int]]) -> None:
    spans = {(mark.start, mark.end) for mark in marks(places)}

    def crosses(one: tuple[int, int], other: tuple[int, int]) -> bool:
        return one[0] < other[0] < one[1] < other[1] or other[0] < one[0] < other[1] < one[1]

    if not any(crosses(one, other) for one in places for other in places):
        assert spans == set(places)
