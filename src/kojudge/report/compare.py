"""Comparisons with the baseline: one family a judge and mode, category cells beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import false_discovery_control

from kojudge.records import Mode
from kojudge.report.gather import PromptValue
from kojudge.stats import PairedMean, family_of, similar_or_better, verdict_of
from kojudge.stats.verdict import FEW_PROMPTS, MIN_PROMPTS


@dataclass(frozen=True, slots=True)
class Difference:
    """One candidate's prompt-level differences from the baseline on one criterion.

    ``values`` and ``categories`` have one entry a prompt; ``n_samples`` counts the
    candidate's scored samples.
    """

    judge: str
    criterion: str
    candidate: str
    values: tuple[float, ...]
    categories: tuple[str, ...]
    n_samples: int

    def within(self, category: str) -> Difference:
        """Return the differences of one category; samples are shared out by prompts."""
        kept = [v for v, c in zip(self.values, self.categories, strict=True) if c == category]
        share = round(self.n_samples * len(kept) / max(1, len(self.values)))
        categories = (category,) * len(kept)
        return Difference(
            self.judge, self.criterion, self.candidate, tuple(kept), categories, share
        )


def score_differences(values: Sequence[PromptValue], baseline: str) -> list[Difference]:
    """Return candidate minus baseline, over the prompts where both have a score."""
    base = {(v.judge, v.criterion, v.prompt_id): v.value for v in values if v.candidate == baseline}
    rows = [
        (v, v.value - base[v.judge, v.criterion, v.prompt_id])
        for v in values
        if v.candidate != baseline and (v.judge, v.criterion, v.prompt_id) in base
    ]
    return _grouped(rows)


def win_differences(values: Sequence[PromptValue]) -> list[Difference]:
    """Return win score minus ½."""
    return _grouped([(v, v.value - 0.5) for v in values])


def _grouped(rows: Sequence[tuple[PromptValue, float]]) -> list[Difference]:
    groups: dict[tuple[str, str, str], list[tuple[PromptValue, float]]] = {}
    for value, difference in rows:
        groups.setdefault((value.judge, value.criterion, value.candidate), []).append(
            (value, difference)
        )
    return [
        Difference(
            *key,
            values=tuple(d for _, d in found),
            categories=tuple(v.category for v, _ in found),
            n_samples=sum(v.n for v, _ in found),
        )
        for key, found in sorted(groups.items())
    ]


def comparisons(
    differences: Sequence[Difference],
    mode: Mode,
    margin: float,
    alpha: float,
    *,
    primary: bool,
    judge_reasons: Mapping[str, Sequence[str]],
) -> list[dict[str, Any]]:
    """Return the comparison entries of results.json for one mode.

    Overall rows of one judge are a family: Bonferroni over its candidates × criteria.
    Category rows carry 95 % intervals of their own and Benjamini–Hochberg p-values, and
    are exploratory.
    """
    entries: list[dict[str, Any]] = []
    for judge in sorted({d.judge for d in differences}):
        own = [d for d in differences if d.judge == judge]
        family = family_of([d.values for d in own], alpha)
        reasons = list(judge_reasons.get(judge, ()))
        for d, mean, interval, p in zip(
            own, family.means, family.intervals, family.p_adjusted, strict=True
        ):
            entry = _entry(d, "overall", mean, interval, p, margin, reasons)
            entries.append(entry | {"mode": mode, "primary": primary, "ci_kind": "simultaneous"})
        entries += [
            cell | {"mode": mode, "primary": False, "ci_kind": "pointwise-exploratory"}
            for cell in _cells(own, margin, alpha, reasons)
        ]
    return entries


def _cells(
    differences: Sequence[Difference], margin: float, alpha: float, reasons: list[str]
) -> list[dict[str, Any]]:
    cells = [(d.within(c), c) for d in differences for c in sorted(set(d.categories))]
    means = [family_of([cell.values], alpha).means[0] for cell, _ in cells]
    tested = [m.p_value for m in means if m.p_value is not None]
    adjusted = iter(false_discovery_control(tested) if tested else ())
    return [
        _entry(
            cell,
            category,
            mean,
            mean.interval(alpha),
            None if mean.p_value is None else float(next(adjusted)),
            margin,
            reasons,
        )
        for (cell, category), mean in zip(cells, means, strict=True)
    ]


def _entry(
    d: Difference,
    slice_name: str,
    mean: PairedMean,
    interval: tuple[float, float] | None,
    p_adjusted: float | None,
    margin: float,
    judge_reasons: list[str],
) -> dict[str, Any]:
    reasons = list(judge_reasons)
    verdict, flag = "refused", False
    if mean.n < MIN_PROMPTS:
        reasons.append("too_few_prompts")
    elif interval is None:
        reasons.append("no_variation")
    else:
        verdict, flag = verdict_of(*interval, margin), similar_or_better(interval[0], margin)
        if mean.n < FEW_PROMPTS:
            reasons.append("few_prompts")
        if verdict == "worse" and interval[0] > -margin:
            reasons.append("within_margin")
    low, high = interval or (None, None)
    return {
        "candidate": d.candidate,
        "criterion": d.criterion,
        "judge": d.judge,
        "slice": slice_name,
        "n_prompts": mean.n,
        "n_samples": d.n_samples,
        "delta": mean.delta,
        "se": mean.se,
        "ci_low": low,
        "ci_high": high,
        "p_value": mean.p_value,
        "p_adjusted": p_adjusted,
        "effect_size": mean.effect_size,
        "margin": margin,
        "verdict": verdict,
        "similar_or_better": flag,
        "withheld": False,
        "reasons": reasons,
    }
