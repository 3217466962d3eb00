"""Two rubrics of one criterion and mode, asked of one judge: which is the better instrument?

Everything is paired: the same texts under both rubrics, differences A − B with intervals by
source (audit texts) or by prompt (texts that people rated).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from kojudge.audit.figures import SHARE, Figure, Precision, mean, of, share
from kojudge.audit.kinds import DIRECTIONS, ORIGINAL, Criterion, Direction, kinds_of
from kojudge.audit.measured import Measured
from kojudge.audit.rated import (
    BOTH,
    Measure,
    Rated,
    agreement_measures,
    correlation_measures,
    measure,
)
from kojudge.audit.shortcuts import Key, by_source, macro
from kojudge.records import Mode
from kojudge.stats.consistency import same_in_both_orders
from kojudge.stats.pairs import combine_log_odds

__all__ = ["Comparison", "Cost", "Disagreement", "KindRow", "Measure", "Rated", "Side", "compare"]

Floats = NDArray[np.float64]
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Cost:
    """``judgments`` made; tokens read and seconds taken by one of them, on average."""

    judgments: int
    tokens: float | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Side:
    """What the judge answered under one rubric.

    ``texts`` are the texts or pairs that people rated, ``differences`` what they and the
    judge say of a candidate against the baseline on one prompt.
    """

    rubric: str
    measured: Measured
    cost: Cost
    texts: tuple[Rated, ...] = ()
    differences: tuple[Rated, ...] = ()


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind: detection (0–1) of a ↓ kind; rise of a ≈ kind as a share of the scale."""

    kind: str
    direction: Direction
    a: Figure
    b: Figure
    difference: Figure


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A text scored ``a`` and ``b``, in the mode's unit.

    ``gap``: A − B as a share of the scale, less the usual gap between the two rubrics.
    ``seen_a``, ``seen_b``: whether its direction was seen; None for a text that claims none.
    """

    source_id: str
    kind: str
    a: float
    b: float
    gap: float
    seen_a: bool | None
    seen_b: bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rubrics ``a`` and ``b`` as one judge uses them, on ``sources`` audit sources.

    ``rated``: units that people rated, on ``prompts`` prompts. ``costs``: of a and of b.
    ``disagreements``: the texts where they differ most, the widest gap first.
    """

    a: str
    b: str
    criterion: Criterion
    mode: Mode
    sources: int
    rated: int
    prompts: int
    measures: tuple[Measure, ...]
    kinds: tuple[KindRow, ...]
    costs: tuple[Cost, Cost]
    disagreements: tuple[Disagreement, ...]


def compare(a: Side, b: Side, precision: Precision, *, shown: int = MOST_SHOWN) -> Comparison:
    """Return the comparison of two rubrics; ``shown`` disagreements at most.

    Raises:
        ValueError: the rubrics are not of one criterion and mode.
    """
    one, other = a.measured, b.measured
    if (one.criterion, one.mode) != (other.criterion, other.mode):
        raise ValueError("two rubrics of one criterion and mode can be compared, no others")
    both = (_Answers.of(one), _Answers.of(other))
    measures = [*_audit_measures(both, precision), *_people(a, b, precision)]
    rated = {unit.key: unit.prompt_id for unit in (*a.texts, *a.differences)}
    return Comparison(
        a=a.rubric,
        b=b.rubric,
        criterion=one.criterion,
        mode=one.mode,
        sources=len({source for source, _ in both[0].asked}),
        rated=len({unit.key for unit in a.texts}),
        prompts=len(set(rated.values())),
        measures=tuple(measures),
        kinds=tuple(_kinds(both, precision)),
        costs=(a.cost, b.cost),
        disagreements=tuple(_disagreements(both)[:shown]),
    )


@dataclass(frozen=True, slots=True)
class _Answers:
    """One rubric's answers by (source, kind), unscored ones left out but of ``asked``.

    ``scores``: points, or the win score of an item against its original. ``differences``:
    item minus original, or the win score minus ½. ``same``: whether the orders agree.
    """

    measured: Measured
    asked: Mapping[Key, float]
    scores: Mapping[Key, float]
    differences: Mapping[Key, float]
    masses: Mapping[Key, float]
    same: Mapping[Key, float]

    @classmethod
    def of(cls, measured: Measured) -> _Answers:
        unscored: dict[Key, float] = {}
        scores: dict[Key, float] = {}
        same: dict[Key, float] = {}
        for point in measured.points:
            key = (point.source_id, point.kind)
            unscored[key] = float(point.score is None)
            if point.score is not None:
                scores[key] = point.score
        for pair in measured.pairs:
            key = (pair.source_id, pair.kind)
            unscored[key] = ((pair.p_ab is None) + (pair.p_ba is None)) / 2
            if pair.p_ab is not None and pair.p_ba is not None:
                # Rounded, because a perfect position bias misses ½ by the last bit.
                scores[key] = round(float(combine_log_odds(pair.p_ab, pair.p_ba)), 12)
                same[key] = float(same_in_both_orders([pair.p_ab], [pair.p_ba])[0])
        masses = {(j.source_id, j.kind): j.mass for j in measured.judged if j.mass is not None}
        return cls(measured, unscored, scores, _differences(measured, scores), masses, same)

    @property
    def hits(self) -> dict[Key, float]:
        """1 where a ↓ item scored below its original, ½ where alike, else 0."""
        lower = kinds_of(self.measured.criterion, "lower")
        return {
            key: 1.0 if d < 0 else 0.5 if d == 0 else 0.0
            for key, d in self.differences.items()
            if key[1] in lower
        }

    @property
    def ceilings(self) -> dict[Key, float]:
        """1 where a text scored within Δ of the top."""
        limit = self.measured.top - self.measured.margin
        return {key: float(score >= limit) for key, score in self.scores.items()}

    @property
    def span(self) -> float:
        """The width of the scale in the mode's unit."""
        low, high = self.measured.scale
        return 1.0 if self.measured.mode == "pairwise" else high - low


_Both = tuple[_Answers, _Answers]


def _differences(measured: Measured, scores: Mapping[Key, float]) -> dict[Key, float]:
    if measured.mode == "pairwise":
        return {key: score - 0.5 for key, score in scores.items()}
    return {
        (source, kind): score - scores[source, ORIGINAL]
        for (source, kind), score in scores.items()
        if kind != ORIGINAL and (source, ORIGINAL) in scores
    }


def _audit_measures(both: _Both, precision: Precision) -> Iterator[Measure]:
    a, b = both
    yield _separation(both, precision)
    yield measure(
        "detection",
        macro(a.hits, precision),
        macro(b.hits, precision),
        macro(_minus(a.hits, b.hits), precision, BOTH),
    )
    if a.measured.mode == "pairwise":
        lower = kinds_of(a.measured.criterion, "lower")
        yield _shares("position", _only(a.same, lower), _only(b.same, lower), precision)
    else:
        yield _shares("ceiling", a.ceilings, b.ceilings, precision, higher_is_better=False)
    yield _shares("mass", a.masses, b.masses, precision)
    yield _shares("unscored", a.asked, b.asked, precision, higher_is_better=False)


def _separation(both: _Both, precision: Precision) -> Measure:
    """Probability that an original scores above a ↓ text, be it another source's; ties half."""
    tables = [_originals_and_worse(answers) for answers in both]
    keys = sorted(tables[0].keys() & tables[1].keys())
    paired = {key: [tables[0][key][0], *tables[1][key]] for key in keys}

    def own(table: Mapping[tuple[str, str, int], list[float]]) -> Figure:
        return of(_rows(table), lambda rows: _auc(rows[:, 0], rows[:, 1]), precision, SHARE)

    def gap(rows: Floats) -> float:
        return _auc(rows[:, 0], rows[:, 2]) - _auc(rows[:, 1], rows[:, 2])

    difference = of(_rows(paired), gap, precision, BOTH)
    return measure("separation", own(tables[0]), own(tables[1]), difference)


def _originals_and_worse(answers: _Answers) -> dict[tuple[str, str, int], list[float]]:
    """Return [score, 1 for an original and 0 for a ↓ text] by source, kind and side of a pair.

    Pairwise an original's score is its win score against the item, which is 1 less the item's.
    """
    lower = kinds_of(answers.measured.criterion, "lower")
    found: dict[tuple[str, str, int], list[float]] = {}
    for (source, kind), score in answers.scores.items():
        if kind == ORIGINAL:
            found[source, kind, 1] = [score, 1.0]
        elif kind in lower:
            found[source, kind, 0] = [score, 0.0]
            if answers.measured.mode == "pairwise":
                found[source, kind, 1] = [1 - score, 1.0]
    return found


def _rows(table: Mapping[tuple[str, str, int], Sequence[float]]) -> list[Floats]:
    clusters: dict[str, list[Sequence[float]]] = {}
    for key in sorted(table):
        clusters.setdefault(key[0], []).append(table[key])
    return [np.array(rows) for rows in clusters.values()]


def _auc(scores: Floats, original: Floats) -> float:
    """Return P(original > other) + ½ P(equal); nan where one of the two is missing."""
    better = original == 1
    n, m = int(better.sum()), int((~better).sum())
    if not n or not m:
        return float("nan")
    wins = rankdata(scores)[better].sum() - n * (n + 1) / 2
    return float(wins / (n * m))


def _kinds(both: _Both, precision: Precision) -> Iterator[KindRow]:
    for kind, direction in DIRECTIONS[both[0].measured.criterion].items():
        lower = direction == "lower"
        own = [answers.hits if lower else _rises(answers) for answers in both]
        one, other = (_only(values, (kind,)) for values in own)
        if not one and not other:
            continue
        figure = share if lower else mean
        yield KindRow(
            kind,
            direction,
            figure(by_source(one), precision),
            figure(by_source(other), precision),
            mean(by_source(_minus(one, other)), precision),
        )


def _rises(answers: _Answers) -> dict[Key, float]:
    return {key: d / answers.span for key, d in answers.differences.items()}


def _people(a: Side, b: Side, precision: Precision) -> Iterator[Measure]:
    """Yield agreement with people; on two scales only correlations mean the same."""
    if a.measured.scale == b.measured.scale:
        mode = a.measured.mode
        yield from agreement_measures(a.texts, b.texts, mode, precision)
    yield from correlation_measures(a.differences, b.differences, precision)


def _disagreements(both: _Both) -> list[Disagreement]:
    a, b = both
    keys = sorted(a.scores.keys() & b.scores.keys())
    if not keys:
        return []
    gaps = [_share(a, a.scores[key]) - _share(b, b.scores[key]) for key in keys]
    usual = float(np.median(gaps))
    found = [
        Disagreement(*key, a.scores[key], b.scores[key], gap - usual, _seen(a, key), _seen(b, key))
        for key, gap in zip(keys, gaps, strict=True)
    ]
    return sorted(found, key=lambda one: -abs(one.gap))


def _share(answers: _Answers, score: float) -> float:
    low = 0.0 if answers.measured.mode == "pairwise" else answers.measured.scale[0]
    return (score - low) / answers.span


def _seen(answers: _Answers, key: Key) -> bool | None:
    """Tell whether a ↓ text scored lower, or a ≈ text did not rise by more than Δ."""
    claim = DIRECTIONS[answers.measured.criterion].get(key[1])
    difference = answers.differences.get(key)
    if claim is None or difference is None:
        return None
    return difference < 0 if claim == "lower" else difference <= answers.measured.margin


def _shares(
    name: str,
    a: Mapping[Key, float],
    b: Mapping[Key, float],
    precision: Precision,
    *,
    higher_is_better: bool = True,
) -> Measure:
    return measure(
        name,
        share(by_source(a), precision),
        share(by_source(b), precision),
        mean(by_source(_minus(a, b)), precision),
        higher_is_better=higher_is_better,
    )


def _minus(a: Mapping[Key, float], b: Mapping[Key, float]) -> dict[Key, float]:
    return {key: value - b[key] for key, value in a.items() if key in b}


def _only(values: Mapping[Key, float], kinds: Sequence[str]) -> dict[Key, float]:
    return {key: value for key, value in values.items() if key[1] in kinds}
