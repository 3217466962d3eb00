"""What a finished sitting shows: agreement with oneself, with other people, with the judges.

Nothing here names a model: the next rater may be sitting at the same screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kojudge.label.plan import Question, preference_of
from kojudge.records import Label
from kojudge.stats import combine_log_odds
from kojudge.stats.agreement import krippendorff_alpha
from kojudge.stats.cluster import Estimate, cluster_estimate, cluster_mean
from kojudge.stats.consistency import order_flips, same_in_both_orders
from kojudge.store.run import Run

__all__ = ["Between", "Results", "Self", "WithJudge", "results_of"]

_RESAMPLES = 2000
_ALPHA = 0.05
_EVEN = 0.5
Unit = tuple[str, str, int, int]
"""(prompt_id, candidate, sample, turn)."""
_ByRater = dict[str, float]


@dataclass(frozen=True, slots=True)
class Self:
    """Repeats with sides swapped: ``same`` of ``repeats`` gave the same side or alike again.

    ``turned`` changed the winner, ``exact`` chose the same of the five steps.
    """

    repeats: int
    same: int
    turned: int
    exact: int


@dataclass(frozen=True, slots=True)
class Between:
    """Krippendorff's α (interval) between ``raters`` on ``units`` rated twice or more."""

    criterion: str
    raters: int
    units: int
    alpha: Estimate


@dataclass(frozen=True, slots=True)
class WithJudge:
    """How often a judge prefers the text that people prefer: a share (0–1) of ``pairs``.

    ``pairs`` counts opinions of all raters; those of "alike" are left out, for a judge's
    probability is hardly ever even.
    """

    judge: str
    mode: str
    criterion: str
    pairs: int
    rate: Estimate


@dataclass(frozen=True, slots=True)
class Results:
    """All that the end of a sitting shows."""

    own: Self
    between: tuple[Between, ...]
    judges: tuple[WithJudge, ...]


def results_of(
    run: Run, questions: Sequence[Question], repeated: Sequence[tuple[str, int, int]], seed: int
) -> Results:
    """Return the results on the pairs of ``questions``; ``repeated`` as Sitting.repeated gives.

    Labels of other raters count, those about the same texts or of unknown ones. Intervals
    come from resampling prompts.
    """
    rng = np.random.default_rng(seed)
    ratings = _ratings(run.labels().labels, questions)
    return Results(
        _own(repeated),
        tuple(_between(ratings, rng)),
        tuple(_with_judges(run, questions, ratings, rng)),
    )


def _own(repeated: Sequence[tuple[str, int, int]]) -> Self:
    first = np.array([preference_of(one) for _, one, _ in repeated])
    again = np.array([preference_of(two) for _, _, two in repeated])
    return Self(
        len(repeated),
        int(same_in_both_orders(first, again).sum()),
        int(order_flips(first, again).sum()),
        sum(one == two for _, one, two in repeated),
    )


def _ratings(
    labels: Sequence[Label], questions: Sequence[Question]
) -> dict[str, dict[Unit, _ByRater]]:
    """Return rater → preference by criterion and unit, for the pairs of ``questions``."""
    pairs = {(*_unit(q), q.pair.baseline.candidate): q.pair for q in questions}
    found: dict[str, dict[Unit, _ByRater]] = {}
    for label in labels:
        turn = label.extra.get("turn", 1)
        unit = (
            label.prompt_id,
            label.candidate,
            label.sample,
            turn if isinstance(turn, int) else 1,
        )
        pair = pairs.get((*unit, label.baseline or ""))
        if pair is None or label.preference is None:
            continue
        if label.extra.get("text_id", pair.text.text_id) != pair.text.text_id:
            continue  # about a text that has been replaced since
        found.setdefault(label.criterion, {}).setdefault(unit, {})[label.rater] = label.preference
    return found


def _unit(question: Question) -> Unit:
    text = question.pair.text
    return (text.prompt_id, text.candidate, text.sample, text.turn)


def _between(
    ratings: Mapping[str, Mapping[Unit, _ByRater]], rng: np.random.Generator
) -> Iterator[Between]:
    for criterion, units in sorted(ratings.items()):
        raters = sorted({rater for given in units.values() for rater in given})
        shared = {unit: given for unit, given in units.items() if len(given) >= 2}
        if not shared:
            continue
        prompts: dict[str, list[list[float]]] = {}
        for unit, given in sorted(shared.items()):
            prompts.setdefault(unit[0], []).append([given.get(r, np.nan) for r in raters])
        alpha = cluster_estimate(
            list(prompts.values()),
            lambda rows: krippendorff_alpha(rows.T, "interval"),
            rng,
            alpha=_ALPHA,
            resamples=_RESAMPLES,
            bounds=(-1.0, 1.0),
        )
        yield Between(criterion, len(raters), len(shared), alpha)


def _with_judges(
    run: Run,
    questions: Sequence[Question],
    ratings: Mapping[str, Mapping[Unit, _ByRater]],
    rng: np.random.Generator,
) -> Iterator[WithJudge]:
    for (judge, mode, criterion), judged in sorted(_judged(run, questions).items()):
        prompts: dict[str, list[float]] = {}
        for unit, given in sorted(ratings.get(criterion, {}).items()):
            value = judged.get(unit, _EVEN)
            for preference in given.values():
                if value != _EVEN and preference != _EVEN:
                    agrees = (value > _EVEN) == (preference > _EVEN)
                    prompts.setdefault(unit[0], []).append(float(agrees))
        if prompts:
            rate = cluster_mean(
                list(prompts.values()), rng, alpha=_ALPHA, resamples=_RESAMPLES, bounds=(0.0, 1.0)
            )
            yield WithJudge(judge, mode, criterion, sum(map(len, prompts.values())), rate)


_Judges = dict[tuple[str, str, str], dict[Unit, float]]
"""A judge's win score (0–1; of single texts: 1 or 0 by the higher score) by judge, mode, criterion."""


def _judged(run: Run, questions: Sequence[Question]) -> _Judges:
    pairs = {(q.pair.text.text_id, q.pair.baseline.text_id): _unit(q) for q in questions}
    found: _Judges = {}
    for row in run.query(_PAIRWISE).to_pylist():
        unit = pairs.get((row["text_id"], row["baseline_text_id"]))
        if unit is not None and row["ab"] is not None and row["ba"] is not None:
            both: NDArray[np.float64] = combine_log_odds(row["ab"], row["ba"])
            found.setdefault((row["judge"], "pairwise", row["criterion"]), {})[unit] = float(both)
    scores: dict[tuple[str, str], dict[str, float]] = {}
    for row in run.query(_POINTWISE).to_pylist():
        scores.setdefault((row["judge"], row["criterion"]), {})[row["text_id"]] = row["score"]
    for (judge, criterion), of in scores.items():
        found[judge, "pointwise", criterion] = {
            unit: _EVEN * (1 + float(np.sign(of[text] - of[other])))
            for (text, other), unit in pairs.items()
            if text in of and other in of
        }
    return found


_PAIRWISE = """
    SELECT judge, criterion, text_id, baseline_text_id,
           avg(score) FILTER (WHERE "order" = 'AB') AS ab,
           avg(score) FILTER (WHERE "order" = 'BA') AS ba
    FROM judgments WHERE mode = 'pairwise' AND status = 'scored' GROUP BY ALL ORDER BY ALL"""
_POINTWISE = """
    SELECT judge, criterion, text_id, avg(score) AS score
    FROM judgments WHERE mode = 'pointwise' AND status = 'scored' GROUP BY ALL ORDER BY ALL"""
