"""Limits live in one reviewed file."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from kojudge.errors import ConfigError
from kojudge.korean.thresholds import Threshold, threshold, thresholds


def test_every_limit_belongs_to_a_group_and_has_a_source() -> None:
    assert thresholds()
    for name, limit in thresholds().items():
        assert name.count(".") == 1
        assert limit.source.strip()


def test_a_genre_without_its_own_value_takes_the_default() -> None:
    assert threshold("degeneration.rep4") == 0.15
    assert threshold("degeneration.rep4", "blog") == threshold("degeneration.rep4")
    assert threshold("degeneration.rep4", "no such genre") == threshold("degeneration.rep4")


def test_an_unknown_limit_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match=r"Did you mean: degeneration\.rep4"):
        threshold("degeneration.rep5")


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        Threshold.model_validate({"value": 1, "sauce": "?"})
