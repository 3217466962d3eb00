"""Where marks go in a text when the places to mark overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Mark", "marks"]


@dataclass(frozen=True, slots=True)
class Mark:
    """``text[start:end]`` is one marked stretch; ``numbers`` (from 1) say which places it shows."""

    start: int
    end: int
    numbers: tuple[int, ...]


def marks(places: Sequence[tuple[int, int]]) -> tuple[Mark, ...]:
    """Return marks that nest or stand apart, outermost first, in the order of the text.

    A place inside another is a mark inside its mark. Equal places share one mark, and so do
    places that cross: no pair of brackets could show where one of them ends.
    """
    done: list[Mark] = []
    inside: list[Mark] = []
    for number, (start, end) in sorted(enumerate(places, 1), key=lambda p: (p[1][0], -p[1][1])):
        while inside and inside[-1].end <= start:
            done.append(inside.pop())
        new = Mark(start, end, (number,))
        while inside and (inside[-1].end < new.end or _same(inside[-1], new)):
            new = _joined(inside.pop(), new)
        inside.append(new)
    return tuple(sorted([*done, *inside], key=lambda mark: (mark.start, -mark.end)))


def _same(one: Mark, other: Mark) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def _joined(outer: Mark, new: Mark) -> Mark:
    numbers = tuple(sorted((*outer.numbers, *new.numbers)))
    return Mark(outer.start, max(outer.end, new.end), numbers)
