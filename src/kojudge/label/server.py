"""The page's server: loopback only, and deaf to everyone but the page that it sent.

A page of another site must neither read texts nor plant answers. So the address holds a secret
token; the Host header must be this server's own (no DNS rebinding); what changes something must
come from this origin, as JSON (no cross-site request). Nothing is read from disk by path.
"""

from __future__ import annotations

import hmac
import json
import secrets
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kojudge.errors import Language, Said, said
from kojudge.label.api import Api, RequestRefusedError, refusal
from kojudge.label.page import LabelPage
from kojudge.records import Json

__all__ = ["MAX_BODY", "LabelServer"]

MAX_BODY = 64 * 1024
"""The longest request body that is read, in bytes."""
_DRAINED = 1024 * 1024
_PATIENCE = 30.0
_ACTIONS = ("answer", "skip", "undo")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class LabelServer(ThreadingHTTPServer):
    """Serve one sitting on 127.0.0.1, on a port that the system picks."""

    daemon_threads = True

    def __init__(self, api: Api, page: LabelPage, language: Language) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api = api
        self.page = page
        self.language = language
        self.token = secrets.token_urlsafe(24)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The Host headers that are ours."""
        return (f"127.0.0.1:{self.server_port}", f"localhost:{self.server_port}")

    @property
    def url(self) -> str:
        """The address to open."""
        return f"http://{self.hosts[0]}/{self.token}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about browsers that hang up; show any other error."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: LabelServer
    server_version = "kojudge"
    sys_version = ""
    timeout = _PATIENCE

    def do_GET(self) -> None:
        self._respond(self._get)

    def do_POST(self) -> None:
        self._respond(self._post)

    def _respond(self, act: Callable[[str], None]) -> None:
        try:
            act(self._place())
        except RequestRefusedError as refused:
            self._send_json(refused.status, refusal(refused, self.server.language))
            self._drain()

    def _get(self, place: str) -> None:
        if place == "":
            page = self.server.page
            self._send(200, "text/html; charset=utf-8", page.html, page.policy)
        elif place == "api/state":
            self._send_json(200, self.server.api.get())
        else:
            raise _nowhere()

    def _post(self, place: str) -> None:
        action = place.removeprefix("api/")
        if action == place or action not in _ACTIONS:
            raise _nowhere()
        if self.headers.get("Origin") is None:
            raise _foreign()
        if self.headers.get_content_type() != "application/json":
            raise RequestRefusedError(
                415, "not_json", said("본문은 JSON이어야 합니다.", "The body must be JSON.")
            )
        body = self._body()
        status, content = self.server.api.post(action, body)
        self._send_json(status, content)

    def _place(self) -> str:
        """Return what is asked for below the token, or refuse whoever is not our page."""
        hosts = self.headers.get_all("Host") or []
        if len(hosts) != 1 or hosts[0] not in self.server.hosts:
            raise RequestRefusedError(
                421, "wrong_host", said("이 서버의 주소가 아닙니다.", "Not this server's address.")
            )
        origins = self.headers.get_all("Origin") or []
        if any(origin != f"http://{hosts[0]}" for origin in origins):
            raise _foreign()
        if self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise _foreign()
        token, slash, place = self.path.removeprefix("/").partition("/")
        known = hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode())
        if not (self.path.startswith("/") and slash and known):
            raise RequestRefusedError(403, "no_token",
                          said("주소가 온전하지 않습니다.", "The address is not whole."),
                          said("터미널에 나온 주소를 처음부터 끝까지 여세요.",
                               "Open the whole address that the terminal shows."))  # fmt: skip
        return place

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            raise RequestRefusedError(
                411, "no_length", said("본문의 길이가 없습니다.", "The body has no length.")
            )
        if len(length) > 9 or int(length) > MAX_BODY:
            raise RequestRefusedError(413, "too_long",
                          said(f"본문이 {MAX_BODY // 1024} KiB보다 깁니다.",
                               f"The body is longer than {MAX_BODY // 1024} KiB."))  # fmt: skip
        return self.rfile.read(int(length))

    def _drain(self) -> None:
        """Read some of what a refused client still sends, so that it gets to hear why."""
        length = self.headers.get("Content-Length", "")
        left = min(int(length), _DRAINED) if length.isascii() and length.isdigit() else 0
        while left > 0:
            read = len(self.rfile.read(min(left, MAX_BODY)))
            left = left - read if read else 0

    def _send_json(self, status: int, content: dict[str, Json]) -> None:
        body = json.dumps(content, ensure_ascii=False).encode("utf-8")
        self._send(status, "application/json; charset=utf-8", body, "default-src 'none'")

    def _send(self, status: int, kind: str, body: bytes, policy: str) -> None:
        self.send_response(status)
        headers = {**_HEADERS, "Content-Security-Policy": policy, "Content-Type": kind}
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answer a request that is no HTTP, or of another method, as every other: in JSON."""
        refused = RequestRefusedError(code, "bad_http", _NO_SUCH_REQUEST)
        self._send_json(code, refusal(refused, self.server.language))

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Log nothing: requests hold the token."""


_NO_SUCH_REQUEST: Said = said("이런 요청은 받지 않습니다.", "No such request is taken.")


def _nowhere() -> RequestRefusedError:
    return RequestRefusedError(
        404, "not_found", said("이런 주소는 없습니다.", "There is no such address.")
    )


def _foreign() -> RequestRefusedError:
    return RequestRefusedError(
        403,
        "foreign",
        said("다른 사이트에서 온 요청은 받지 않습니다.", "Requests from other sites are refused."),
    )
