"""The questions of one rater, in the rater's own order and with sides by chance.

Everything follows from the seed and the rater's name, so that a resumed sitting asks what the
broken one would have asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from kojudge.label.pairs import Pair
from kojudge.records import Order, identity

__all__ = ["CHOICES", "REPEATED", "Question", "plan", "preference_of"]

CHOICES = (1, 2, 3, 4, 5)
"""1 the left text is much better … 3 alike … 5 the right text is much better."""
REPEATED = 0.05
"""Share of the pairs that are asked again with sides swapped (at least one of eight or more)."""
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class Question:
    """One criterion of one pair. A ``repeat`` asks again with the sides swapped."""

    pair: Pair
    criterion: str
    candidate_left: bool
    repeat: bool = False

    @property
    def order(self) -> Order:
        """AB: the candidate's text stands left (가)."""
        return "AB" if self.candidate_left else "BA"

    def strength(self, choice: int) -> int:
        """Return ``choice`` (1–5, from the left) as the candidate's advantage, −2 to 2."""
        left = 3 - choice
        return left if self.candidate_left else -left

    def choice(self, strength: int) -> int:
        """Return the choice (1–5) that stands for the candidate's advantage (−2 to 2)."""
        return 3 - (strength if self.candidate_left else -strength)


def preference_of(strength: int) -> float:
    """Return a label's preference: 1 / 0.5 / 0 for an advantage above, at, below 0."""
    return 0.5 if strength == 0 else float(strength > 0)


def plan(
    rounds: Sequence[Sequence[Pair]], criteria: Sequence[str], seed: int, rater: str
) -> tuple[Question, ...]:
    """Return the questions of ``rater``: pair by pair, each criterion in turn.

    Raters share the rounds, and each shuffles the pairs within them: those who stop early have
    answered about the same pairs. A repeat comes half a sitting after its original.
    """
    order = [
        pair
        for one in rounds
        for pair in sorted(one, key=lambda pair: identity(["label-order", seed, rater, pair.key]))
    ]
    repeats = _repeats(order, seed, rater)
    asked: list[Question] = []
    for at, pair in enumerate(order):
        left = int(identity(["label-side", seed, rater, pair.key])[:8], 16) % 2 == 0
        asked += [Question(pair, criterion, left) for criterion in criteria]
        if at in repeats:
            again = order[repeats[at]]
            first = next(question for question in asked if question.pair is again)
            swapped = not first.candidate_left
            asked += [Question(again, criterion, swapped, repeat=True) for criterion in criteria]
    return tuple(asked)


def _repeats(order: Sequence[Pair], seed: int, rater: str) -> dict[int, int]:
    """Return where a repeat follows → the place of its original, half the pairs before it."""
    if len(order) < _FEWEST:
        return {}
    half = len(order) // 2
    early = sorted(
        range(len(order) - half),
        key=lambda at: identity(["label-repeat", seed, rater, order[at].key]),
    )
    return {at + half: at for at in early[: ceil(REPEATED * len(order))]}
