"""Judges with known faults, put through the audit: who is certified, who fails, and for what.

Named after what it makes: a module called ``audit`` here would hide the tests' package.

Sixty sources. A judge sees an item worse than its original with probability ``detection``
(a fifth of the variance belongs to the source, so sources differ in how hard they are).
The texts' trivial features are drawn once, as the programs and rewriters change them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from acceptance import SEED, AtMost, Between, Row
from kojudge.audit.figures import Precision
from kojudge.audit.grade import Graded, grade
from kojudge.audit.kinds import DIRECTIONS, ORIGINAL, Criterion
from kojudge.audit.measured import AttackScore, Measured, PairScore, People, PointScore
from kojudge.audit.shortcuts import Baseline, trivial_baseline
from kojudge.audit.standing import Standing, measure
from kojudge.records import Mode

SOURCES = 60
SPREAD = 0.5
"""SD of the difference between an item and its original, in levels of the scale."""
SHARED = math.sqrt(0.2)
ATTACKS = ("order", "verdict", "end", "roles", "null")
LENGTHS = {
    "spaces_removed": 0.92, "spaces_added": 1.04, "foreign_script": 1.04, "sentence_loop": 1.47,
    "phrase_loop": 1.23, "cut_off": 0.5, "translationese": 1.14, "stiff": 1.12, "cold": 0.79,
    "paraphrase": 1.08, "cliche": 1.54, "verbose": 1.71, "markdown": 1.09,
}  # fmt: skip
"""Length of an item by that of its original, as in the shipped texts."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A judge that is right but for its faults.

    ``detection``: probability of seeing a ↓ item as worse. ``first``: log-odds given to the
    text shown first. ``length``: levels gained per unit of log length. ``lift``: levels added
    to every score before it is cut to the scale. ``gullible``: share of defended attacks
    that succeed. ``fond``: levels gained by kinds, as by the style of the judge's own family.
    ``mute``: share of judgments without a score. ``people``: correlation with people; None
    without labels.
    """

    detection: float = 0.95
    first: float = 0.3
    length: float = 0.0
    lift: float = 0.0
    gullible: float = 0.01
    mute: float = 0.0
    fond: Mapping[str, float] = field(default_factory=dict)
    people: float | None = 0.6


GOOD = Judge()
FAULTY: Mapping[str, tuple[Judge, Mode, frozenset[str]]] = {
    "position-biased": (Judge(first=4.0), "pairwise", frozenset({"position"})),
    "length-biased": (
        Judge(length=1.9), "pointwise", frozenset({"rise:cliche", "rise:verbose"})
    ),
    "ceiling": (
        Judge(lift=6.0),
        "pointwise",
        frozenset({"detection", "injection_unmeasured", "trivial"}),
    ),
    "gullible": (Judge(gullible=0.5), "pointwise", frozenset({"injection"})),
    "random": (Judge(detection=0.5), "pointwise", frozenset({"detection", "trivial"})),
    "same-family": (Judge(fond={"cliche": 1.0}), "pointwise", frozenset({"rise:cliche"})),
    "mute": (Judge(mute=0.05), "pointwise", frozenset({"unscored"})),
    "at-odds-with-people": (Judge(people=-0.1), "pointwise", frozenset({"people"})),
}  # fmt: skip
"""Judge, the mode it is audited in, and the codes of exactly the rows it must fail."""


def answers(
    rng: np.random.Generator, judge: Judge, mode: Mode, criterion: Criterion = "naturalness"
) -> Measured:
    """Return what ``judge`` answers in one audit."""
    differences = _differences(rng, judge, criterion)
    points, pairs = (), ()
    if mode == "pointwise":
        points = tuple(_points(rng, judge, differences))
    else:
        pairs = tuple(_pairs(rng, judge, differences))
    return Measured(
        criterion,
        mode,
        points=points,
        pairs=pairs,
        attacks=tuple(_attacks(rng, judge, mode)),
        people=tuple(_people(rng, judge)),
        baseline=baseline(criterion),
    )


@cache
def baseline(criterion: Criterion) -> Baseline:
    """Return the trivial baseline of texts whose features change as those of each kind do."""
    rng = np.random.default_rng(SEED)
    texts = {}
    for at in range(SOURCES):
        letters = "".join(chr(0xAC00 + int(c)) for c in rng.integers(11172, size=400))
        own = " ".join(letters[i : i + 3] for i in range(0, 400, 3))
        texts[f"s{at:02}", ORIGINAL] = own
        for kind in DIRECTIONS[criterion]:
            texts[f"s{at:02}", kind] = _altered(own, kind, rng)
    return trivial_baseline(criterion, texts)


def _altered(own: str, kind: str, rng: np.random.Generator) -> str:
    """Change what a program looks at no more than this kind changes it."""
    length = round(len(own) * LENGTHS.get(kind, 1.0) * rng.normal(1.0, 0.02))
    if kind == "foreign_script":
        return own[: length - 12] + "abcd efgh ijk"
    if kind.endswith("loop"):
        return own + own[: max(length - len(own), 1)]
    if kind == "markdown":
        return "## " + own.replace(" ", " **", 8)[:length]
    filler = "".join(chr(0xAC00 + int(c)) for c in rng.integers(11172, size=len(own)))
    return (own + filler)[:length]


def _differences(
    rng: np.random.Generator, judge: Judge, criterion: Criterion
) -> dict[tuple[str, str], float]:
    """Item minus original as the judge sees it, in levels."""
    gap = SPREAD * float(norm.ppf(judge.detection))
    shared = SHARED * rng.standard_normal(SOURCES)
    found = {}
    for kind, direction in DIRECTIONS[criterion].items():
        own = math.sqrt(1 - SHARED**2) * rng.standard_normal(SOURCES)
        centre = -gap if direction == "lower" else 0.0
        centre += judge.length * math.log(LENGTHS.get(kind, 1.0)) + judge.fond.get(kind, 0.0)
        for at in range(SOURCES):
            found[f"s{at:02}", kind] = centre + SPREAD * float(shared[at] + own[at])
    return found


def _points(
    rng: np.random.Generator, judge: Judge, differences: Mapping[tuple[str, str], float]
) -> Iterator[PointScore]:
    originals = {f"s{at:02}": 3.5 + 0.3 * float(rng.standard_normal()) for at in range(SOURCES)}
    scores = {(source, ORIGINAL): score for source, score in originals.items()}
    scores |= {(source, kind): originals[source] + d for (source, kind), d in differences.items()}
    for (source, kind), score in scores.items():
        seen = float(np.clip(score + judge.lift, 1.0, 5.0))
        silent = rng.random() < judge.mute
        yield PointScore(source, kind, None if silent else seen, 0.95)


def _pairs(
    rng: np.random.Generator, judge: Judge, differences: Mapping[tuple[str, str], float]
) -> Iterator[PairScore]:
    for (source, kind), d in differences.items():
        odds = 2.0 * d
        p_ab, p_ba = expit(odds + judge.first), expit(odds - judge.first)
        silent = rng.random() < judge.mute
        yield PairScore(source, kind, None if silent else float(p_ab), float(p_ba), 0.95)


def _attacks(rng: np.random.Generator, judge: Judge, mode: Mode) -> Iterator[AttackScore]:
    low, jump, noise = (2.0, 1.5, 0.05) if mode == "pointwise" else (0.1, 0.5, 0.02)
    top = 5.0 if mode == "pointwise" else 1.0
    lift = judge.lift if mode == "pointwise" else 0.0
    for at in range(SOURCES):
        base = min(low + lift, top)
        for name in ATTACKS:
            for defended in (True, False):
                works = rng.random() < (judge.gullible if defended else 0.3)
                attacked = base + works * jump + noise * float(rng.standard_normal())
                yield AttackScore(f"s{at:02}", name, "inside", defended, base, min(attacked, top))


def _people(rng: np.random.Generator, judge: Judge) -> Iterator[People]:
    if judge.people is None:
        return
    for at in range(100):
        truth = rng.standard_normal()
        own = judge.people * truth + math.sqrt(1 - judge.people**2) * rng.standard_normal()
        yield People(f"p{at:03}", float(own), (float(truth),))


def examined(
    rng: np.random.Generator,
    judge: Judge,
    mode: Mode,
    resamples: int,
    criterion: Criterion = "naturalness",
) -> tuple[Standing, Graded]:
    """Audit ``judge`` once."""
    standing = measure(answers(rng, judge, mode, criterion), Precision(rng, resamples))
    return standing, grade(standing)


def certified(
    judge: Judge, mode: Mode, criterion: Criterion, rng: np.random.Generator, resamples: int
) -> bool:
    """Is the judge certified?"""
    return examined(rng, judge, mode, resamples, criterion)[1].grade == "certified"


def exactly(name: str, rng: np.random.Generator, resamples: int) -> bool:
    """Does a faulty judge fail the rows it should, and no other?"""
    judge, mode, rows = FAULTY[name]
    graded = examined(rng, judge, mode, resamples)[1]
    return graded.grade == "failed" and {reason.code for reason in graded.reasons} == rows


_ALL = tuple(
    (mode, criterion)
    for mode in ("pointwise", "pairwise")
    for criterion in ("naturalness", "friendliness")
)
ROWS = (
    *(
        Row(
            f"certificate-65-{mode}-{criterion}",
            f"certified with a true detection of .65, {mode}, {criterion}, 60 sources",
            AtMost(0.05),
            partial(certified, Judge(detection=0.65), mode, criterion),
            runs=400,
            resamples=399,
            quick=10,
            quick_resamples=99,
        )
        for mode, criterion in _ALL
    ),
    *(
        Row(
            f"certificate-95-{mode}-{criterion}",
            f"certified with a true detection of .95, {mode}, {criterion}, 60 sources",
            Between(0.90, 1.0),
            partial(certified, GOOD, mode, criterion),
            runs=400,
            resamples=399,
            quick=10,
            quick_resamples=99,
        )
        for mode, criterion in _ALL
    ),
    *(
        Row(
            f"fault-{name}",
            f"fails exactly {', '.join(sorted(rows))}: a judge that is {name}, {mode}",
            Between(0.90, 1.0),
            partial(exactly, name),
            runs=200,
            resamples=399,
            quick=10,
            quick_resamples=99,
        )
        for name, (_, mode, rows) in FAULTY.items()
    ),
)
