"""The strong judge's verdicts in a cascade: from its part of the prompts and the cheap judge's all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kojudge.errors import Said, said
from kojudge.records import Mode
from kojudge.report.compare import Plan, comparisons, hypotheses
from kojudge.report.entries import (
    Hypothesis,
    entry_of,
    lower_across,
    number,
    tested_of,
    with_critical,
)
from kojudge.report.families import Family
from kojudge.report.numbers import count, percent
from kojudge.selection.cascades import CascadePlan
from kojudge.stats import Estimates, MaxT, stratify
from kojudge.stats.cascade import MIN_STRONG, Cascade, cascade, cascade_estimate

Floats = NDArray[np.float64]
EVEN_SPAN = 0.5
"""How far from even a win score can be."""
METHOD = "prediction-powered by stratum (PPI++), studentised cluster bootstrap, max-|T|"


@dataclass(frozen=True, slots=True)
class _Columns:
    """The family over the plan's prompts, [P, H] each; ``there``: what there is to judge.

    ``strong`` and its extremes ``low`` and ``high`` count where the prompt was drawn.
    """

    found: tuple[Hypothesis, ...]
    strong: Floats
    low: Floats
    high: Floats
    cheap: Floats
    there: NDArray[np.bool_]


def family_entries(
    found: Sequence[Family],
    asked: CascadePlan | None,
    plan_of: Callable[[Mode], Plan],
    scale: tuple[float, float],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the comparisons of every family, and the rows of the ``cascade``.

    Where a cascade stands its strong judge carries the verdicts, the cheap one none.
    """
    entries: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for family in found:
        plan = plan_of(family.mode)
        if asked is not None and family.judge == asked.strong and asked.ready:
            same = (f for f in found if (f.judge, f.mode) == (asked.judge, family.mode))
            own, told = cascade_entries(family, next(same, None), plan, asked, scale)
            entries += own
            rows += told
            continue
        helps = asked is not None and family.judge == asked.judge
        entries += [
            entry | ({"primary": False} if helps else {}) for entry in comparisons(family, plan)
        ]
    return entries, rows


def cascade_entries(
    strong: Family,
    cheap: Family | None,
    plan: Plan,
    asked: CascadePlan,
    scale: tuple[float, float],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the strong judge's overall comparisons, and what the ``cascade`` rows say of them.

    ``cheap`` is the cheap judge's family in the same mode; without one the strong judge's part
    stands alone. A drawn prompt without its score counts as missing, wherever its score may
    lie. There is no sign-flip p, no ordinal companion and no category: of these a part of the
    prompts tells too little.
    """
    span = scale[1] - scale[0] if strong.mode == "pointwise" else EVEN_SPAN
    columns = _columns(strong, cheap, asked, span)
    strata, few = stratify(asked.categories), _few(columns, asked)
    result = cascade(
        np.where(few, np.nan, columns.strong),
        columns.cheap,
        asked.draw,
        strata,
        plan.rng,
        alpha=plan.alpha,
        resamples=plan.resamples,
        there=columns.there,
        groupings={
            "candidate": [h.candidate for h in columns.found],
            "criterion": [h.criterion for h in columns.found],
        },
    )
    shared: dict[str, Any] = {"judge": strong.judge, "mode": strong.mode, "slice": "overall"}
    shared |= {"primary": plan.primary, "ci_kind": "simultaneous"}
    of = cascade_estimate(columns.strong, columns.cheap, asked.draw, strata, columns.there)
    entries = [
        shared | _entry(columns, at, (result.tested, of), asked, plan)
        for at in range(len(columns.found))
    ]
    return entries, [_row(entry, result, at) for at, entry in enumerate(entries)]


def _entry(
    columns: _Columns,
    at: int,
    result: tuple[MaxT, Estimates],
    asked: CascadePlan,
    plan: Plan,
) -> dict[str, Any]:
    """Return comparison ``at``; ``result`` is the test and the estimates of all asked for."""
    found, of = result
    tested = tested_of(found, of, at, found.critical, float("nan"))
    missing = _missing(columns, at, asked)
    entry = entry_of(
        columns.found[at], tested, missing, margin=plan.margin, alpha=plan.alpha, least=MIN_STRONG
    )
    within = {key: float(one[at]) for key, one in found.critical_within.items()}
    alone = with_critical(entry, within["candidate"])
    reasons = ["cascade_few" if one == "too_few_prompts" else one for one in entry["reasons"]]
    return entry | {
        "theta": None,
        "verdict_alone": alone,
        "reasons": ["cascade", *reasons, *(["family"] if alone != entry["verdict"] else [])],
        "lower_across_models": lower_across(entry, tested, within["criterion"]),
    }


def cascade_results(
    asked: CascadePlan | None, rows: Sequence[Mapping[str, Any]], counts: tuple[int, int]
) -> dict[str, Any] | None:
    """Return the ``cascade`` of results.json; None without a plan.

    ``counts`` are the strong judge's judgments wanted by the plan and those of all prompts.
    """
    if asked is None:
        return None
    return {
        "judge": asked.judge,
        "strong": asked.strong,
        "fraction": asked.fraction,
        "uncertain": asked.uncertain,
        "prompts": len(asked.prompts),
        "drawn": len(asked.drawn),
        "judgments": counts[0],
        "judgments_all": counts[1],
        "method": METHOD,
        "rows": list(rows),
    }


def cascade_sentence(found: Mapping[str, Any]) -> Said:
    """Return who read how much and what the verdicts rest on; ``found`` as above."""
    judge, strong = found["judge"], found["strong"]
    if not found["rows"]:
        return said(
            f"나누어 심사하는 실행입니다. 판정을 내릴 '{strong}'이(가) 아직 읽지 않아 판정이 없습니다. 지금 보이는 것은 모두 "
            f"'{judge}'의 것입니다.",
            f"This run is a cascade. '{strong}', whose verdicts count, has read nothing yet, so there is "
            f"no verdict; what is shown is all of '{judge}'.",
        )
    drawn, prompts = count(found["drawn"]), count(found["prompts"])
    share = percent(found["judgments"] / found["judgments_all"]) if found["judgments_all"] else "—"
    how = (
        said(f"'{judge}'이(가) 망설인 프롬프트를 더 자주", f"more often where '{judge}' was unsure")
        if found["uncertain"]
        else said("무작위로", "at random")
    )
    return said(
        f"나누어 심사했습니다. '{judge}'은(는) 프롬프트 {prompts}개를 모두 읽었고, '{strong}'은(는) {how.ko} 뽑은 "
        f"{drawn}개만 읽었습니다(모두 읽었을 때 판정 수의 {share}). 판정은 '{strong}'의 것입니다. 두 심사 모델이 함께 "
        f"읽은 프롬프트로 '{judge}'의 치우침을 바로잡아 추정했고(PPI++), 구간은 이 추정의 불확실함까지 담습니다. "
        f"평균 점수, 순위, 승률, 분포는 모두 읽은 '{judge}'의 것입니다.",
        f"A cascade: '{judge}' read all {prompts} prompts, '{strong}' only {drawn} of them, drawn "
        f"{how.en} ({share} of the judgments that reading all would take). The verdicts are those of "
        f"'{strong}', estimated from both (PPI++): the prompts that both read correct the bias of "
        f"'{judge}', and the intervals hold what that leaves open. Mean scores, ranks, win "
        f"rates and distributions are those of '{judge}', which read everything.",
    )


def _columns(strong: Family, cheap: Family | None, asked: CascadePlan, span: float) -> _Columns:
    prompts = {name: at for at, name in enumerate(asked.prompts)}
    found = tuple(hypotheses(strong))
    shape = (len(prompts), len(found))
    y, f, low, high = (np.full(shape, np.nan) for _ in range(4))
    there = np.zeros(shape, dtype=np.bool_)
    own = _places(strong, prompts)
    for at, h in enumerate(found):
        y[own[0], at], low[own[0], at], high[own[0], at] = (
            one[own[1]] for one in (h.values, h.low, h.high)
        )
        there[own[0], at] = ~np.isnan(h.low[own[1]])
        if cheap is not None and h.criterion in cheap.criteria and h.candidate in cheap.models:
            rows, kept = _places(cheap, prompts)
            model = cheap.models.index(h.candidate)
            f[rows, at] = cheap.differences(h.criterion, model)[kept]
            there[rows, at] |= ~np.isnan(cheap.extremes(h.criterion, model)[0][kept])
    # Drawn, there, and not begun: the strong judge's score may lie anywhere.
    open_ = there & np.isnan(low)
    return _Columns(found, y, np.where(open_, -span, low), np.where(open_, span, high), f, there)


def _places(
    family: Family, prompts: Mapping[str, int]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where the family's prompts stand in ``prompts``, and which of its own these are."""
    kept = [(prompts[name], at) for at, name in enumerate(family.prompts) if name in prompts]
    both = np.array(kept, dtype=np.intp).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _few(columns: _Columns, asked: CascadePlan) -> NDArray[np.bool_]:
    """Tell which hypotheses have too few of the strong judge's scores to be tested, [H]."""
    scored = ~np.isnan(columns.strong) & columns.there & asked.draw.drawn[:, None]
    few: NDArray[np.bool_] = scored.sum(0) < MIN_STRONG
    return few


def _missing(columns: _Columns, at: int, asked: CascadePlan) -> dict[str, Any] | None:
    """Return what the strong judge's missing scores leave possible; None if none is missing."""
    drawn, h = asked.draw.drawn, columns.found[at]
    ends = np.column_stack([columns.low[:, at], columns.high[:, at]])
    lost = drawn & columns.there[:, at] & ~(np.abs(ends[:, 1] - ends[:, 0]) < 1e-12)
    if not lost.any():
        return None
    both = (np.repeat(x[:, at : at + 1], 2, axis=1) for x in (columns.cheap, columns.there))
    cheap, there = both
    found = cascade_estimate(ends, cheap, asked.draw, stratify(asked.categories), there)
    known = int(h.missing.sum())
    return {
        "judgments": max(known, int(lost.sum())),
        "prompts": int(lost.sum()),
        "delta_low": number(found.delta[0]),
        "delta_high": number(found.delta[1]),
        "se_low": number(found.se[0]),
        "se_high": number(found.se[1]),
    }


def _row(entry: Mapping[str, Any], result: Cascade, at: int) -> dict[str, Any]:
    low, high = result.full
    names = ("candidate", "criterion", "mode", "delta", "ci_low", "ci_high")
    return {
        **{key: entry[key] for key in names},
        "full_low": number(low[at]),
        "full_high": number(high[at]),
        "n_strong": entry["n_prompts"],
        "n_cheap": int(result.n_cheap[at]),
        "weight": number(result.weight[at]),
        "correlation": number(result.correlation[at]),
        "width_ratio": number(result.width_ratio[at]),
    }
