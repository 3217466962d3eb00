"""The texts side by side, as they come from a run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kojudge.records import Evidence, Judgment, Label, Scored, Text, Unscored
from kojudge.report import Counted, build_items
from kojudge.report.content import Answer, HumanLabel, ItemText
from kojudge.report.gather import pairs
from kojudge.report.standing import _tally as tally
from kojudge.store.run import Run
from kojudge.store.schema import EVIDENCE_NUMBERS
from kojudge.workspace import Settings

SETTINGS = Settings(
    baseline="base", candidates=("x",), judges=("j",), rubrics=("r",), prompts=("p",)
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


def text(candidate: str, content: str = "안녕하세요.") -> Text:
    return Text(f"t-{candidate}", "p0", "blog", "인사해 줘", candidate, 0, content,
                prompt_name="blog-1", origin="imported")  # fmt: skip


def judgment(outcome: Scored | Unscored, **given: Any) -> Judgment:
    plain: dict[str, Any] = {
        "judgment_id": json.dumps([str(outcome), str(given)]), "text_id": "t-x",
        "prompt_id": "p0", "category": "blog", "candidate": "x", "sample": 0,
        "criterion": "naturalness", "rubric": "r", "judge": "j", "mode": "pairwise",
        "outcome": outcome, "baseline": "base", "baseline_text_id": "t-base", "order": "AB",
        "scale": (0.0, 1.0), "origin": "imported",
    }  # fmt: skip
    return Judgment(**plain | given)


def score(value: float, **given: Any) -> Judgment:
    alone = {"mode": "pointwise", "order": None, "baseline": None, "baseline_text_id": None}
    return judgment(Scored(value, "expected"), scale=(1.0, 5.0), **alone | given)


def counted(*texts: Text, **given: Any) -> Counted:
    return replace(Counted(SETTINGS, texts, (), {}), **given)


def only(run: Run, found: Counted, candidate: str = "x") -> ItemText:
    [item] = build_items(run, found)
    return next(text for text in item.texts if text.candidate == candidate)


def test_each_judges_answers_in_both_orders_stand_with_their_rationales(run: Run) -> None:
    run.append_judgments([
        judgment(Scored(0.8, "expected"), rationale="앞 글이 낫다."),
        judgment(Scored(0.8, "expected"), order="BA"),
        judgment(Unscored("low_mass"), judge="k"),
        score(4.0),
    ])  # fmt: skip
    first, second, third = only(run, counted(text("base"), text("x"))).opinions
    assert (first.judge, first.mode, first.value) == ("j", "pairwise", pytest.approx(0.8))
    assert first.answers == (Answer(0.8, "앞 글이 낫다."), Answer(0.8))
    assert (second.mode, second.value, second.answers) == ("pointwise", 4.0, (Answer(4.0),))
    assert (third.judge, third.value) == ("k", None)
    assert third.answers == (Answer(None, "", "low_mass"), None)


def test_pairs_against_another_baseline_are_left_out(run: Run) -> None:
    run.append_judgments([judgment(Scored(0.8, "expected"), baseline="other")])
    found = only(run, counted(text("base"), text("x")))
    assert (found.opinions, found.wins) == ((), {})


def test_a_gates_settlement_is_told_from_a_judges_opinion(run: Run) -> None:
    run.append_judgments([judgment(Scored(0.0, "flagged"), order=o) for o in ("AB", "BA")])
    [opinion] = only(run, counted(text("base"), text("x"))).opinions
    assert opinion.flagged


def test_a_text_that_was_judged_elsewhere_has_its_place(run: Run) -> None:
    run.append_judgments([score(4.0)])
    [item] = build_items(run, counted(text("base")))
    assert (item.prompt_name, item.request) == ("blog-1", "인사해 줘")
    assert [(t.candidate, t.status) for t in item.texts] == [("base", "ok"), ("x", "absent")]
    assert item.texts[1].opinions[0].value == 4.0


def test_evidence_comes_with_its_places(run: Run) -> None:
    of = text("x", "정말 다양한 글")
    hits = json.dumps([["spelling", "typo", 3, 6]])
    numbers = dict.fromkeys(EVIDENCE_NUMBERS, 0.0)
    evidence = {"t-x": Evidence("e", "t-x", "v1", "korean", (), numbers, hits)}
    [mark] = only(run, counted(text("base"), of, evidence=evidence)).marks
    assert (mark.group, of.text[mark.start : mark.end]) == ("spelling", "다양한")


def test_raters_are_numbered_not_named(run: Run) -> None:
    given = [
        Label("p0", "x", 0, "naturalness", "영희", score=4.0),
        Label("p0", "x", 0, "naturalness", "철수", preference=1.0, baseline="base"),
        Label("p0", "x", 0, "naturalness", "철수", preference=0.0, baseline="other"),
    ]
    for label in given:
        run.append_labels(label.rater, [label])
    assert only(run, counted(text("base"), text("x"))).labels == (
        HumanLabel(1, "naturalness", score=4.0),
        HumanLabel(2, "naturalness", preference=1.0),
    )


def test_there_are_as_many_losses_as_the_leaderboard_counts(run: Run) -> None:
    run.append_judgments([
        judgment(Scored(p, "expected"), order=order, judge=judge)
        for judge, p in (("j", 0.2), ("k", 0.9), ("l", 0.4))
        for order in ("AB", "BA")
    ])  # fmt: skip
    found = tally(pairs(run, [], "base"))
    values = [o.value for o in only(run, counted(text("base"), text("x"))).opinions]
    assert sum(value is not None and value < 0.5 for value in values) == found["losses"] == 2
