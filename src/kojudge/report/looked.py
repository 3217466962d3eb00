"""What the report says of a run that was judged in looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kojudge.errors import Said, said
from kojudge.report.numbers import count, percent
from kojudge.selection.looks import LookPlan


def looks_of(plan: LookPlan | None, look: int) -> dict[str, Any] | None:
    """Return the ``looks`` entry of results.json at look number ``look``; None without a plan.

    ``alpha_now`` is the level of every interval, ``alpha_total`` what all looks together
    keep; ``share_saved`` (0–1) is the share of the planned prompts that were not judged.
    """
    if plan is None:
        return None
    used, planned = len(plan.prompts(look)), len(plan.prompts())
    return {
        "planned": plan.looks,
        "done": look,
        "alpha_total": plan.rules.alpha,
        "alpha_now": plan.nominal[look - 1],
        "prompts_used": used,
        "prompts_planned": planned,
        "stopped": plan.stopped,
        "share_saved": 1 - used / planned if plan.stopped else 0.0,
    }


def looks_sentence(looks: Mapping[str, Any]) -> Said:
    """Return how far the looks went and what keeps their error rate; ``looks`` as above."""
    done, planned = looks["done"], looks["planned"]
    used, of = count(looks["prompts_used"]), count(looks["prompts_planned"])
    total, now = f"{100 * looks['alpha_total']:.10g}%", f"{100 * looks['alpha_now']:.2g}%"
    if looks["stopped"]:
        ended = said(
            f"{done}회째에 모든 비교의 결론이 나서 멈췄고 판정 비용의 약 {percent(looks['share_saved'])}를 아꼈습니다",
            f"stopped at look {done}, where every comparison was decided, which saved about "
            f"{percent(looks['share_saved'])} of the judging",
        )
    elif done == planned:
        ended = said("마지막 분석까지 마쳤습니다", "all looks are done")
    else:
        ended = said(f"아직 {done}회만 마쳤습니다", f"only {done} done so far")
    return said(
        f"중간 분석(오브라이언–플레밍)을 {planned}회 하기로 미리 정했고, {ended}(프롬프트 {of}개 가운데 "
        f"{used}개). 모든 분석을 합친 오류율은 {total}이고, 이번 구간은 {now} 수준에서 그만큼 넓게 냈습니다.",
        f"O'Brien–Fleming looks, {planned} planned beforehand: {ended} ({used} of {of} prompts). All "
        f"looks together keep an error rate of {total}; the intervals here are drawn at {now}, wider "
        "accordingly.",
    )
