"""Assay controls: does each judge see that degraded copies of the baseline's texts are worse?

A control is one more candidate, compared with the originals of its own texts by the same
engine, in a family apart from the primary one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kojudge.records import CONTROL
from kojudge.report.compare import Plan, overall
from kojudge.report.counted import Counted
from kojudge.report.families import PANEL, Seat, families, members
from kojudge.report.gather import NAN, Pair, Score, as_scores, pair_of
from kojudge.report.panel import Panel
from kojudge.report.withhold import Place
from kojudge.selection import WantedJudgment
from kojudge.stats import Verdict
from kojudge.stats.verdict import MIN_PROMPTS
from kojudge.store.run import Run

_Answers = Mapping[str, Mapping[str, Any]]
"""What was answered, by judgment_id."""


def control_rows(
    run: Run,
    counted: Counted,
    rows: Sequence[Score],
    panel: Panel,
    plan: Plan,
    scale: tuple[float, float],
) -> list[dict[str, Any]]:
    """Return the ``controls`` of results.json in the mode of ``panel``, by judge and criterion.

    ``rows`` are the pointwise scores of the run. A judge is tested over its criteria
    together, at ``plan.alpha``. The panel's control is the mean over all its members, or
    there is none.
    """
    baseline, mode = counted.settings.baseline, panel.mode
    asked = [item for item in counted.controls if item.rubric.mode == mode]
    answers = _answers(run, [item.judgment_id for item in asked])
    asked = [item for item in asked if item.judgment_id in answers]  # others: not yet asked
    if mode == "pointwise":
        copies = [_score(item, baseline, answers) for item in asked]
        texts = {_text(row) for row in copies}
        originals = [r for r in rows if r.candidate == baseline and _text(r) in texts]
    else:
        copies, originals = as_scores(_pairs(asked, baseline, answers)), []
    seated = members(copies, panel.left_out)
    return [
        _row(entry, plan)
        for family in families([*copies, *originals], mode, baseline, scale, panel.left_out)
        for entry in overall(family, plan)
        if family.judge != PANEL
        or seated[entry["criterion"]] == list(panel.seats.get(entry["criterion"], ()))
    ]


def control_verdicts(rows: Iterable[Mapping[str, Any]]) -> dict[Place, Verdict]:
    """Return what counts of ``rows``: a control of too few prompts is none."""
    return {
        (row["judge"], row["criterion"], row["mode"]): row["verdict"]
        for row in rows
        if row["verdict"] != "refused" or "no_variation" in row["reasons"]
    }


def _row(entry: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    kept = ("judge", "criterion", "mode", "delta", "ci_low", "ci_high", "p_adjusted")
    verdict = "worse" if _always_worse(entry, plan) else entry["verdict"]
    return {
        **{key: entry[key] for key in kept},
        "verdict": verdict,
        "n_prompts": entry["n_prompts"],
        "seen": verdict == "worse",
        "reasons": [reason for reason in entry["reasons"] if reason != "family"],
    }


def _always_worse(entry: Mapping[str, Any], plan: Plan) -> bool:
    """Tell whether a control without variation loses on every prompt alike.

    A judge that is sure gives one and the same lowest win score, which has no standard error;
    the exact sign test (two-sided p = 2^(1 − P)) needs none.
    """
    n, delta = entry["n_prompts"], entry["delta"]
    flat = "no_variation" in entry["reasons"] and entry["missing"] is None
    return flat and delta < 0 and n >= MIN_PROMPTS and 2.0 ** (1 - n) <= plan.alpha


def _answers(run: Run, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """A text with nothing in it to damage is no control, and nothing is missing of it."""
    table = run.query(
        """SELECT judgment_id, method,
                  CASE WHEN status = 'scored' THEN score ELSE NULL END AS score
           FROM judgments WHERE judgment_id IN (SELECT unnest(?::VARCHAR[]))
                 AND coalesce(reason, '') <> 'control_unchanged'""",
        [list(ids)],
    )
    return {row["judgment_id"]: row for row in table.to_pylist()}


def _text(row: Score) -> tuple[str, str, str, str]:
    return row.judge, row.criterion, row.prompt_id, row.text


def _score(item: WantedJudgment, baseline: str, answers: _Answers) -> Score:
    answer, text = answers[item.judgment_id], item.text
    return Score(
        item.judge.name,
        item.rubric.criterion,
        baseline + CONTROL,
        text.prompt_id,
        text.category,
        f"{text.sample}/{text.turn}",
        NAN if answer["score"] is None else answer["score"],
        answer["method"] == "flagged",
    )


def _pairs(asked: Iterable[WantedJudgment], baseline: str, answers: _Answers) -> list[Pair]:
    """Return the copies' pairs with their originals, both orders combined as a candidate's."""
    methods: dict[Seat, set[str]] = {}
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for item in asked:
        text, answer = item.text, answers[item.judgment_id]
        seat = (item.judge.name, item.rubric.criterion)
        row = found.setdefault(
            (*seat, text.prompt_id, str(text.sample), str(text.turn)),
            {
                "judge": seat[0],
                "criterion": seat[1],
                "candidate": baseline + CONTROL,
                "prompt_id": text.prompt_id,
                "category": text.category,
                "sample": text.sample,
                "turn": text.turn,
                "first": None,
                "second": None,
                "text_id": text.text_id,
            },
        )
        row["first" if item.order == "AB" else "second"] = answer["score"]
        if answer["score"] is not None:
            methods.setdefault(seat, set()).add(answer["method"])
    return [
        pair_of(row, vote=methods.get((row["judge"], row["criterion"]), set()) <= {"vote"})
        for row in found.values()
    ]
