"""What one rater leaves on disk: labels, and beside them the questions skipped.

``labels/RATER.jsonl`` holds the labels (:mod:`kojudge.store.labels`); a question without an
opinion is no label, so ``labels/RATER.skips`` lists those, one JSON object a line. One process
at a time writes for a rater.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from kojudge.errors import StoreError, said
from kojudge.records import Json, Label
from kojudge.store.entries import label_key, label_of
from kojudge.store.lines import LineError, json_line, parsed
from kojudge.store.run import Run
from kojudge.store.storage import trouble

__all__ = ["RaterFiles"]

Line = Mapping[str, Json]


class RaterFiles:
    """Read and write the files of ``rater`` in ``run``; a context that keeps others out.

    Every method raises StoreError where a file cannot be read or written; nothing is then
    changed.
    """

    def __init__(self, run: Run, rater: str) -> None:
        self.run = run
        self.rater = rater
        self._directory = run.directory.child("labels")
        self._lock: BinaryIO | None = None

    def __enter__(self) -> Self:
        folder = self._directory.local
        if folder is None:
            raise _remote(self.run.path)
        self._directory.create()
        self._lock = _hold(folder / f".{self.rater}.lock", self.rater)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            self._lock.close()  # gives the lock back, as the death of the process would

    def labels(self) -> dict[tuple[object, ...], Label]:
        """Return the rater's latest label about each item, imported ones too."""
        mine = (one for one in self.run.labels().labels if one.rater == self.rater)
        return {label_key(label): label for label in mine}

    def add_label(self, label: Label) -> None:
        """Append a label; it is on disk when this returns."""
        self.run.append_labels(self.rater, [label])

    def drop_label(self, key: tuple[object, ...]) -> None:
        """Take back the last label about ``key`` (see :func:`label_key`)."""
        self._drop_last(f"{self.rater}.jsonl", lambda line: label_key(label_of(line)) == key)

    def skips(self) -> list[Line]:
        """Return what was skipped, in the order it was skipped."""
        name = f"{self.rater}.skips"
        lines = (self._directory.read(name) or b"").split(b"\n")
        return [self._parsed(name, at, line) for at, line in enumerate(lines, 1) if line.strip()]

    def add_skip(self, skip: Line) -> None:
        """Add a skipped question; it is on disk when this returns."""
        name = f"{self.rater}.skips"
        before = self._directory.read(name) or b""
        with self._directory.writing(name) as file:
            file.write(before + json_line(skip))

    def drop_skip(self, skip: Line) -> None:
        """Take back a skip, as :meth:`skips` gave it."""
        self._drop_last(f"{self.rater}.skips", lambda line: line == skip)

    def _drop_last(self, name: str, meant: Callable[[dict[str, Json]], bool]) -> None:
        """Rewrite the file ``name``, whole or not at all, without the last line that is meant."""
        lines = (self._directory.read(name) or b"").split(b"\n")
        for at in reversed(range(len(lines))):
            if lines[at].strip() and meant(self._parsed(name, at + 1, lines[at])):
                with self._directory.writing(name) as file:
                    file.write(b"\n".join(lines[:at] + lines[at + 1 :]))
                return

    def _parsed(self, name: str, number: int, line: bytes) -> dict[str, Json]:
        try:
            return parsed(line)
        except LineError as error:
            place = f"{self._directory.url(name)}:{number}"
            raise StoreError(
                said(f"{place}: {error.problem.ko}", f"{place}: {error.problem.en}"),
                said("이 줄을 고치거나 지우세요.", "Mend or delete this line."),
            ) from error


def _hold(path: Path, rater: str) -> BinaryIO:
    """Lock ``path`` until it is closed; refuse where another process holds it."""
    file: BinaryIO | None = None
    try:
        file = path.open("ab")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if file is not None:
            file.close()
        raise StoreError(
            said(f"평가자 '{rater}'의 라벨링 화면이 이미 열려 있습니다.",
                 f"A labelling page of rater '{rater}' is already open."),
            said("열려 있는 화면을 쓰거나, 그 명령을 Ctrl-C로 끝낸 뒤 다시 실행하세요. "
                 "다른 사람이라면 `--rater 이름`을 주세요.",
                 "Use that page, or end its command with Ctrl-C and run this again. "
                 "Someone else gives `--rater NAME`."),
        ) from None  # fmt: skip
    except OSError as error:
        raise trouble("write", str(path), error) from error
    return file


def _remote(path: str) -> StoreError:
    return StoreError(
        said(f"{path}: 라벨링은 이 컴퓨터의 디스크에 있는 실행에서만 할 수 있습니다.",
             f"{path}: labelling needs a run on this machine's own disk."),
        said("실행 폴더를 내려받아 `--run 폴더`로 지정하세요.",
             "Download the run and name its directory with `--run DIR`."),
    )  # fmt: skip
