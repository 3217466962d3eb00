"""Two rubrics side by side, on answers small enough to count by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from kojudge.audit.figures import Precision, as_json
from kojudge.audit.measured import Measured, PairScore, PointScore
from kojudge.audit.rubric_comparison import Comparison, Cost, Rated, Side, compare

SOURCES = tuple(f"s{n}" for n in range(6))


def precision() -> Precision:
    return Precision(np.random.default_rng(1), 200)


def points(mass=0.9, scale=(1.0, 5.0), **scores):
    """Friendliness scores by kind, one a source; originals 4 unless given."""
    rows = {"original": [4.0] * len(SOURCES), **scores}
    found = tuple(
        PointScore(source, kind, score, mass)
        for kind, row in rows.items()
        for source, score in zip(SOURCES, row, strict=True)
    )
    return Measured("friendliness", "pointwise", points=found, scale=scale)


def pairs(**given):
    """(p_ab, p_ba) by kind, one a source: the probability that the item wins."""
    found = tuple(
        PairScore(source, kind, ab, ba, 0.9)
        for kind, row in given.items()
        for source, (ab, ba) in zip(SOURCES, row, strict=True)
    )
    return Measured("friendliness", "pairwise", pairs=found)


def side(name, measured, texts=(), differences=()):
    return Side(name, measured, Cost(1, 100.0, 0.5), tuple(texts), tuple(differences))


def compared(a, b, **people) -> Comparison:
    """Compare two sets of answers; ``people`` are given for both alike."""
    return compare(side("A", a, **people), side("B", b, **people), precision())


def measure(found: Comparison, name: str):
    return next(m for m in found.measures if m.name == name)


SEES = points(cold=[1, 2, 1, 2, 1, 3], stiff=[1, 2, 2, 1, 2, 1])
BLIND = points(cold=[4, 5, 4, 4, 5, 4], stiff=[5, 4, 4, 5, 4, 4])


class TestAuditTexts:
    def test_a_rubric_compared_with_itself_differs_in_nothing(self) -> None:
        found = compared(SEES, SEES)
        assert {m.difference.value for m in found.measures} == {0.0}
        assert {m.better for m in found.measures} == {None}
        assert {d.gap for d in found.disagreements} == {0.0}

    def test_exchanging_the_rubrics_turns_every_difference_round(self) -> None:
        forth, back = compared(SEES, BLIND), compared(BLIND, SEES)
        for one, other in zip(forth.measures, back.measures, strict=True):
            assert one.difference.value == pytest.approx(-other.difference.value)
            assert {one.better, other.better} in ({"a", "b"}, {None})

    def test_detection_is_the_mean_over_kinds_and_its_difference_is_paired(self) -> None:
        found = measure(compared(SEES, BLIND), "detection")
        assert found.a.value == 1.0
        # cold: 4 of 6 tied count half, 2 rose; stiff the same.
        assert found.b.value == pytest.approx(1 / 3)
        assert found.difference.value == pytest.approx(2 / 3)
        assert (found.difference.sources, found.better) == (6, "a")

    def test_separation_compares_an_original_with_the_texts_of_all_sources(self) -> None:
        mixed = points(original=[4, 2, 4, 4, 4, 4], cold=[3, 1, 3, 3, 3, 3])
        found = compared(mixed, BLIND)
        # Every item is below its own original, and the original at 2 below five other items.
        assert measure(found, "detection").a.value == 1.0
        assert measure(found, "separation").a.value == pytest.approx((5 * 6 + 1) / 36)

    def test_only_texts_scored_under_both_enter_the_difference(self) -> None:
        partly = points(cold=[1, None, None, None, None, 3], stiff=[1, 2, 2, 1, 2, 1])
        found = measure(compared(partly, BLIND), "detection")
        seen = [(1.0, 0.5), (1.0, 0.5)]  # cold of the first and last source
        stiff_b = 1 / 3
        expected = np.mean([np.mean([a - b for a, b in seen]), 1 - stiff_b])
        assert found.difference.value == pytest.approx(expected)

    def test_unscored_texts_and_ceilings_count_against_a_rubric(self) -> None:
        high = points(original=[5] * 6, cold=[5, 5, 5, 5, 1, 1])
        partly = points(cold=[1, None, 1, None, 1, 1])
        found = compared(high, partly)
        assert measure(found, "ceiling").a.value == pytest.approx(10 / 12)
        assert measure(found, "ceiling").b.value == 0.0
        assert measure(found, "ceiling").better == "b"
        unscored = measure(found, "unscored")
        assert (unscored.a.value, unscored.b.value) == (0.0, pytest.approx(2 / 12))
        assert unscored.higher_is_better is False

    def test_the_ceiling_is_that_of_each_scale(self) -> None:
        ten = points(scale=(1.0, 10.0), original=[9.8] * 6, cold=[5] * 6)
        found = measure(compared(ten, SEES), "ceiling")
        assert (found.a.value, found.b.value) == (0.5, 0.0)

    def test_legal_mass_is_compared_text_by_text(self) -> None:
        low = points(mass=0.6, cold=[1, 2, 1, 2, 1, 3])
        found = measure(compared(low, points(mass=0.9, cold=[1] * 6)), "mass")
        assert found.difference.value == pytest.approx(-0.3)

    def test_each_kind_has_its_row_and_only_those_that_were_asked(self) -> None:
        up = points(cold=[1] * 6, verbose=[4.4, 4.4, 4.4, 4.4, 4.4, 4.4])
        rows = {row.kind: row for row in compared(up, SEES).kinds}
        assert set(rows) == {"cold", "stiff", "verbose"}
        assert rows["verbose"].direction == "same"
        assert rows["verbose"].a.value == pytest.approx(0.1)  # 0.4 points of a scale of 4
        assert rows["verbose"].b.value is None
        assert rows["cold"].difference.value == 0.0


class TestPairs:
    FAIR = pairs(cold=[(0.2, 0.1)] * 3 + [(0.3, 0.2)] * 3, stiff=[(0.4, 0.3)] * 6)
    BIASED = pairs(
        cold=[(0.9, 0.1)] * 3 + [(0.8, 0.1)] * 3, stiff=[(0.9, 0.3), (0.6, 0.2), *[(0.9, 0.1)] * 4]
    )

    def test_both_orders_are_combined_and_a_mere_place_wins_nothing(self) -> None:
        found = measure(compared(self.FAIR, self.BIASED), "detection")
        assert found.a.value == 1.0
        cold = np.mean([0.5] * 3 + [1.0] * 3)
        stiff = np.mean([0.0, 1.0, 0.5, 0.5, 0.5, 0.5])
        assert found.b.value == pytest.approx(np.mean([cold, stiff]))

    def test_position_consistency_stands_in_the_place_of_the_ceiling(self) -> None:
        found = compared(self.FAIR, self.BIASED)
        names = [m.name for m in found.measures]
        assert names == ["separation", "detection", "position", "mass", "unscored"]
        position = measure(found, "position")
        assert (position.a.value, position.b.value, position.difference.value) == (1.0, 0.0, 1.0)

    def test_separation_is_that_of_original_and_item_by_their_win_scores(self) -> None:
        found = measure(compared(self.FAIR, self.BIASED), "separation")
        assert found.a.value == 1.0
        assert 0.5 <= found.b.value < 1.0

    def test_an_order_without_an_answer_is_half_unscored(self) -> None:
        partly = pairs(cold=[(0.2, None)] * 6)
        assert measure(compared(partly, self.FAIR), "unscored").a.value == 0.5


class TestDisagreements:
    def test_the_widest_gap_comes_first_and_a_general_shift_is_no_gap(self) -> None:
        a = points(original=[5] * 6, cold=[2, 2, 2, 2, 2, 5])
        b = points(original=[4] * 6, cold=[1, 1, 1, 1, 1, 1])
        first, second, *_ = compared(a, b).disagreements
        assert (first.source_id, first.kind, first.a, first.b) == ("s5", "cold", 5, 1)
        assert first.gap == pytest.approx(0.75)
        assert second.gap == pytest.approx(0.0)
        assert (first.seen_a, first.seen_b) == (False, True)

    def test_an_original_claims_nothing(self) -> None:
        a = points(original=[1, 4, 4, 4, 4, 4], cold=[1] * 6)
        first = compared(a, points(cold=[1] * 6)).disagreements[0]
        assert (first.kind, first.seen_a, first.seen_b) == ("original", None, None)

    def test_scales_of_two_widths_are_laid_over_each_other(self) -> None:
        five = points(original=[5] * 6, cold=[3] * 6)
        nine = points(scale=(1.0, 9.0), original=[9] * 6, cold=[5] * 6)
        assert {round(d.gap, 9) for d in compared(five, nine).disagreements} == {0.0}

    def test_no_more_are_shown_than_asked_for(self) -> None:
        found = compare(side("A", SEES), side("B", BLIND), precision(), shown=3)
        assert len(found.disagreements) == 3


def rated(judge, people, raters=1):
    """One text a prompt: the judge's score, and the same opinion from each rater."""
    return [
        Rated(f"t{n}", f"p{n}", j, (float(p),) * raters)
        for n, (j, p) in enumerate(zip(judge, people, strict=True))
    ]


class TestPeople:
    PEOPLE = (1, 2, 3, 4, 5, 3, 2, 4)
    LIKE = (1.1, 2.0, 3.0, 3.9, 4.8, 3.1, 2.2, 4.0)
    UNLIKE = (3.0, 3.2, 2.0, 3.0, 2.5, 4.0, 3.0, 2.0)

    def found(self, one, other, **sides) -> Comparison:
        a = side("A", SEES, texts=rated(one, self.PEOPLE), **sides)
        b = side("B", SEES, texts=rated(other, self.PEOPLE), **sides)
        return compare(a, b, precision())

    def test_a_judge_that_says_what_people_say_agrees_wholly(self) -> None:
        found = self.found(self.PEOPLE, self.UNLIKE)
        assert measure(found, "kappa").a.value == pytest.approx(1.0)
        assert measure(found, "alpha").a.value == pytest.approx(1.0)

    def test_the_rubric_nearer_to_people_is_better(self) -> None:
        found = self.found(self.LIKE, self.UNLIKE)
        for name in ("kappa", "alpha"):
            agreement = measure(found, name)
            assert agreement.a.value > 0.9 > 0.3 > agreement.b.value
            assert agreement.better == "a"
        assert (found.rated, found.prompts) == (8, 8)

    def test_r_is_of_differences_from_the_baseline(self) -> None:
        a = side("A", SEES, differences=rated((0.1, 0.2, 0.3, 0.4), (1, 2, 3, 4)))
        b = side("B", SEES, differences=rated((0.4, 0.3, 0.2, 0.1), (1, 2, 3, 4)))
        found = measure(compare(a, b, precision()), "r")
        assert (found.a.value, found.b.value) == (pytest.approx(1), pytest.approx(-1))

    def test_units_unscored_under_one_rubric_are_left_out_of_all(self) -> None:
        found = self.found(self.LIKE, (*self.UNLIKE[:-1], None))
        assert measure(found, "kappa").a.sources == measure(found, "kappa").b.sources == 7

    def test_each_rater_is_a_rater_and_a_missing_rating_none(self) -> None:
        texts = [
            Rated("t0", "p0", 1.0, (1.0, 2.0)),
            Rated("t1", "p1", 5.0, (5.0, None)),
            Rated("t2", "p2", 3.0, (None, 3.0)),
        ]
        found = measure(compared(SEES, SEES, texts=texts), "kappa")
        judge, people = np.array([1, 1, 5, 3]), np.array([1, 2, 5, 3])
        expected = 1 - np.mean((judge - people) ** 2) / np.mean(
            (judge[:, None] - people[None, :]) ** 2
        )
        assert found.a.value == pytest.approx(expected)

    def test_preferences_are_compared_by_the_winner(self) -> None:
        wins = rated((0.9, 0.7, 0.1, 0.4), (1, 1, 0, 0))
        one = pairs(cold=[(0.1, 0.1)] * 6)
        found = compare(side("A", one, wins), side("B", one, wins), precision())
        assert measure(found, "alpha").a.value == pytest.approx(1.0)

    def test_on_two_scales_only_correlations_are_given(self) -> None:
        texts = rated(self.LIKE, self.PEOPLE)
        ten = points(scale=(1.0, 10.0), cold=[1] * 6)
        a, b = side("A", SEES, texts, texts), side("B", ten, texts, texts)
        names = {m.name for m in compare(a, b, precision()).measures}
        assert ("r" in names, "kappa" in names, "alpha" in names) == (True, False, False)

    def test_without_labels_nothing_is_said_of_people(self) -> None:
        found = compared(SEES, BLIND)
        assert {m.name for m in found.measures} == {
            "separation", "detection", "ceiling", "mass", "unscored",
        }  # fmt: skip
        assert (found.rated, found.prompts) == (0, 0)


class TestRefusalAndJson:
    def test_another_criterion_or_mode_cannot_be_compared(self) -> None:
        with pytest.raises(ValueError, match="one criterion and mode"):
            compared(SEES, TestPairs.FAIR)

    def test_it_is_json_throughout(self) -> None:
        content = as_json(compared(SEES, BLIND))
        assert json.loads(json.dumps(content, allow_nan=False)) == content
        assert [m["name"] for m in content["measures"]][:2] == ["separation", "detection"]

    def test_the_same_seed_gives_the_same_intervals(self) -> None:
        many = [f"s{n}" for n in range(45)]
        rng = np.random.default_rng(3)
        rows = tuple(
            PointScore(s, kind, float(rng.integers(1, 6)), 0.9)
            for s in many
            for kind in ("original", "cold", "stiff")
        )
        one = Measured("friendliness", "pointwise", points=rows)
        first, second = compared(one, BLIND), compared(one, BLIND)
        assert first == second
