"""The strong judge's verdicts in a cascade, and what the report says of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kojudge.records import Mode
from kojudge.report.cascaded import (
    cascade_entries,
    cascade_results,
    cascade_sentence,
    family_entries,
)
from kojudge.report.charts import headlined
from kojudge.report.chosen import judges_of
from kojudge.report.compare import Plan
from kojudge.report.families import Family, families
from kojudge.report.gather import NAN, Score
from kojudge.selection.cascades import CascadePlan
from kojudge.selection.looks import Members, Rules
from kojudge.stats import stratify
from kojudge.stats.cascade import cascade_estimate

PLAN = Plan(0.25, 0.05, 1999, 7, primary=True)
SCALE = (1.0, 5.0)
PROMPTS = 90
EFFECT = 0.6


def category(at: int) -> str:
    return ("blog", "emotional", "imaginative")[at % 3]


def row(judge: str, candidate: str, at: int, score: float) -> Score:
    return Score(judge, "naturalness", candidate, f"p{at:02d}", category(at), "0/1", score)


def plan(drawn: int = 45, *, uncertain: bool = False) -> CascadePlan:
    made = CascadePlan(
        "cheap", "strong", drawn / PROMPTS, uncertain,
        Rules("pointwise", {"pointwise": 0.25, "pairwise": 0.1}, "base", 0.05, 1, "keep"),
        Members({}, {}, {}, ()), 7, tuple(f"p{at:02d}" for at in range(PROMPTS)),
        tuple(category(at) for at in range(PROMPTS)), "2026-11-22",
    )  # fmt: skip
    return made.drawn_by()


def judged(asked: CascadePlan, *, lost: int = 0, begun: bool = True) -> list[Score]:
    """Both judges' scores of a candidate that is better by .6; the cheap judge sees a third of it.

    ``lost`` drawn prompts have no score of the strong judge: NaN, or with ``begun`` False no row.
    """
    rng, rows, left = np.random.default_rng(3), [], lost
    for at in range(PROMPTS):
        own, noise = rng.normal(0, 0.4, 2)
        rows += [
            row("cheap", "base", at, 3.0),
            row("cheap", "x", at, 3.2 + 0.8 * own + 0.2 * noise),
        ]
        if f"p{at:02d}" not in asked.drawn:
            continue
        if left:
            left -= 1
            rows += [row("strong", "base", at, NAN), row("strong", "x", at, NAN)] if begun else []
            continue
        rows += [row("strong", "base", at, 3.0), row("strong", "x", at, 3.0 + EFFECT + own)]
    return rows


def split(rows: list[Score]) -> tuple[Family, Family]:
    found = families(
        rows, "pointwise", "base", SCALE, [("cheap", "naturalness"), ("strong", "naturalness")]
    )
    cheap, strong = sorted(found, key=lambda family: family.judge)
    return strong, cheap


def entry_of(asked: CascadePlan, rows: list[Score]) -> tuple[dict[str, Any], dict[str, Any]]:
    strong, cheap = split(rows)
    [entry], [told] = cascade_entries(strong, cheap, PLAN, asked, SCALE)
    return entry, told


def test_the_cheap_judges_bias_is_corrected_and_its_help_narrows_the_interval() -> None:
    asked = plan()
    entry, told = entry_of(asked, judged(asked))
    assert entry["verdict"] == "better"
    assert entry["delta"] == pytest.approx(EFFECT, abs=0.2)
    assert entry["reasons"] == ["cascade"]
    assert (entry["n_prompts"], told["n_strong"], told["n_cheap"]) == (45, 45, PROMPTS)
    assert told["correlation"] > 0.9
    assert told["width_ratio"] < 0.85
    assert entry["ci_low"] < told["full_low"] < told["full_high"] < entry["ci_high"]
    assert (entry["ci_kind"], entry["primary"], entry["judge"]) == ("simultaneous", True, "strong")


def test_the_numbers_are_those_of_the_statistics() -> None:
    asked = plan()
    rows = judged(asked)
    entry, _ = entry_of(asked, rows)
    score = {(r.judge, r.candidate, r.prompt_id): r.score for r in rows}
    y, f = (
        np.array(
            [[score.get((j, "x", n), NAN) - score.get((j, "base", n), NAN)] for n in asked.prompts]
        )
        for j in ("strong", "cheap")
    )
    found = cascade_estimate(y, f, asked.draw, stratify(asked.categories))
    assert (entry["delta"], entry["se"]) == pytest.approx((found.delta[0], found.se[0]))


def test_without_the_cheap_judge_the_part_stands_alone() -> None:
    asked = plan()
    strong, _ = split(judged(asked))
    [entry], [told] = cascade_entries(strong, None, PLAN, asked, SCALE)
    assert (entry["verdict"], told["weight"], told["width_ratio"]) == ("better", 0, 1)


@pytest.mark.parametrize("begun", [True, False], ids=["unscored", "not begun"])
def test_a_drawn_prompt_without_a_score_may_lie_anywhere(begun: bool) -> None:
    asked = plan()
    entry, _ = entry_of(asked, judged(asked, lost=10, begun=begun))
    assert entry["missing"]["prompts"] == 10
    assert entry["missing"]["delta_low"] < 0 < entry["missing"]["delta_high"]
    assert (entry["verdict"], entry["reasons"]) == ("refused", ["cascade", "missing"])


def test_too_small_a_part_gives_no_verdict() -> None:
    asked = plan()
    entry, told = entry_of(asked, judged(asked, lost=16))
    assert (entry["n_prompts"], entry["verdict"]) == (29, "refused")
    assert entry["reasons"] == ["cascade", "cascade_few"]
    assert (entry["ci_low"], told["width_ratio"]) == (None, None)
    assert entry["delta"] is not None


def families_of(rows: list[Score]) -> list[Family]:
    return families(
        rows, "pointwise", "base", SCALE, [("cheap", "naturalness"), ("strong", "naturalness")]
    )


def plan_of(_: Mode) -> Plan:
    return PLAN


def test_the_strong_judge_carries_the_verdicts_and_the_cheap_one_none() -> None:
    asked = plan()
    entries, rows = family_entries(families_of(judged(asked)), asked, plan_of, SCALE)
    overall = [entry for entry in entries if entry["slice"] == "overall"]
    assert {entry["judge"]: entry["primary"] for entry in overall} == {
        "cheap": False,
        "strong": True,
    }
    assert {entry["judge"] for entry in entries if entry["slice"] != "overall"} == {"cheap"}
    assert len(rows) == 1
    assert judges_of(overall, "naturalness", "pointwise") == ["strong"]
    assert [entry["judge"] for entry in headlined(overall)] == ["strong"]


def test_without_a_plan_nothing_changes() -> None:
    asked = plan()
    entries, rows = family_entries(families_of(judged(asked)), None, plan_of, SCALE)
    assert {e["judge"] for e in entries if e["primary"]} == {"cheap", "strong"}
    assert rows == []
    assert cascade_results(None, rows, (0, 0)) is None


@pytest.mark.parametrize(
    ("uncertain", "korean", "english"),
    [
        (False, "무작위로 뽑은 45개만", "drawn at random (50.0% of the judgments"),
        (
            True,
            "망설인 프롬프트를 더 자주 뽑은 45개만",
            "drawn more often where 'cheap' was unsure",
        ),
    ],
)
def test_the_sentence_says_who_read_how_much(uncertain: bool, korean: str, english: str) -> None:
    asked = plan(uncertain=uncertain)
    _, told = entry_of(asked, judged(asked))
    found = cascade_results(asked, [told], (90, 180))
    assert found is not None
    sentence = cascade_sentence(found)
    assert korean in sentence.ko
    assert english in sentence.en


def test_a_strong_judge_that_has_read_nothing_yet_is_named() -> None:
    found = cascade_results(plan(), [], (0, 0))
    assert found is not None
    assert "아직 읽지 않아" in cascade_sentence(found).ko
    assert "has read nothing yet" in cascade_sentence(found).en
