"""How steady the judges are: order, repeats, one another; intervals by prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kojudge.report.compare import Plan
from kojudge.report.gather import Pair, Score
from kojudge.stats.agreement import gwet_ac2, krippendorff_alpha, quadratic_kappa
from kojudge.stats.cluster import Estimate, cluster_estimate, cluster_mean
from kojudge.stats.consistency import repeat_sd, repetition_stability, same_in_both_orders
from kojudge.stats.icc import icc

Floats = NDArray[np.float64]
Item = TypeVar("Item")
SHARE = (0.0, 1.0)
COEFFICIENT = (-1.0, 1.0)
_RESAMPLES = 1_000


def reliability(
    points: Sequence[Score], found: Sequence[Pair], plan: Plan, scale: tuple[float, float]
) -> list[dict[str, Any]]:
    """Return rows of results.json: judge, criterion, mode, measure, value, interval, n.

    What a gate settled unread is left out. ``n`` counts prompts, the unit of every interval. What cannot be measured (one judge, no
    repeats) has no row.
    """
    read = [pair for pair in found if not pair.flagged]
    return [*_orders(read, plan), *_repeats(points, plan, scale), *_between(points, plan, scale)]


def _orders(found: Sequence[Pair], plan: Plan) -> Iterable[dict[str, Any]]:
    """Position consistency, and how often the text shown first wins (even: .5)."""
    for (judge, criterion), own in _by(found, lambda p: (p.judge, p.criterion)).items():
        same, first = [], []
        for pairs in _by(own, lambda p: (p.prompt_id,)).values():
            ab = np.array([p.first for p in pairs])
            ba = np.array([p.second for p in pairs])
            same.append(same_in_both_orders(ab, ba).astype(float))
            # The candidate stands first in AB, the baseline in BA.
            first.append(np.concatenate([_won(ab), 1 - _won(ba)]))
        place = (judge, criterion, "pairwise")
        yield _row(*place, "position_consistency", _mean(same, plan, SHARE))
        yield _row(*place, "first_place_wins", _mean(first, plan, SHARE))


def _won(p: Floats) -> Floats:
    return np.where(p > 0.5, 1.0, np.where(p < 0.5, 0.0, 0.5))


def _repeats(
    points: Sequence[Score], plan: Plan, scale: tuple[float, float]
) -> Iterable[dict[str, Any]]:
    """Stability of one judge over repeats of the same text: same level, SD and ICC(A,1)."""
    for (judge, criterion), own in _by(_scored(points), lambda s: (s.judge, s.criterion)).items():
        texts = _by(own, lambda s: (s.prompt_id, s.candidate, s.text))
        most = max(len(repeats) for repeats in texts.values())
        if most < 2:
            continue
        clusters = _clusters({key: [s.score for s in of] for key, of in texts.items()}, most)
        place = (judge, criterion, "pointwise")
        measures: dict[str, Callable[[Floats], float]] = {
            "repetition_stability": lambda x: _same_level(_rounded(x, scale)),
            "repeat_sd": repeat_sd,
            "repeat_icc": _icc_single,
        }
        for name, of in measures.items():
            yield _row(*place, name, _estimate(clusters, of, plan))


def _same_level(levels: Floats) -> float:
    shares = repetition_stability(levels)
    repeated = shares[~np.isnan(shares)]
    return float(repeated.mean()) if repeated.size else float("nan")


def _between(
    points: Sequence[Score], plan: Plan, scale: tuple[float, float]
) -> Iterable[dict[str, Any]]:
    """Agreement of several judges on the same texts: ICC(A,1), ICC(A,k), κ, α, AC2."""
    for (criterion,), own in _by(_scored(points), lambda s: (s.criterion,)).items():
        judges = sorted({s.judge for s in own})
        if len(judges) < 2:
            continue
        texts = _by(own, lambda s: (s.prompt_id, s.candidate, s.text))
        rows = {
            key: [_of_judge(of, judge) for judge in judges]
            for key, of in texts.items()
            if len({s.judge for s in of}) == len(judges)
        }
        if len(rows) < 2:
            continue
        clusters = _clusters(rows, len(judges))
        measures: dict[str, Callable[[Floats], float]] = {
            "icc_single": _icc_single,
            "icc_mean": lambda x: _defined(x, lambda y: icc(y).a_k),
            "krippendorff_alpha": lambda x: krippendorff_alpha(_rounded(x, scale).T, "interval"),
            "gwet_ac2": lambda x: _ac2(x, scale),
        }
        if len(judges) == 2:
            measures["quadratic_kappa"] = lambda x: quadratic_kappa(x[:, 0], x[:, 1])
        place = (" + ".join(judges), criterion, "pointwise")
        for name, of in measures.items():
            yield _row(*place, name, _estimate(clusters, of, plan))


def _ac2(x: Floats, scale: tuple[float, float]) -> float:
    levels = np.arange(scale[0], scale[1] + 1).tolist()
    return gwet_ac2(_rounded(x, scale).T, "quadratic", levels)


def _scored(points: Sequence[Score]) -> list[Score]:
    return [score for score in points if score.score == score.score and not score.flagged]


def _of_judge(scores: Sequence[Score], judge: str) -> float:
    return float(np.mean([s.score for s in scores if s.judge == judge]))


def _rounded(x: Floats, scale: tuple[float, float]) -> Floats:
    """The nearest level: α and AC2 are made for levels, and a judge's score is an expected one."""
    low, high = scale
    return np.clip(low + np.rint(x - low), low, high)


def _icc_single(x: Floats) -> float:
    return _defined(x, lambda y: icc(y).a_1)


def _defined(x: Floats, of: Callable[[Floats], float]) -> float:
    complete = x[~np.isnan(x).any(1)]
    return of(complete) if len(complete) >= 2 else float("nan")


def _clusters(rows: dict[tuple[str, ...], list[float]], width: int) -> list[Floats]:
    """Return rows by prompt (the first part of their key), padded with NaN to ``width``."""
    prompts: dict[str, list[list[float]]] = {}
    for key, values in rows.items():
        padded = [*values, *[float("nan")] * (width - len(values))]
        prompts.setdefault(key[0], []).append(padded)
    return [np.array(of) for of in prompts.values()]


def _mean(clusters: Sequence[Floats], plan: Plan, bounds: tuple[float, float]) -> Estimate:
    return cluster_mean(clusters, plan.rng, alpha=plan.alpha, resamples=_RESAMPLES, bounds=bounds)


def _estimate(clusters: Sequence[Floats], of: Callable[[Floats], float], plan: Plan) -> Estimate:
    return cluster_estimate(
        clusters,
        of,
        plan.rng,
        alpha=plan.alpha,
        resamples=_RESAMPLES,
        bounds=(0.0, float("inf")) if of is repeat_sd else COEFFICIENT,
    )


def _row(judge: str, criterion: str, mode: str, measure: str, found: Estimate) -> dict[str, Any]:
    return {
        "judge": judge,
        "criterion": criterion,
        "mode": mode,
        "measure": measure,
        "value": found.value,
        "ci_low": found.low,
        "ci_high": found.high,
        "n": found.n_clusters,
        "method": found.method,
    }


def _by(
    rows: Iterable[Item], key: Callable[[Item], tuple[str, ...]]
) -> dict[tuple[str, ...], list[Item]]:
    groups: dict[tuple[str, ...], list[Item]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups
