"""Which texts fail a gate, and under which id their evidence is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kojudge.records import Evidence, Text
from kojudge.selection import evidence_ids, flags_of

TEXT = Text("t", "p", "blog", "글을 써 줘", "x", 0, "안녕하세요.")


def measured(*gates: str) -> dict[str, Evidence]:
    return {"t": Evidence("e", "t", "v", "korean", gates, {})}


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_text_fails_one_gate_and_no_other(text: str) -> None:
    empty = replace(TEXT, text=text, finish_reason="length")
    assert flags_of([empty], measured("truncated")) == {"t": ("empty",)}


def test_a_text_that_the_token_limit_cut_is_truncated_without_evidence() -> None:
    assert flags_of([replace(TEXT, finish_reason="length")], {}) == {"t": ("truncated",)}


def test_gates_of_the_evidence_count_once() -> None:
    cut = replace(TEXT, finish_reason="length")
    assert flags_of([cut], measured("loop", "truncated")) == {"t": ("loop", "truncated")}


def test_a_sound_text_is_not_named() -> None:
    assert flags_of([TEXT], measured()) == {}


@pytest.mark.parametrize(
    "change", [{"text": "안녕."}, {"prompt": "Write in English"}, {"category": "emotional"}]
)
def test_evidence_goes_with_all_that_was_measured(change: dict[str, str]) -> None:
    other = replace(TEXT, **change)  # type: ignore[arg-type]
    assert evidence_ids([other]) != evidence_ids([TEXT])
    assert evidence_ids([replace(TEXT, candidate="y")]) == evidence_ids([TEXT])
