"""What a head learns, and in which space."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from kojudge.engines.head.file import Line
from kojudge.engines.head.levels import distribution, preference
from kojudge.heads.calibrate import fit_levels, fit_preference
from kojudge.heads.data import Lesson, pairs_of_scores
from kojudge.heads.fit import Groups, Ruling, learn
from kojudge.heads.ridge import PENALTIES, ridge_path

from .simulated import SIGNAL, world


def groups(made):
    return Groups(made.material.prompts, made.material.candidates)


def test_the_space_that_shows_quality_is_chosen() -> None:
    made = world(np.random.default_rng(1))
    learnt = learn(made.features, made.material.lessons, groups(made), np.random.default_rng(2))
    assert learnt.space == SIGNAL


def test_predictions_follow_the_quality_they_were_made_from() -> None:
    made = world(np.random.default_rng(1), seen=1.5)
    (lesson,) = made.material.lessons
    learnt = learn(made.features, [lesson], groups(made), np.random.default_rng(2))
    scores = learnt.answers(0, lesson, learnt.standardised(made.features)) @ lesson.values
    assert np.corrcoef(scores, made.quality)[0, 1] > 0.85


def test_a_turned_fit_is_the_plain_ridge() -> None:
    """With fewer texts than dimensions the states are turned; the solution must not change."""
    rng = np.random.default_rng(3)
    made = world(rng, prompts=12, writers=4)
    wide = rng.normal(size=(48, 200))
    (lesson,) = made.material.lessons
    learnt = learn({(1, "mean"): wide}, [lesson], groups(made), rng)
    line = learnt.lines[0]
    x = learnt.standardised({(1, "mean"): wide})
    plain = Ridge(alpha=line.penalty * 48).fit(x, lesson.truth)
    np.testing.assert_allclose(line.weights, plain.coef_, atol=1e-6)
    assert line.bias == pytest.approx(plain.intercept_)


def test_the_path_is_a_ridge_for_each_penalty() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(40, 5)), rng.normal(size=40)
    path = ridge_path(x, y)
    for at, penalty in enumerate(PENALTIES):
        one = Ridge(alpha=penalty * 40).fit(x, y)
        np.testing.assert_allclose(path.weights[at], one.coef_, rtol=1e-6)
        assert path.bias[at] == pytest.approx(one.intercept_)


class TestRuling:
    def test_pairs_made_of_scores_share_the_weights_of_the_scores(self) -> None:
        made = world(np.random.default_rng(5))
        (alone,) = made.material.lessons
        pairs = pairs_of_scores(alone, made.material.prompts, np.random.default_rng(6))
        ruling = Ruling(penalties=(0.1,), shared=True)
        learnt = learn(
            made.features, [alone, pairs], groups(made), np.random.default_rng(7), ruling
        )
        one, two = learnt.lines
        np.testing.assert_array_equal(one.weights, two.weights)
        assert two.bias == 0
        assert one.penalty == two.penalty == 0.1
        assert two.slope > 0
        x = learnt.standardised(made.features)
        prefers = learnt.answers(1, pairs, x) @ pairs.values
        better = made.quality[pairs.first] - made.quality[pairs.second]
        assert np.corrcoef(prefers, better)[0, 1] > 0.6

    def test_pairs_that_a_teacher_compared_keep_their_own(self) -> None:
        made = world(np.random.default_rng(5))
        (alone,) = made.material.lessons
        pairs = pairs_of_scores(alone, made.material.prompts, np.random.default_rng(6))
        told = replace(pairs, made=False)
        ruling = Ruling(shared=True)
        learnt = learn(made.features, [alone, told], groups(made), np.random.default_rng(7), ruling)
        assert not np.array_equal(learnt.lines[0].weights, learnt.lines[1].weights)


def test_swapping_the_texts_of_a_pair_swaps_the_answer() -> None:
    made = world(np.random.default_rng(5))
    rng = np.random.default_rng(6)
    lesson = pairs_of_scores(made.material.lessons[0], made.material.prompts, rng)
    learnt = learn(made.features, [lesson], groups(made), rng)
    x = learnt.standardised(made.features)
    turned = Lesson(
        lesson.criterion, "pairwise", lesson.labels, lesson.second, lesson.answers, lesson.first
    )
    there, back = learnt.answers(0, lesson, x), learnt.answers(0, turned, x)
    np.testing.assert_array_equal(there[:, [1, 0, 2]], back)


def test_alike_answers_cannot_be_learnt() -> None:
    made = world(np.random.default_rng(7))
    (lesson,) = made.material.lessons
    alike = Lesson(
        "x", "pointwise", lesson.labels, lesson.first, np.tile([0, 0, 1.0, 0, 0], (180, 1))
    )
    with pytest.raises(ValueError, match="alike"):
        learn(made.features, [alike], groups(made), np.random.default_rng(8))


def test_ordinal_calibration_recovers_slope_and_cuts() -> None:
    rng = np.random.default_rng(9)
    z = rng.normal(3, 1, size=20_000)
    line = Line(
        "c", "pointwise", tuple("1234"), np.ones(1, np.float32), 0.0, 1.7, np.array([2.0, 5.0, 7.5])
    )
    drawn = np.array([rng.choice(4, p=p) for p in distribution(line, z[:, None])])
    slope, cuts = fit_levels(z, np.eye(4)[drawn])
    assert slope == pytest.approx(1.7, abs=0.06)
    np.testing.assert_allclose(cuts, [2.0, 5.0, 7.5], atol=0.25)


def test_preference_calibration_recovers_slope_and_cut() -> None:
    rng = np.random.default_rng(10)
    d = rng.normal(size=20_000)
    line = Line("c", "pairwise", ("A", "B", "C"), np.ones(1, np.float32), 0.0, 1.3, np.array([0.6]))
    p = preference(line, d[:, None], np.zeros((d.size, 1)))
    drawn = np.array([rng.choice(3, p=one / one.sum()) for one in p])
    slope, cut = fit_preference(d, np.eye(3)[drawn])
    assert slope == pytest.approx(1.3, abs=0.06)
    assert cut == pytest.approx(0.6, abs=0.05)


def test_without_a_third_label_there_is_no_tie() -> None:
    rng = np.random.default_rng(11)
    d = rng.normal(size=400)
    won = (d + rng.normal(size=400) > 0).astype(float)
    slope, cut = fit_preference(d, np.stack([won, 1 - won], axis=1))
    assert slope > 0.5
    assert cut == 0.0


def test_noise_never_turns_a_head_round() -> None:
    """A slope below 0 would make the head prefer what it was fitted to avoid."""
    z = np.linspace(0, 1, 60)
    against = np.eye(3)[np.repeat([2, 1, 0], 20)]
    assert fit_levels(z, against)[0] == 0.0


def test_a_level_that_nobody_gave_keeps_a_little_probability() -> None:
    rng = np.random.default_rng(12)
    z = rng.normal(size=300)
    given = np.eye(5)[np.where(z + rng.normal(size=300) > 0, 3, 2)]
    slope, cuts = fit_levels(z, given)
    line = Line("c", "pointwise", tuple("12345"), np.ones(1, np.float32), 0.0, slope, cuts)
    p = distribution(line, np.array([[0.0]]))[0]
    assert (p > 0).all()
    assert p[0] < 0.05
    assert p[4] < 0.05
