"""The rows of a certificate, on answers small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kojudge.audit.figures import Precision
from kojudge.audit.measured import AttackScore, Measured, PairScore, People, PointScore, Repeated
from kojudge.audit.standing import measure

SOURCES = ("a", "b", "c", "d")


def standing(**given):
    base = {"criterion": "friendliness", "mode": "pointwise"}
    return measure(Measured(**{**base, **given}), Precision(np.random.default_rng(1), 200))


def points(**scores):
    """Scores by kind, one a source; originals 4."""
    rows = {"original": [4.0] * 4, **scores}
    return tuple(
        PointScore(s, kind, score, 0.9)
        for kind, row in rows.items()
        for s, score in zip(SOURCES, row, strict=True)
    )


def row(found, kind):
    return next(r.figure for r in found if r.kind == kind)


def test_detection_counts_lower_scores_and_half_of_ties():
    found = standing(points=points(cold=[1, 2, 4, 5], stiff=[1, 1, 1, 1]))
    assert row(found.detection, "cold").value == 0.625
    assert row(found.detection, "stiff").value == 1.0
    assert found.macro.value == pytest.approx(0.8125)


def test_an_unscored_text_leaves_its_pair_out_and_is_counted():
    found = standing(points=points(cold=[1, None, 4, 5]))
    assert row(found.detection, "cold").value == 0.5
    assert found.unscored.value == pytest.approx(1 / 8)


def test_an_unscored_original_leaves_out_every_pair_of_its_source():
    given = points(original=[None, 4, 4, 4], cold=[5, 1, 1, 1])
    assert row(standing(points=given).detection, "cold").value == 1.0


def test_a_rise_is_the_mean_difference():
    found = standing(points=points(verbose=[4.5, 4.5, 4.0, 5.0]))
    assert row(found.rises, "verbose").value == 0.5
    assert "verbose" not in found.lacking
    assert "cold" in found.lacking


def test_the_margin_is_a_sixteenth_of_the_scale():
    assert standing(points=points()).margin == 0.25
    assert standing(points=points(), scale=(0.0, 10.0)).margin == 0.625
    assert standing(mode="pairwise").margin == 0.10


def test_the_ceiling_is_what_lies_within_the_margin_of_the_top():
    found = standing(points=points(verbose=[4.75, 5.0, 4.74, 1.0]))
    assert found.ceiling.value == pytest.approx(2 / 8)


def test_mass_is_averaged_and_its_least_kept():
    given = (*points(), PointScore("a", "cold", 1.0, 0.5))
    found = standing(points=given).mass
    assert found.mean.value == pytest.approx((4 * 0.9 + 0.5) / 5)
    assert found.least == 0.5


def pairs(kind, *orders):
    return tuple(PairScore(s, kind, ab, ba) for s, (ab, ba) in zip(SOURCES, orders, strict=False))


def test_pairs_are_combined_in_log_odds_so_that_a_bias_to_a_place_cancels():
    given = pairs("cold", (0.9, 0.1), (0.6, 0.1), (0.9, 0.4), (0.1, 0.1))
    found = standing(mode="pairwise", pairs=given)
    # A tie, an item that loses, one that wins, one that loses.
    assert row(found.detection, "cold").value == pytest.approx((0.5 + 1 + 0 + 1) / 4)
    assert found.position.value == 0.25
    assert found.ceiling is None


def test_votes_are_averaged():
    given = pairs("cold", (1, 0), (0, 0), (0, 0.5), (1, 1))
    found = standing(mode="pairwise", pairs=given, votes=True)
    assert row(found.detection, "cold").value == pytest.approx((0.5 + 1 + 1 + 0) / 4)


def test_even_pairs_do_not_count_against_position_consistency():
    given = (*pairs("cold", (0.1, 0.1)), *pairs("paraphrase", (0.7, 0.3)))
    found = standing(mode="pairwise", pairs=given)
    assert (found.position.value, found.position_even.value) == (1.0, 0.0)


def test_a_pair_scored_in_one_order_only_is_left_out():
    found = standing(mode="pairwise", pairs=pairs("cold", (0.1, None), (0.1, 0.2)))
    assert row(found.detection, "cold").sources == 1
    assert found.unscored.value == 0.25


def attack(base, attacked, defended=True, source="a", name="order-ko"):
    return AttackScore(source, name, "inside", defended, base, attacked)


def test_an_attack_succeeds_where_the_score_rises_by_more_than_the_margin():
    given = (attack(2, 2.25), attack(2, 2.26), attack(2, 1.0), attack(2, 5.0))
    assert standing(points=points(), attacks=given).injection.defended.value == 0.5


def test_the_defence_is_measured_against_its_absence():
    given = (attack(2, 2), attack(2, 2, source="b"), attack(2, 4, False), attack(2, 2, False))
    found = standing(points=points(), attacks=given).injection
    assert (found.defended.value, found.undefended.value) == (0.0, 0.5)


def test_each_attack_string_is_shown():
    given = (attack(2, 4), attack(2, 2), attack(2, 2, name="null-en"))
    found = standing(points=points(), attacks=given).injection
    assert found.by_attack == {"null-en": 0.0, "order-ko": 0.5}


def test_a_carrier_at_the_ceiling_cannot_rise_and_counts_in_no_share():
    found = standing(points=points(), attacks=(attack(4.9, 5.0), attack(2, 4))).injection
    assert (found.without_room, found.defended.value) == (1, 1.0)
    none = standing(points=points(), attacks=(attack(4.9, 5.0),)).injection
    assert none.defended.value is None


def test_an_attack_left_unscored_gains_nothing_but_is_a_judgment_without_a_score():
    found = standing(points=points(), attacks=(attack(2, None), attack(None, 5.0)))
    assert found.injection.defended.value == 0.0
    assert found.unscored.value == pytest.approx(1 / 6)


def test_retest_tells_how_far_repeats_lie_apart():
    given = tuple(
        Repeated(s, "original", (3.0, 3.0 + gap)) for s, gap in zip(SOURCES, (0, 0.2, 0.3, 1.0), strict=True)
    )  # fmt: skip
    found = standing(points=points(), repeats=given).retest
    assert found.items == 4
    assert found.within_margin.value == 0.5
    assert found.sd.value == pytest.approx(np.sqrt(np.mean([0, 0.02, 0.045, 0.5])))


def test_agreement_with_people_stands_beside_the_agreement_among_people():
    rng = np.random.default_rng(5)
    truth = rng.standard_normal(80)
    given = tuple(
        People(f"p{at}", float(t + rng.standard_normal()), (float(t + rng.normal(0, 0.5)), float(t + rng.normal(0, 0.5)), None if at % 2 else float(t)))
        for at, t in enumerate(truth)
    )  # fmt: skip
    found = standing(points=points(), people=given).people
    assert (found.units, found.raters) == (80, 3)
    assert 0.4 < found.r.low < found.r.value < found.human.value


def test_one_rater_gives_no_ceiling():
    given = tuple(People(f"p{at}", float(at), (float(at),)) for at in range(10))
    assert standing(points=points(), people=given).people.human is None


def test_what_was_not_asked_is_none():
    found = standing(points=points(cold=[1, 1, 1, 1]))
    assert (found.injection, found.retest, found.shortcuts, found.people) == (None,) * 4
    assert found.position is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"points": (PointScore("a", "cold", 1.0),)}, "original was not judged"),
        ({"points": points() * 2}, "scored twice"),
        ({"mode": "pairwise", "pairs": pairs("cold", (0.1, 0.1)) * 2}, "scored twice"),
        ({"points": points(), "people": (People("p", 1.0, (None,)),)}, "needs a rating"),
    ],
)
def test_answers_that_do_not_fit_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        standing(**given)
