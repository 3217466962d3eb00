"""Tiny models, saved once, and engines over them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kojudge.engines.local.engine import TransformersEngine

from .tiny import save_model, spec_of

# Threads that spin while they wait make a busy machine many times slower. Read by OpenMP when
# torch is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@pytest.fixture(autouse=True)
def _few_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """One thread for a tiny model: more would only wait for each other."""
    import torch

    before = torch.get_num_threads()
    real = request.node.get_closest_marker("model") or request.node.get_closest_marker("real")
    torch.set_num_threads(min(2, before) if real else 1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return the directory of a tiny model of a kind, made on first use."""

    @cache
    def made(kind: str = "llama", **options: Any) -> Path:
        return save_model(tmp_path_factory.mktemp(kind) / kind, kind, **options)

    return made


@pytest.fixture
def open_tiny(model: Callable[..., Path]) -> Callable[..., TransformersEngine]:
    """Open an engine on a tiny model; keywords of the spec follow the engine's."""

    def call(
        kind: str = "llama",
        *,
        batch_size: int = 4,
        reuse_prefix: bool = True,
        context: int = 512,
        **spec: Any,
    ) -> TransformersEngine:
        card = spec_of(model(kind, context=context), **spec)
        return TransformersEngine(card, batch_size=batch_size, reuse_prefix=reuse_prefix)

    return call
