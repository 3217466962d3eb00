"""The stand-in hub's storage for large files, as the hub's library speaks to it: LFS and xet."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

Answer = tuple[int, bytes, dict[str, str]]
"""Status, body, headers."""
NOT_FOUND: Answer = (404, b'{"error": "not found"}', {})
STORAGE, VERIFY, XORBS, SHARDS = "/storage/", "/verify", "/v1/xorbs/", "/v1/shards"
BATCH = "/spaces/org/site.git/info/lfs/objects/batch"
XET_TOKEN = "/api/spaces/org/site/xet-write-token/main"
_LATER = 4_000_000_000
"""When the token of xet's storage expires, in seconds."""


def as_json(content: Any) -> Answer:
    """Answer with ``content``."""
    return 200, json.dumps(content).encode(), {"Content-Type": "application/json"}


@dataclass
class Storage:
    """What was stored: LFS objects by their SHA-256, xet's shards as they came.

    ``full`` is why no object is taken, if none is.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    shards: list[bytes] = field(default_factory=list)
    chunks: int = 0
    full: str = ""

    def holds(self, oid: str) -> bool:
        """Whether the file of this SHA-256 has arrived."""
        if oid in self.objects:
            return True
        # A shard names its files' SHA-256 in words of eight bytes, the last byte first.
        raw = bytes.fromhex(oid)
        words = b"".join(raw[at : at + 8][::-1] for at in range(0, 32, 8))
        return any(words in shard for shard in self.shards)

    def answer(self, method: str, path: str, body: bytes, endpoint: str) -> Answer | None:
        """Answer a request that is the storage's business; return None for others."""
        if path == BATCH:
            return self._batch(json.loads(body), endpoint)
        if path == VERIFY:
            return as_json({}) if self.holds(json.loads(body)["oid"]) else NOT_FOUND
        if path.startswith(STORAGE):
            return self._object(method, path.removeprefix(STORAGE), body)
        if path == XET_TOKEN:
            return as_json({"accessToken": "xet", "casUrl": endpoint, "exp": _LATER})
        if path.startswith(XORBS):
            self.chunks += len(body)
            return as_json({"was_inserted": True})
        if path == SHARDS:
            self.shards.append(body)
            return as_json({"result": 1})
        return NOT_FOUND if path.startswith(("/v1/", "/v2/")) else None

    def _batch(self, asked: Any, endpoint: str) -> Answer:
        objects = []
        for one in asked["objects"]:
            if self.full:
                objects.append(one | {"error": {"code": 507, "message": self.full}})
                continue
            to = {"upload": {"href": f"{endpoint}{STORAGE}{one['oid']}"},
                  "verify": {"href": f"{endpoint}{VERIFY}"}}  # fmt: skip
            objects.append(one if self.holds(one["oid"]) else one | {"actions": to})
        return as_json({"transfer": "basic", "objects": objects})

    def _object(self, method: str, oid: str, body: bytes) -> Answer:
        if method != "PUT":
            return (200, self.objects[oid], {}) if oid in self.objects else NOT_FOUND
        if hashlib.sha256(body).hexdigest() != oid:
            return 400, b"not what was announced", {}
        self.objects[oid] = body
        return 200, b"", {}
