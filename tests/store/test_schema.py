"""Records become rows and come back as they were."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given

from kojudge.errors import StoreError
from kojudge.records import Judgment, Scored, Text, Unscored
from kojudge.store.schema import (
    JUDGMENTS,
    TEXTS,
    clean,
    judgment_from,
    judgments_table,
    text_from,
    texts_table,
)

from .builders import any_judgment, any_record_text, any_text, judgment, text


def cleaned(value: Any) -> Any:
    """The same record with what UTF-8 cannot hold replaced, wherever a string is."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple):
        return tuple(cleaned(item) for item in value)
    if isinstance(value, Text | Judgment | Scored | Unscored):
        changes = {f.name: cleaned(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **changes)
    return value


@given(any_record_text)
def test_a_text_survives_its_row(record: Text) -> None:
    (row,) = texts_table([record]).to_pylist()
    assert text_from(row) == cleaned(record)


@given(any_judgment)
def test_a_judgment_survives_its_row(record: Judgment) -> None:
    (row,) = judgments_table([record]).to_pylist()
    assert judgment_from(row) == cleaned(record)


@given(any_text)
def test_cleaning_gives_utf8_and_changes_nothing_else(raw: str) -> None:
    result = clean(raw)
    assert result.encode("utf-8").decode("utf-8") == result
    assert len(result) == len(raw)
    kept = [(old, new) for old, new in zip(raw, result, strict=True) if old != new]
    assert all("\ud800" <= old <= "\udfff" and new == "\ufffd" for old, new in kept)


def test_the_columns_of_texts_are_the_fields_of_text() -> None:
    assert TEXTS.names == [field.name for field in dataclasses.fields(Text)]


def test_every_field_of_a_judgment_has_its_columns() -> None:
    laid_flat = {"outcome", "scale"}
    fields = {field.name for field in dataclasses.fields(Judgment)} - laid_flat
    assert fields <= set(JUDGMENTS.names)


@pytest.mark.parametrize(
    ("outcome", "status", "score", "reason"),
    [
        (Scored(3.5, "expected"), "scored", 3.5, None),
        (Unscored("숫자가 없음"), "unscored", None, "숫자가 없음"),
        (Unscored("시간 초과", final=False), "failed", None, "시간 초과"),
    ],
)
def test_a_row_says_what_became_of_a_judgment(
    outcome: Scored | Unscored, status: str, score: float | None, reason: str | None
) -> None:
    (row,) = judgments_table([judgment(outcome=outcome)]).to_pylist()
    assert (row["status"], row["score"], row["reason"]) == (status, score, reason)


def test_a_column_younger_than_the_part_takes_its_default() -> None:
    (row,) = texts_table([text()]).to_pylist()
    assert text_from(row | {"turn": None, "history": None}) == text()


def test_a_row_without_a_required_value_is_refused() -> None:
    (row,) = texts_table([text()]).to_pylist()
    with pytest.raises(StoreError, match="'candidate'"):
        text_from(row | {"candidate": None})


@pytest.mark.parametrize("change", [{"status": "scored", "score": None}, {"status": "done"}])
def test_a_row_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    (row,) = judgments_table([judgment()]).to_pylist()
    with pytest.raises(StoreError, match="cannot be"):
        judgment_from(row | change)
