"""Open an engine by its name."""

from __future__ import annotations

from kojudge.engines.base import Engine
from kojudge.errors import ConfigError, did_you_mean, said
from kojudge.records import ModelSpec
from kojudge.workspace.names import ENGINES


def open_engine(name: str, spec: ModelSpec, *, batch_size: int) -> Engine:
    """Load ``spec`` into the engine called ``name``.

    Raises:
        ConfigError: there is no such engine.
        UnavailableError: the engine's libraries or the model's weights are missing.
    """
    if name == "transformers":
        from kojudge.engines.local.engine import TransformersEngine

        return TransformersEngine(spec, batch_size=batch_size)
    if name == "fake":
        from kojudge.engines.fake import FakeEngine

        return FakeEngine(spec)
    raise ConfigError(
        said(f"'{name}' 엔진이 없습니다.", f"No engine '{name}'."), did_you_mean(name, ENGINES)
    )
