"""Names of models and runs as file names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.report.file_names import file_name


@pytest.mark.parametrize("name", ["gemma-2-2b-it", "qwen2.5-0.5b", "run_1", "밤기차"])
def test_a_safe_name_is_itself(name: str) -> None:
    assert file_name(name) == name


@pytest.mark.parametrize(
    ("name", "start"),
    [("org/model", "org-model-"), ("../../etc", "etc-"), ("..", "name-"), ("", "name-"),
     ("con x", "con-x-")],
)  # fmt: skip
def test_others_keep_what_they_can_and_a_hash(name: str, start: str) -> None:
    assert re.fullmatch(f"{re.escape(start)}[0-9a-f]{{8}}", file_name(name))


@given(st.text())
def test_any_name_is_one_safe_part_of_a_path(name: str) -> None:
    found = file_name(name)
    assert re.fullmatch(r"[A-Za-z0-9가-힣_][A-Za-z0-9가-힣._-]*", found)
    assert len(found.encode()) < 255


@given(st.text(), st.text())
def test_two_names_are_two_files(one: str, other: str) -> None:
    assert (file_name(one) == file_name(other)) is (one == other)
