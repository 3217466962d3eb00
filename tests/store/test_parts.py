"""Parts appear whole or not at all, under names that no one else has."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kojudge.errors import StoreError
from kojudge.store import parts
from kojudge.store.schema import TEXTS, texts_table
from kojudge.store.storage import Directory, open_directory

from .builders import text


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return open_directory(tmp_path / "texts")


def write(directory: Directory, size: int = 1, **changes: str) -> int:
    rows = [text(f"t{number}", **changes) for number in range(size)]
    return parts.write_part(directory, texts_table(rows).to_batches(), TEXTS)


def test_a_part_holds_what_was_written(directory: Directory) -> None:
    assert write(directory, 3) == 3
    (name,) = parts.list_parts(directory)
    assert pq.read_table(directory.url(name)).equals(
        texts_table([text("t0"), text("t1"), text("t2")])
    )


def test_no_rows_make_no_part(directory: Directory) -> None:
    assert parts.write_part(directory, texts_table([]).to_batches(), TEXTS) == 0
    assert parts.list_parts(directory) == []


def test_names_are_time_then_chance_and_sort_by_time() -> None:
    names = [parts.part_name() for _ in range(200)]
    assert all(re.fullmatch(r"part-\d{20}-[0-9a-f]{8}\.parquet", name) for name in names)
    assert len(set(names)) == 200
    assert [name[:25] for name in names] == sorted(name[:25] for name in names)


def test_a_name_can_be_had_that_sorts_first() -> None:
    names = [parts.part_name() for _ in range(3)]
    assert parts.name_before(names) < min(names)


def test_temporary_and_foreign_files_are_no_parts(directory: Directory) -> None:
    write(directory)
    listed = parts.list_parts(directory)
    assert directory.local is not None
    for name in (f".{parts.part_name()}.1234abcd.tmp", "notes.txt", ".part-1.parquet"):
        (directory.local / name).write_bytes(b"half a part")
    assert parts.list_parts(directory) == listed


@pytest.mark.parametrize(
    ("number", "advice", "korean"),
    [
        (errno.ENOSPC, "Free some disk space", "빈 공간"),
        (errno.EROFS, "name another directory with --run", "--run 옵션"),
        (errno.EIO, "run the same command again", "다시 실행하세요"),
    ],
)
def test_a_failed_write_leaves_nothing_and_says_what_to_do(
    directory: Directory,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    advice: str,
    korean: str,
) -> None:
    write(directory)
    before = directory.names()

    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreError) as caught:
        write(directory)
    assert str(directory) in caught.value.message.en
    assert os.strerror(number) in caught.value.message.en
    assert caught.value.hint is not None
    assert advice in caught.value.hint.en
    assert korean in caught.value.hint.ko
    assert directory.names() == before


FULL_DISK = """
import os, resource, sys
from kojudge.errors import StoreError
from kojudge.records import Text
from kojudge.store.run import Run

run = Run.open(sys.argv[1], create=True)
rows = [Text(f"t{n}", "p", "blog", "써 줘", "m", n, os.urandom(400).hex()) for n in range(200)]
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    run.append_texts(rows)
except StoreError as error:
    print(error)
"""


def test_a_write_the_system_cuts_short_leaves_nothing(tmp_path: Path) -> None:
    """The system itself refuses files over 4 KiB; in a process of its own, so that nobody
    else's files, such as the log of these tests, are held to that."""
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Free some disk space" in done.stdout
    assert list((tmp_path / "run" / "texts").iterdir()) == []


def test_an_interrupted_write_leaves_nothing(directory: Directory) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield from texts_table([text()]).to_batches()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parts.write_part(directory, batches(), TEXTS)
    assert directory.names() == []


def test_a_file_where_the_directory_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "texts").write_text("not a directory", encoding="utf-8")
    with pytest.raises(StoreError, match="A file stands where a directory should be"):
        write(open_directory(tmp_path / "texts"))


def test_a_sound_part_is_not_broken(directory: Directory) -> None:
    write(directory)
    assert parts.broken_part(directory, parts.list_parts(directory)) is None


@pytest.mark.parametrize("damage", ["cut short", "empty", "other bytes", "one bit"])
def test_a_damaged_part_is_named(directory: Directory, damage: str) -> None:
    write(directory, 50, text="봄이 왔다. " * 40)
    (name,) = parts.list_parts(directory)
    assert directory.local is not None
    path = directory.local / name
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    damaged = {
        "cut short": path.read_bytes()[:-40],
        "empty": b"",
        "other bytes": b"not parquet at all",
        "one bit": bytes(data),
    }
    path.write_bytes(damaged[damage])
    problem = parts.broken_part(directory, [name])
    assert problem is not None
    assert name in problem.message.ko
    assert problem.hint is not None
    assert "asked again" in problem.hint.en


def test_a_part_that_is_gone_is_not_broken(directory: Directory) -> None:
    assert parts.broken_part(directory, ["part-1.parquet"]) is None
