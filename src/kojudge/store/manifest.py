"""manifest.json: what made a run, so that it can be repeated.

Local updates hold a lock file, so two processes never lose one another's change. Remote
filesystems have no locks: there the last writer wins.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from kojudge.errors import StoreError, said
from kojudge.store.schema import clean
from kojudge.store.storage import Directory, RunPath, locked, open_directory

__all__ = ["MANIFEST", "SCHEMA", "read", "update"]

MANIFEST = "manifest.json"
SCHEMA = "kojudge.run/1"
_LOCK = ".manifest.lock"


def read(run_path: RunPath) -> dict[str, Any]:
    """Return the manifest of the run at ``run_path``; where there is none, a new one.

    A new one holds only ``schema``. Raises StoreError where the manifest is not JSON, is no
    object, or was written for another schema.
    """
    return _read(open_directory(run_path))


def update(run_path: RunPath, change: Callable[[dict[str, Any]], None]) -> None:
    """Let ``change`` edit the manifest in place, and store it atomically.

    The run directory must exist. Raises StoreError where the manifest cannot be read or
    written; nothing is stored where ``change`` raises.
    """
    root = open_directory(run_path)
    lock = nullcontext() if root.local is None else locked(root.local / _LOCK)
    with lock:
        manifest = _read(root)
        change(manifest)
        text = json.dumps(manifest, ensure_ascii=False, indent=2, allow_nan=False)
        with root.writing(MANIFEST) as file:
            file.write(clean(text).encode("utf-8") + b"\n")


def _read(root: Directory) -> dict[str, Any]:
    data = root.read(MANIFEST)
    if data is None:
        return {"schema": SCHEMA}
    where = root.url(MANIFEST)
    try:
        manifest = json.loads(data.decode("utf-8"))
    except ValueError as error:
        raise _broken(where, str(error)) from error
    if not isinstance(manifest, dict):
        raise _broken(where, f"{type(manifest).__name__}, not an object")
    if manifest.get("schema") != SCHEMA:
        raise _other_schema(where, manifest.get("schema"))
    return manifest


def _broken(where: str, cause: str) -> StoreError:
    return StoreError(
        said(
            f"{where}: 실행 정보를 읽을 수 없습니다. 원인: {cause}.",
            f"{where}: the manifest cannot be read: {cause}.",
        ),
        said(
            "이 파일을 고치거나 다른 곳으로 옮기세요. 옮기면 다음 실행 때 새로 만듭니다.",
            "Mend the file or move it away; the next command then starts a new one.",
        ),
    )


def _other_schema(where: str, schema: object) -> StoreError:
    return StoreError(
        said(
            f"{where}: schema가 {schema!r}입니다. 이 버전의 kojudge는 {SCHEMA!r}만 읽습니다.",
            f"{where}: its schema is {schema!r}; this kojudge reads {SCHEMA!r} only.",
        ),
        said(
            "이 실행을 만든 kojudge 버전을 쓰거나, --run 옵션으로 다른 폴더를 지정하세요.",
            "Use the kojudge that made this run, or name another directory with --run.",
        ),
    )
