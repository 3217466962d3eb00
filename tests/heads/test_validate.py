"""Validation is honest: it shows signal where there is some, and none where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kojudge.heads.agreement import third_of
from kojudge.heads.data import Lesson, pairs_of_scores
from kojudge.heads.fit import Groups, learn
from kojudge.heads.folds import deal_folds, level_of
from kojudge.heads.reliability import reliability
from kojudge.heads.validate import validate

from .simulated import LABELS, SIGNAL, world


def found(made, seed=0, **options):
    lines, folds = validate(
        made.material, made.features, np.random.default_rng(seed), resamples=200, **options
    )
    return lines[0], folds


def dealt(material, rng, *, paired=False):
    level = level_of(material.lessons, len(material.examples))
    return deal_folds(material.prompts, material.candidates, (5, 5), level, rng, paired=paired)


def test_a_known_signal_is_recovered() -> None:
    """States hide quality under noise: the best any reader can do is known, and is reached."""
    made = world(np.random.default_rng(1), prompts=40, writers=8)
    line, _ = found(made, curve=False)
    r = line.agreement.row("r")
    weights = np.array([1.0, -1.0, 0.5, 0.8])
    shown = made.features[SIGNAL][:, :4] @ weights
    best = np.corrcoef(shown, made.material.lessons[0].truth)[0, 1]
    assert r.head.value == pytest.approx(best, abs=0.06)
    assert r.head.low < best < r.head.high + 0.06
    assert line.texts == 320
    assert line.spaces == {"2/mean": 40}


def test_what_lengths_alone_cannot_tell_is_the_heads_gain() -> None:
    line, _ = found(world(np.random.default_rng(2)), curve=False)
    row = line.agreement.row("r")
    assert abs(row.trivial.value) < 0.25
    assert row.gain.low > 0
    assert line.agreement.beyond.low > 0.3


def test_a_writers_identity_is_no_quality() -> None:
    """Golden: texts show only who wrote them. Folds that forget the writer are fooled."""
    made = world(np.random.default_rng(3), prompts=40, writers=10, noise=0.3, by_writer=True)
    line, _ = found(made, curve=False)
    assert naive_r(made) > 0.8
    assert line.agreement.row("r").head.value < 0.3


def naive_r(made) -> float:
    """r where no fold, outer or inner, knows of writers: their other texts are in training."""
    (lesson,) = made.material.lessons
    groups = Groups(made.material.prompts, ["anyone"] * len(made.material.examples))
    rng = np.random.default_rng(4)
    folds = replace(dealt(made.material, rng), candidate=None)
    told = np.empty(len(lesson.first))
    for cell in folds.cells():
        train, test = folds.split(lesson, cell)
        learnt = learn(made.features, [lesson.take(train)], groups, rng)
        x = learnt.standardised(made.features)
        told[test] = learnt.answers(0, lesson.take(test), x) @ lesson.values
    return float(np.corrcoef(told, lesson.truth)[0, 1])


def test_the_learning_curve_rises() -> None:
    made = world(np.random.default_rng(5), prompts=40, writers=10, seen=0.6)
    line, _ = found(made)
    labels = [point.labels for point in line.curve]
    assert labels == [50, 100, 200, 280]
    values = [point.r.value for point in line.curve]
    assert values[-1] > values[0] + 0.05
    assert values[-1] == line.agreement.row("r").head.value


def test_two_writers_cannot_be_left_out_and_it_is_said() -> None:
    line, folds = found(world(np.random.default_rng(6), writers=2, prompts=60), curve=False)
    assert folds.candidate is None
    assert line.grouped == ("prompt",)
    assert line.agreement.row("models") is None


def test_pairs_of_two_writers_leave_both_out() -> None:
    made = world(np.random.default_rng(7))
    rng = np.random.default_rng(8)
    pairs = pairs_of_scores(made.material.lessons[0], made.material.prompts, rng)
    folds = dealt(made.material, rng, paired=True)
    for cell in folds.cells():
        train, test = folds.split(pairs, cell)
        for one in ("prompts", "candidates"):
            names = getattr(made.material, one)
            taught = {names[at] for side in (pairs.first, pairs.second) for at in side[train]}
            asked = {names[at] for side in (pairs.first, pairs.second) for at in side[test]}
            assert not taught & asked


def test_beside_the_baseline_only_the_other_writer_is_left_out() -> None:
    made = world(np.random.default_rng(9), writers=4)
    rows = np.arange(120)
    own = rows[rows % 4 != 0]
    pairs = Lesson("naturalness", "pairwise", ("A", "B"), own, np.full((90, 2), 0.5),
                   own - own % 4, against_baseline=True)  # fmt: skip
    folds = dealt(made.material, np.random.default_rng(0))
    tested = sum(folds.split(pairs, cell)[1].size for cell in folds.cells())
    assert tested == 90


def test_folds_are_alike_in_level() -> None:
    """Writers of very different skill: no fold holds all the best."""
    made = world(np.random.default_rng(11), writers=10, by_writer=True)
    folds = dealt(made.material, np.random.default_rng(0))
    assert folds.candidate is not None
    means = [made.quality[folds.candidate == k].mean() for k in range(5)]
    assert np.ptp(means) < np.ptp(made.quality) / 2


def test_a_pair_lifts_its_first_text_as_much_as_it_lowers_its_second() -> None:
    answers = np.array([[1.0, 0.0], [0.5, 0.5]])
    pairs = Lesson("c", "pairwise", ("A", "B"), np.array([0, 2]), answers, np.array([1, 3]))
    level = level_of([pairs], 5)
    assert level[0] == -level[1] > 0
    assert level[2:].tolist() == [0, 0, 0]


def test_pairs_made_of_scores_prefer_the_higher() -> None:
    made = world(np.random.default_rng(10))
    (lesson,) = made.material.lessons
    pairs = pairs_of_scores(lesson, made.material.prompts, np.random.default_rng(0))
    gap = lesson.truth[pairs.first] - lesson.truth[pairs.second]
    np.testing.assert_allclose(pairs.answers.sum(axis=1), 1.0)
    assert (pairs.truth[gap > 1.0] > 0.5).all()
    assert (pairs.truth[gap < -1.0] < 0.5).all()
    assert made.material.prompts[pairs.first[0]] == made.material.prompts[pairs.second[0]]


def test_perfect_calibration_has_no_error_and_a_skewed_one_has() -> None:
    answers = np.tile([0.1, 0.2, 0.3, 0.3, 0.1], (200, 1))
    lesson = Lesson("c", "pointwise", LABELS, np.arange(200), answers)
    assert reliability(lesson, answers).ece == pytest.approx(0.0, abs=1e-12)
    skewed = np.tile([0.0, 0.1, 0.2, 0.4, 0.3], (200, 1))
    assert reliability(lesson, skewed).ece == pytest.approx((0.1 + 0.2 + 0.3 + 0.2) / 4)


@pytest.mark.parametrize(
    ("truth", "thirds"),
    [
        ([1, 2, 3, 4, 5, 6], [-1, -1, 0, 0, 1, 1]),
        ([0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1]),
        ([0, 0, 1, 1], [-1, -1, 1, 1]),
    ],
)
def test_thirds_keep_ties_together(truth: list[int], thirds: list[int]) -> None:
    assert third_of(np.array(truth, dtype=float)).tolist() == thirds
