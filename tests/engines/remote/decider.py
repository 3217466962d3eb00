"""A server of typed decisions that answers what a test wants it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]
Respond = Callable[[Body], "Body | tuple[int, Body]"]


class Decider:
    """What was asked, and where: ``url`` ends in /v1."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Body] = []
        self.paths: list[str] = []


@contextmanager
def decider(respond: Respond) -> Iterator[Decider]:
    """Serve ``respond`` on this machine: a body, or a status with one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            seen.asked.append(body)
            seen.paths.append(self.path)
            made = respond(body)
            status, content = made if isinstance(made, tuple) else (200, made)
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    seen = Decider(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def options_of(question: Mapping[str, Any]) -> list[str]:
    """Return the names under which the options of ``question`` are answered."""
    criteria = question["criteria"]
    if question["type"] == "score":
        return [str(level) for level in range(len(criteria))]
    return list(criteria)


def answered(body: Body, weigh: Callable[[str, Mapping[str, Any]], list[float]]) -> Body:
    """Return a right answer: the weights of (state, question), made to sum to 1."""
    answers = {}
    for name, question in body["questions"].items():
        weights = weigh(body["state"], question)
        values = [weight / sum(weights) for weight in weights]
        probabilities = dict(zip(options_of(question), values, strict=True))
        answers[name] = {"type": question["type"], "probabilities": probabilities}
    return {
        "model": body["model"],
        "answers": answers,
        "usage": {"input_tokens": 100, "output_tokens": 0},
    }


def rising(state: str, question: Mapping[str, Any]) -> list[float]:
    """Weigh the options 1, 2, 3 …"""
    return [float(at) for at in range(1, len(question["criteria"]) + 1)]
