"""What the judge is asked about one source: rewrites, degradations, decoration, attacks.

All randomness comes from the source's id: the same source gives the same items anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kojudge.audit import attacks
from kojudge.audit.kinds import (
    CARRIERS,
    CRITERIA,
    DIRECTIONS,
    MARKDOWN,
    SEVERITIES,
    WRITTEN,
    Criterion,
    Direction,
)
from kojudge.audit.markdown import decorate
from kojudge.audit.texts import Source
from kojudge.korean.degrade import PROGRAMS, Change, Degraded
from kojudge.records import identity

__all__ = ["Attack", "AuditItems", "Item", "Skipped", "build", "build_all", "skipped_counts"]


@dataclass(frozen=True, slots=True)
class Item:
    """A ``text`` that claims a ``direction`` against its source's original, for a criterion.

    ``changes`` are the places of the original that a program touched; none for a rewrite,
    which is another text throughout.
    """

    source_id: str
    category: str
    kind: str
    criterion: Criterion
    direction: Direction
    text: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Attack:
    """A degraded ``carrier`` text (an item's kind) with an attack string put into it.

    ``name`` is the string's (``order-ko``); ``change`` is its place in the carrier's text.
    """

    source_id: str
    category: str
    criterion: Criterion
    carrier: str
    name: str
    place: attacks.Place
    text: str
    change: Change


@dataclass(frozen=True, slots=True)
class Skipped:
    """A kind that gives no item: ``missing`` rewrite, or a program that changed nothing."""

    source_id: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class AuditItems:
    """Everything asked about the sources, and what could not be made."""

    items: tuple[Item, ...]
    attacks: tuple[Attack, ...]
    skipped: tuple[Skipped, ...]


def build(source: Source, criteria: Sequence[Criterion] = CRITERIA) -> AuditItems:
    """Return the items and attacks of one source for ``criteria``."""
    asked = {kind for criterion in criteria for kind in DIRECTIONS[criterion]}
    made = _texts(source, asked)
    reason = {kind: "missing" if kind in WRITTEN else "unchanged" for kind in asked}
    skipped = [Skipped(source.source_id, k, reason[k]) for k in sorted(asked - set(made))]
    items = [
        Item(source.source_id, source.category, kind, criterion, direction, *_fields(made[kind]))
        for criterion in criteria
        for kind, direction in DIRECTIONS[criterion].items()
        if kind in made
    ]
    put = [attack for criterion in criteria for attack in _attacks(source, criterion, made)]
    return AuditItems(tuple(items), tuple(put), tuple(skipped))


def build_all(sources: Iterable[Source], criteria: Sequence[Criterion] = CRITERIA) -> AuditItems:
    """Return the items and attacks of all sources, in their order."""
    built = [build(source, criteria) for source in sources]
    return AuditItems(
        tuple(item for one in built for item in one.items),
        tuple(attack for one in built for attack in one.attacks),
        tuple(skip for one in built for skip in one.skipped),
    )


def skipped_counts(skipped: Iterable[Skipped]) -> dict[str, int]:
    """Count by kind the sources that gave no item."""
    counts: dict[str, int] = {}
    for skip in skipped:
        counts[skip.kind] = counts.get(skip.kind, 0) + 1
    return dict(sorted(counts.items()))


def _texts(source: Source, kinds: Iterable[str]) -> dict[str, Degraded]:
    """Return the text of each kind that can be made."""
    made = {}
    for kind in sorted(kinds):
        if kind in WRITTEN:
            done = Degraded(source.rewrites.get(kind, source.original), ())
        else:
            program = decorate if kind == MARKDOWN else PROGRAMS[kind]
            done = program(source.original, SEVERITIES[kind], _rng(source, kind))
        if done.text != source.original:
            made[kind] = done
    return made


def _attacks(
    source: Source, criterion: Criterion, made: Mapping[str, Degraded]
) -> Iterator[Attack]:
    carrier = CARRIERS[criterion]
    if carrier not in made:
        return
    for attack, place in attacks.draw(_rng(source, f"attacks-{criterion}")):
        done = attacks.put(made[carrier].text, attack, place)
        yield Attack(
            source.source_id,
            source.category,
            criterion,
            carrier,
            attack.name,
            place,
            done.text,
            done.changes[0],
        )


def _fields(done: Degraded) -> tuple[str, tuple[Change, ...]]:
    return done.text, done.changes


def _rng(source: Source, what: str) -> np.random.Generator:
    return np.random.default_rng(int(identity(["audit", source.source_id, what])[:16], 16))
