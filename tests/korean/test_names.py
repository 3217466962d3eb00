"""Names of measures: each number that people see has one, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import pytest

from kojudge.korean.diagnose import CORRECTNESS, STYLE, diagnose
from kojudge.korean.gates import Gate
from kojudge.korean.names import GATES, GENRES, GROUPS, MEASURES, Measure
from kojudge.korean.thresholds import Genre, thresholds
from kojudge.records import Json

UNNAMED = {
    "degeneration.morphemes", "degeneration.sentences", "speech_level.levelled", "corruption.low",
}  # fmt: skip
"""What other numbers were taken of, and the flag that marks ``corruption.mean_score``."""


def leaves(value: Json, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{name}.{key}")
    else:
        yield name


def test_every_number_is_named_once() -> None:
    document = diagnose("바람이 분다.").to_json()
    numbers = [name for group in GROUPS for name in leaves(document[group], group)]
    assert sorted(m.limit for m in MEASURES) == sorted(set(numbers) - UNNAMED)


def test_correctness_comes_before_style() -> None:
    groups = list(dict.fromkeys(measure.group for measure in MEASURES))
    assert groups == [*CORRECTNESS, *STYLE]
    assert set(GROUPS) == set(groups)


def test_gates_and_genres_have_names() -> None:
    assert set(GATES) == set(get_args(Gate))
    assert set(GENRES) == set(get_args(Genre))


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.limit)
def test_a_measure_that_can_be_outside_says_what_that_means(measure: Measure) -> None:
    if measure.limit in thresholds() or measure.unit == "flag":
        assert measure.advice is not None
    for words in (measure.label, measure.advice):
        if words is not None:
            assert re.search("[가-힣]", words.ko)
            assert re.search("[A-Za-z]{3}", words.en)
