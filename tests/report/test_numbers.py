"""Numbers: value → exact string."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.report import numbers


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.31, "+0.31"),
        (-0.31, "-0.31"),
        (0, "0.00"),
        (-0.0, "0.00"),
        (0.005, "+0.01"),
        (0.0042, "+0.004"),
        (-0.0042, "-0.004"),
        (0.0001, "+0.000"),
        (-12.345, "-12.35"),
        (None, "—"),
    ],
)
def test_a_difference_always_shows_its_side(value: float | None, written: str) -> None:
    assert numbers.signed(value) == written


@given(st.floats(min_value=-100, max_value=100).filter(bool))
def test_rounding_never_moves_a_difference_across_zero(value: float) -> None:
    assert numbers.signed(value)[0] == ("+" if value > 0 else "-")


@pytest.mark.parametrize(
    ("low", "high", "written"),
    [
        (0.18, 0.44, "[+0.18, +0.44]"),
        (-0.002, 0.1, "[-0.002, +0.10]"),
        (None, None, "—"),
        (None, 0.1, "—"),
    ],
)
def test_interval(low: float | None, high: float | None, written: str) -> None:
    assert numbers.interval(low, high) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(3.417, "3.42"), (0.25, "0.25"), (0.0042, "0.004"), (0.0, "0.00"), (None, "—")],
)
def test_number(value: float | None, written: str) -> None:
    assert numbers.number(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "<0.001"), (0.00099, "<0.001"), (0.001, "0.001"), (0.0421, "0.042"), (1.0, "1.000"),
     (None, "—")],
)  # fmt: skip
def test_p_value(value: float | None, written: str) -> None:
    assert numbers.p_value(value) == written


@pytest.mark.parametrize(
    ("value", "written"), [(0.5812, "58.1%"), (0.0, "0.0%"), (1.0, "100.0%"), (None, "—")]
)
def test_percent(value: float | None, written: str) -> None:
    assert numbers.percent(value) == written


@pytest.mark.parametrize(("value", "written"), [(0, "0"), (1234, "1,234"), (None, "—")])
def test_count(value: int | None, written: str) -> None:
    assert numbers.count(value) == written


@pytest.mark.parametrize(("value", "written"), [(1234.4, "1,234"), (0.0, "0"), (None, "—")])
def test_characters(value: float | None, written: str) -> None:
    assert numbers.characters(value) == written


@pytest.mark.parametrize(("value", "written"), [(5, "5"), (1.0, "1"), (0.05, "0.05")])
def test_plain(value: float, written: str) -> None:
    assert numbers.plain(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(1_543_714_304, "1.5B"), (32_763_876_352, "32.8B"), (134_515_008, "135M"), (None, "—")],
)
def test_parameters(value: int | None, written: str) -> None:
    assert numbers.parameters(value) == written


@pytest.mark.parametrize(
    ("alpha", "written"), [(0.05, "95%"), (0.01, "99%"), (0.1, "90%"), (0.025, "97.5%")]
)
def test_confidence(alpha: float, written: str) -> None:
    assert numbers.confidence(alpha) == written


@pytest.mark.parametrize(
    ("seconds", "ko", "en"),
    [
        (4.21, "4.2초", "4.2 s"),
        (59.97, "1분 0초", "1 min 0 s"),
        (75, "1분 15초", "1 min 15 s"),
        (3599.9, "1시간 0분", "1 h 0 min"),
        (7530, "2시간 5분", "2 h 5 min"),
        (None, "—", "—"),
    ],
)
def test_duration(seconds: float | None, ko: str, en: str) -> None:
    written = numbers.duration(seconds)
    assert (written.ko, written.en) == (ko, en)


@pytest.mark.parametrize(
    ("value", "ko", "en"),
    [(0.1922, "+19.2%p", "+19.2 pp"), (-0.02, "-2.0%p", "-2.0 pp"), (None, "—", "—")],
)
def test_points(value: float | None, ko: str, en: str) -> None:
    found = numbers.points(value)
    assert (found.ko, found.en) == (ko, en)


@pytest.mark.parametrize(
    ("row", "written"),
    [
        ({"r": 0.6, "r_low": 0.5, "r_high": 0.7}, "60.0% [50.0%, 70.0%]"),
        ({"r": 0.6, "r_low": None, "r_high": None}, "60.0%"),
        ({"r": None, "r_low": None, "r_high": None}, "—"),
    ],
)
def test_figure(row: dict[str, float | None], written: str) -> None:
    assert numbers.figure(row, "r", numbers.percent) == written


@pytest.mark.parametrize(
    ("delta", "low", "high", "written"),
    [
        (0.1512, 0.0871, 0.2153, "65.1% [58.7%, 71.5%]"),
        (0.45, 0.3, 0.6, "95.0% [80.0%, 100.0%]"),
        (-0.2, None, None, "30.0%"),
        (None, None, None, "—"),
    ],
)
def test_a_difference_of_win_scores_is_written_as_a_win_rate(
    delta: float | None, low: float | None, high: float | None, written: str
) -> None:
    assert numbers.win_rate({"delta": delta, "ci_low": low, "ci_high": high}) == written
