"""What a degradation did to a text: every change with its place in the original."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from kojudge.errors import ConfigError, said

__all__ = ["Change", "Degraded", "Program", "apply", "changed", "chosen", "share"]

Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class Change:
    """``original[start:end]``, which is ``before``, became ``after``.

    An insertion has ``start == end``; a removal has an empty ``after``.
    """

    start: int
    end: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Degraded:
    """A degraded ``text`` and its changes, in the order of their places, never overlapping.

    No changes means that the text had no eligible place: it is returned as it was, and the
    caller must not count it as degraded.
    """

    text: str
    changes: tuple[Change, ...]


class Program(Protocol):
    """A degradation: the same text, severity and state of ``rng`` give the same result.

    ``severity`` is the share of the eligible places touched, in (0, 1]; one place at least
    is touched where there is one. Each program says what its places are.
    """

    def __call__(self, text: str, severity: float, rng: np.random.Generator) -> Degraded:
        """Degrade ``text``; a severity outside (0, 1] raises ``ConfigError``."""


def apply(text: str, changes: Iterable[Change]) -> str:
    """Carry out ``changes`` (sorted, not overlapping) on the original ``text``."""
    parts: list[str] = []
    at = 0
    for change in changes:
        parts += [text[at : change.start], change.after]
        at = change.end
    return "".join([*parts, text[at:]])


def changed(text: str, replacements: Iterable[tuple[int, int, str]]) -> Degraded:
    """Replace each ``(start, end, after)``; one that overlaps an earlier one is left out."""
    changes: list[Change] = []
    at = 0
    for start, end, after in sorted(replacements):
        if start >= at and text[start:end] != after:
            changes.append(Change(start, end, text[start:end], after))
            at = end
    return Degraded(apply(text, changes), tuple(changes))


def share(severity: float, places: int, least: int = 1) -> int:
    """Return how many of ``places`` a severity touches: at least ``least``, if there are so many."""
    if not 0.0 < severity <= 1.0:
        raise ConfigError(
            said(
                f"훼손 강도 {severity}은(는) 쓸 수 없습니다. 0보다 크고 1 이하인 값이어야 합니다.",
                f"The severity {severity} of a degradation is not in (0, 1].",
            ),
            said("예를 들어 0.3을 주세요.", "Give 0.3, for example."),
        )
    return min(places, max(least, round(severity * places))) if places >= least else 0


def chosen(
    places: Sequence[Place], severity: float, rng: np.random.Generator, least: int = 1
) -> list[Place]:
    """Draw the places to touch, in random order; a higher severity keeps those of a lower one."""
    count = share(severity, len(places), least)
    return [places[int(i)] for i in rng.permutation(len(places))[:count]]
