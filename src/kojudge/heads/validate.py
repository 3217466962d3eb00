"""Nested cross-validation of the whole training: what a head says of prompts and writers unseen.

Each cell, prompt fold × writer fold, is predicted by a head that was trained without that
fold's prompts and without its writers; layer, pooling, penalty and calibration are chosen
inside the training part, by the same procedure. Trivial features go through it too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kojudge.audit.figures import Precision
from kojudge.audit.shortcuts import features as trivial_features
from kojudge.heads.agreement import KOREAN_FROM, STRATA, Agreement, Table, agreement
from kojudge.heads.curve import Curve, Point, bend, points
from kojudge.heads.data import Lesson, Material
from kojudge.heads.fit import CHOSEN, Features, Groups, Learnt, Ruling, Space, learn
from kojudge.heads.folds import OUTER, Folds, deal_folds, level_of
from kojudge.heads.reliability import Reliability, reliability

__all__ = ["LineValidation", "trivial_space", "validate"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Tick = Callable[[int, int], None]

TRIVIAL: Space = (1, "mean")
"""Trivial features stand where a space's states would; the name of that space says nothing."""
_FEWEST_COVERED = 3


@dataclass(frozen=True, slots=True)
class LineValidation:
    """What is known of one criterion in one mode, all on texts left out.

    ``texts`` (or pairs) were predicted, of ``answers`` in all. ``grouped``: what a test text
    shares with no training text. ``spaces`` counts how often each layer and pooling won.
    """

    criterion: str
    mode: str
    made: bool
    answers: int
    texts: int
    prompts: int
    candidates: int
    grouped: tuple[str, ...]
    agreement: Agreement
    reliability: Reliability
    curve: tuple[Point, ...] = ()
    spaces: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Found:
    """Predictions for one lesson's rows, nan where a row was never left out."""

    head: Floats
    trivial: Floats
    answers: Floats
    curve: Curve = field(default_factory=dict)
    learnt: list[int] = field(default_factory=list)

    @classmethod
    def empty(cls, lesson: Lesson) -> _Found:
        n = len(lesson.first)
        nan = np.full(n, np.nan)
        return cls(nan.copy(), nan.copy(), np.full((n, len(lesson.labels)), np.nan))


def validate(
    material: Material,
    features: Features,
    rng: np.random.Generator,
    *,
    curve: bool = True,
    resamples: int = 1000,
    tick: Tick | None = None,
    ruling: Ruling = CHOSEN,
) -> tuple[tuple[LineValidation, ...], Folds]:
    """Validate what ``features`` of the material's examples can learn of its lessons.

    Returns what was found for each lesson, and the folds of prompts and writers.

    Raises:
        ValueError: a lesson cannot be learnt (:func:`kojudge.heads.fit.learn`).
    """
    groups = Groups(material.prompts, material.candidates)
    paired = any(one.second is not None and not one.against_baseline for one in material.lessons)
    level = level_of(material.lessons, len(material.examples))
    folds = deal_folds(groups.prompts, groups.candidates, OUTER, level, rng, paired=paired)
    plain = trivial_space([example.text for example in material.examples])
    found = [_Found.empty(lesson) for lesson in material.lessons]
    spaces: dict[str, int] = {}
    cells = list(folds.cells())
    for number, cell in enumerate(cells):
        if tick is not None:
            tick(number, len(cells))
        learnt = _cell(
            material.lessons, features, plain, groups, folds, cell, rng, found, curve, ruling
        )
        if learnt is not None:
            name = f"{learnt.space[0]}/{learnt.space[1]}"
            spaces[name] = spaces.get(name, 0) + 1
    precision = Precision(rng, resamples)
    made = tuple(
        _line(material, lesson, one, folds, spaces, precision)
        for lesson, one in zip(material.lessons, found, strict=True)
    )
    return made, folds


def trivial_space(texts: Sequence[str]) -> Features:
    """Return the trivial features of texts and their squares, [N, 8], as if they were states."""
    plain = np.array([trivial_features(text) for text in texts])
    centred = plain - plain.mean(axis=0)
    return {TRIVIAL: np.hstack([plain, centred**2])}


def _cell(
    lessons: Sequence[Lesson],
    features: Features,
    plain: Features,
    groups: Groups,
    folds: Folds,
    cell: tuple[int, int],
    rng: np.random.Generator,
    found: Sequence[_Found],
    curve: bool,
    ruling: Ruling,
) -> Learnt | None:
    """Predict one cell by head and trivial features, for all lessons together."""
    parts = [folds.split(lesson, cell) for lesson in lessons]
    there = [at for at, (train, test) in enumerate(parts) if test.size and train.size]
    if not there:
        return None
    own = [lessons[at].take(parts[at][0]) for at in there]
    learnt = learn(features, own, groups, rng, ruling)
    simple = learn(plain, own, groups, rng, ruling)
    x, z = learnt.standardised(features), simple.standardised(plain)
    for line, at in enumerate(there):
        test = parts[at][1]
        lesson = lessons[at].take(test)
        answers = learnt.answers(line, lesson, x)
        found[at].answers[test] = answers
        found[at].head[test] = answers @ lesson.values
        found[at].trivial[test] = simple.answers(line, lesson, z) @ lesson.values
        found[at].learnt.append(parts[at][0].size)
        if curve:
            best = {learnt.space: features[learnt.space]}
            bend((best, plain), own[line], (lesson, test), groups, rng, found[at].curve,
                 len(lessons[at].first), ruling)  # fmt: skip
    return learnt


def _line(
    material: Material,
    lesson: Lesson,
    found: _Found,
    folds: Folds,
    spaces: Mapping[str, int],
    precision: Precision,
) -> LineValidation:
    rows = np.flatnonzero(~np.isnan(found.head))
    if rows.size < _FEWEST_COVERED:
        raise ValueError("no text could be left out with its prompt and its writer")
    own = lesson.take(rows)
    table = _table(material, own, found.head[rows], found.trivial[rows])
    return LineValidation(
        lesson.criterion,
        lesson.mode,
        lesson.made,
        len(lesson.first),
        rows.size,
        len(set(table.prompt)),
        len(set(table.candidate)),
        ("prompt",) if folds.candidate is None else ("prompt", "candidate"),
        agreement(table, precision),
        reliability(own, found.answers[rows]),
        points(table, found.curve, rows, round(float(np.mean(found.learnt))), precision),
        dict(sorted(spaces.items(), key=lambda one: -one[1])),
    )


def _table(material: Material, lesson: Lesson, head: Floats, trivial: Floats) -> Table:
    """Lay out predictions; of pairs the trivial features are differences, the writer the first's."""
    examples = material.examples
    plain = trivial_space([example.text for example in examples])[TRIVIAL]
    first = [examples[at] for at in lesson.first.tolist()]
    korean = plain[:, 1] >= KOREAN_FROM
    whole = korean[lesson.first]
    if lesson.second is not None:
        whole = whole & korean[lesson.second]
    features = lesson.design(plain).astype(np.float64)
    length = features[:, 0]
    edges = np.quantile(length, np.linspace(0, 1, STRATA + 1)[1:-1])
    return Table(
        lesson.truth,
        head,
        trivial,
        [example.prompt for example in first],
        [example.candidate for example in first],
        np.searchsorted(edges, length),
        whole,
        features,
    )
