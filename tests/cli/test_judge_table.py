"""What is said of a head below its validation: what its figures do not show."""

from __future__ import annotations

from typing import Any

import pytest

from kojudge.cli.judge_table import words_of

NOT_AGREEING = "The head is not shown to agree with its teacher."
NOT_BEYOND = "The head is not shown to do better than trivial features alone."


def figure(low: float | None, high: float | None) -> dict[str, float | None]:
    value = None if low is None or high is None else (low + high) / 2
    return {"value": value, "low": low, "high": high}


def line(head: dict[str, Any], gain: dict[str, Any]) -> dict[str, Any]:
    row = {"measure": "r", "slice": "all", "n": 60, "head": head, "trivial": head, "gain": gain}
    return {
        "made": False,
        "agreement": {"rows": [row], "beyond": figure(0.1, 0.3)},
        "reliability": {"ece": 0.02, "bins": []},
        "curve": [],
    }


def marks(head: dict[str, Any], gain: dict[str, Any], writers_left_out: bool = True) -> list[str]:
    told = words_of(line(head, gain), {"writers_left_out": writers_left_out})
    return [words.en.split("✗ ")[1] for words in told if "✗" in words.en]


@pytest.mark.parametrize(
    ("head", "gain", "expected"),
    [
        (figure(0.5, 0.7), figure(0.1, 0.3), []),
        (figure(0.5, 0.7), figure(-0.1, 0.2), [NOT_BEYOND]),
        # Trivial features fall below 0 on writers left out: to beat them shows nothing.
        (figure(-0.03, 0.32), figure(0.17, 0.67), [NOT_AGREEING]),
        (figure(-0.3, 0.1), figure(-0.3, 0.1), [NOT_AGREEING, NOT_BEYOND]),
        (figure(None, None), figure(None, None), [NOT_AGREEING, NOT_BEYOND]),
    ],
)
def test_a_head_is_marked_unless_it_agrees_and_goes_beyond_trivial_features(
    head: dict[str, Any], gain: dict[str, Any], expected: list[str]
) -> None:
    assert marks(head, gain) == expected


def test_too_few_writers_are_told_and_are_no_mark() -> None:
    told = words_of(line(figure(0.5, 0.7), figure(0.1, 0.3)), {"writers_left_out": False})
    assert "Too few writers" in told[-1].en
    assert marks(figure(0.5, 0.7), figure(0.1, 0.3), writers_left_out=False) == []
