"""Human labels: one JSONL file a rater, appended line by line.

Each line is in interchange form, so the files can be read by anything. A crash may cut the
last line of a file short: reading skips it and counts it, the next append removes it.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kojudge.errors import Said, StoreError, said
from kojudge.records import Json, Label, identity
from kojudge.store.entries import label_key, label_of
from kojudge.store.lines import LineError, json_line, parsed
from kojudge.store.schema import clean
from kojudge.store.storage import Directory, sync_directory, trouble

__all__ = ["StoredLabels", "add_file", "append", "label_line", "read"]

_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class StoredLabels:
    """The labels of a run, and the number of last lines that a crash has ``torn``."""

    labels: tuple[Label, ...]
    torn: int = 0


def read(directory: Directory) -> StoredLabels:
    """Return the latest label of each rater about each item, in the order first given.

    Raises StoreError, naming file and line, where a line other than a torn last one is wrong.
    """
    latest: dict[tuple[object, ...], Label] = {}
    torn = 0
    for name in directory.names():
        if name.endswith(".jsonl") and not name.startswith("."):
            lines = (directory.read(name) or b"").split(b"\n")
            if not _whole(lines[-1]):
                torn += 1
                lines.pop()
            for label in _labels(directory.url(name), lines):
                latest[label_key(label)] = label
    return StoredLabels(tuple(latest.values()), torn)


def append(directory: Directory, rater: str, labels: Sequence[Label]) -> None:
    """Add labels to the file of ``rater``; they are on disk when this returns.

    Remote files cannot grow, so there each call makes a new file. Raises StoreError where
    one of the labels is not whole (no rater, no opinion, two opinions), having added none.
    """
    if not labels:
        return
    data = b"".join(_readable_line(label) for label in labels)
    directory.create()
    if directory.local is None:
        add_file(directory, _safe(rater), data)
    else:
        _append_local(directory.local / f"{_safe(rater)}.jsonl", data)


def add_file(directory: Directory, prefix: str, data: bytes) -> None:
    """Store label lines as a new file, whole or not at all."""
    directory.create()
    name = f"{prefix}-{time.time_ns():020d}-{secrets.token_hex(4)}.jsonl"
    with directory.writing(name) as file:
        file.write(data)


def label_line(label: Label) -> bytes:
    """Return a label as one line of interchange JSONL."""
    line: dict[str, Json] = {
        "prompt_id": label.prompt_id,
        "candidate": label.candidate,
        "sample": label.sample,
        "criterion": label.criterion,
        "rater": label.rater,
    }
    for name in ("score", "preference", "baseline", "category"):
        value = getattr(label, name)
        if value is not None:
            line[name] = value
    line = {**line, **{name: value for name, value in label.extra.items() if name not in line}}
    return json_line(line)


def _readable_line(label: Label) -> bytes:
    """Return a label's line, made sure that reading will take it."""
    try:
        line = label_line(label)
        label_of(parsed(line))
    except LineError as error:
        raise _unstorable(error.field, error.problem) from error
    except ValueError as error:  # NaN
        raise _unstorable("score", said(str(error), str(error))) from error
    return line


def _unstorable(field: str, problem: Said) -> StoreError:
    return StoreError(
        said(
            f"라벨을 저장할 수 없습니다. {field}: {problem.ko}",
            f"A label cannot be stored. {field}: {problem.en}",
        ),
        said(
            "평가자 이름과 점수(또는 선호)가 모두 있는지 확인하세요.",
            "See that it has a rater, and a score or a preference.",
        ),
    )


def _append_local(path: Path, data: bytes) -> None:
    try:
        new = not path.exists()
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _repair(file)
            _write_whole(file, data)
        if new:
            sync_directory(path.parent)
    except OSError as error:
        raise trouble("write", str(path), error) from error


def _repair(file: BinaryIO) -> None:
    """End the last line: keep it where it is whole, drop it where it is torn."""
    file.seek(0)
    content = file.read()
    tail = content.rsplit(b"\n", 1)[-1]
    if tail and _whole(tail):
        file.write(b"\n")
    elif tail:
        file.truncate(len(content) - len(tail))


def _write_whole(file: BinaryIO, data: bytes) -> None:
    end = file.seek(0, os.SEEK_END)
    try:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):  # a full disk: leave no half of a line
            file.truncate(end)
        raise


def _whole(line: bytes) -> bool:
    """Say whether the last line of a file is no torn one: empty, or all there."""
    if not line.strip():
        return True
    try:
        parsed(line)
    except LineError:
        return False
    return True


def _labels(path: str, lines: Iterable[bytes]) -> Iterator[Label]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield label_of(parsed(line))
        except LineError as error:
            place = f"{path}:{number}" + (f":{error.field}" if error.field else "")
            raise StoreError(
                said(f"{place}: {error.problem.ko}", f"{place}: {error.problem.en}"),
                said("이 줄을 고치거나 지우세요.", "Mend or delete this line."),
            ) from error


def _safe(rater: str) -> str:
    """Return a file name for any rater; an id tells apart those that would look the same."""
    name = re.sub(r"[^\w-]", "_", clean(rater))[:_LONGEST_NAME]
    return name if name and name == rater else f"{name}-{identity(rater)[:8]}"
