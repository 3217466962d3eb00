"""Judgments averaged inside texts and prompts, with what is missing bounded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.stats import aggregate, win_share
from kojudge.stats.aggregate import Scores

NAN = float("nan")


def of_one(text: list[int], score: list[float]) -> Scores:
    """One model, one prompt."""
    zeros = [0] * len(text)
    return aggregate(zeros, zeros, text, score, models=1, prompts=1, scale=(1.0, 5.0))


def test_repeats_weigh_by_text_and_texts_by_prompt() -> None:
    found = of_one([7, 7, 7, 9], [1.0, 2.0, 3.0, 5.0])
    assert found.texts.tolist() == [[[2.0, 5.0]]]
    assert found.means.tolist() == [[3.5]]


def test_what_is_missing_is_counted_and_put_at_the_ends_of_the_scale() -> None:
    found = of_one([0, 0, 1], [4.0, NAN, NAN])
    assert (found.scored.item(), found.missing.item()) == (1, 2)
    assert found.means.item() == 4.0  # the second text has no score, so none counts
    low, high = found.bounds
    assert (low.item(), high.item()) == ((2.5 + 1) / 2, (4.5 + 5) / 2)


def test_a_model_without_a_judgment_on_a_prompt_has_no_number_there() -> None:
    found = aggregate([0, 1], [0, 1], [0, 0], [2.0, 3.0], models=2, prompts=2, scale=(1, 5))
    assert found.means == pytest.approx(np.array([[2.0, NAN], [NAN, 3.0]]), nan_ok=True)
    assert np.isnan(found.bounds[0][0, 1])


def test_texts_of_other_prompts_are_other_texts() -> None:
    found = aggregate([0, 0], [0, 1], [0, 0], [2.0, 4.0], models=1, prompts=2, scale=(1, 5))
    assert found.texts.shape == (1, 2, 1)


judgments = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 3),
        st.integers(0, 2),
        st.one_of(st.just(NAN), st.floats(1, 5)),
    ),
    min_size=1,
    max_size=40,
)


@given(judgments, st.randoms(use_true_random=False))
def test_neither_row_order_nor_text_numbers_matter(rows: list, random) -> None:  # type: ignore[no-untyped-def, type-arg]
    def means(given: list) -> np.ndarray:  # type: ignore[type-arg]
        return aggregate(*zip(*given, strict=True), models=3, prompts=4, scale=(1, 5)).means

    shuffled = [(m, p, 10 - t, y) for m, p, t, y in rows]
    random.shuffle(shuffled)
    assert means(shuffled) == pytest.approx(means(rows), nan_ok=True)


@given(judgments)
def test_duplicating_every_judgment_changes_no_mean(rows: list) -> None:  # type: ignore[type-arg]
    once = aggregate(*zip(*rows, strict=True), models=3, prompts=4, scale=(1, 5))
    twice = aggregate(*zip(*rows, *rows, strict=True), models=3, prompts=4, scale=(1, 5))
    assert twice.means == pytest.approx(once.means, nan_ok=True)
    assert twice.bounds[0] == pytest.approx(once.bounds[0], nan_ok=True)


@given(judgments)
def test_the_bounds_enclose_whatever_the_missing_scores_were(rows: list) -> None:  # type: ignore[type-arg]
    found = aggregate(*zip(*rows, strict=True), models=3, prompts=4, scale=(1, 5))
    rng = np.random.default_rng(0)
    filled = [(m, p, t, rng.uniform(1, 5) if np.isnan(y) else y) for m, p, t, y in rows]
    truth = aggregate(*zip(*filled, strict=True), models=3, prompts=4, scale=(1, 5)).means
    low, high = found.bounds
    known = ~np.isnan(truth)
    assert (low[known] <= truth[known] + 1e-9).all()
    assert (truth[known] <= high[known] + 1e-9).all()


@pytest.mark.parametrize(
    ("model", "score", "why"),
    [([0, 3], [1.0, 2.0], "out of range"), ([0], [1.0, 2.0], "one shape"), ([0, 0], [1.0, 9.0], "off the scale")],
)  # fmt: skip
def test_impossible_judgments_are_refused(model: list[int], score: list[float], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        aggregate(model, [0, 0], [0, 1], score, models=2, prompts=1, scale=(1, 5))


def test_the_share_of_text_pairs_won_counts_ties_half() -> None:
    candidate = np.array([[3.0, 4.0], [2.0, NAN], [NAN, NAN]])
    baseline = np.array([[3.0, 3.0], [1.0, 5.0], [3.0, 3.0]])
    assert win_share(candidate, baseline) == pytest.approx([0.75, 0.5, NAN], nan_ok=True)


@given(
    st.lists(st.floats(1, 5), min_size=2, max_size=2),
    st.lists(st.floats(1, 5), min_size=3, max_size=3),
)
def test_the_share_is_that_of_the_other_side_turned_round(
    one: list[float], other: list[float]
) -> None:
    first, second = np.array([one]), np.array([other])
    assert win_share(first, second) == pytest.approx(1 - win_share(second, first))
