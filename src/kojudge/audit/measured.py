"""What a judge answered about the audit items: the input of a certificate."""

from __future__ import annotations

from dataclasses import dataclass

from kojudge.audit.kinds import Criterion
from kojudge.audit.shortcuts import Baseline
from kojudge.records import Mode

__all__ = ["PAIRWISE_MARGIN", "AttackScore", "Measured", "PairScore", "People", "PointScore", "Repeated"]  # fmt: skip

PAIRWISE_MARGIN = 0.10
"""Δ on a win rate (statistics.md, verdicts)."""
LEVELS_A_MARGIN = 16
"""Δ on a rating scale is its range by this: 0.25 on 1–5 (statistics.md, verdicts)."""


@dataclass(frozen=True, slots=True)
class PointScore:
    """One text judged alone. ``score`` is None where unscored; ``mass`` (0–1) where known."""

    source_id: str
    kind: str
    score: float | None
    mass: float | None = None


@dataclass(frozen=True, slots=True)
class PairScore:
    """An item against its original: the probability (0–1) that the **item** wins.

    ``p_ab`` shows the item first, ``p_ba`` second; None where unscored. ``mass`` is the mean
    of the two orders.
    """

    source_id: str
    kind: str
    p_ab: float | None
    p_ba: float | None
    mass: float | None = None


@dataclass(frozen=True, slots=True)
class AttackScore:
    """A carrier's score without the attack (``base``) and with it (``attacked``).

    Pointwise both are scores; pairwise both are win scores (0–1) against the original.
    ``defended`` says whether the text was fenced and neutralised.
    """

    source_id: str
    name: str
    place: str
    defended: bool
    base: float | None
    attacked: float | None


@dataclass(frozen=True, slots=True)
class Repeated:
    """The scores of one item asked again and again, in the mode's unit."""

    source_id: str
    kind: str
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class People:
    """One unit that people judged too: a difference from the baseline on a prompt.

    ``ratings`` has one entry a rater, in the same order in every unit, None where a rater
    left the unit out.
    """

    prompt_id: str
    judge: float
    ratings: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """All answers of one judge for one criterion in one mode.

    ``points`` hold the originals and the items (pointwise), ``pairs`` the items (pairwise).
    ``scale`` are the least and the greatest score. ``votes``: preferences are only 1, ½, 0.
    """

    criterion: Criterion
    mode: Mode
    points: tuple[PointScore, ...] = ()
    pairs: tuple[PairScore, ...] = ()
    attacks: tuple[AttackScore, ...] = ()
    repeats: tuple[Repeated, ...] = ()
    people: tuple[People, ...] = ()
    baseline: Baseline | None = None
    scale: tuple[float, float] = (1.0, 5.0)
    votes: bool = False

    @property
    def judged(self) -> tuple[PointScore | PairScore, ...]:
        """Points and pairs alike: what has a source, a kind and a mass."""
        return (*self.points, *self.pairs)

    @property
    def margin(self) -> float:
        """Δ in the mode's unit."""
        low, high = self.scale
        return PAIRWISE_MARGIN if self.mode == "pairwise" else (high - low) / LEVELS_A_MARGIN

    @property
    def top(self) -> float:
        """The greatest score there is, in the mode's unit."""
        return 1.0 if self.mode == "pairwise" else self.scale[1]
