"""A head comes back as it was written, or says what is wrong with its files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kojudge.engines.head.file import (
    HEAD_JSON,
    HEAD_TENSORS,
    Head,
    head_hash,
    read_head,
    write_head,
)
from kojudge.errors import ConfigError, UnavailableError

from .making import make_head


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_head(tmp_path / "head", make_head())
    return tmp_path / "head"


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))  # type: ignore[arg-type]
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(map(same, one, other))
    return one == other


def test_it_comes_back_to_the_last_bit(folder: Path) -> None:
    assert same(read_head(folder), make_head())
    assert not same(read_head(folder), make_head(layer=2))


def test_its_files_are_numbers_and_words_and_nothing_that_runs(folder: Path) -> None:
    from safetensors.numpy import load_file

    assert sorted(path.name for path in folder.iterdir()) == [HEAD_JSON, HEAD_TENSORS]
    assert len(load_file(folder / HEAD_TENSORS)) == 9
    assert json.loads((folder / HEAD_JSON).read_text("utf-8"))["facts"]["teacher"] == "선생님"


class TestHash:
    def test_it_is_the_same_wherever_the_files_lie(self, folder: Path, tmp_path: Path) -> None:
        write_head(tmp_path / "again", make_head())
        assert head_hash(folder) == head_hash(tmp_path / "again")

    def test_facts_and_name_do_not_change_it(self, folder: Path, tmp_path: Path) -> None:
        write_head(tmp_path / "other", make_head(name="other", facts={"created": "today"}))
        assert head_hash(folder) == head_hash(tmp_path / "other")

    @pytest.mark.parametrize(
        "change",
        [{"layer": 2}, {"pooling": "last"}, {"centre": np.zeros(64, np.float32)},
         {"base": {"hub": "b/other"}}, {"lines": make_head().lines[:1]},
         {"domain": replace(make_head().domain, limit=1.0)}],
    )  # fmt: skip
    def test_what_decides_an_answer_changes_it(
        self, folder: Path, tmp_path: Path, change: dict[str, Any]
    ) -> None:
        write_head(tmp_path / "other", make_head(**change))
        assert head_hash(folder) != head_hash(tmp_path / "other")


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


class TestBroken:
    @pytest.mark.parametrize("name", [HEAD_JSON, HEAD_TENSORS])
    def test_a_missing_file_is_named(self, folder: Path, name: str) -> None:
        (folder / name).unlink()
        with pytest.raises(UnavailableError, match=rf"{name}: there is no such file.*train"):
            read_head(folder)

    @pytest.mark.parametrize("left", [0, 7, 200, -1])
    def test_truncated_numbers_are_seen(self, folder: Path, left: int) -> None:
        data = (folder / HEAD_TENSORS).read_bytes()
        (folder / HEAD_TENSORS).write_bytes(data[:left])
        with pytest.raises(UnavailableError, match="SHA-256 is not the one in"):
            read_head(folder)

    def test_one_flipped_bit_is_seen(self, folder: Path) -> None:
        data = bytearray((folder / HEAD_TENSORS).read_bytes())
        data[-1] ^= 1
        (folder / HEAD_TENSORS).write_bytes(bytes(data))
        with pytest.raises(UnavailableError, match="SHA-256"):
            read_head(folder)

    def test_bytes_that_are_no_safetensors_are_seen_whatever_the_hash_says(
        self, folder: Path
    ) -> None:
        import hashlib

        junk = b"\x80\x04pickled"
        (folder / HEAD_TENSORS).write_bytes(junk)
        digest = hashlib.sha256(junk).hexdigest()
        edit(folder / HEAD_JSON, lambda told: told.update(safetensors_sha256=digest))
        with pytest.raises(UnavailableError, match="no safetensors file"):
            read_head(folder)

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (lambda t: t.update(layer=0), "layer"),
            (lambda t: t.update(pooling="max"), "pooling"),
            (lambda t: t.update(extra=1), "extra"),
            (lambda t: t.pop("base"), "base"),
            (lambda t: t.update(schema="kojudge.head/2"), "schema"),
            (lambda t: t["domain"].update(limit=-1.0), "domain"),
            (lambda t: t["lines"].pop(), "holds"),
            (lambda t: t["lines"][0].update(labels=["1", "2"]), "cuts has shape"),
            (lambda t: t["lines"][1].update(bias=0.5), "without a bias"),
            (lambda t: t["lines"][1].update(labels=["A", "B"]), "without ties the cut is 0"),
            (lambda t: t["lines"][1].update(mode="pointwise"), "at most one"),
        ],
    )
    def test_a_description_that_fits_no_head_is_told(
        self, folder: Path, change: Callable[[dict[str, Any]], object], says: str
    ) -> None:
        edit(folder / HEAD_JSON, change)
        with pytest.raises(UnavailableError, match=says) as refused:
            read_head(folder)
        assert str(folder) in refused.value.message.ko
        assert refused.value.hint is not None

    @pytest.mark.parametrize("text", ["", "{", "[]", "null"])
    def test_a_description_that_is_no_object_is_told(self, folder: Path, text: str) -> None:
        (folder / HEAD_JSON).write_text(text, encoding="utf-8")
        with pytest.raises(UnavailableError, match="does not describe a head"):
            read_head(folder)


def point(head: Head, **changes: Any) -> Head:
    return replace(head, lines=(replace(head.lines[0], **changes), *head.lines[1:]))


@pytest.mark.parametrize(
    "head",
    [
        make_head(scale=np.zeros(64, np.float32)),
        make_head(centre=np.full(64, np.nan, np.float32)),
        make_head(lines=()),
        make_head(lines=make_head().lines * 2),
        point(make_head(), cuts=np.array([1.0, 0.0, 2.0, 3.0])),
        point(make_head(), slope=float("inf")),
        point(make_head(), weights=np.zeros(63, np.float32)),
        point(make_head(), labels=("1", "1", "2", "3", "4")),
    ],
    ids=["scale", "centre", "no-lines", "twins", "cuts", "slope", "width", "labels"],
)
def test_numbers_that_make_no_head_are_not_written(tmp_path: Path, head: Head) -> None:
    with pytest.raises(ConfigError, match="was not written"):
        write_head(tmp_path / "head", head)
    assert not (tmp_path / "head").exists()
