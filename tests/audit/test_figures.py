"""Intervals over sources, also where nothing varies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from kojudge.audit.figures import UNMEASURED, Precision, as_json, mean, share


def precision():
    return Precision(np.random.default_rng(3), 500)


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("n", [5, 60])
def test_a_share_of_none_or_all_is_bounded_as_by_clopper_and_pearson(value, n):
    found = share([[value, value]] * n, precision())
    expected = binomtest(int(value * n), n).proportion_ci(0.95, method="exact")
    assert (found.value, found.method) == (value, "exact")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_a_share_between_has_an_interval_around_it():
    found = share([[1.0]] * 45 + [[0.0]] * 15, precision())
    assert found.value == 0.75
    assert found.low < 0.75 < found.high
    assert (found.method, found.sources) == ("percentile", 60)


def test_few_sources_get_a_wider_interval():
    few = share([[1.0]] * 9 + [[0.0]] * 3, precision())
    assert few.method == "jackknife-t"
    assert few.low < 0.6


def test_all_ties_have_a_value_and_no_interval():
    found = share([[0.5]] * 60, precision())
    assert (found.value, found.low, found.method) == (0.5, None, "none")


def test_nothing_measured_is_said_so():
    assert share([], precision()) == mean([[]], precision()) == UNMEASURED


def test_json_has_null_where_there_is_no_number():
    assert as_json({"a": (1.0, float("nan")), "b": UNMEASURED}) == {
        "a": [1.0, None],
        "b": {"value": None, "low": None, "high": None, "sources": 0, "method": "none"},
    }
