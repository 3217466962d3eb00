"""A rater's questions: own order, sides by chance, some asked again the other way round."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.label import Question
from kojudge.label.plan import CHOICES, preference_of

from .samples import CRITERIA, pairs, questions

raters = st.from_regex(r"[\w-]{1,20}", fullmatch=True)
PAIRS = pairs()


@settings(deadline=None)
@given(st.sampled_from(CHOICES), st.booleans())
def test_a_choice_is_decoded_to_the_candidate_whichever_side_it_stands_on(
    choice: int, candidate_left: bool
) -> None:
    here = Question(PAIRS[0], "naturalness", candidate_left)
    there = Question(PAIRS[0], "naturalness", not candidate_left)
    assert here.strength(choice) == -there.strength(choice) == there.strength(6 - choice)
    assert here.choice(here.strength(choice)) == choice


def test_choosing_the_side_of_the_candidate_is_a_win() -> None:
    left, right = (Question(PAIRS[0], "naturalness", side) for side in (True, False))
    assert [left.strength(choice) for choice in CHOICES] == [2, 1, 0, -1, -2]
    assert [right.strength(choice) for choice in CHOICES] == [-2, -1, 0, 1, 2]
    assert [preference_of(one) for one in (2, 1, 0, -1, -2)] == [1, 1, 0.5, 0, 0]
    assert (left.order, right.order) == ("AB", "BA")


@settings(deadline=None, max_examples=30)
@given(raters)
def test_raters_share_the_questions_and_the_plan_can_be_made_again(rater: str) -> None:
    mine = questions(PAIRS, rater)
    assert mine == questions(PAIRS, rater)
    asked = {(q.pair.key, q.criterion) for q in mine if not q.repeat}
    assert asked == {(pair.key, criterion) for pair in PAIRS for criterion in CRITERIA}
    assert len(mine) == (40 + 2) * 2


@settings(deadline=None, max_examples=30)
@given(raters)
def test_a_repeat_has_its_sides_swapped_and_comes_half_a_sitting_later(rater: str) -> None:
    mine = questions(PAIRS, rater)
    repeats = [at for at, question in enumerate(mine) if question.repeat]
    assert len({mine[at].pair.key for at in repeats}) == 2
    for at in repeats:
        [first] = [
            place
            for place, q in enumerate(mine)
            if not q.repeat and (q.pair, q.criterion) == (mine[at].pair, mine[at].criterion)
        ]
        assert mine[first].candidate_left is not mine[at].candidate_left
        assert at - first >= len(PAIRS)  # half the pairs, two questions each


def test_each_rater_has_an_own_order_and_own_sides() -> None:
    kim, lee = (questions(PAIRS, rater) for rater in ("kim", "lee"))
    assert [q.pair.key for q in kim] != [q.pair.key for q in lee]
    side = [{q.pair.key: q.candidate_left for q in one if not q.repeat} for one in (kim, lee)]
    assert side[0] != side[1]


def test_the_candidate_stands_left_about_half_the_time() -> None:
    many = pairs(200)
    left = sum(
        q.candidate_left for q in questions(many) if not q.repeat and q.criterion == CRITERIA[0]
    )
    assert 160 < left < 240  # 400 pairs; beyond four standard deviations


def test_raters_who_stop_early_have_answered_the_same_pairs() -> None:
    """The first round has one pair of each candidate and category, for everyone."""
    first = [{q.pair.key for q in questions(PAIRS, rater)[: 4 * 2]} for rater in ("kim", "lee")]
    assert first[0] == first[1]
    assert len(first[0]) == 4


@pytest.mark.parametrize(("limit", "repeated"), [(1, 0), (7, 0), (8, 1), (20, 1), (21, 2), (40, 2)])
def test_one_pair_in_twenty_is_asked_again_from_eight_pairs_on(limit: int, repeated: int) -> None:
    mine = questions(PAIRS, limit=limit, criteria=("naturalness",))
    assert sum(question.repeat for question in mine) == repeated


def test_both_criteria_of_a_pair_show_it_the_same_way_round() -> None:
    sides: dict[tuple[str, bool], set[bool]] = {}
    for q in questions(PAIRS):
        sides.setdefault((q.pair.key, q.repeat), set()).add(q.candidate_left)
    assert all(len(found) == 1 for found in sides.values())
