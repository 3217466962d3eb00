"""The alternative annotator test: by hand, at its null, and against a plain rewriting of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from kojudge.stats.alt_test import EPSILON, MIN_PROMPTS, AltTest, Score, alt_test

Floats = NDArray[np.float64]


def labels(rng: np.random.Generator, accuracies: list[float], items: int) -> Floats:
    """Annotators [annotators, items] who each hit a hidden 0/1 with their own probability."""
    truth = rng.integers(0, 2, size=items)
    hit = rng.random((len(accuracies), items)) < np.array(accuracies)[:, None]
    return np.where(hit, truth, 1 - truth).astype(np.float64)


def plain_p_values(judge: Floats, ratings: Floats, epsilon: float, score: Score) -> list[float]:
    """The test as the paper states it, one item at a time."""

    def closeness(one: float, rest: list[float]) -> float:
        if score == "match":
            return sum(other == one for other in rest) / len(rest)
        return -float(np.sqrt(sum((other - one) ** 2 for other in rest) / len(rest)))

    found = []
    for row in range(len(ratings)):
        differences = []
        for item in range(judge.size):
            rest = [v for k, v in enumerate(ratings[:, item]) if k != row and not np.isnan(v)]
            if np.isnan(ratings[row, item]) or not rest:
                continue
            by_judge = closeness(judge[item], rest)
            by_person = closeness(ratings[row, item], rest)
            differences.append(int(by_person >= by_judge) - int(by_judge >= by_person))
        found.append(float(stats.ttest_1samp(differences, epsilon, alternative="less").pvalue))
    return found


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from(["match", "rmse"]), st.sampled_from([0.0, 0.1, 0.2]))
def test_agrees_with_the_paper_item_by_item(seed: int, score: Score, epsilon: float) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 6, size=60)
    ratings = np.clip(truth + rng.integers(-1, 2, size=(4, 60)), 1, 5).astype(np.float64)
    judge = np.clip(truth + rng.integers(-2, 3, size=60), 1, 5).astype(np.float64)
    ratings[rng.random(ratings.shape) < 0.2] = np.nan
    found = alt_test(judge, ratings, epsilon, score=score)
    expected = plain_p_values(judge, ratings, epsilon, score)
    assert [a.p_value for a in found.annotators] == pytest.approx(expected)
    # Benjamini and Yekutieli (2001): the k-th smallest p against k·q/(m·(1 + 1/2 + … + 1/m)).
    ranked = np.sort(expected)
    limits = 0.05 * np.arange(1, 5) / 4 / sum(1 / i for i in range(1, 5))
    rejected = int(np.max(np.nonzero(ranked <= limits)[0], initial=-1)) + 1
    assert sum(a.won for a in found.annotators) == rejected
    assert found.winning_rate == rejected / 4
    assert found.passed == (rejected >= 2)


def test_a_small_case_by_hand() -> None:
    """Annotator 0 against judge, the rest unanimous: 10 items won, 20 drawn, 10 lost."""
    rest = np.ones(40)
    person = np.concatenate([np.ones(10), np.ones(20), np.zeros(10)])
    judge = np.concatenate([np.zeros(10), np.ones(20), np.ones(10)])
    first = alt_test(judge, np.stack([person, rest, rest]), 0.2).annotators[0]
    assert (first.n, first.judge_wins, first.annotator_wins) == (40, 0.75, 0.75)
    # Differences +1, 0, −1: mean 0, variance 20/39; t = (0 − .2)/√(20/39/40).
    assert first.p_value == pytest.approx(stats.t.cdf(-0.2 / np.sqrt(20 / 39 / 40), 39))


def test_the_papers_handicaps() -> None:
    assert EPSILON == {"experts": 0.2, "skilled": 0.15, "crowd": 0.1}


def test_at_the_null_each_annotator_is_lost_and_the_judge_fails() -> None:
    """Annotators hit .9, the judge b: E(annotator − judge wins) = (.9 − b)(2·.9 − 1).

    At b = .65 that is ε = .2, the edge of the null: of 1,000 studies at most 5 % may pass
    (± 3 SE and a point), and each annotator's p must be below .05 about 5 % of the time.
    """
    rng = np.random.default_rng(20261124)
    passed, small = 0, 0
    for _ in range(1000):
        votes = labels(rng, [0.65, 0.9, 0.9, 0.9], 100)
        found = alt_test(votes[0], votes[1:], 0.2)
        passed += found.passed
        small += sum(a.p_value <= 0.05 for a in found.annotators)
    assert passed / 1000 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000) + 0.01
    assert abs(small / 3000 - 0.05) <= 3 * np.sqrt(0.05 * 0.95 / 1000) + 0.01


def test_a_judge_as_good_as_people_passes() -> None:
    """The same study at b = .9: at least nine in ten pass, so the null test above can fail."""
    rng = np.random.default_rng(5)
    studies = [labels(rng, [0.9] * 4, 100) for _ in range(100)]
    assert sum(alt_test(votes[0], votes[1:], 0.2).passed for votes in studies) >= 90


def test_the_mode_of_all_annotators_has_advantage_one() -> None:
    # The paper's optimal judge under exact matching: nobody is nearer to the others.
    votes = labels(np.random.default_rng(6), [0.8] * 5, 60)
    mode = (votes.mean(axis=0) > 0.5).astype(np.float64)
    found = alt_test(mode, votes, 0.1)
    assert found.advantage == 1
    assert found.winning_rate == 1


def test_a_judge_that_copies_everyone_draws_and_passes_only_with_a_handicap() -> None:
    same = np.tile([0.0, 1.0], 20)
    assert alt_test(same, np.tile(same, (3, 1)), 0.1).passed
    found = alt_test(same, np.tile(same, (3, 1)), 0.0)
    assert [a.p_value for a in found.annotators] == [1, 1, 1]
    assert not found.passed


@given(st.integers(0, 10**6))
def test_relabelling_people_items_and_choices_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    votes = labels(rng, [0.7, 0.9, 0.8, 0.85], 50)
    there = alt_test(votes[0], votes[1:], 0.2)
    people, items = rng.permutation(3), rng.permutation(50)
    mixed = 7 - 3 * votes[:, items]
    back = alt_test(mixed[0], mixed[1:][people], 0.2)
    assert (back.winning_rate, back.passed) == (there.winning_rate, there.passed)
    assert back.advantage == pytest.approx(there.advantage)
    expected = [there.annotators[row].p_value for row in people]
    assert [a.p_value for a in back.annotators] == pytest.approx(expected)


def test_items_of_a_prompt_count_once() -> None:
    votes = labels(np.random.default_rng(8), [0.8, 0.9, 0.9, 0.9], 40)
    prompts = [f"p{i}" for i in range(40)]
    once = alt_test(votes[0], votes[1:], 0.2)
    thrice = np.repeat(votes, 3, axis=1)
    again = alt_test(thrice[0], thrice[1:], 0.2, prompts=np.repeat(prompts, 3))
    assert [a.n for a in again.annotators] == [40, 40, 40]
    assert [a.p_value for a in again.annotators] == pytest.approx(
        [a.p_value for a in once.annotators]
    )


def test_an_annotator_with_too_few_prompts_is_skipped_and_named() -> None:
    votes = labels(np.random.default_rng(9), [0.9] * 4, 60)
    votes[2, MIN_PROMPTS - 1 :] = np.nan
    found: AltTest = alt_test(votes[0], votes[1:], 0.2)
    assert found.skipped == (1,)
    assert [a.row for a in found.annotators] == [0, 2]
    with pytest.raises(ValueError, match="no annotator"):
        alt_test(votes[0, :29], votes[1:, :29], 0.2)


def test_what_cannot_be_tested_is_refused() -> None:
    votes = labels(np.random.default_rng(9), [0.9] * 3, 40)
    with pytest.raises(ValueError, match="2 annotators"):
        alt_test(votes[0], votes[1:2], 0.2)
    with pytest.raises(ValueError, match="every item"):
        alt_test(np.full(40, np.nan), votes, 0.2)
    with pytest.raises(ValueError, match="infinite"):
        alt_test(votes[0], np.full((2, 40), np.inf), 0.2)
    with pytest.raises(ValueError, match="epsilon"):
        alt_test(votes[0], votes, -0.1)
    with pytest.raises(ValueError, match="prompts"):
        alt_test(votes[0], votes, 0.1, prompts=["a", "b"])
    with pytest.raises(ValueError, match="unknown score"):
        alt_test(votes[0], votes, 0.1, score="similarity")  # type: ignore[arg-type]
