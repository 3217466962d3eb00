"""Ranks and how far they are open."""

from __future__ import annotations

import numpy as np
import pytest

from kojudge.stats import rank_ranges, stratify


def ranks(values: np.ndarray) -> tuple[list[int], list[int]]:  # type: ignore[type-arg]
    strata = stratify(["blog"] * len(values))
    found = rank_ranges(values, strata, np.random.default_rng(1), resamples=999)
    return found.best.tolist(), found.worst.tolist()


def test_models_far_apart_have_one_rank_each() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal([3.0, 1.0, 2.0], 0.1, (40, 3))
    assert ranks(values) == ([1, 3, 2], [1, 3, 2])


def test_models_that_nobody_can_tell_apart_share_all_ranks() -> None:
    values = np.random.default_rng(3).normal(3, 1, (40, 4))
    assert ranks(values) == ([1] * 4, [4] * 4)


def test_two_alike_at_the_top_share_the_first_two_ranks() -> None:
    values = np.random.default_rng(4).normal([3.0, 3.0, 1.0], 0.3, (40, 3))
    assert ranks(values) == ([1, 1, 3], [2, 2, 3])


def test_models_that_share_no_prompt_leave_their_order_open() -> None:
    values = np.full((40, 2), np.nan)
    values[:20, 0], values[20:, 1] = 5.0, 1.0
    assert ranks(values) == ([1, 1], [2, 2])


def test_the_true_ranks_are_inside_all_ranges_together() -> None:
    """300 sets of 5 models with true means 0 … 0.8: all ranks covered in at least 95 % − 3 SE."""
    rng = np.random.default_rng(6)
    strata = stratify(["blog"] * 30)
    covered = 0
    for _ in range(300):
        values = rng.normal(np.linspace(0.8, 0, 5), 1, (30, 5))
        found = rank_ranges(values, strata, rng, resamples=399)
        truth = np.arange(1, 6)
        covered += bool(((found.best <= truth) & (truth <= found.worst)).all())
    assert covered / 300 >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 300)


def test_below_eight_common_prompts_no_order_is_told() -> None:
    values = np.random.default_rng(7).normal([5.0, 1.0], 0.1, (7, 2))
    assert ranks(values) == ([1, 1], [2, 2])


def test_one_model_alone_has_no_rank() -> None:
    with pytest.raises(ValueError, match="two models"):
        ranks(np.zeros((10, 1)))
