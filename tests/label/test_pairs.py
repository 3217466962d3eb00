"""Every rater gets the same balanced sample of pairs."""

from __future__ import annotations

from collections import Counter

import pytest

from kojudge.errors import ConfigError
from kojudge.label import pairs_of, sampled

from .samples import BASELINE, CANDIDATES, pairs, text, texts


def test_a_pair_is_a_candidate_s_text_beside_the_baseline_s_on_the_same_prompt() -> None:
    found = pairs_of([*texts(3), text(CANDIDATES[0], 99)], BASELINE)
    assert len(found) == 3 * len(CANDIDATES)
    for pair in found:
        assert pair.baseline.candidate == BASELINE
        assert pair.text.prompt_id == pair.baseline.prompt_id


def test_without_a_baseline_there_is_nothing_to_compare_and_the_models_are_named() -> None:
    with pytest.raises(ConfigError) as caught:
        pairs_of(texts(3), "no-such-model")
    assert "no-such-model" in caught.value.message.ko
    assert ", ".join(sorted((BASELINE, *CANDIDATES))) in caught.value.message.en
    assert "--baseline" in caught.value.hint.en if caught.value.hint else False


@pytest.mark.parametrize("limit", [1, 4, 6, 13, 40, None])
def test_the_sample_is_balanced_over_candidates_and_categories(limit: int | None) -> None:
    rounds = sampled(pairs(), 7, limit)
    chosen = [pair for one in rounds for pair in one]
    assert len(chosen) == (limit or 40) == len({pair.key for pair in chosen})
    cells = Counter((pair.text.candidate, pair.text.category) for pair in chosen)
    assert max(cells.values()) - min(cells.values() if len(cells) == 4 else [0]) <= 1


def test_a_larger_limit_keeps_the_pairs_of_a_smaller_one() -> None:
    keys = {
        limit: {pair.key for one in sampled(pairs(), 7, limit) for pair in one}
        for limit in range(1, 41)
    }
    assert all(keys[limit] < keys[limit + 1] for limit in range(1, 40))


def test_another_seed_gives_another_sample_and_the_order_of_texts_does_not() -> None:
    first = sampled(pairs(), 7, 10)
    assert sampled(pairs()[::-1], 7, 10) == first
    assert sampled(pairs(), 8, 10) != first
