"""A stand-in for the hub on this machine: it answers what publishing asks, and remembers it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from .storage import NOT_FOUND, STORAGE, Answer, Storage, as_json

REVISION = "a" * 40
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass
class Hub:
    """One Space, or one dataset, ``org/site`` and everything that was asked of it.

    Files over ``limit`` bytes go to its storage; ``large`` are those by their SHA-256. Requests
    that begin with ``held`` wait for ``release``; of those that begin with ``dropped`` the
    connection breaks.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    large: dict[str, str] = field(default_factory=dict)
    storage: Storage = field(default_factory=Storage)
    limit: int = 10 * 2**20
    held: str = "-"
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    dropped: str = "-"
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
        """Answer one request; a dataset is answered as a Space is."""
        for start, status in self.refuse.items():
            if path.startswith(start):
                return status, b'{"error": "refused"}', {}
        if path.startswith(self.held):
            self.reached.set()
            self.release.wait()
        path = path.replace("/datasets/org/", "/spaces/org/", 1)
        stored = self.storage.answer(method, path, body, self.endpoint)
        if stored is not None:
            return stored
        return self._written(path, body) if method == "POST" else self._read(path)

    def _written(self, path: str, body: bytes) -> Answer:
        if path.startswith("/api/repos/create"):
            return as_json({"url": f"{self.endpoint}/spaces/org/site", "name": "org/site"})
        if path == "/api/validate-yaml":
            return as_json({"errors": [], "warnings": []})
        if "/preupload/" in path:
            files = [{"path": one["path"], "shouldIgnore": False,
                      "uploadMode": "lfs" if one["size"] > self.limit else "regular"}
                     for one in json.loads(body)["files"]]  # fmt: skip
            return as_json({"files": files})
        return self._committed(body) if "/commit/" in path else NOT_FOUND

    def _committed(self, body: bytes) -> Answer:
        """Take a commit, whole or not at all: its large files must have arrived."""
        files, large = {}, {}
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "deletedFile":
                del self.files[value["path"]]
            elif line["key"] == "lfsFile":
                if not self.storage.holds(value["oid"]):
                    return 400, b'{"error": "a large file is missing"}', {}
                large[value["path"]] = value["oid"]
        self.files |= files | {path: f"oid {oid}".encode() for path, oid in large.items()}
        self.large = {path: oid for path, oid in self.large.items() if path not in files} | large
        url = f"{self.endpoint}/spaces/org/site/commit/{REVISION}"
        return as_json({"commitUrl": url, "commitOid": REVISION})

    def _read(self, path: str) -> Answer:
        if "/tree/" in path:
            return as_json(self._listed(path))
        if path.startswith("/api/spaces/org/site"):
            siblings = [{"rfilename": name} for name in self.files]
            return as_json(
                {"id": "org/site", "sha": REVISION, "sdk": self.sdk, "siblings": siblings}
            )
        name = path.replace("/resolve/main/", f"/resolve/{REVISION}/")
        name = name.partition(f"/resolve/{REVISION}/")[2]
        if name in self.large:
            oid = self.large[name]
            elsewhere = self.endpoint.replace("127.0.0.1", "localhost")  # as the hub's CDN is
            there = {"Location": f"{elsewhere}{STORAGE}{oid}", "X-Repo-Commit": REVISION,
                     "X-Linked-Size": str(len(self.storage.objects[oid])),
                     "X-Linked-ETag": f'"{oid}"'}  # fmt: skip
            return 302, b"", there
        if name in self.files:
            data = self.files[name]
            return 200, data, {"ETag": f'"{_oid(data)}"', "X-Repo-Commit": REVISION}
        return NOT_FOUND

    def _listed(self, path: str) -> list[Any]:
        """The files of a folder, or with ``recursive=false`` the folders in it too."""
        inside, _, query = path.partition("/tree/")[2].partition("?")
        folder = inside.partition("/")[2]
        start = f"{folder}/" if folder else ""
        names = [name for name in self.files if name.startswith(start)]
        if "recursive=false" in query.lower():
            names = list(dict.fromkeys(start + n[len(start) :].split("/")[0] for n in names))
        return [
            {"type": "file", "path": name, "size": len(self.files[name]),
             "oid": _oid(self.files[name])}
            if name in self.files else {"type": "directory", "path": name, "oid": "0" * 40}
            for name in names
        ]  # fmt: skip


def _oid(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


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
            if path.startswith(hub.dropped):
                self.close_connection = True
                return
            status, data, headers = hub.answer(self.command, unquote(path), body)
            wanted = _RANGE.fullmatch(self.headers.get("Range", ""))
            if wanted and status == 200 and self.command == "GET":
                start, end = int(wanted[1]), min(int(wanted[2] or len(data)), len(data) - 1)
                headers = {**headers, "Content-Range": f"bytes {start}-{end}/{len(data)}"}
                status, data = 206, data[start : end + 1]
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(ConnectionError):  # whoever asked has been interrupted meanwhile
                    self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            """Keep quiet."""

    for verb in ("GET", "HEAD", "POST", "PUT"):
        setattr(Handler, f"do_{verb}", Handler._serve)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        hub.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
