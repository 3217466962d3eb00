"""What people say beside the judge: agreement, prediction-powered estimates, the alt-test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kojudge.records import Label
from kojudge.report.compare import Plan
from kojudge.report.families import EVEN, Family
from kojudge.report.gather import Score
from kojudge.report.scale import calibration
from kojudge.stats import paired_mean
from kojudge.stats.agreement import krippendorff_alpha, observed_agreement
from kojudge.stats.alt_test import alt_test
from kojudge.stats.cluster import cluster_estimate
from kojudge.stats.consistency import difference_correlation
from kojudge.stats.ppi import MIN_LABELLED, powered_mean

Floats = NDArray[np.float64]
Kind = Literal["score", "preference"]
EPSILON = 0.15
"""The alt-test's allowance for skilled annotators (arXiv:2501.10970)."""
_RESAMPLES = 1_000
_ByPrompt = dict[str, float]


def people(
    labels: Sequence[Label],
    found: Sequence[Family],
    baseline: str,
    plan: Plan,
    rows: Sequence[Score] = (),
    scale: tuple[float, float] = (1.0, 5.0),
) -> dict[str, Any] | None:
    """Return what labels say in results.json; None where there are none.

    ``rows`` are the judges' scores of single texts on ``scale``.

    ``agreement`` has a row for each judge and criterion: correlation with people on
    prompt-level differences, with its interval by prompt. ``ceiling`` tells how far people
    agree with one another. ``powered`` are PPI++ estimates in people's own unit, from
    thirty labelled prompts on. ``alt_test`` asks whether the judge may stand for a person,
    ``calibration`` what its points are worth (:mod:`kojudge.report.scale`).
    """
    if not labels:
        return None
    differences = _differences(labels, baseline)
    return {
        "raters": len({label.rater for label in labels}),
        "labels": len(labels),
        "prompts": len({label.prompt_id for label in labels}),
        "ceiling": list(_ceiling(_items(labels, baseline))),
        "agreement": list(_agreement(differences, found, plan)),
        "powered": list(_powered(differences, found, plan)),
        "alt_test": list(_alt_tests(_items(labels, baseline), found, baseline)),
        "calibration": calibration(labels, rows, scale, plan),
    }


def _differences(labels: Sequence[Label], baseline: str) -> dict[tuple[Kind, str, str], _ByPrompt]:
    """Return people's difference by kind, criterion, candidate and prompt."""
    scores: dict[tuple[str, str, str], dict[int, list[float]]] = {}
    wins: dict[tuple[str, str, str], dict[int, list[float]]] = {}
    for label in labels:
        key = (label.criterion, label.candidate, label.prompt_id)
        if label.score is not None:
            scores.setdefault(key, {}).setdefault(label.sample, []).append(label.score)
        elif label.preference is not None and label.baseline in (None, baseline):
            wins.setdefault(key, {}).setdefault(label.sample, []).append(label.preference)
    found: dict[tuple[Kind, str, str], _ByPrompt] = {}
    for (criterion, candidate, prompt), texts in scores.items():
        other = scores.get((criterion, baseline, prompt))
        if candidate != baseline and other is not None:
            of = found.setdefault(("score", criterion, candidate), {})
            of[prompt] = _level(texts) - _level(other)
    for (criterion, candidate, prompt), texts in wins.items():
        found.setdefault(("preference", criterion, candidate), {})[prompt] = _level(texts) - EVEN
    return found


def _level(texts: Mapping[int, Sequence[float]]) -> float:
    """Raters averaged inside a text, texts inside the prompt."""
    return float(np.mean([np.mean(given) for given in texts.values()]))


_Items = dict[tuple[Kind, str], dict[tuple[str, str, int], _ByPrompt]]
"""rater → opinion by kind and criterion, then by item (prompt_id, candidate, sample)"""


def _items(labels: Sequence[Label], baseline: str) -> _Items:
    """Return the opinions; preferences over another baseline are about something else."""
    found: _Items = {}
    for label in labels:
        kind: Kind = "score" if label.score is not None else "preference"
        value = label.score if label.score is not None else label.preference
        ours = kind == "score" or label.baseline in (None, baseline)
        if value is not None and ours:
            item = (label.prompt_id, label.candidate, label.sample)
            found.setdefault((kind, label.criterion), {}).setdefault(item, {})[label.rater] = value
    return found


def _matrix(items: Mapping[tuple[str, str, int], _ByPrompt]) -> Floats:
    """Return the opinions as [raters, items], NaN where a rater gave none."""
    raters = sorted({rater for given in items.values() for rater in given})
    return np.array([[given.get(rater, np.nan) for given in items.values()] for rater in raters])


def _ceiling(by_kind: _Items) -> Iterator[dict[str, Any]]:
    for (kind, criterion), items in sorted(by_kind.items()):
        ratings = _matrix(items)
        if ratings.shape[0] < 2:
            continue
        alpha = krippendorff_alpha(ratings, "interval")
        same = observed_agreement(ratings)
        yield {
            "criterion": criterion,
            "kind": kind,
            "raters": ratings.shape[0],
            "pairs": same.pairs,
            "exact_agreement": same.rate if same.pairs else None,
            "krippendorff_alpha": None if np.isnan(alpha) else alpha,
        }


@dataclass(frozen=True, slots=True)
class _Shared:
    """Differences of people and a judge on ``prompts``, and of the judge alone on the ``rest``."""

    judge: str
    mode: str
    kind: Kind
    criterion: str
    candidate: str
    prompts: tuple[str, ...]
    people: Floats
    judged: Floats
    rest: Floats


def _shared(
    differences: Mapping[tuple[Kind, str, str], _ByPrompt], found: Sequence[Family]
) -> Iterator[_Shared]:
    for family in found:
        place = {prompt: at for at, prompt in enumerate(family.prompts)}
        for (kind, criterion, candidate), own in sorted(differences.items()):
            if criterion not in family.criteria or candidate not in family.models:
                continue
            judge = family.differences(criterion, family.models.index(candidate))
            both = tuple(p for p in own if p in place and not np.isnan(judge[place[p]]))
            at = np.array([place[p] for p in both], dtype=np.intp)
            rest = np.delete(judge, at)
            yield _Shared(
                family.judge,
                family.mode,
                kind,
                criterion,
                candidate,
                both,
                np.array([own[p] for p in both]),
                judge[at],
                rest[~np.isnan(rest)],
            )


def _agreement(
    differences: Mapping[tuple[Kind, str, str], _ByPrompt], found: Sequence[Family], plan: Plan
) -> Iterator[dict[str, Any]]:
    """Return r over all candidates of a judge and criterion, prompts resampled whole."""
    groups: dict[tuple[str, str, str, str], dict[str, list[tuple[float, float]]]] = {}
    for one in _shared(differences, found):
        prompts = groups.setdefault((one.judge, one.mode, one.kind, one.criterion), {})
        for prompt, judged, said in zip(one.prompts, one.judged, one.people, strict=True):
            prompts.setdefault(prompt, []).append((float(judged), float(said)))
    for (judge, mode, kind, criterion), prompts in sorted(groups.items()):
        clusters = [np.array(rows) for rows in prompts.values()]
        if not clusters:
            continue
        estimate = cluster_estimate(
            clusters,
            lambda x: difference_correlation(x[:, 0], x[:, 1]) if len(x) >= 3 else float("nan"),
            plan.rng,
            alpha=plan.alpha,
            resamples=_RESAMPLES,
            bounds=(-1.0, 1.0),
        )
        yield {
            "judge": judge,
            "mode": mode,
            "kind": kind,
            "criterion": criterion,
            "correlation": estimate.value,
            "ci_low": estimate.low,
            "ci_high": estimate.high,
            "n": len(clusters),
        }


def _powered(
    differences: Mapping[tuple[Kind, str, str], _ByPrompt], found: Sequence[Family], plan: Plan
) -> Iterator[dict[str, Any]]:
    for one in _shared(differences, found):
        if one.people.size < MIN_LABELLED or one.rest.size < 2:
            continue
        powered = powered_mean(one.people, one.judged, one.rest)
        alone = paired_mean(one.people)
        yield {
            "judge": one.judge,
            "mode": one.mode,
            "kind": one.kind,
            "criterion": one.criterion,
            "candidate": one.candidate,
            "labelled": powered.n,
            "unlabelled": powered.n_unlabelled,
            "delta": powered.delta,
            **_ends("", powered.interval(plan.alpha)),
            "people_delta": alone.delta,
            **_ends("people_", alone.interval(plan.alpha)),
            "weight": powered.weight,
            "correlation": powered.correlation,
        }


def _ends(name: str, interval: tuple[float, float] | None) -> dict[str, float | None]:
    low, high = interval or (None, None)
    return {f"{name}ci_low": low, f"{name}ci_high": high}


def _alt_tests(by_kind: _Items, found: Sequence[Family], baseline: str) -> Iterator[dict[str, Any]]:
    """Test every judge against every annotator of thirty prompts or more, kind by kind."""
    for (kind, criterion), items in sorted(by_kind.items()):
        for family in found:
            if criterion not in family.criteria or (family.mode == "pointwise") != (
                kind == "score"
            ):
                continue
            known = {
                item: value
                for item in items
                if (value := _judged(family, criterion, item, baseline)) is not None
            }
            ratings = _matrix({item: items[item] for item in known})
            row = _alt_test(np.array(list(known.values())), ratings, list(known), kind)
            if row is not None:
                yield {"judge": family.judge, "criterion": criterion, "kind": kind, **row}


def _judged(
    family: Family, criterion: str, item: tuple[str, str, int], baseline: str
) -> float | None:
    """Return the judge's mean on an item's prompt; a choice is rounded to win, tie or loss."""
    prompt, candidate, _ = item
    if prompt not in family.prompts or candidate not in family.models:
        return None
    at = family.prompts.index(prompt)
    value = float(family.criteria[criterion].means[family.models.index(candidate), at])
    if np.isnan(value) or (family.mode == "pairwise" and candidate == baseline):
        return None
    return value if family.mode == "pointwise" else float(0.5 * (1 + np.sign(value - EVEN)))


def _alt_test(
    judge: Floats, ratings: Floats, items: Sequence[tuple[str, str, int]], kind: Kind
) -> dict[str, Any] | None:
    """Return the test, or None where it cannot be made: one rater, or none of 30 prompts."""
    prompts = np.array([prompt for prompt, _, _ in items])
    if ratings.ndim != 2 or len(ratings) < 2:
        return None
    overlap = (~np.isnan(ratings)).sum(0) >= 2
    enough = [
        len(set(prompts[overlap & ~np.isnan(own)].tolist())) >= MIN_LABELLED for own in ratings
    ]
    if not any(enough):
        return None
    score: Literal["rmse", "match"] = "rmse" if kind == "score" else "match"
    found = alt_test(judge, ratings, EPSILON, prompts=prompts, score=score)
    return {
        "epsilon": EPSILON,
        "winning_rate": found.winning_rate,
        "advantage": found.advantage,
        "passed": found.passed,
        "annotators": len(found.annotators),
        "skipped": len(found.skipped),
    }
