"""Engines behind servers on this machine; no test waits between two attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kojudge.engines.remote import waiting
from kojudge.engines.remote.openai import OpenAIEngine
from kojudge.records import ModelSpec, Server

from .standin import MODEL, StandIn

Open = Callable[..., OpenAIEngine]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_FIRST", 0.0)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def open_engine() -> Iterator[Open]:
    """Open engines on stand-ins, and close them."""
    opened: list[OpenAIEngine] = []

    def call(
        server: StandIn, *, retries: int = 2, timeout: float = 20.0, concurrency: int = 4,
        extra: dict[str, Any] | None = None, **spec: Any,
    ) -> OpenAIEngine:  # fmt: skip
        where = Server(
            url=server.url, retries=retries, timeout=timeout, concurrency=concurrency,
            extra=extra or {},
        )  # fmt: skip
        engine = OpenAIEngine(ModelSpec(**({"name": "card", "path": MODEL} | spec), server=where))
        opened.append(engine)
        return engine

    yield call
    for engine in opened:
        engine.close()
