"""A server on this machine that says what a test wants it to say, well or badly."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]
MODEL = "stand-in"


@dataclass(frozen=True)
class Asked:
    """One request; ``attempt`` counts those with the same body, from 0."""

    path: str
    body: Body
    headers: Mapping[str, str]
    attempt: int

    @property
    def prompt(self) -> str:
        """The last user turn, or the prompt of a plain completion."""
        if "prompt" in self.body:
            return str(self.body["prompt"])
        return next(m["content"] for m in self.body["messages"][::-1] if m["role"] == "user")


@dataclass(frozen=True)
class Reaction:
    """Bytes to answer with; ``promised`` is the length announced where that is not theirs."""

    status: int = 200
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None
    until: threading.Event | None = None


Answer = Callable[[Asked], Reaction]


def said(body: object, status: int = 200, **headers: str) -> Reaction:
    """Answer with JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reaction(status, json.dumps(body, ensure_ascii=False).encode(), named)


def chat(text: str | None, logprobs: object = None, **changes: Any) -> Body:
    """Return the body of a good chat completion."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
        "logprobs": logprobs,
    }
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    return {"model": MODEL, "choices": [choice], "usage": usage} | changes


def listed(*positions: Mapping[str, float]) -> Body:
    """Return the logprobs of a chat completion; the first token of each place is the written."""
    content = []
    for top in positions:
        entries = [
            {"token": token, "logprob": value, "bytes": None} for token, value in top.items()
        ]
        content.append({**entries[0], "top_logprobs": entries})
    return {"content": content}


class StandIn:
    """A running server: ``asked`` holds every POST in order, the first probes left out."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self.probes: list[Asked] = []
        self.counts: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.freed = threading.Event()

    @property
    def prompts(self) -> list[str]:
        """The prompts in the order they came."""
        return [asked.prompt for asked in self.asked]


@contextmanager
def stand_in(
    answer: Answer, *, owner: str = "somebody", probe: Answer | None = None
) -> Iterator[StandIn]:
    """Serve ``answer``. The engine's first question gets ``probe``, else a list of tokens."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            models = {"data": [{"id": MODEL, "owned_by": owner}]}
            self._react(said(models) if self.path == "/v1/models" else said({}, 404))

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            with seen.lock:
                seen.counts[self.path + raw.decode()] += 1
                attempt = seen.counts[self.path + raw.decode()] - 1
                asked = Asked(self.path, json.loads(raw), dict(self.headers), attempt)
                first = _is_first(asked)
                (seen.probes if first else seen.asked).append(asked)
            self._react((probe or _known)(asked) if first else answer(asked))

        def _react(self, reaction: Reaction) -> None:
            if reaction.until is not None:
                reaction.until.wait(20)
            size = len(reaction.content) if reaction.promised is None else reaction.promised
            try:
                self.send_response(reaction.status)
                for name, value in reaction.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(size))
                self.end_headers()
                self.wfile.write(reaction.content)
            except OSError:  # the other side no longer waits
                self.close_connection = True
            if reaction.promised is not None:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True

        def log_message(self, *arguments: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    seen = StandIn(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield seen
    finally:
        seen.freed.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _is_first(asked: Asked) -> bool:
    return asked.body.get("max_tokens") == 1 and not isinstance(asked.body.get("prompt"), list)


def _known(_: Asked) -> Reaction:
    return said(chat("1", listed({"1": -0.5, "2": -1.5})))
