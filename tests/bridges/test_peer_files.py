"""JSON Lines and JSON arrays are read alike, and what is wrong is named by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kojudge.bridges.peer_files import original_id, records
from kojudge.errors import InputError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.json"


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ('{"a": 1}\n\n{"a": 2}\n', [1, 3]),
        ('[{"a": 1}, {"a": 2}]', [1, 1]),
        ('\ufeff[\n  {\n    "a": 1\n  },\n  {\n    "a": 2\n  }\n]\n', [2, 5]),
        ('  [{"a": 1}\r\n,{"a": 2}]', [1, 2]),
    ],
)
def test_each_record_comes_with_the_line_it_begins_on(
    file: Path, content: str, lines: list[int]
) -> None:
    file.write_bytes(content.encode())
    assert [*records(str(file))] == [(lines[0], {"a": 1}), (lines[1], {"a": 2})]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", r"file\.json: the file is empty"),
        (b"[]", r"file\.json:1: the array is empty"),
        (b'[{"a": 1},\n {"a": 2}', r"file\.json:2: not a JSON array"),
        (b'[{"a": 1},\n {"a": 2', r"file\.json:2: not a JSON array"),
        (b'[{"a": 1}\n {"a": 2}]', r"file\.json:2: not a JSON array \(Expecting ','"),
        (b'[{"a": 1}] x', r"file\.json:1: not a JSON array \(Extra data"),
        (b'[{"a": 1},\n 3]', r"file\.json:2: not a JSON object \(int\)"),
        (b'[{"a": 1},\n {"a": 1, "a": 2}]', r"file\.json:2:a: this field stands there twice"),
        (b'[\n\n{"a": "\xff"}]', r"file\.json:3: is not UTF-8"),
        (b'{"a": 1}\n{"a": ', r"file\.json:2: not JSON"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(file: Path, content: bytes, told: str) -> None:
    file.write_bytes(content)
    with pytest.raises(InputError, match=told) as caught:
        list(records(str(file)))
    assert caught.value.message.ko != caught.value.message.en


def test_half_a_surrogate_pair_becomes_a_replacement(file: Path) -> None:
    file.write_text('[{"a": "\\ud83d 글"}]', encoding="utf-8")
    assert [data for _, data in records(str(file))] == [{"a": "\ufffd 글"}]


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "no.json", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            list(records(str(path)))


@pytest.mark.parametrize(
    ("prompt_id", "original"),
    [("81", 81), ("-3", -3), ("081", "081"), ("8.0", "8.0"), ("a", "a"), ("9" * 40, "9" * 40)],
)
def test_an_id_that_looks_like_a_number_goes_back_as_one(
    prompt_id: str, original: int | str
) -> None:
    assert original_id(prompt_id, {}, "id") == original
    assert original_id(prompt_id, {"id": prompt_id}, "id") == prompt_id
