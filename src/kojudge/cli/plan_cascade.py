"""What ``kojudge plan --run PILOT`` says of a cascade: how much a better judge must read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from kojudge.cli.planning import Design
from kojudge.errors import Said, said
from kojudge.report import count
from kojudge.report.compare import hypotheses
from kojudge.report.families import PANEL, Family, families
from kojudge.report.gather import as_scores, pairs, scale_of, scores
from kojudge.report.numbers import number, percent, plain
from kojudge.selection import Asked
from kojudge.stats import estimate, stratify
from kojudge.stats.cascade import MIN_STRONG
from kojudge.stats.cascade_size import cautious_correlation, fraction_needed
from kojudge.store.run import Run

LEAST_PILOT = 8
"""Prompts that both judges must have read before their correlation is worth a line."""
_SMALL_PILOT = 30


@dataclass(frozen=True, slots=True)
class CascadeRow:
    """How much ``strong`` must read beside ``judge``, for the hardest of their comparisons.

    ``prompts`` both have read in the pilot, where they correlate by ``correlation`` and
    ``strong`` varies by ``sd`` over prompts; ``cautious`` is the correlation counted on.
    ``fraction`` (0–1] makes every interval half as wide as twice ``half_width``; None where
    reading everything would not.
    """

    judge: str
    strong: str
    prompts: int
    correlation: float
    cautious: float
    sd: float
    half_width: float
    fraction: float | None


def cascade_rows(run: Run, asked: Asked, design: Design) -> list[CascadeRow]:
    """Return a row for each two judges that scored the same prompts of ``run``, either way round.

    ``asked`` is what the run's own memory asks for. The half-width wanted is the design's
    difference. Nothing where the plan has too few prompts for a cascade.
    """
    if design.prompts < MIN_STRONG:
        return []
    found = {family.judge: family for family in _families(run, asked, design)}
    rows = []
    for judge, strong in permutations(sorted(found), 2):
        own = list(_shared(found[judge], found[strong]))
        if own:
            rows.append(_hardest(judge, strong, own, design))
    return rows


def lines(rows: Sequence[CascadeRow]) -> Iterator[Said]:
    """Yield a line a pair of judges."""
    for row in rows:
        r, half = f"r {number(row.correlation)}", f"±{plain(row.half_width)}"
        if row.fraction is None:
            yield said(
                f"나누어 심사하기({row.judge} → {row.strong}, {r}): 모두 읽어도 구간이 {half}보다 넓습니다. "
                "프롬프트가 더 있어야 합니다.",
                f"Cascade {row.judge} → {row.strong} ({r}): even reading everything leaves intervals "
                f"wider than {half}; more prompts are needed.",
            )
        else:
            yield said(
                f"나누어 심사하기({row.judge} → {row.strong}, {r}): {row.strong}이(가) 프롬프트의 "
                f"{percent(row.fraction)}를 읽으면 모든 구간이 {half} 안팎입니다.",
                f"Cascade {row.judge} → {row.strong} ({r}): with {percent(row.fraction)} of the prompts "
                f"read by {row.strong} every interval is about {half}.",
            )
    if rows and min(row.prompts for row in rows) < _SMALL_PILOT:
        yield said(
            f"⚠ 두 심사 모델이 함께 읽은 프롬프트가 {_SMALL_PILOT}개보다 적어 r을 낮추어 잡았습니다.",
            f"⚠ Fewer than {_SMALL_PILOT} prompts were read by both judges, so a lower r is counted on.",
        )


def _families(run: Run, asked: Asked, design: Design) -> list[Family]:
    baseline, ids = asked.settings.baseline, count(run, asked).wanted_ids
    rows = (
        as_scores(pair for pair in pairs(run, ids, baseline) if pair.candidate != baseline)
        if design.mode == "pairwise"
        else scores(run, ids)
    )
    found = families(rows, design.mode, baseline, scale_of(run, ids))
    return [family for family in found if family.judge != PANEL]


def _shared(cheap: Family, strong: Family) -> Iterator[tuple[int, float, float]]:
    """Yield prompts, the strong judge's SD and the correlation of each comparison of both."""
    theirs = {(h.candidate, h.criterion): h for h in hypotheses(cheap)}
    at: Mapping[str, int] = {name: place for place, name in enumerate(cheap.prompts)}
    for h in hypotheses(strong):
        other = theirs.get((h.candidate, h.criterion))
        if other is None:
            continue
        f = np.array([other.values[at[n]] if n in at else np.nan for n in strong.prompts])
        both = ~np.isnan(f) & ~np.isnan(h.values)
        if both.sum() < LEAST_PILOT:
            continue
        strata = stratify([c for c, own in zip(strong.categories, both, strict=True) if own])
        y, f = h.values[both], f[both]
        sums = estimate(np.column_stack([y, f, y + f]), strata).sd
        if np.isnan(sums[:2]).any():  # a judge that does not vary
            continue
        total = 0.0 if np.isnan(sums[2]) else float(sums[2])
        r = (total**2 - sums[0] ** 2 - sums[1] ** 2) / (2 * sums[0] * sums[1])
        yield int(both.sum()), float(sums[0]), float(np.clip(r, -1, 1))


def _hardest(
    judge: str, strong: str, own: Sequence[tuple[int, float, float]], design: Design
) -> CascadeRow:
    rows = []
    for prompts, sd, correlation in own:
        cautious = cautious_correlation(correlation, prompts)
        fraction = fraction_needed(
            design.difference, design.prompts, sd, cautious, alpha=design.alpha, tests=design.family
        )
        rows.append(
            CascadeRow(
                judge, strong, prompts, correlation, cautious, sd, design.difference, fraction
            )
        )
    return max(rows, key=lambda row: 2.0 if row.fraction is None else row.fraction)
