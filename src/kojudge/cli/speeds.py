"""How long work will take, worked out from a few timed rounds of it: arithmetic alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

ROUGH = 1.5
"""A short calibration is taken to know a speed within this factor: other work on the machine,
texts and prompts unlike the few it saw. Held against real runs in docs/planning.md."""
_COVERAGE = 0.9
"""Of the interval of a text's mean length."""


@dataclass(frozen=True, slots=True)
class Round:
    """One timed call: ``amount`` of work (tokens, judgments) took ``seconds``."""

    amount: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Line:
    """Seconds of a call: ``fixed`` before any work, ``each`` for a unit of it."""

    fixed: float
    each: float

    def seconds(self, amount: float) -> float:
        """Return the seconds that ``amount`` takes in one call; no work takes none."""
        return self.fixed + self.each * amount if amount else 0.0


@dataclass(frozen=True, slots=True)
class Span:
    """An estimate and the interval around it; tokens or seconds."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TextSpeed:
    """How a candidate writes: ``load`` seconds to open, then a text after another.

    ``prefill`` are the seconds a text costs before its first token, ``token`` those of a
    token, both with a full batch around it; ``tokens`` is a text's mean length.
    """

    load: float
    prefill: float
    token: float
    tokens: Span


@dataclass(frozen=True, slots=True)
class JudgeSpeed:
    """How a judge answers: ``load`` seconds to open; judgments by the key of their rubric."""

    load: float
    rubrics: Mapping[str, Line]


def fit(rounds: Sequence[Round]) -> Line:
    """Return the line through the smallest and the largest round.

    With one round, or where noise made the larger no slower, all time is the work's own: no
    negative speed and no negative start.

    Raises:
        ValueError: there is no round with work in it.
    """
    useful = sorted((r for r in rounds if r.amount > 0), key=lambda r: r.amount)
    if not useful:
        raise ValueError("no round did any work")
    first, last = useful[0], useful[-1]
    if last.amount > first.amount:
        each = (last.seconds - first.seconds) / (last.amount - first.amount)
        fixed = last.seconds - each * last.amount
        if each > 0 and fixed >= 0:
            return Line(fixed, each)
    return Line(0.0, last.seconds / last.amount)


def mean_length(written: Sequence[int], ended: int, limit: int) -> Span:
    """Return the mean tokens of a text that may have ``limit`` at most.

    ``written`` are the tokens of a few texts, of which ``ended`` by themselves and the others
    at the calibration's own, lower limit. A text is taken to end at any token with the same
    probability, estimated as (ends + ½) / tokens (the mean of Jeffreys' posterior); the
    interval (90 %) is Garwood's for the ends counted.

    Raises:
        ValueError: nothing was written.
    """
    total = sum(written)
    if total == 0:
        raise ValueError("nothing was written")
    low, high = _rates(ended, total)
    return Span(_until((ended + 0.5) / total, limit), _until(high, limit), _until(low, limit))


def observed_length(written: Sequence[int], limit: int) -> Span:
    """Return the mean tokens of texts that all had the full ``limit``; 90 % normal interval."""
    mean = math.fsum(written) / len(written)
    if len(written) < 2:
        return Span(mean, mean / 2, float(limit))
    variance = math.fsum((n - mean) ** 2 for n in written) / (len(written) - 1)
    half = 1.645 * math.sqrt(variance / len(written))
    return Span(mean, max(0.0, mean - half), min(float(limit), mean + half))


def _rates(ended: int, total: int) -> tuple[float, float]:
    from scipy.stats import chi2

    tail = (1 - _COVERAGE) / 2
    low = chi2.ppf(tail, 2 * ended) / 2 if ended else 0.0
    high = chi2.ppf(1 - tail, 2 * ended + 2) / 2
    return float(low) / total, float(high) / total


def _until(rate: float, limit: int) -> float:
    """Return the mean of an exponential length cut at ``limit``."""
    return float(limit) if rate == 0 else -math.expm1(-rate * limit) / rate


def texts_span(speed: TextSpeed, texts: int, *, load: bool = True) -> Span:
    """Return the seconds that ``texts`` take, opening the model included."""
    if texts == 0:
        return Span(0.0, 0.0, 0.0)
    start = speed.load if load else 0.0

    def seconds(tokens: float) -> float:
        return start + texts * (speed.prefill + speed.token * tokens)

    tokens = speed.tokens
    return Span(seconds(tokens.expected), seconds(tokens.low) / ROUGH, seconds(tokens.high) * ROUGH)


def judgments_span(
    speed: JudgeSpeed, counts: Mapping[str, int], *, load: bool = True
) -> Span | None:
    """Return the seconds of so many judgments by rubric; None where one was not timed."""
    if not counts.keys() <= speed.rubrics.keys():
        return None
    if not any(counts.values()):
        return Span(0.0, 0.0, 0.0)
    seconds = speed.load if load else 0.0
    seconds += math.fsum(speed.rubrics[key].seconds(n) for key, n in counts.items())
    return Span(seconds, seconds / ROUGH, seconds * ROUGH)


def total(spans: Iterable[Span]) -> Span:
    """Return the sum; the models run one after another, and all may be wrong the same way."""
    listed = list(spans)
    return Span(
        math.fsum(s.expected for s in listed),
        math.fsum(s.low for s in listed),
        math.fsum(s.high for s in listed),
    )
