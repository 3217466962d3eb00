"""The cache of model weights on disk: where it is, and who may write to it.

CACHE/gguf-SHA256-vN/       a converted model: safetensors, tokenizer, kojudge-source.json
CACHE/work/SHA256/          what an unfinished pull has so far
CACHE/locks/SHA256.lock     held while a pull works on that GGUF
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kojudge.cards.sources.progress import Progress
from kojudge.errors import Said, said

__all__ = ["cache_dir", "lock", "missing_files", "sha256_of", "work_dir"]

CHUNK = 1 << 22

STORAGE_ERRNOS = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
    }
)
"""What the system says when the cache cannot be written."""


def cache_dir() -> Path:
    """Return the folder of pulled models (it may not exist yet).

    ``KOJUDGE_CACHE`` names it; else it is ``kojudge/models`` under ``XDG_CACHE_HOME`` or
    ``~/.cache``.
    """
    named = os.environ.get("KOJUDGE_CACHE")
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kojudge" / "models"


def work_dir(sha256: str) -> Path:
    """Return the folder for the unfinished pull of one GGUF."""
    return cache_dir() / "work" / sha256[:16]


@contextmanager
def lock(sha256: str, progress: Progress) -> Iterator[int]:
    """Hold the right to write one model; wait while another process has it.

    Yields the lock's file descriptor: a child process that inherits it holds the lock
    too, so a pull that is killed does not free it under a conversion that still runs.
    """
    folder = cache_dir() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{sha256[:16]}.lock").open("a", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("wait", 0, 0)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield held.fileno()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def missing_files(folder: Path) -> Said | None:
    """Say what keeps ``folder`` from being a model that loads; None if nothing does.

    A model is ``config.json`` and all its safetensors; pickled weights (``.bin``,
    ``.pt``) are never loaded, because loading them can run code.
    """
    if not (folder / "config.json").is_file():
        return said("config.json이 없습니다", "there is no config.json")
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        absent = sorted(name for name in shards if not (folder / name).is_file())
        if absent:
            return said(f"{absent[0]} 파일이 없습니다", f"{absent[0]} is missing")
        return None
    if any(folder.glob("*.safetensors")):
        return None
    pickled = sorted(p.name for kind in ("*.bin", "*.pt", "*.pth") for p in folder.glob(kind))
    if pickled:
        return said(
            f"safetensors 없이 {pickled[0]}만 있습니다. 이 형식은 읽는 것만으로도 코드가"
            " 실행될 수 있어 쓰지 않습니다",
            f"there are no safetensors, only {pickled[0]}, a format that can run code when it"
            " is loaded and so is not used",
        )
    return said("safetensors 파일이 없습니다", "there are no safetensors")
