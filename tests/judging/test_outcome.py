"""From the probabilities of the legal answers to a score, or to the reason for none."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.engines import Choice
from kojudge.judging.outcome import decomposed_outcome, outcome_of
from kojudge.records import Mode, Scored, Unscored
from kojudge.rubrics import Level, Rubric

FLOOR = 0.5


def rubric(labels: str, mode: Mode = "pointwise") -> Rubric:
    return Rubric(
        name="r", criterion="naturalness", name_ko="자연스러움", name_en="naturalness", version=1,
        mode=mode, language="ko", levels=tuple(Level(label, "설명") for label in labels),
        answer_prefix="", body="", path=Path("r.md.j2"), rubric_id="id",
    )  # fmt: skip


FIVE, PAIR, PAIR_WITH_TIE = rubric("12345"), rubric("AB", "pairwise"), rubric("ABC", "pairwise")


def choice(
    *probabilities: float, method: Literal["expected", "sampled"] = "expected", error: str = ""
) -> Choice:
    logs = tuple(math.log(p) if p else -math.inf for p in probabilities)
    return Choice("key", logs, 10, 0.1, method, error)


def score_of(found: Choice, of: Rubric, order: str | None = None) -> float:
    outcome = outcome_of(found, of, order, FLOOR)
    assert isinstance(outcome, Scored)
    return outcome.score


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ((1, 0, 0, 0, 0), 1.0),
        ((0, 0, 0, 0, 1), 5.0),
        ((0.2, 0.2, 0.2, 0.2, 0.2), 3.0),
        ((0, 0, 0.5, 0.5, 0), 3.5),
        ((0, 0, 0.3, 0.3, 0), 3.5),  # 0.6 of the mass is legal: renormalised
        ((0.1, 0, 0, 0, 0.6), (0.1 * 1 + 0.6 * 5) / 0.7),
    ],
)
def test_a_score_is_the_expected_level(probabilities: tuple[float, ...], expected: float) -> None:
    assert score_of(choice(*probabilities), FIVE) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("probabilities", "order", "expected"),
    [
        ((0.9, 0.1), "AB", 0.9),  # the candidate stands first
        ((0.9, 0.1), "BA", 0.1),  # the baseline stands first
        ((0.5, 0.1, 0.4), "AB", 0.7),  # half of a tie is the candidate's
        ((0.5, 0.1, 0.4), "BA", 0.3),
        ((0.0, 0.0, 1.0), "AB", 0.5),
    ],
)
def test_a_pair_gives_the_probability_that_the_candidate_wins(
    probabilities: tuple[float, ...], order: str, expected: float
) -> None:
    of = PAIR if len(probabilities) == 2 else PAIR_WITH_TIE
    assert score_of(choice(*probabilities), of, order) == pytest.approx(expected)


def test_the_distribution_the_mass_and_the_method_are_kept() -> None:
    outcome = outcome_of(choice(0.2, 0.6, method="sampled"), PAIR, "AB", FLOOR)
    assert isinstance(outcome, Scored)
    assert outcome.options == ("A", "B")
    assert outcome.probabilities == pytest.approx((0.25, 0.75))
    assert outcome.mass == pytest.approx(0.8)
    assert outcome.method == "sampled"


class TestNoScore:
    @pytest.mark.parametrize(("mass", "scored"), [(0.49, False), (0.51, True)])
    def test_below_the_floor_the_judge_did_not_answer(self, mass: float, scored: bool) -> None:
        outcome = outcome_of(choice(0, 0, 0, 0, mass), FIVE, None, FLOOR)
        assert isinstance(outcome, Scored) == scored

    def test_a_low_mass_is_final_and_shows_what_there_was(self) -> None:
        outcome = outcome_of(choice(0.01, 0.03), PAIR, "AB", FLOOR)
        assert isinstance(outcome, Unscored)
        assert (outcome.reason, outcome.final) == ("low_mass", True)
        assert outcome.mass == pytest.approx(0.04)
        assert outcome.probabilities == pytest.approx((0.25, 0.75))

    def test_no_legal_answer_at_all_is_final(self) -> None:
        outcome = outcome_of(choice(0, 0, 0, 0, 0), FIVE, None, 0.0)
        assert outcome == Unscored("no_legal_answer", True, 0.0, FIVE.labels)

    @pytest.mark.parametrize(
        ("error", "final"), [("out_of_memory", False), ("crash", False), ("prompt_too_long", True)]
    )
    def test_an_engines_failure_is_asked_again_unless_it_must_recur(
        self, error: str, final: bool
    ) -> None:
        outcome = outcome_of(Choice("key", (), 0, 0.0, error=error), FIVE, None, FLOOR)
        assert outcome == Unscored(f"engine:{error}", final)


log_probabilities = st.lists(st.floats(-60, 0) | st.just(-math.inf), min_size=5, max_size=5)


@settings(deadline=None)
@given(log_probabilities, st.floats(0, 1))
def test_whatever_the_judge_says_a_score_stays_on_the_scale(
    logs: list[float], floor: float
) -> None:
    outcome = outcome_of(Choice("key", tuple(logs), 1, 0.0), FIVE, None, floor)
    if isinstance(outcome, Scored):
        assert 1 <= outcome.score <= 5
        assert math.fsum(outcome.probabilities) == pytest.approx(1)
        assert outcome.mass is not None
        assert outcome.mass >= floor
    else:
        assert outcome.reason in {"low_mass", "no_legal_answer"}


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=3))
def test_swapping_the_order_and_the_answers_gives_the_same_win_score(weights: list[float]) -> None:
    total = math.fsum(weights)
    a, b, *tie = (weight / total for weight in weights)
    of = PAIR_WITH_TIE if tie else PAIR
    first = score_of(choice(a, b, *tie), of, "AB")
    assert score_of(choice(b, a, *tie), of, "BA") == pytest.approx(first)


class TestUnmeasuredMass:
    """A server that renormalises does not say how likely a legal answer was."""

    def test_it_is_recorded_as_unknown_and_no_floor_is_held_against_it(self) -> None:
        found = replace(choice(0.2, 0.2, 0.2, 0.2, 0.2), renormalised=True)
        outcome = outcome_of(found, FIVE, None, 1.0)
        assert isinstance(outcome, Scored)
        assert (outcome.score, outcome.mass) == (pytest.approx(3.0), None)

    def test_of_several_questions_one_unknown_leaves_the_whole_unknown(self) -> None:
        of = replace(FIVE, questions=("하나?", "둘?"))
        parts = [choice(0.9, 0.1), replace(choice(0.5, 0.5), renormalised=True)]
        outcome = decomposed_outcome(parts, of, FLOOR)
        assert isinstance(outcome, Scored)
        assert (outcome.score, outcome.mass) == (pytest.approx(1 + 4 * 0.7), None)
