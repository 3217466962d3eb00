"""What people and the judge said of the same texts: the units of a certificate's agreement."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kojudge.audit.measured import People
from kojudge.certify.people import compared, people_id
from kojudge.records import Judgment, Label, Order, Outcome, Scored, Unscored
from kojudge.rubrics import Rubric
from kojudge.stats.pairs import combine_log_odds
from kojudge.store import manifest
from kojudge.store.run import Run

from .building import rubric

ALONE, PAIRS = rubric("naturalness"), rubric("naturalness-pairwise")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run whose baseline is ``base``."""
    made = Run.open(tmp_path / "run", create=True)
    manifest.update(made.path, lambda content: content.update(settings={"baseline": "base"}))
    return made


def judged(
    prompt: str,
    candidate: str,
    score: float | Outcome,
    order: Order | None = None,
    **changes: Any,
) -> Judgment:
    of: Rubric = PAIRS if order else ALONE
    plain: dict[str, Any] = {
        "judgment_id": "/".join(map(str, (prompt, candidate, order, *changes.values()))),
        "text_id": f"{prompt}/{candidate}",
        "prompt_id": prompt,
        "category": "blog",
        "candidate": candidate,
        "sample": 0,
        "criterion": "naturalness",
        "rubric": of.name,
        "judge": "judge",
        "mode": of.mode,
        "outcome": Scored(score, "expected", 0.9) if isinstance(score, float) else score,
        "baseline": "base" if order else None,
        "order": order,
        "rubric_id": of.rubric_id,
        "judge_id": "judge-id",
        "scale": of.scale,
    }
    return Judgment(**(plain | changes))


def scored(run: Run, **scores: float) -> None:
    """Scores of one prompt, by candidate."""
    run.append_judgments([judged("p1", name, score) for name, score in scores.items()])


def label(run: Run, rater: str, prompt: str, **opinions: float) -> None:
    """A rater's scores of one prompt, by candidate."""
    found = [Label(prompt, n, 0, "naturalness", rater, score=s) for n, s in opinions.items()]
    run.append_labels(rater, found)


def prefer(run: Run, rater: str, prompt: str, candidate: str, said: float, **more: Any) -> None:
    found = Label(prompt, candidate, 0, "naturalness", rater, preference=said, **more)
    run.append_labels(rater, [found])


class TestScores:
    def test_a_unit_is_the_difference_from_the_baseline_of_both(self, run: Run) -> None:
        scored(run, base=3.0, warm=4.5)
        label(run, "kim", "p1", base=2, warm=4)
        assert compared(run, "judge-id", ALONE) == (People("p1", 1.5, (2.0,)),)

    def test_several_raters_stand_in_one_order_in_every_unit(self, run: Run) -> None:
        scored(run, base=3.0, warm=4.0, stiff=2.0)
        label(run, "lee", "p1", base=3, warm=5, stiff=3)
        label(run, "kim", "p1", base=2, warm=3, stiff=1)
        assert compared(run, "judge-id", ALONE) == (
            People("p1", -1.0, (-1.0, 0.0)),
            People("p1", 1.0, (1.0, 2.0)),
        )

    def test_a_rater_who_left_a_text_out_leaves_a_gap(self, run: Run) -> None:
        scored(run, base=3.0, warm=4.0, stiff=2.0)
        label(run, "kim", "p1", base=2, warm=3)
        label(run, "lee", "p1", base=3, stiff=3)
        assert compared(run, "judge-id", ALONE) == (
            People("p1", -1.0, (None, 0.0)),
            People("p1", 1.0, (1.0, None)),
        )

    def test_a_rater_who_left_the_baseline_out_says_nothing(self, run: Run) -> None:
        scored(run, base=3.0, warm=4.0)
        label(run, "kim", "p1", warm=3)
        label(run, "lee", "p1", base=3)
        assert compared(run, "judge-id", ALONE) == ()

    def test_the_latest_opinion_counts(self, run: Run) -> None:
        scored(run, base=3.0, warm=4.0)
        label(run, "kim", "p1", base=2, warm=3)
        label(run, "kim", "p1", warm=5)
        assert compared(run, "judge-id", ALONE) == (People("p1", 1.0, (3.0,)),)

    @pytest.mark.parametrize(
        "other",
        [
            {"judge_id": "another"},
            {"rubric_id": "another"},
            {"outcome": Unscored("low_mass")},
            {"sample": 1},
            {"prompt_id": "p2"},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_what_the_judge_did_not_score_with_this_rubric_is_no_unit(
        self, run: Run, other: dict[str, Any]
    ) -> None:
        run.append_judgments([judged("p1", "base", 3.0), judged("p1", "warm", 4.0, **other)])
        label(run, "kim", "p1", base=2, warm=3)
        assert compared(run, "judge-id", ALONE) == ()

    def test_labels_of_another_criterion_do_not_count(self, run: Run) -> None:
        scored(run, base=3.0, warm=4.0)
        run.append_labels(
            "kim", [Label("p1", n, 0, "friendliness", "kim", score=3) for n in ("base", "warm")]
        )
        assert compared(run, "judge-id", ALONE) == ()

    def test_preferences_do_not_count(self, run: Run) -> None:
        scored(run, base=3.0, warm=4.0)
        prefer(run, "kim", "p1", "warm", 1.0)
        assert compared(run, "judge-id", ALONE) == ()


class TestPreferences:
    def win(self, run: Run, prompt: str, ab: float | Outcome, ba: float, **more: Any) -> None:
        run.append_judgments(
            [judged(prompt, "warm", ab, "AB", **more), judged(prompt, "warm", ba, "BA", **more)]
        )

    def test_a_unit_is_the_win_score_of_both_orders_from_the_middle(self, run: Run) -> None:
        self.win(run, "p1", 0.9, 0.6)
        prefer(run, "kim", "p1", "warm", 1.0)
        prefer(run, "lee", "p1", "warm", 0.5)
        (unit,) = compared(run, "judge-id", PAIRS)
        assert unit.judge == pytest.approx(float(combine_log_odds(0.9, 0.6)) - 0.5)
        assert (unit.prompt_id, unit.ratings) == ("p1", (0.5, 0.0))

    def test_a_missing_rater_leaves_a_gap(self, run: Run) -> None:
        for prompt in ("p1", "p2"):
            self.win(run, prompt, 0.7, 0.7)
        prefer(run, "kim", "p1", "warm", 1.0)
        prefer(run, "lee", "p2", "warm", 0.0)
        units = compared(run, "judge-id", PAIRS)
        assert [(u.prompt_id, u.ratings) for u in units] == [
            ("p1", (0.5, None)),
            ("p2", (None, -0.5)),
        ]

    def test_one_order_alone_is_no_unit(self, run: Run) -> None:
        self.win(run, "p1", Unscored("low_mass"), 0.7)
        prefer(run, "kim", "p1", "warm", 1.0)
        assert compared(run, "judge-id", PAIRS) == ()

    def test_scores_do_not_count(self, run: Run) -> None:
        self.win(run, "p1", 0.9, 0.6)
        label(run, "kim", "p1", base=2, warm=3)
        assert compared(run, "judge-id", PAIRS) == ()

    def test_what_was_compared_with_another_baseline_is_about_something_else(
        self, run: Run
    ) -> None:
        self.win(run, "p1", 0.9, 0.9)
        self.win(run, "p1", 0.1, 0.1, baseline="older")
        self.win(run, "p2", 0.1, 0.1, baseline="older")
        prefer(run, "kim", "p1", "warm", 1.0, baseline="base")
        prefer(run, "lee", "p1", "warm", 0.0, baseline="older")
        prefer(run, "kim", "p2", "warm", 0.0)
        (unit,) = compared(run, "judge-id", PAIRS)
        assert (unit.prompt_id, unit.ratings) == ("p1", (0.5,))
        assert unit.judge == pytest.approx(0.4)


class TestIdentity:
    """A certificate is kept under what it was compared with."""

    def test_there_is_none_without_units(self, run: Run) -> None:
        assert people_id([(), ()]) == people_id([]) == ""

    def test_it_changes_with_the_labels_and_with_what_the_judge_scored(self, run: Run) -> None:
        label(run, "kim", "p1", base=2, warm=3)
        found = [people_id([compared(run, "judge-id", ALONE)])]
        scored(run, base=3.0, warm=4.0)
        found.append(people_id([compared(run, "judge-id", ALONE)]))
        label(run, "kim", "p1", warm=5)
        found.append(people_id([compared(run, "judge-id", ALONE)]))
        assert len({*found}) == 3
        assert found[-1] == people_id([compared(run, "judge-id", ALONE)])

    def test_units_of_one_rubric_are_not_those_of_another(self) -> None:
        units = (People("p1", 0.5, (1.0,)),)
        assert people_id([units, ()]) != people_id([(), units])
