"""Categories as strata of equal weight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.stats.strata import stratify


def test_categories_weigh_the_same_whatever_their_size() -> None:
    strata = stratify(["blog"] * 10 + ["emotional"] * 5)
    assert strata.weights.tolist() == [0.5, 0.5]
    assert strata.sizes.tolist() == [10, 5]


def test_small_categories_are_pooled_and_keep_their_share() -> None:
    strata = stratify(["a"] * 10 + ["b"] * 3 + ["c"] * 4)
    assert strata.sizes.tolist() == [10, 7]
    assert strata.weights == pytest.approx([1 / 3, 2 / 3])


def test_a_pool_that_is_too_small_joins_the_smallest_other_stratum() -> None:
    strata = stratify(["a"] * 10 + ["b"] * 6 + ["c"] * 2)
    assert strata.sizes.tolist() == [10, 8]
    assert strata.weights == pytest.approx([1 / 3, 2 / 3])


def test_one_small_category_is_one_stratum() -> None:
    strata = stratify(["all"] * 3)
    assert (strata.sizes.tolist(), strata.weights.tolist()) == ([3], [1.0])


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=60))
def test_every_prompt_has_a_stratum_and_the_weights_sum_to_one(categories: list[str]) -> None:
    strata = stratify(categories)
    assert strata.index.shape == (len(categories),)
    assert strata.sizes.min() > 0
    assert strata.sizes.sum() == len(categories)
    assert np.isclose(strata.weights.sum(), 1.0)
    assert len(strata.sizes) == 1 or strata.sizes.min() >= 5


def test_no_prompts_are_refused() -> None:
    with pytest.raises(ValueError, match="no prompts"):
        stratify([])
