"""The server hears its own page and nobody else, and says why in JSON."""

from __future__ import annotations

import errno
import http.client
import json
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kojudge.label import LabelServer, Sitting
from kojudge.label.page import label_page
from kojudge.label.server import MAX_BODY

from .samples import api, make_run, sit, texts


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of an error; a refused request is never said to be saved."""
        assert self.json["saved"] is False
        code: str = self.json["error"]["code"]
        return code


@dataclass(frozen=True, slots=True)
class Served:
    server: LabelServer
    sitting: Sitting

    @property
    def own(self) -> dict[str, str]:
        host = self.server.hosts[0]
        return {"Host": host, "Origin": f"http://{host}", "Content-Type": "application/json"}

    def ask(
        self,
        method: str,
        place: str,
        body: bytes | None = None,
        token: str | None = None,
        **headers: str | None,
    ) -> Reply:
        """Send a request below the token, as the page would but for what ``headers`` change."""
        token = self.server.token if token is None else token
        sent = {**self.own, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None and "Content-Length" not in sent:
            sent["Content-Length"] = str(len(body))
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=60)
        try:
            connection.putrequest(
                method, f"/{token}/{place}", skip_host=True, skip_accept_encoding=True
            )
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(body)
            got = connection.getresponse()
            return Reply(got.status, dict(got.getheaders()), got.read())
        finally:
            connection.close()

    def answer(self, content: object, **headers: str | None) -> Reply:
        return self.ask("POST", "api/answer", json.dumps(content).encode(), **headers)

    def current(self) -> str:
        assert self.sitting.current is not None
        return self.sitting.id_of(self.sitting.current)

    @property
    def labels(self) -> int:
        return len(self.sitting.files.run.labels().labels)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    sitting = sit(make_run(tmp_path / "run", texts(4)))
    with LabelServer(api(sitting), label_page("ko", "kim"), "ko") as server:
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01))
        thread.start()
        yield Served(server, sitting)
        server.shutdown()
        thread.join()


def test_it_listens_on_the_loopback_address_only(served: Served) -> None:
    assert served.server.server_address[0] == "127.0.0.1"
    assert served.server.url.startswith(f"http://127.0.0.1:{served.server.server_port}/")


def test_every_start_has_a_port_and_a_token_of_its_own(served: Served, tmp_path: Path) -> None:
    sitting = sit(make_run(tmp_path / "other", texts(1)))
    with LabelServer(api(sitting), label_page("ko", "kim"), "ko") as other:
        assert other.server_port != served.server.server_port
        assert other.token != served.server.token
        for server in (other, served.server):
            assert len(server.token) >= 22  # 128 bits and more
            assert server.url.endswith(f":{server.server_port}/{server.token}/")
        assert served.ask("GET", "", token=other.token).status == 403


def test_the_page_comes_with_its_policy(served: Served) -> None:
    page = served.ask("GET", "", Origin=None)
    assert page.status == 200
    policy = page.headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'", "script-src 'sha256-", "style-src 'sha256-", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ):  # fmt: skip
        assert part in policy
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


def test_an_answer_is_saved_before_the_reply(served: Served) -> None:
    reply = served.answer({"id": served.current(), "choice": 2})
    assert (reply.status, reply.json["saved"]) == (200, True)
    assert reply.headers["Cache-Control"] == "no-store"
    assert served.labels == 1
    assert reply.json["question"]["id"] == served.current()


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example",
        "",
        None,
    ],
)
def test_a_rebound_host_is_refused(served: Served, host: str | None) -> None:
    assert served.ask("GET", "api/state", Host=host).code == "wrong_host"
    assert served.answer({"id": served.current(), "choice": 2}, Host=host).code == "wrong_host"
    assert served.labels == 0


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1", None]
)
def test_an_answer_from_another_origin_is_refused(served: Served, origin: str | None) -> None:
    assert served.answer({"id": served.current(), "choice": 2}, Origin=origin).code == "foreign"
    assert served.labels == 0


def test_another_site_cannot_read_either(served: Served) -> None:
    assert served.ask("GET", "api/state", Origin="http://evil.example").code == "foreign"
    assert (
        served.ask("GET", "api/state", Origin=None, Sec_Fetch_Site="cross-site").code == "foreign"
    )
    assert served.ask("GET", "api/state", Origin=None, Sec_Fetch_Site="same-site").code == "foreign"
    assert "Access-Control-Allow-Origin" not in served.ask("GET", "api/state").headers


@pytest.mark.parametrize("token", ["", "x", "%EA%B0%80", "a" * 5000])
def test_without_the_token_there_is_nothing(served: Served, token: str) -> None:
    for place in ("", "api/state"):
        assert served.ask("GET", place, token=token).code == "no_token"
    body = json.dumps({"id": served.current(), "choice": 2}).encode()
    assert served.ask("POST", "api/answer", body, token=token).code == "no_token"
    assert served.labels == 0


@pytest.mark.parametrize(
    "place",
    [
        "../../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%2fpage.js",
        "page.js",
        "api/",
        "api/state/",
        "api/state?x=1",
        "/",
        "api/answer",
    ],
)
def test_no_path_leads_to_a_file(served: Served, place: str) -> None:
    reply = served.ask("GET", place)
    assert (reply.status, reply.code) == (404, "not_found")
    assert b"root:" not in reply.body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(served: Served, method: str) -> None:
    assert served.ask(method, "api/answer").code == "bad_http"


def test_a_form_of_another_site_cannot_pass_for_json(served: Served) -> None:
    content = {"id": served.current(), "choice": 2}
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        assert served.answer(content, Content_Type=kind).code == "not_json"
    assert served.labels == 0


def test_a_huge_body_is_refused_unread(served: Served) -> None:
    body = b" " * (MAX_BODY + 1)
    reply = served.ask("POST", "api/answer", body)
    assert (reply.status, reply.code) == (413, "too_long")
    assert served.ask("POST", "api/answer", b"", Content_Length="9" * 4000).code == "too_long"


@pytest.mark.parametrize("length", ["-1", "x", "", "1e3", "٣"])
def test_a_body_without_a_length_is_refused(served: Served, length: str) -> None:
    sent = length.encode().decode("latin-1")
    assert served.ask("POST", "api/answer", b"", Content_Length=sent).code == "no_length"
    assert served.ask("POST", "api/answer", b"", Transfer_Encoding="chunked").code == "no_length"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"3", b"null", b"\xff\xfe", b"[" * 60_000])
def test_a_body_that_is_no_object_is_refused(served: Served, body: bytes) -> None:
    reply = served.ask("POST", "api/answer", body)
    assert (reply.status, reply.code) == (400, "bad_request")


@pytest.mark.parametrize("choice", [0, 6, -1, 2.0, "2", True, None, [2], 10**30])
def test_a_choice_off_the_scale_is_refused(served: Served, choice: object) -> None:
    assert served.answer({"id": served.current(), "choice": choice}).code == "bad_request"
    assert served.labels == 0


@pytest.mark.parametrize("question", ["", "nope", None, 3, ["x"], {"a": 1}, "../x", "가"])
def test_an_unknown_question_is_refused(served: Served, question: object) -> None:
    for action in ("answer", "skip", "undo"):
        body = json.dumps({"id": question, "choice": 2, "reason": "other"}).encode()
        assert served.ask("POST", f"api/{action}", body).code == "unknown_question"


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"reason": "because"},
        {"reason": None},
        {"reason": "other", "note": 3},
        {"reason": "other", "note": "가" * 501},
    ],
)
def test_a_skip_needs_a_known_reason_and_a_short_note(
    served: Served, content: dict[str, object]
) -> None:
    body = json.dumps({"id": served.current(), **content}).encode()
    assert served.ask("POST", "api/skip", body).code == "bad_request"
    assert served.sitting.progress.settled == 0


def test_the_same_answer_sent_twice_is_saved_once(served: Served) -> None:
    content = {"id": served.current(), "choice": 2}
    assert [served.answer(content).status for _ in range(3)] == [200, 200, 200]
    assert served.labels == 1


def test_a_second_tab_cannot_overwrite_what_the_first_has_answered(served: Served) -> None:
    first = served.current()
    served.answer({"id": first, "choice": 2})
    reply = served.answer({"id": first, "choice": 5})
    assert (reply.status, reply.code) == (409, "moved_on")
    assert reply.json["state"]["question"]["id"] == served.current()
    stored = served.sitting.files.run.labels().labels
    assert abs(stored[0].extra["strength"]) == 1  # type: ignore[arg-type]
    undo = served.ask("POST", "api/undo", json.dumps({"id": served.current()}).encode())
    assert undo.code == "moved_on"


def test_a_question_not_yet_asked_cannot_be_answered(served: Served) -> None:
    later = served.sitting.id_of(served.sitting.questions[3])
    assert served.answer({"id": later, "choice": 2}).code == "moved_on"
    assert served.labels == 0


def test_many_tabs_at_once_lose_nothing_and_save_nothing_twice(served: Served) -> None:
    def tab() -> None:
        while served.sitting.current is not None:
            state = served.ask("GET", "api/state").json
            if state["question"]:
                served.answer({"id": state["question"]["id"], "choice": 3})

    tabs = [threading.Thread(target=tab) for _ in range(4)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    path = Path(served.sitting.files.run.path) / "labels" / "kim.jsonl"
    assert len(path.read_text(encoding="utf-8").splitlines()) == len(served.sitting.questions)


def test_a_full_disk_is_told_and_the_same_answer_can_be_sent_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = {"id": served.current(), "choice": 2}

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        reply = served.answer(content)
    assert (reply.status, reply.code) == (507, "not_saved")
    assert "남은 공간" in reply.json["error"]["hint"]
    assert served.sitting.files.run.path not in reply.body.decode()  # a path may name models
    assert served.labels == 0
    assert served.answer(content).status == 200
    assert served.labels == 1


@pytest.mark.parametrize(
    "sent", [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET"]
)
def test_what_is_no_http_does_no_harm(served: Served, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served.server.server_port), timeout=60) as raw:
        raw.sendall(sent)
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(4096):
            pass
    assert served.ask("GET", "api/state").status == 200


def test_two_host_headers_are_refused(served: Served) -> None:
    host = served.server.hosts[0].encode()
    with socket.create_connection(("127.0.0.1", served.server.server_port), timeout=60) as raw:
        path = f"/{served.server.token}/api/state".encode()
        raw.sendall(
            b"GET " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\nHost: evil.example\r\n\r\n"
        )
        raw.shutdown(socket.SHUT_WR)
        got = b""
        while piece := raw.recv(4096):
            got += piece
    assert b" 421 " in got.splitlines()[0]
