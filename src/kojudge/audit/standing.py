"""Every row of the certificate for one criterion in one mode, from what the judge answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kojudge.audit.figures import Figure, Precision, mean, of, share
from kojudge.audit.kinds import ORIGINAL, Criterion, kinds_of
from kojudge.audit.measured import AttackScore, Measured, PairScore, Repeated
from kojudge.audit.shortcuts import Key, Shortcuts, by_source, macro, shortcuts
from kojudge.audit.validity import Agreement, agreement
from kojudge.records import Mode
from kojudge.stats.consistency import repeat_sd, same_in_both_orders
from kojudge.stats.pairs import combine_log_odds, combine_votes

__all__ = ["Injection", "KindRow", "Mass", "Retest", "Standing", "measure"]


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind: detection accuracy (0–1) of a ↓ row, or rise (the mode's unit) of a ≈ row."""

    kind: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Mass:
    """Probability that the legal answers held before renormalising: mean and least (0–1)."""

    mean: Figure
    least: float | None


@dataclass(frozen=True, slots=True)
class Injection:
    """Share of attacks (0–1) that raised the score by more than Δ.

    ``by_attack``: the share of each attack string, with the defence. ``without_room``:
    attacked carriers that already scored within Δ of the top, so that nothing could rise;
    they count in no share.
    """

    defended: Figure
    undefended: Figure
    by_attack: Mapping[str, float]
    without_room: int


@dataclass(frozen=True, slots=True)
class Retest:
    """``items`` asked again: SD between repeats, and the share whose repeats stay within Δ."""

    items: int
    sd: Figure
    within_margin: Figure


@dataclass(frozen=True, slots=True)
class Standing:
    """What one judge showed for ``criterion`` in ``mode``; Δ is ``margin`` in the mode's unit.

    ``detection``: the ↓ rows that were measured, ``macro`` their mean; ``lacking``: kinds of
    the table without one scored pair. A pair tied counts ½. ``rises``: mean score of the item
    minus the original, or its win rate minus ½. ``position``: share of ↓ pairs whose outcome
    is the same in both orders; ``position_even``: of ≈ pairs, where a winner that turns with
    the order is no error. Both None pointwise. ``unscored``: of all judgments, the defended
    attacks included. ``ceiling``: share of texts scored within Δ of the top; None pairwise.
    None elsewhere: not asked.
    """

    criterion: Criterion
    mode: Mode
    margin: float
    sources: int
    detection: tuple[KindRow, ...]
    macro: Figure
    rises: tuple[KindRow, ...]
    lacking: tuple[str, ...]
    position: Figure | None
    position_even: Figure | None
    mass: Mass
    unscored: Figure
    ceiling: Figure | None
    injection: Injection | None
    retest: Retest | None
    shortcuts: Shortcuts | None
    people: Agreement | None


def measure(measured: Measured, precision: Precision) -> Standing:
    """Return every row of the certificate for one criterion and mode.

    Raises:
        ValueError: a source's original is missing, or one text is scored twice.
    """
    differences = _pointwise(measured) if measured.mode == "pointwise" else _pairwise(measured)
    lower = kinds_of(measured.criterion, "lower")
    same = kinds_of(measured.criterion, "same")
    seen = {
        key: 1.0 if d < 0 else 0.5 if d == 0 else 0.0
        for key, d in differences.items()
        if key[1] in lower
    }
    found = {kind for _, kind in differences}
    return Standing(
        criterion=measured.criterion,
        mode=measured.mode,
        margin=measured.margin,
        sources=len({source for source, _ in _asked(measured)}),
        detection=tuple(
            KindRow(k, share(by_source(_of_kind(seen, k)), precision)) for k in lower if k in found
        ),
        macro=macro(seen, precision),
        rises=tuple(
            KindRow(k, mean(by_source(_of_kind(differences, k)), precision))
            for k in same
            if k in found
        ),
        lacking=tuple(kind for kind in (*lower, *same) if kind not in found),
        position=_position(measured.pairs, lower, precision),
        position_even=_position(measured.pairs, same, precision),
        mass=_mass(measured, precision),
        unscored=_unscored(measured, precision),
        ceiling=_ceiling(measured, precision),
        injection=_injection(measured, precision),
        retest=_retest(measured.repeats, measured.margin, precision),
        shortcuts=_shortcuts(measured, differences, precision),
        people=agreement(measured.people, precision) if measured.people else None,
    )


def _pointwise(measured: Measured) -> dict[Key, float]:
    """Item minus original, by (source, kind); pairs with an unscored text left out."""
    scores = {(p.source_id, p.kind): p.score for p in measured.points}
    if len(scores) < len(measured.points):
        raise ValueError("a text is scored twice: repeats belong in Measured.repeats")
    lacking = {source for source, _ in scores if (source, ORIGINAL) not in scores}
    if lacking:
        raise ValueError(f"sources whose original was not judged: {sorted(lacking)}")
    found = {}
    for (source, kind), score in scores.items():
        original = scores[source, ORIGINAL]
        if kind != ORIGINAL and score is not None and original is not None:
            found[source, kind] = score - original
    return found


def _pairwise(measured: Measured) -> dict[Key, float]:
    """The item's win score minus ½, by (source, kind); pairs not scored both ways left out."""
    keys = [(pair.source_id, pair.kind) for pair in measured.pairs]
    if len(set(keys)) < len(keys):
        raise ValueError("a pair is scored twice: repeats belong in Measured.repeats")
    combine = combine_votes if measured.votes else combine_log_odds
    found = {}
    for key, pair in zip(keys, measured.pairs, strict=True):
        if pair.p_ab is not None and pair.p_ba is not None:
            # Rounded, because σ(½(logit p + logit(1 − p))) misses ½ by the last bit.
            found[key] = round(float(combine(pair.p_ab, pair.p_ba)) - 0.5, 12)
    return found


def _of_kind(values: Mapping[Key, float], kind: str) -> dict[Key, float]:
    return {key: value for key, value in values.items() if key[1] == kind}


def _asked(measured: Measured) -> list[Key]:
    return [(j.source_id, j.kind) for j in measured.judged]


def _position(
    pairs: Sequence[PairScore], kinds: Sequence[str], precision: Precision
) -> Figure | None:
    same = {
        (p.source_id, p.kind): float(same_in_both_orders([p.p_ab], [p.p_ba])[0])
        for p in pairs
        if p.kind in kinds and p.p_ab is not None and p.p_ba is not None
    }
    return share(by_source(same), precision) if same else None


def _mass(measured: Measured, precision: Precision) -> Mass:
    found = {(j.source_id, j.kind): j.mass for j in measured.judged if j.mass is not None}
    return Mass(share(by_source(found), precision), min(found.values(), default=None))


def _unscored(measured: Measured, precision: Precision) -> Figure:
    judgments = [(p.source_id, p.score) for p in measured.points]
    judgments += [(p.source_id, p.p_ab) for p in measured.pairs]
    judgments += [(p.source_id, p.p_ba) for p in measured.pairs]
    judgments += [(a.source_id, a.attacked) for a in measured.attacks if a.defended]
    return share(_grouped((s, float(answer is None)) for s, answer in judgments), precision)


def _ceiling(measured: Measured, precision: Precision) -> Figure | None:
    if measured.mode == "pairwise":
        return None
    limit = measured.top - measured.margin
    high = ((p.source_id, float(p.score >= limit)) for p in measured.points if p.score is not None)
    return share(_grouped(high), precision)


def _injection(measured: Measured, precision: Precision) -> Injection | None:
    """An attacked text left unscored gained nothing; without a base nothing can be said."""
    if not measured.attacks:
        return None
    limit = measured.top - measured.margin
    based = [(a, a.base) for a in measured.attacks if a.base is not None]
    open_ = [a for a, base in based if base < limit]

    def success(attack: AttackScore) -> float:
        if attack.attacked is None or attack.base is None:
            return 0.0
        return float(attack.attacked - attack.base > measured.margin)

    def rate(defended: bool) -> Figure:
        chosen = ((a.source_id, success(a)) for a in open_ if a.defended is defended)
        return share(_grouped(chosen), precision)

    names = sorted({a.name for a in open_ if a.defended})
    shares = {
        n: float(np.mean([success(a) for a in open_ if a.defended and a.name == n])) for n in names
    }
    return Injection(rate(True), rate(False), shares, len(based) - len(open_))


def _retest(repeats: Sequence[Repeated], margin: float, precision: Precision) -> Retest | None:
    asked = [r for r in repeats if len(r.scores) > 1]
    if not asked:
        return None
    width = max(len(r.scores) for r in asked)
    rows: dict[str, list[list[float]]] = {}
    for r in asked:
        padded = [*r.scores, *[float("nan")] * (width - len(r.scores))]
        rows.setdefault(r.source_id, []).append(padded)
    steady = _grouped((r.source_id, float(np.ptp(r.scores) <= margin)) for r in asked)
    sd = of(list(rows.values()), repeat_sd, precision, (0.0, float("inf")))
    return Retest(len(asked), sd, share(steady, precision))


def _shortcuts(
    measured: Measured, differences: Mapping[Key, float], precision: Precision
) -> Shortcuts | None:
    if measured.baseline is None:
        return None
    known = {k: -d for k, d in differences.items() if k in measured.baseline.differences}
    return shortcuts(measured.baseline, known, precision)


def _grouped(values: Iterable[tuple[str, float]]) -> list[list[float]]:
    clusters: dict[str, list[float]] = {}
    for source, value in values:
        clusters.setdefault(source, []).append(value)
    return [clusters[source] for source in sorted(clusters)]
