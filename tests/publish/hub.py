"""A stand-in for the hub on this machine: it answers what publishing asks, and remembers it."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

REVISION = "a" * 40
Answer = tuple[int, bytes, dict[str, str]]
"""Status, body, headers."""
NOT_FOUND: Answer = (404, b'{"error": "not found"}', {})


@dataclass
class Hub:
    """One Space and everything that was asked of it."""

    files: dict[str, bytes] = field(default_factory=dict)
    sdk: str = "static"
    refuse: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    endpoint: str = ""

    def paths(self, method: str) -> list[str]:
        """The paths asked with ``method``, in order."""
        return [path.partition("?")[0] for verb, path, _ in self.asked if verb == method]

    def body(self, path: str) -> Any:
        """What was sent to ``path``."""
        return next(body for _, asked, body in self.asked if asked.partition("?")[0] == path)

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answer one request."""
        for start, status in self.refuse.items():
            if path.startswith(start):
                return status, b'{"error": "refused"}', {}
        return self._written(path, body) if method == "POST" else self._read(path)

    def _written(self, path: str, body: bytes) -> Answer:
        if path.startswith("/api/repos/create"):
            return _json({"url": f"{self.endpoint}/spaces/org/site", "name": "org/site"})
        if path == "/api/validate-yaml":
            return _json({"errors": [], "warnings": []})
        if "/preupload/" in path:
            files = [{"path": one["path"], "uploadMode": "regular", "shouldIgnore": False}
                     for one in json.loads(body)["files"]]  # fmt: skip
            return _json({"files": files})
        if "/commit/" in path:
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    self.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            url = f"{self.endpoint}/spaces/org/site/commit/{REVISION}"
            return _json({"commitUrl": url, "commitOid": REVISION})
        return NOT_FOUND

    def _read(self, path: str) -> Answer:
        if "/tree/" in path:
            return _json([{"type": "file", "path": name, "size": len(data), "oid": _oid(data)}
                          for name, data in self.files.items()])  # fmt: skip
        if path.startswith("/api/spaces/org/site"):
            siblings = [{"rfilename": name} for name in self.files]
            return _json({"id": "org/site", "sha": REVISION, "sdk": self.sdk, "siblings": siblings})
        name = path.partition(f"/resolve/{REVISION}/")[2]
        if name in self.files:
            data = self.files[name]
            return 200, data, {"ETag": f'"{_oid(data)}"', "X-Repo-Commit": REVISION}
        return NOT_FOUND


def _oid(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def _json(content: Any) -> Answer:
    return 200, json.dumps(content).encode(), {"Content-Type": "application/json"}


@contextmanager
def hub_on_loopback() -> Iterator[Hub]:
    """Serve a hub until the block ends."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path
            hub.asked.append((self.command, path, body))
            hub.tokens.add(self.headers.get("Authorization", ""))
            status, data, headers = hub.answer(self.command, unquote(path), body)
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            """Keep quiet."""

    for verb in ("GET", "HEAD", "POST"):
        setattr(Handler, f"do_{verb}", Handler._serve)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
