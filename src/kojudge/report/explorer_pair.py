"""A pair: one candidate's text beside the baseline's, and how each judge decided between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kojudge.records import Mode
from kojudge.report.content import Item, ItemText, Opinion

EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Game:
    """One judge's decision on one criterion, as the leaderboard counts it.

    ``value`` is candidate minus baseline: the win score less ½ (pairwise), or the difference
    of the scores; None where either is missing. ``gap`` (0–1) is how far the two orders lie apart,
    None where there is but one.
    """

    criterion: str
    judge: str
    mode: Mode
    value: float | None
    gap: float | None = None


def pairs_of(item: Item, baseline: str) -> list[int]:
    """Return the places of the candidates' texts, or the baseline's where it stands alone."""
    candidates = [at for at, text in enumerate(item.texts) if text.candidate != baseline]
    return candidates or list(range(len(item.texts)))


def baseline_of(item: Item, baseline: str) -> ItemText | None:
    """Return the baseline's text that candidates are held against, if there is one."""
    if all(text.candidate == baseline for text in item.texts):
        return None
    return next((text for text in item.texts if text.candidate == baseline), None)


def games(text: ItemText, baseline: ItemText | None) -> Iterator[Game]:
    """Yield a game for each opinion on ``text``."""
    for opinion in text.opinions:
        place = (opinion.criterion, opinion.judge, opinion.mode)
        if opinion.mode == "pairwise":
            win = None if opinion.value is None else opinion.value - EVEN
            yield Game(*place, win, order_gap(opinion))
        else:
            yield Game(*place, difference(opinion, twin(opinion, baseline)))


def twin(opinion: Opinion, baseline: ItemText | None) -> Opinion | None:
    """Return the same judge's opinion on the baseline's text."""
    asked = (opinion.judge, opinion.criterion, opinion.mode, opinion.repeat)
    own = baseline.opinions if baseline else ()
    return next((o for o in own if (o.judge, o.criterion, o.mode, o.repeat) == asked), None)


def difference(opinion: Opinion, other: Opinion | None) -> float | None:
    """Return the candidate's score minus the baseline's, None where either is missing."""
    if other is None or opinion.value is None or other.value is None:
        return None
    return opinion.value - other.value


def order_gap(opinion: Opinion) -> float | None:
    """Return how far the answers of both orders lie apart, 0–1."""
    found = [answer.score for answer in opinion.answers if answer and answer.score is not None]
    return abs(found[0] - found[1]) if len(found) == 2 else None


def flips(opinion: Opinion) -> bool:
    """Return whether the two orders name different winners."""
    found = [answer.score for answer in opinion.answers if answer and answer.score is not None]
    return len(found) == 2 and (found[0] - EVEN) * (found[1] - EVEN) < 0
