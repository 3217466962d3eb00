"""Directories that hold a run: a local one, or one on any fsspec URL.

A file appears whole or not at all. Locally it is written under a dot-prefixed temporary
name, fsynced and renamed; elsewhere it is sent in one ``pipe_file`` call, which object
stores make visible at once. Every failure leaves here as a :class:`StoreError`.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from kojudge.errors import Said, StoreError, said

__all__ = [
    "Directory",
    "RunPath",
    "is_url",
    "locked",
    "open_directory",
    "open_parent",
    "sync_directory",
    "trouble",
]

RunPath = str | os.PathLike[str]

TEMPORARY_SUFFIX = ".tmp"


class Directory(Protocol):
    """One directory of a run, wherever it is. ``str()`` of it is what messages show.

    ``local`` is its path on this machine, or ``None`` where it is elsewhere: then it has no
    locks and its files cannot grow.
    """

    @property
    def local(self) -> Path | None:
        """Its path on this machine, if it is there."""

    def child(self, name: str) -> Directory:
        """Return the directory ``name`` inside this one (it need not exist)."""

    def url(self, name: str) -> str:
        """Return the address under which DuckDB opens the file ``name``."""

    def names(self) -> list[str]:
        """Return the sorted names inside; none where the directory does not exist."""

    def create(self) -> None:
        """Make the directory and its parents where they are missing."""

    def read(self, name: str) -> bytes | None:
        """Return the whole file ``name``, or ``None`` where there is none."""

    def open(self, name: str) -> BinaryIO | None:
        """Open the file ``name`` for reading, or return ``None`` where there is none."""

    def remove(self, name: str) -> None:
        """Remove the file ``name``; one that is already gone is no error."""

    def remove_abandoned(self, seconds: float) -> None:
        """Remove temporary files untouched for ``seconds``: their writer was killed."""

    def writing(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Open the file ``name``; it appears, whole, when the block ends without error."""

    def register(self, connection: Any) -> None:
        """Let a DuckDB ``connection`` read from here."""


@dataclass(frozen=True, slots=True)
class _LocalDirectory:
    path: Path

    @property
    def local(self) -> Path:
        return self.path

    def __str__(self) -> str:
        return str(self.path)

    def child(self, name: str) -> _LocalDirectory:
        return _LocalDirectory(self.path / name)

    def url(self, name: str) -> str:
        return str(self.path.absolute() / name)  # DuckDB would read a leading ~ as a home

    def names(self) -> list[str]:
        try:
            return sorted(path.name for path in self.path.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise trouble("read", str(self), error) from error

    def create(self) -> None:
        if self.path.is_dir():
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            sync_directory(self.path.parent)
        except OSError as error:
            raise trouble("write", str(self), error) from error

    def read(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise trouble("read", self.url(name), error) from error

    def open(self, name: str) -> BinaryIO | None:
        try:
            return (self.path / name).open("rb")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise trouble("read", self.url(name), error) from error

    def remove(self, name: str) -> None:
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise trouble("write", self.url(name), error) from error

    def remove_abandoned(self, seconds: float) -> None:
        oldest = time.time() - seconds
        for name in self.names():
            path = self.path / name
            if name.startswith(".") and name.endswith(TEMPORARY_SUFFIX):
                with suppress(OSError):  # its writer may be renaming it this very moment
                    if path.stat().st_mtime < oldest:
                        path.unlink()

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        temporary = self.path / f".{name}.{secrets.token_hex(4)}{TEMPORARY_SUFFIX}"
        try:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(self.path / name)
            sync_directory(self.path)
        except BaseException as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise trouble("write", self.url(name), error) from error
            raise

    def register(self, connection: Any) -> None:
        """Need nothing: DuckDB reads local files by itself."""


@dataclass(frozen=True, slots=True)
class _RemoteDirectory:
    filesystem: Any
    root: str

    @property
    def local(self) -> None:
        return None

    def __str__(self) -> str:
        return str(self.filesystem.unstrip_protocol(self.root))

    def child(self, name: str) -> _RemoteDirectory:
        return _RemoteDirectory(self.filesystem, self._at(name))

    def _at(self, name: str) -> str:
        return f"{self.root.rstrip('/')}/{name}"

    def url(self, name: str) -> str:
        return str(self.filesystem.unstrip_protocol(self._at(name)))

    def names(self) -> list[str]:
        try:
            # Listings are cached by s3fs and the hub; another process may have added parts.
            self.filesystem.invalidate_cache(self.root)
            paths = self.filesystem.ls(self.root, detail=False)
        except FileNotFoundError:
            return []
        except Exception as error:  # the boundary: each filesystem raises its own kinds
            raise trouble("read", str(self), error) from error
        return sorted(path.rstrip("/").rsplit("/", 1)[-1] for path in paths)

    def create(self) -> None:
        """Need nothing: a remote directory exists once a file is in it."""

    def read(self, name: str) -> bytes | None:
        try:
            return bytes(self.filesystem.cat_file(self._at(name)))
        except FileNotFoundError:
            return None
        except Exception as error:  # the boundary, as above
            raise trouble("read", self.url(name), error) from error

    def open(self, name: str) -> BinaryIO | None:
        try:
            file: BinaryIO = self.filesystem.open(self._at(name), "rb")
        except FileNotFoundError:
            return None
        except Exception as error:  # the boundary, as above
            raise trouble("read", self.url(name), error) from error
        return file

    def remove(self, name: str) -> None:
        try:
            with suppress(FileNotFoundError):
                self.filesystem.rm_file(self._at(name))
        except Exception as error:  # the boundary, as above
            raise trouble("write", self.url(name), error) from error

    def remove_abandoned(self, seconds: float) -> None:
        """Need nothing: ``pipe_file`` leaves no temporary files."""

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        buffer = io.BytesIO()
        yield buffer
        try:
            self.filesystem.pipe_file(self._at(name), buffer.getvalue())
        except Exception as error:  # the boundary, as above
            raise trouble("write", self.url(name), error) from error

    def register(self, connection: Any) -> None:
        connection.register_filesystem(self.filesystem)


def is_url(path: RunPath) -> bool:
    """Say whether ``path`` is an fsspec URL other than ``file://``."""
    text = os.fspath(path)
    return "://" in text and not text.startswith("file://")


def open_directory(path: RunPath) -> Directory:
    """Return the directory at a local path or fsspec URL; it need not exist.

    Raises StoreError where the URL's filesystem is unknown or its package is missing.
    """
    text = os.fspath(path)
    if not is_url(text):
        return _LocalDirectory(Path(text.removeprefix("file://")))
    return _RemoteDirectory(*_filesystem(text))


def open_parent(path: RunPath) -> tuple[Directory, str]:
    """Return the directory of the file at a local path or fsspec URL, and its name there."""
    text = os.fspath(path)
    if not is_url(text):
        local = Path(text.removeprefix("file://"))
        return _LocalDirectory(local.parent), local.name
    filesystem, root = _filesystem(text)
    parent, _, name = root.rpartition("/")
    return _RemoteDirectory(filesystem, parent), name


def _filesystem(url: str) -> tuple[Any, str]:
    try:
        import fsspec

        filesystem, root = fsspec.core.url_to_fs(url)
    except Exception as error:  # the boundary: unknown protocols, missing packages, credentials
        raise trouble("read", url, error) from error
    return filesystem, root


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file ``path`` (made if missing), waiting for it."""
    try:
        file = path.open("ab")
    except OSError as error:
        raise trouble("write", str(path), error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:
            raise trouble("write", str(path), error) from error
        yield


def sync_directory(path: Path) -> None:
    """Make a rename or a new name in ``path`` survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def trouble(what: str, where: str, error: Exception) -> StoreError:
    """Return the StoreError of a failed ``read`` or ``write`` at ``where``."""
    cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    cause = cause or type(error).__name__
    if what == "read":
        message = said(
            f"{where}: 읽지 못했습니다. 원인: {cause}.", f"{where}: cannot be read: {cause}."
        )
    else:
        message = said(
            f"{where}: 쓰지 못했습니다. 원인: {cause}.", f"{where}: cannot be written: {cause}."
        )
    return StoreError(message, _advice(error))


def _advice(error: Exception) -> Said:
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return said(
            "디스크에 빈 공간을 만든 뒤 같은 명령을 다시 실행하세요. "
            "이미 끝난 항목은 그대로 남아 있습니다.",
            "Free some disk space and run the same command again; finished items are kept.",
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return said(
            "권한을 고치거나, --run 옵션으로 쓸 수 있는 다른 폴더를 지정하세요.",
            "Mend the permissions, or name another directory with --run.",
        )
    if number in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
        return said(
            "폴더가 있어야 할 자리에 파일이 있거나 그 반대입니다. "
            "그것을 옮기거나 --run 옵션으로 다른 폴더를 지정하세요.",
            "A file stands where a directory should be, or the other way round: "
            "move it away, or name another directory with --run.",
        )
    if isinstance(error, ImportError):
        return said(
            "위 메시지에 나온 패키지를 pip으로 설치하세요.",
            "Install the package that the message names with pip.",
        )
    return said(
        "경로와 연결 상태를 확인한 뒤 같은 명령을 다시 실행하세요.",
        "Check the path and the connection, then run the same command again.",
    )
