"""Probabilities of answers, added up over the tokens that a server lists."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.engines.remote.sampled import drawn
from kojudge.engines.remote.tally import can_be_listed, tally
from kojudge.engines.remote.texts import Position

LEVELS = tuple((f" {n}", str(n)) for n in range(1, 6))
YES_NO = ((" 예", "예"), (" 아니요", "아니요"))


def place(written: str | bytes, **others: float) -> Position:
    """A token and the probabilities of those listed, itself among them."""
    token = written.encode() if isinstance(written, str) else written
    return Position(token, {name.encode(): math.log(p) for name, p in others.items()}, 20)


def found(
    written: Sequence[Position], options: tuple[tuple[str, ...], ...], skipped: str = ""
) -> list[float]:
    return [round(math.exp(value), 6) for value in tally(written, options, skipped)]


@pytest.mark.parametrize(
    ("written", "options", "skipped", "expected"),
    [
        ([place("4", **{"4": 0.6, " 4": 0.1, "5": 0.2, "점": 0.1})], LEVELS, "", [0, 0, 0, 0.7, 0.2]),
        ([place("아니", 아니=0.5, 예=0.3, 아=0.1)], YES_NO, "", [0.3, 0.6]),
        ([place("4점", **{"4점": 0.9, "4": 0.05})], LEVELS, "", [0, 0, 0, 0.05, 0]),
        ([place(" ", **{" ": 0.8, "3": 0.1}), place("3", **{"3": 0.5, "2": 0.5})],
         LEVELS, "", [0, 0.4, 0.5, 0, 0]),
        ([place("3", **{"3": 0.5, " ": 0.4})], LEVELS, "", [0, 0, 0.5, 0, 0]),
        ([place("점수", 점수=0.9), place(": ", **{": ": 0.9}), place("2", **{"2": 0.9, "3": 0.1})],
         LEVELS, "점수:", [0, 0.9, 0.1, 0, 0]),
        ([place("2", **{"2": 0.9})], LEVELS, "점수:", [0, 0.9, 0, 0, 0]),
        ([place("음", 음=0.9)], LEVELS, "", [0, 0, 0, 0, 0]),
    ],
    ids=["spaces", "first token tells", "longer is no answer", "space first", "space not written",
         "after the prefix", "prefix left out", "no answer"],
)  # fmt: skip
def test_tally(
    written: list[Position], options: tuple[tuple[str, ...], ...], skipped: str,
    expected: list[float],
) -> None:  # fmt: skip
    assert found(written, options, skipped) == pytest.approx(expected)


def test_part_of_a_syllable_tells_an_answer() -> None:
    first = "예".encode()[:2]
    assert found([Position(first, {first: math.log(0.5)}, 20)], YES_NO) == [0.5, 0]


@given(st.dictionaries(st.text(max_size=3), st.floats(0.001, 1), min_size=1, max_size=20))
def test_no_more_than_was_listed_is_ever_counted(listed: dict[str, float]) -> None:
    total = sum(listed.values())
    top = {name.encode("utf-8", "surrogatepass"): math.log(p / total) for name, p in listed.items()}
    held = sum(math.exp(v) for v in tally([Position(next(iter(top)), top, 20)], LEVELS))
    assert 0 <= held <= 1 + 1e-9


@pytest.mark.parametrize(
    ("labels", "listed"),
    [("1 2 3 4 5", True), ("A B C", True), ("예 아니요", True), ("1 5 10", False), ("높음 높다", False)],
)  # fmt: skip
def test_lists_do_where_the_first_characters_differ(labels: str, listed: bool) -> None:
    assert can_be_listed(tuple((f" {name}", name) for name in labels.split())) is listed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4", 3), (" 4 ", 3), ("점수: 4", 3), ("점수:4\n좋은 글입니다.", 3), ("<think>5</think>4", 3),
        ("", None), ("6", None), ("4점", None), ("4.", None), ("4/5", None), ("4 5", None),
        ("4~5", None), ("４", None), ("점수는 4", None), ("좋은 글\n4", None), ("-4", None),
    ],
)  # fmt: skip
def test_only_an_exact_answer_is_drawn(text: str, expected: int | None) -> None:
    assert drawn(text, LEVELS, "점수:") == expected
