"""results.json: everything the report shows, computed once from a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kojudge.cards import JudgeCard
from kojudge.errors import ConfigError, did_you_mean, said
from kojudge.records import Text
from kojudge.report.compare import comparisons, score_differences, win_differences
from kojudge.report.gather import (
    MissingCount,
    Pair,
    PromptValue,
    missing_imported,
    pairs,
    pointwise_values,
    scale_of,
    win_values,
)
from kojudge.report.withhold import withhold
from kojudge.selection import Asked, WantedJudgment, current_texts, wanted_judgments, wanted_texts
from kojudge.store.run import Run
from kojudge.workspace import Settings

SCHEMA = "kojudge.results/1"
SMALL_JUDGE = 3_000_000_000
"""Parameters below which a prompted judge shows the machinery only: here a 1.5B model
answered with one side of the pair whichever text stood there."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What of a run counts: its current texts, the judgments wanted of them, the rest."""

    settings: Settings
    texts: tuple[Text, ...]
    wanted: tuple[WantedJudgment, ...]
    judge_cards: Mapping[str, JudgeCard]
    absent: Mapping[str, int] = field(default_factory=dict)
    stale: Mapping[str, int] = field(default_factory=dict)

    @property
    def wanted_ids(self) -> list[str]:
        """The ids of the judgments that count, imported ones apart."""
        return [item.judgment_id for item in self.wanted]


def count(run: Run, asked: Asked) -> Counted:
    """Find what of ``run`` the workspace asks for now."""
    wanted_of = wanted_texts(asked)
    ids = {item.text_id for item in wanted_of}
    texts = tuple(current_texts(run, ids))
    begun = _begun(run)
    wanted = tuple(
        item
        for item in wanted_judgments(asked, texts)
        if (item.judge_id, item.rubric.rubric_id) in begun
    )
    present = {text.text_id for text in texts}
    imported_only = not any(text.origin == "generated" for text in texts)
    absent = Counter(i.candidate for i in wanted_of if i.text_id not in present)
    return Counted(
        asked.settings,
        texts,
        wanted,
        {card.name: card for card in asked.judges},
        {} if imported_only else dict(absent),
        {
            "texts": _stale(run, "texts", "text_id", ids),
            "judgments": _stale(run, "judgments", "judgment_id", {w.judgment_id for w in wanted}),
        },
    )


def _begun(run: Run) -> set[tuple[str, str]]:
    """Return the (judge, rubric) ids that were asked anything: others are not missing."""
    table = run.query("SELECT DISTINCT judge_id, rubric_id FROM judgments WHERE origin = 'judged'")
    return {(row["judge_id"], row["rubric_id"]) for row in table.to_pylist()}


def _stale(run: Run, kind: str, key: str, wanted: set[str]) -> int:
    generated = "generated" if kind == "texts" else "judged"
    table = run.query(
        f"""SELECT count(*) AS n FROM {kind}
            WHERE origin = ? AND {key} NOT IN (SELECT unnest(?::VARCHAR[]))""",  # noqa: S608
        [generated, sorted(wanted)],
    )
    return int(table.to_pylist()[0]["n"])


def build_results(run: Run, counted: Counted) -> dict[str, Any]:
    """Return the content of results.json.

    Raises:
        ConfigError: nothing to compare, an unknown baseline, mixed scales or methods.
    """
    settings, ids = counted.settings, counted.wanted_ids
    scale = scale_of(run, ids)
    values = pointwise_values(run, ids)
    found = pairs(run, ids, settings.baseline)
    _check_baseline(counted, values, found)
    missing = _missing(counted, run)
    judges = _judges(counted, values, found)
    reasons = {j["name"]: [f"judge_{j['grade']}"] for j in judges}
    entries = comparisons(
        score_differences(values, settings.baseline),
        "pointwise",
        settings.margins.pointwise,
        settings.alpha,
        primary=settings.primary_mode == "pointwise",
        judge_reasons=reasons,
    ) + comparisons(
        win_differences(win_values(found)),
        "pairwise",
        settings.margins.pairwise,
        settings.alpha,
        primary=settings.primary_mode == "pairwise",
        judge_reasons=reasons,
    )
    entries = withhold(entries, found, counted.judge_cards)
    return {
        "schema": SCHEMA,
        "baseline": settings.baseline,
        "scale": list(scale),
        "alpha": settings.alpha,
        "primary_mode": settings.primary_mode,
        "margins": settings.margins.model_dump(),
        "family": _family(entries),
        "comparisons": entries,
        "judges": judges,
        "missing": [
            {
                "candidate": m.candidate,
                "criterion": m.criterion,
                "mode": m.mode,
                "judge": m.judge,
                "unscored": m.unscored,
                "total": m.total,
            }
            for m in missing
        ],
        "leaderboard": _leaderboard(run, counted, values, found),
        "stale": dict(counted.stale),
        "absent": dict(counted.absent),
    }


def _check_baseline(counted: Counted, values: Sequence[PromptValue], found: Sequence[Pair]) -> None:
    baseline = counted.settings.baseline
    names = {v.candidate for v in values} | {t.candidate for t in counted.texts}
    if not values and not found and counted.wanted:
        raise ConfigError(
            said(f"판정 {len(counted.wanted)}건 가운데 점수가 나온 것이 하나도 없습니다.",
                 f"None of {len(counted.wanted)} judgments has a score."),
            said("`kojudge score`가 적은 까닭을 보고 루브릭의 답 형식이나 심사 모델을 바꾸세요.",
                 "See the reasons `kojudge score` gave; change the rubric's answer format or the judge."),
        )  # fmt: skip
    if not values and not found:
        raise ConfigError(
            said(
                "이 실행에는 점수가 매겨진 판정이 하나도 없습니다.",
                "This run has no scored judgment.",
            ),
            said("먼저 `kojudge score`를 실행하세요.", "Run `kojudge score` first."),
        )
    if not found and baseline not in names:
        raise ConfigError(
            said(f"기준 모델 '{baseline}'의 글이 이 실행에 없습니다.",
                 f"The baseline '{baseline}' has no texts in this run."),
            did_you_mean(baseline, names),
        )  # fmt: skip


def _missing(counted: Counted, run: Run) -> list[MissingCount]:
    table = run.query(
        "SELECT judgment_id FROM judgments WHERE status = 'scored' AND origin = 'judged'"
    )
    scored = set(table["judgment_id"].to_pylist())
    totals: Counter[tuple[str, str, Any, str]] = Counter()
    unscored: Counter[tuple[str, str, Any, str]] = Counter()
    for item in counted.wanted:
        key = (item.text.candidate, item.rubric.criterion, item.rubric.mode, item.judge.name)
        totals[key] += 1
        unscored[key] += item.judgment_id not in scored
    own = [MissingCount(*key, unscored[key], total) for key, total in sorted(totals.items())]
    return own + missing_imported(run)


def _judges(
    counted: Counted, values: Sequence[PromptValue], found: Sequence[Pair]
) -> list[dict[str, Any]]:
    names = sorted({v.judge for v in values} | {p.judge for p in found})
    judges = []
    for name in names:
        card = counted.judge_cards.get(name)
        parameters = card.parameters if card else None
        judges.append(
            {
                "name": name,
                "grade": "unaudited",
                "parameters": parameters,
                "too_small": parameters is not None and parameters < SMALL_JUDGE,
            }
        )
    return judges


def _family(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    primary = [e for e in entries if e["primary"]]
    judges = len({e["judge"] for e in primary}) or 1
    size = len(primary) // judges
    return {
        "size": size,
        "method": "paired t by prompt, Bonferroni",
        "text_ko": f"주 비교 묶음: 후보 모델 × 평가 항목 {size}개(심사 모델마다). "
        "프롬프트별 차이의 t 구간을 본페로니로 보정했습니다.",
        "text_en": f"Primary family: {size} candidate × criterion comparisons per judge; "
        "t intervals on prompt-level differences, Bonferroni-adjusted.",
    }


def _leaderboard(
    run: Run, counted: Counted, values: Sequence[PromptValue], found: Sequence[Pair]
) -> list[dict[str, Any]]:
    baseline = counted.settings.baseline
    names = dict.fromkeys(
        [baseline]
        + [text.candidate for text in counted.texts]
        + list(counted.absent)
        + sorted({v.candidate for v in values} | {p.candidate for p in found})
    )
    failed = Counter(
        run.query("SELECT candidate FROM texts WHERE status = 'failed'")["candidate"].to_pylist()
    )
    return [
        {
            "candidate": name,
            "baseline": name == baseline,
            "criteria": _criteria([v for v in values if v.candidate == name]),
            "pairs": _pairs([p for p in found if p.candidate == name]),
            "failed": failed[name],
            **_text_facts([t for t in counted.texts if t.candidate == name]),
        }
        for name in names
    ]


def _criteria(values: Sequence[PromptValue]) -> dict[str, Any]:
    by: dict[str, list[float]] = {}
    for value in values:
        by.setdefault(value.criterion, []).append(value.value)
    return {c: {"mean": float(np.mean(v)), "n": len(v)} for c, v in sorted(by.items())}


def _pairs(found: Sequence[Pair]) -> dict[str, Any]:
    by: dict[str, list[Pair]] = {}
    for pair in found:
        by.setdefault(pair.criterion, []).append(pair)
    summary = {}
    for criterion, own in sorted(by.items()):
        # A pair is a win where the combined score clears a tie by more than rounding.
        wins = sum(p.win > 0.5 + 1e-9 for p in own)
        losses = sum(p.win < 0.5 - 1e-9 for p in own)
        summary[criterion] = {
            "win_rate": float(np.mean([v.value for v in win_values(own)])),
            "wins": wins,
            "ties": len(own) - wins - losses,
            "losses": losses,
            "flips": sum(p.flipped for p in own),
            "n": len(own),
        }
    return summary


def _text_facts(texts: Sequence[Text]) -> dict[str, Any]:
    return {
        "texts": len(texts),
        "empty": sum(not t.text.strip() for t in texts),
        "truncated": sum(t.finish_reason == "length" for t in texts),
        "mean_chars": float(np.mean([len(t.text) for t in texts])) if texts else None,
    }
