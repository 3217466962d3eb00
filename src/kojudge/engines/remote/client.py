"""Ask a server many things at once over HTTP: bounded, retried, streamed back as they finish.

The requests run as asyncio tasks in one thread of the client's own, so that those in flight
can be cancelled at once; calls are drawn in the caller's thread, one for each that ends.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from queue import Empty, SimpleQueue
from typing import Any, NoReturn, TypeVar

import httpx

from kojudge.engines.remote.address import find_address
from kojudge.engines.remote.refusals import (
    TOO_LONG,
    gave_up,
    item_refusal,
    server_refusal,
    unreachable,
    words_of,
)
from kojudge.engines.remote.waiting import SharedClock, asked_wait, next_wait
from kojudge.records import Json, Server

__all__ = ["BadReply", "Call", "Client", "Lost", "Reply"]

T = TypeVar("T")

_TRIED_AGAIN = frozenset({408, 409, 425, 429})
_NO_SERVER = "no_server"
_LONGEST = 64 * 2**20
"""Bytes of an answer that are read; more is no answer."""
_PATIENCE = 16
"""Calls lost in a row, nothing answered between, before the server is given up; or twice as
many as are in flight, where that is more."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: ``body`` goes to ``path`` (``/chat/completions``) as JSON."""

    key: str
    path: str
    body: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON object that came back; ``seconds`` is its share of the client's time."""

    key: str
    body: Mapping[str, Json]
    seconds: float


@dataclass(frozen=True, slots=True)
class Lost:
    """A call without a usable answer after its last attempt.

    ``reason`` is a short word: timeout, connection, http_500, prompt_too_long,
    bad_reply:not_json …
    """

    key: str
    reason: str


class BadReply(Exception):  # noqa: N818 - a fact about an answer; a reader raises it, Client catches
    """The answer cannot be used; the call is tried again. ``reason`` is a short word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Failed(Exception):  # noqa: N818 - never leaves this module
    """An attempt came to nothing: why, in what words, and how long the server asks to wait.

    ``final``: another attempt would meet the same.
    """

    def __init__(
        self, reason: str, words: str = "", *, wait: float | None = None, final: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.words, self.wait, self.final = reason, words, wait, final


@dataclass(frozen=True, slots=True)
class _Ended:
    """What became of a call: ``result``, and the server's ``words`` where it is lost."""

    result: Any
    words: str = ""


class Client:
    """A connection pool to one server."""

    def __init__(self, server: Server, *, name: str, url_env: str) -> None:
        """Read address and key; nothing is sent yet. ``name`` is the model's, for messages.

        Raises:
            UnavailableError: there is no address, or the key cannot be sent as it is.
        """
        self._server = server
        self._address = find_address(server, name=name, url_env=url_env)
        self._clock = SharedClock()
        limit = server.concurrency
        self._http = httpx.AsyncClient(
            headers={**self._address.headers, "Content-Type": "application/json"},
            timeout=httpx.Timeout(server.timeout, pool=None),
            limits=httpx.Limits(max_connections=limit, max_keepalive_connections=limit),
            follow_redirects=False,  # the key is for this server alone
            trust_env=not self._address.on_this_machine,
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="http", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The server's address; it holds no secret."""
        return self._address.url

    def send(
        self, calls: Iterable[Call], read: Callable[[Call, Mapping[str, Json]], T]
    ) -> Iterator[tuple[str, T, float] | Lost]:
        """Yield (key, what ``read`` made of the answer, seconds) or a lost call, as they finish.

        At most ``server.concurrency`` calls are in flight, and no more are drawn. ``seconds``
        is the call's share of the time: while n are in flight, each takes 1/n of it. Closing the iterator cancels what is in flight.

        Raises:
            UnavailableError: the server refuses everything, or is gone. What had been
                answered by then has been yielded.
        """
        waiting, done = iter(calls), SimpleQueue[Future[_Ended]]()
        flying: set[Future[_Ended]] = set()
        patience = max(_PATIENCE, 2 * self._server.concurrency)

        def launch(count: int) -> None:
            for call in islice(waiting, count):
                future = self._run(self._ask(call, read))
                flying.add(future)
                future.add_done_callback(done.put)

        try:
            launch(self._server.concurrency)
            lost = 0
            while flying:
                future = done.get()
                flying.discard(future)
                if future.cancelled():
                    raise RuntimeError("the client was closed")
                error = future.exception()
                if error is not None:
                    yield from _answered(done)
                    raise error
                ended = future.result()
                lost = lost + 1 if _is_no_answer(ended.result) else 0
                if lost < patience:
                    launch(1)
                yield ended.result
                if lost >= patience:
                    yield from _answered(done)
                    raise gave_up(self._address, lost, ended.result.reason, ended.words)
        finally:
            for future in flying:
                future.cancel()

    def get(self, path: str) -> Mapping[str, Json]:
        """Return the JSON object at ``path``, tried again as calls are.

        Raises:
            EngineError: the server answers, but with a refusal or without such an object.
            UnavailableError: it cannot be reached, or does not take the key.
        """
        ended = self._run(self._ask(Call("", path, {}), lambda _, body: body, "GET")).result()
        if isinstance(ended.result, Lost):
            raise gave_up(self._address, 1, ended.result.reason, ended.words)
        body: Mapping[str, Json] = ended.result[1]
        return body

    def close(self) -> None:
        """Drop the connections; a second time does nothing."""
        if self._loop.is_closed():
            return
        self._run(self._drop()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, task: Coroutine[Any, Any, T]) -> Future[T]:
        if self._loop.is_closed():
            task.close()
            raise RuntimeError("the client was closed")
        return asyncio.run_coroutine_threadsafe(task, self._loop)

    async def _drop(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._http.aclose()

    async def _ask(
        self, call: Call, read: Callable[[Call, Mapping[str, Json]], T], method: str = "POST"
    ) -> _Ended:
        retries = self._server.retries if method == "POST" else min(1, self._server.retries)
        for attempt in count():
            try:
                reply = await self._attempt(call, method)
                return _Ended((call.key, read(call, reply.body), reply.seconds))
            except BadReply as bad:
                failed = _Failed(f"bad_reply:{bad.reason}")
            except _Failed as error:
                failed = error
            late = failed.wait is not None and failed.wait > self._server.timeout
            if attempt >= retries or failed.final or late:
                break
            await asyncio.sleep(next_wait(attempt, failed.wait))
        if failed.reason == _NO_SERVER:
            raise unreachable(self._address, failed.words)
        return _Ended(Lost(call.key, failed.reason), failed.words)

    async def _attempt(self, call: Call, method: str) -> Reply:
        """Send ``call`` once; raise the refusal of the server, or _Failed."""
        with _translated(), self._clock.share() as seconds:
            async with asyncio.timeout(self._server.timeout):
                status, headers, content = await self._exchange(call, method)
        if not 200 <= status < 300:
            self._refuse(call, status, headers, content)
        return Reply(call.key, _parsed(content), seconds())

    async def _exchange(self, call: Call, method: str) -> tuple[int, httpx.Headers, bytes]:
        body = _encoded(call.body) if method == "POST" else None
        url = f"{self._address.url}{call.path}"
        async with self._http.stream(method, url, content=body) as response:
            content = bytearray()
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > _LONGEST:
                    raise _Failed("bad_reply:too_large")
            return response.status_code, response.headers, bytes(content)

    def _refuse(self, call: Call, status: int, headers: httpx.Headers, content: bytes) -> NoReturn:
        words = self._address.hide_key(words_of(content))
        if status in _TRIED_AGAIN or status >= 500:
            wait = asked_wait(headers.get("Retry-After"))
            raise _Failed(f"http_{status}", words, wait=wait)
        if 300 <= status < 400:
            words = f"-> {headers.get('Location', '').partition('?')[0]}"
        reason = item_refusal(status, words)
        if reason is None:
            raise server_refusal(self._address, call.path, status, words)
        raise _Failed(reason, words, final=True)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what httpx and asyncio raise into an attempt that failed."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        raise _Failed(_NO_SERVER, str(error) or type(error).__name__) from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise _Failed("timeout") from error
    except httpx.DecodingError as error:
        raise _Failed("bad_reply:encoding") from error
    except httpx.HTTPError as error:
        raise _Failed("connection", str(error)) from error


def _encoded(body: Mapping[str, Json]) -> bytes:
    """Return JSON in UTF-8; half a surrogate pair is no character and becomes U+FFFD."""
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")


def _parsed(content: bytes) -> Mapping[str, Json]:
    def refuse(_: str) -> None:
        raise BadReply("not_a_number")

    try:
        body = json.loads(content.decode("utf-8"), parse_constant=refuse)
    except UnicodeDecodeError as error:
        raise BadReply("not_utf8") from error
    except (ValueError, RecursionError) as error:
        raise BadReply("not_json") from error
    if not isinstance(body, dict):
        raise BadReply("not_an_object")
    if body.get("error"):
        raise BadReply("error_in_answer")
    return body


def _is_no_answer(result: object) -> bool:
    """Say whether a server that gives such results all the time is of no use."""
    return isinstance(result, Lost) and result.reason != TOO_LONG


def _answered(done: SimpleQueue[Future[_Ended]]) -> Iterator[Any]:
    """Yield the answers that have come and not been yielded."""
    while True:
        try:
            future = done.get_nowait()
        except Empty:
            return
        if not future.cancelled() and future.exception() is None:
            yield future.result().result
