"""What fraction of the prompts the strong judge must read."""

from __future__ import annotations

import numpy as np
import pytest

from kojudge.stats.cascade import MIN_STRONG, cascade
from kojudge.stats.cascade_draw import draw
from kojudge.stats.cascade_size import cautious_correlation, expected_half_width, fraction_needed
from kojudge.stats.strata import stratify


@pytest.mark.parametrize(("r", "drawn"), [(0.0, 60), (0.8, 60), (0.8, 150)])
def test_the_interval_comes_out_as_wide_as_expected(r: float, drawn: int) -> None:
    rng, halves = np.random.default_rng(5), []
    strata = stratify([("a", "b", "c")[at % 3] for at in range(300)])
    for _ in range(200):
        y, noise = rng.normal(size=(2, 300, 1))
        f = r * y + np.sqrt(1 - r * r) * noise
        found = cascade(y, f, draw(rng, strata, drawn / 300), strata, rng, resamples=399).tested
        halves.append(found.high[0] - found.estimates.delta[0])
    expected = expected_half_width(drawn, 300, 1.0, r, strata=3)
    assert np.mean(halves) == pytest.approx(expected, rel=0.05)


def test_asked_everywhere_the_cheap_judge_does_not_matter() -> None:
    widths = {round(expected_half_width(300, 300, 2.0, r), 9) for r in (0.0, 0.5, 1.0)}
    assert len(widths) == 1


def test_the_fraction_is_the_least_that_does() -> None:
    needed = fraction_needed(0.3, 300, 1.5, 0.7, tests=8, strata=3)
    assert needed is not None
    drawn = round(300 * needed)
    options = {"tests": 8, "strata": 3}
    assert expected_half_width(drawn, 300, 1.5, 0.7, **options) <= 0.3  # type: ignore[arg-type]
    assert expected_half_width(drawn - 1, 300, 1.5, 0.7, **options) > 0.3  # type: ignore[arg-type]


def test_a_judge_that_follows_better_needs_a_smaller_part() -> None:
    needed = [fraction_needed(0.25, 300, 1.5, r) for r in (0.0, 0.6, 0.9)]
    found = [one for one in needed if one is not None]
    assert len(found) == 3
    assert found == sorted(found, reverse=True)
    assert found[2] < 0.6 * found[0]


def test_never_fewer_prompts_than_the_interval_needs() -> None:
    assert fraction_needed(10.0, 300, 1.0, 0.9) == MIN_STRONG / 300


def test_where_all_prompts_are_not_enough_there_is_no_fraction() -> None:
    assert fraction_needed(0.01, 300, 1.0, 0.99) is None


def test_a_small_pilot_is_trusted_less() -> None:
    found = [cautious_correlation(0.7, n) for n in (8, 30, 300)]
    assert found == sorted(found)
    assert 0 < found[0] < found[2] < 0.7
    assert cautious_correlation(-0.7, 30) == found[1]
    assert cautious_correlation(0.05, 30) == 0


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="half_width"):
        fraction_needed(0.0, 300, 1.0, 0.5)
    with pytest.raises(ValueError, match="30 prompts"):
        fraction_needed(0.1, 29, 1.0, 0.5)
    with pytest.raises(ValueError, match="correlation"):
        expected_half_width(60, 300, 1.0, 1.5)
    with pytest.raises(ValueError, match="drawn"):
        expected_half_width(301, 300, 1.0, 0.5)
    with pytest.raises(ValueError, match="pilot"):
        cautious_correlation(0.5, 3)
