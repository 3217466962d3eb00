"""When a row passes, and what a trial is."""

from __future__ import annotations

import numpy as np
import pytest

from acceptance import Above, AtMost, Between, Near, Never, Row, Rule, measure, monte_carlo_error


@pytest.mark.parametrize(
    ("rule", "share", "runs", "passes"),
    [
        # 3 √(.05 · .95 / 4000) = 1.03 pp, and one point more where the target is to be met.
        (Near(0.05), 0.070, 4000, True),
        (Near(0.05), 0.071, 4000, False),
        (Near(0.05), 0.029, 4000, False),
        (AtMost(0.05), 0.060, 4000, True),
        (AtMost(0.05), 0.061, 4000, False),
        (AtMost(0.05), 0.000, 4000, True),
        (Above(0.20), 0.20, 4000, False),
        (Above(0.20), 0.21, 4000, True),
        (Between(0.75, 0.88), 0.75, 4000, True),
        (Between(0.75, 0.88), 0.89, 4000, False),
        (Never(), 0.0, 20, True),
        (Never(), 0.05, 20, False),
    ],
)
def test_a_rule_passes(rule: Rule, share: float, runs: int, passes: bool) -> None:
    assert rule.passes(share, runs) is passes


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Near(0.05), "5 % ± 2.0 pp"),
        (AtMost(0.025), "≤ 2.5 % + 0.7 pp"),
        (Above(0.20), "> 20 %"),
        (Between(0.93, 0.97), "93–97 %"),
        (Never(), "never"),
    ],
)
def test_a_rule_says_its_limits(rule: Rule, text: str) -> None:
    assert rule.text(4000) == text


def coin(rng: np.random.Generator, _: int) -> bool:
    return bool(rng.random() < 0.3)


def row(name: str) -> Row:
    return Row(name, "a coin", Near(0.3), coin, runs=2000, quick=500)


def test_a_row_counts_how_often_the_event_happens() -> None:
    result = measure(row("coin"))
    assert (result.runs, result.resamples) == (2000, 1999)
    assert result.share == pytest.approx(0.3, abs=4 * monte_carlo_error(0.3, 2000))


def test_the_quick_version_is_smaller() -> None:
    result = measure(row("coin"), quick=True)
    assert (result.runs, result.resamples) == (500, 399)


def test_a_row_gives_the_same_number_again_and_another_name_another() -> None:
    first, again, other = (measure(row(name)).hits for name in ("coin", "coin", "other coin"))
    assert first == again
    assert first != other
