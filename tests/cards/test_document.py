from __future__ import annotations

from pathlib import Path

import pytest

from kojudge.cards.document import read_document
from kojudge.errors import InputError


def document_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "card.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("off", "off"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("2026-11-22", "2026-11-22"),
        ("0.8", 0.8),
        ("512", 512),
        ('"512"', "512"),
    ],
)
def test_plain_words_and_dates_stay_text(tmp_path: Path, written: str, read: object) -> None:
    document = read_document(document_of(tmp_path, f"value: {written}\n"))
    assert document.content == {"value": read}


def test_a_value_is_found_by_its_place(tmp_path: Path) -> None:
    text = "name: a\nsource:\n  wheels:\n    wheels:\n      - package: p\n      - package: q\n"
    document = read_document(document_of(tmp_path, text))
    assert document.line(["source", "wheels", "wheels", 1, "package"]) == 6


def test_a_missing_value_is_placed_at_its_section(tmp_path: Path) -> None:
    document = read_document(document_of(tmp_path, "name: a\nsource:\n  hub: x/y\n"))
    assert document.line(["source", "path"]) == 2


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("name: a\nsource: {hub: x\n", 3, "broken YAML"),
        ("name: a\n\tsource: b\n", 2, "broken YAML"),
        ("name: 'a\n", 2, "broken YAML"),
        ("name: a\nname: b\n", 2, "`name` appears twice"),
        ("kv:\n  heads: 1\n  heads: 2\n", 3, "`heads` appears twice"),
    ],
)
def test_a_broken_file_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    path = document_of(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_document(path)
    assert f"{path}:{line}: " in caught.value.message.en
    assert f"{path}:{line}: " in caught.value.message.ko
    assert says in caught.value.message.en


@pytest.mark.parametrize("text", ["", "# only a comment\n", "- a\n- b\n", "just words\n"])
def test_a_file_without_entries_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="holds no 'name: value' entries"):
        read_document(document_of(tmp_path, text))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_bytes("notes: 한국어\n".encode("euc-kr"))
    with pytest.raises(InputError, match="is not UTF-8"):
        read_document(path)


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_document(tmp_path / "none.yaml")


def test_yaml_cannot_build_python_objects(tmp_path: Path) -> None:
    text = "name: !!python/object/apply:os.getcwd []\n"
    with pytest.raises(InputError, match="broken YAML"):
        read_document(document_of(tmp_path, text))
