"""Fit a head's lines: layer, pooling and penalty chosen, and calibrated, on texts left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kojudge.engines.head.file import Pooling
from kojudge.heads import calibrate
from kojudge.heads.data import Lesson
from kojudge.heads.folds import Folds, deal_folds, level_of
from kojudge.heads.ridge import PENALTIES, Path, ridge_path

__all__ = [
    "CHOSEN",
    "INNER",
    "Features",
    "FittedLine",
    "Groups",
    "Learnt",
    "Ruling",
    "Space",
    "learn",
]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Space = tuple[int, Pooling]
"""Where states are read: a layer (from 1) and how they are pooled over the text."""
Features = Mapping[Space, NDArray[Any]]
"""The states [N, D] of all examples in each space that may be chosen."""

INNER = (4, 4)
MOST = 800
"""Rows that choose among spaces and penalties; more change no choice, and take long."""
_FLAT = 1e-6
"""A spread below is none."""
FEWEST = 20
"""Rows left out in turn that a choice and a calibration need."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Prompt and writer of each example: what is left out together."""

    prompts: Sequence[str]
    candidates: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is settled before the data are seen.

    ``penalties``: those to choose among. ``shared``: pairs that were made of scores are
    answered by the difference of the scores' own line, so that both modes see alike; only
    the calibration is the pairs'.
    """

    penalties: tuple[float, ...] = PENALTIES
    shared: bool = False

    def source(self, lesson: Lesson, lessons: Sequence[Lesson]) -> Lesson:
        """Return the lesson that teaches the weights of ``lesson``."""
        if not (self.shared and lesson.made):
            return lesson
        alone = (one for one in lessons if one.criterion == lesson.criterion and not one.made)
        return next(alone, lesson)


CHOSEN = Ruling()
"""Nothing settled: the data choose."""


@dataclass(frozen=True, slots=True)
class FittedLine:
    """One lesson learnt: z = x·weights + bias, answers calibrated by slope and cuts."""

    weights: Floats
    bias: float
    slope: float
    cuts: Floats
    penalty: float


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the lessons taught: standardise states of ``space`` by centre and scale, [D] each."""

    space: Space
    centre: Floats
    scale: Floats
    lines: tuple[FittedLine, ...]

    def standardised(self, features: Features) -> NDArray[Any]:
        """Return the standardised states [N, D] of all examples."""
        states = features[self.space]
        return ((states - self.centre) / self.scale).astype(states.dtype)

    def answers(self, at: int, lesson: Lesson, x: NDArray[Any]) -> Floats:
        """Return line ``at``'s probabilities [n, K] for the rows of ``lesson``; x as above."""
        line = self.lines[at]
        design = lesson.design(x).astype(np.float64)
        return calibrate.calibrated(
            lesson, design @ line.weights + line.bias, line.slope, line.cuts
        )


@dataclass(frozen=True, slots=True)
class _Tried:
    """A lesson in one space: predictions for rows left out, at the penalty that errs least."""

    error: float
    penalty: int
    rows: Indices
    z: Floats


@dataclass(frozen=True, slots=True)
class _Turned:
    """Standardised states in the directions that the texts learnt from span, x [N, R].

    A ridge solution lies in that span, so nothing is lost, and with fewer texts than
    dimensions everything is quicker. ``basis`` [D, R] leads back; None where x is unturned.
    """

    x: NDArray[Any]
    centre: Floats
    scale: Floats
    basis: NDArray[Any] | None


def learn(
    features: Features,
    lessons: Sequence[Lesson],
    groups: Groups,
    rng: np.random.Generator,
    ruling: Ruling = CHOSEN,
) -> Learnt:
    """Learn all ``lessons`` in one space: the one that errs least on texts left out, in total.

    Texts are left out by prompt and writer together. The error of a lesson counts relative to
    its answers' variance, so that no criterion outweighs another. Slope and cuts are fitted to
    the predictions for texts left out, which err as those for new texts do.

    Raises:
        ValueError: a lesson cannot be learnt: too few rows, or all answers alike.
    """
    trimmed = [lesson.take(_sample(len(lesson.first), MOST, rng)) for lesson in lessons]
    dealt = [_inner_folds(lesson, groups, rng) for lesson in trimmed]
    tried: dict[Space, list[_Tried]] = {}
    for space, states in features.items():
        turned = _turned(states, lessons)
        tried[space] = [
            _try(turned.x, lesson, ruling.source(lesson, trimmed), folds, ruling.penalties)
            for lesson, folds in zip(trimmed, dealt, strict=True)
        ]
    best = min(tried, key=lambda space: sum(one.error for one in tried[space]))
    turned = _turned(features[best], lessons)
    lines = [
        _line(turned, ruling.source(lesson, lessons), short, one, ruling.penalties)
        for lesson, short, one in zip(lessons, trimmed, tried[best], strict=True)
    ]
    return Learnt(best, turned.centre, turned.scale, tuple(lines))


def _line(
    turned: _Turned, source: Lesson, short: Lesson, one: _Tried, penalties: tuple[float, ...]
) -> FittedLine:
    penalty = penalties[one.penalty]
    path = _fit(turned.x, source, (penalty,))
    slope, cuts = calibrate.fit(short.take(one.rows), one.z)
    weights = path.weights[0] if turned.basis is None else turned.basis @ path.weights[0]
    bias = float(path.bias[0]) if short.second is None else 0.0
    return FittedLine(weights, bias, slope, cuts, penalty)


def _fit(x: NDArray[Any], lesson: Lesson, penalties: tuple[float, ...]) -> Path:
    return ridge_path(lesson.design(x), _target(lesson), penalties, intercept=lesson.second is None)


def _target(lesson: Lesson) -> Floats:
    """Return what is regressed on: the level, or the preference about 0, which turns with it."""
    return lesson.truth if lesson.second is None else lesson.truth - 0.5


def _try(
    x: NDArray[Any], lesson: Lesson, source: Lesson, folds: Folds, penalties: tuple[float, ...]
) -> _Tried:
    """Predict the rows of ``lesson`` left out, by weights learnt from ``source``."""
    borrowed = lesson.second is not None and source.second is None
    left_out = np.full((len(lesson.first), len(penalties)), np.nan)
    for cell in folds.cells():
        test, train = folds.split(lesson, cell)[1], folds.split(source, cell)[0]
        if test.size and train.size >= 2:
            path = _fit(x, source.take(train), penalties)
            if borrowed:
                path = Path(path.weights, np.zeros_like(path.bias))
            left_out[test] = path.predict(lesson.take(test).design(x))
    rows = np.flatnonzero(~np.isnan(left_out[:, 0]))
    target = _target(lesson)[rows]
    spread = float((target**2).mean() if lesson.second is not None else target.var())
    if rows.size < FEWEST or spread <= 0:
        raise ValueError("too few answers to learn from, or all alike")
    z = left_out[rows]
    if borrowed:  # levels apart are no preferences: the scale between them is calibration's
        z = z * (target @ z / np.maximum((z**2).sum(axis=0), _FLAT))
    errors = ((z - target[:, None]) ** 2).mean(axis=0) / spread
    penalty = int(errors.argmin())
    return _Tried(float(errors[penalty]), penalty, rows, left_out[rows, penalty])


def _inner_folds(lesson: Lesson, groups: Groups, rng: np.random.Generator) -> Folds:
    """Deal the lesson's own prompts and writers; where too few rows could be left out, prompts."""
    prompts, candidates = np.array(groups.prompts), np.array(groups.candidates)
    paired = lesson.second is not None and not lesson.against_baseline
    sides = [lesson.first] if lesson.second is None else [lesson.first, lesson.second]
    used = np.unique(np.concatenate(sides if paired else sides[:1]))
    level = level_of([lesson], len(prompts))[used]
    dealt = deal_folds(
        prompts[used].tolist(), candidates[used].tolist(), INNER, level, rng, paired=paired
    )
    folds = _placed(dealt, used, len(prompts))
    if folds.candidate is not None:
        rows = sum(folds.split(lesson, cell)[1].size for cell in folds.cells())
        if rows < FEWEST:
            return Folds(folds.prompt, None)
    return folds


def _placed(folds: Folds, used: Indices, size: int) -> Folds:
    def spread(dealt: Indices) -> Indices:
        placed = np.zeros(size, dtype=np.intp)
        placed[used] = dealt
        return placed

    candidate = None if folds.candidate is None else spread(folds.candidate)
    return Folds(spread(folds.prompt), candidate)


def _turned(states: NDArray[Any], lessons: Sequence[Lesson]) -> _Turned:
    """Standardise by the examples that the lessons are about, and turn."""
    used = np.unique(np.concatenate([
        side for lesson in lessons for side in (lesson.first, lesson.second) if side is not None
    ]))  # fmt: skip
    own = states[used].astype(np.float64)
    centre, scale = own.mean(axis=0), own.std(axis=0)
    scale = np.where(scale > _FLAT, scale, 1.0)
    x = ((states - centre) / scale).astype(states.dtype)
    if used.size >= x.shape[1]:
        return _Turned(x, centre, scale, None)
    values, vectors = np.linalg.eigh((x[used] @ x[used].T).astype(np.float64))
    kept = values > _FLAT * values[-1]
    basis = (x[used].T @ (vectors[:, kept] / np.sqrt(values[kept]))).astype(states.dtype)
    return _Turned(x @ basis, centre, scale, basis)


def _sample(size: int, most: int, rng: np.random.Generator) -> Indices:
    if size <= most:
        return np.arange(size)
    return np.sort(rng.choice(size, most, replace=False))
