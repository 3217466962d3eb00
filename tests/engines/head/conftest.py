"""Engines with a head over a tiny model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from engines.tiny import spec_of
from kojudge.engines.head.engine import HeadEngine
from kojudge.engines.head.file import Head, write_head

from .making import make_head


@pytest.fixture
def opened(model: Callable[..., Path], tmp_path: Path) -> Iterator[Callable[..., HeadEngine]]:
    """Open an engine with this head; keywords are the spec's."""
    with ExitStack() as stack:

        def call(
            head: Head | None = None, *, kind: str = "llama", batch_size: int = 4, **spec: Any
        ) -> HeadEngine:
            write_head(tmp_path / "head", head or make_head())
            card = spec_of(model(kind), **{"head": str(tmp_path / "head"), **spec})
            engine = HeadEngine(card, batch_size=batch_size)
            stack.callback(engine.close)
            return engine

        yield call
