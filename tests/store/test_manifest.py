"""The manifest is whole JSON, whatever happens while it is changed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kojudge.errors import StoreError
from kojudge.store import manifest

from .builders import full_disk


def test_a_run_without_one_has_a_new_one(tmp_path: Path) -> None:
    assert manifest.read(tmp_path) == {"schema": "kojudge.run/1"}
    assert list(tmp_path.iterdir()) == []


def test_a_change_is_kept_and_readable_by_people(tmp_path: Path) -> None:
    manifest.update(tmp_path, lambda content: content.update(baseline="젬마"))
    manifest.update(tmp_path, lambda content: content.update(seed=7))
    assert manifest.read(tmp_path) == {"schema": "kojudge.run/1", "baseline": "젬마", "seed": 7}
    assert "젬마" in (tmp_path / "manifest.json").read_text(encoding="utf-8")


def test_it_lives_on_any_filesystem() -> None:
    path = f"memory://{uuid.uuid4().hex}"
    manifest.update(path, lambda content: content.update(seed=7))
    assert manifest.read(path)["seed"] == 7


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    manifest.update(tmp_path, lambda content: content.update(seed=7))

    def fail(content: dict[str, Any]) -> None:
        content["seed"] = 8
        raise LookupError

    with pytest.raises(LookupError):
        manifest.update(tmp_path, fail)
    assert manifest.read(tmp_path)["seed"] == 7


def test_a_full_disk_leaves_the_old_one(tmp_path: Path) -> None:
    manifest.update(tmp_path, lambda content: content.update(seed=7))

    with full_disk(), pytest.raises(StoreError, match=r"manifest\.json.*space"):
        manifest.update(tmp_path, lambda content: content.update(seed=8))
    assert manifest.read(tmp_path)["seed"] == 7
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_missing_run_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="none"):
        manifest.update(tmp_path / "none", lambda content: None)


def test_a_surrogate_does_not_break_it(tmp_path: Path) -> None:
    manifest.update(tmp_path, lambda content: content.update(name="a\ud800b"))
    assert manifest.read(tmp_path)["name"] == "a\ufffdb"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"schema": "kojudge.run/1", ', "cannot be read"),
        (b"", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"[1, 2]", "list, not an object"),
        (json.dumps({"schema": "kojudge.run/2"}).encode(), "reads 'kojudge.run/1' only"),
        (b"{}", "its schema is None"),
    ],
)
@pytest.mark.parametrize(
    "use", [manifest.read, lambda path: manifest.update(path, lambda content: None)]
)
def test_a_broken_one_is_named_and_kept(
    tmp_path: Path, content: bytes, problem: str, use: Callable[[Path], object]
) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        use(tmp_path)
    assert problem in caught.value.message.en
    assert str(path) in caught.value.message.ko
    assert caught.value.hint is not None
    assert path.read_bytes() == content
