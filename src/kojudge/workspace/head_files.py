"""The two files of a head, and the hash they are known by: cards and engines agree on it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

__all__ = ["HEAD_JSON", "HEAD_TENSORS", "head_hash"]

HEAD_JSON = "head.json"
HEAD_TENSORS = "head.safetensors"
_TELLS_ONLY = ("name", "facts", "safetensors_sha256")
"""What of ``head.json`` changes no answer; the tensors are hashed as they are."""


def head_hash(folder: Path) -> str:
    """Return 32 hex digits of what decides the head's answers: its numbers, not its facts.

    Raises:
        OSError: a file is missing or unreadable.
        ValueError: ``head.json`` is no JSON object in UTF-8.
    """
    told = json.loads((folder / HEAD_JSON).read_text(encoding="utf-8"))
    if not isinstance(told, dict):
        raise ValueError(f"{HEAD_JSON} is no object")
    deciding = {key: value for key, value in told.items() if key not in _TELLS_ONLY}
    canonical = json.dumps(deciding, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    digest = hashlib.blake2b(canonical.encode(), digest_size=16)
    digest.update((folder / HEAD_TENSORS).read_bytes())
    return digest.hexdigest()
