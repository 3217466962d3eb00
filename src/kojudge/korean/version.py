"""An id of the signals, apart from them: asking for it loads neither patterns nor kiwi."""

from __future__ import annotations

import hashlib
import importlib.metadata
from functools import cache
from importlib import resources


@cache
def version() -> str:
    """Return an id of the signals: their code, data and the analyser they read with.

    What was measured by another version is measured again.
    """
    digest = hashlib.blake2b(digest_size=8)
    digest.update(importlib.metadata.version("kiwipiepy").encode())
    folder = resources.files("kojudge.korean")
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.name.endswith((".py", ".yaml")) and item.name != "names.py":
            digest.update(item.name.encode())
            digest.update(item.read_bytes())
    return digest.hexdigest()
