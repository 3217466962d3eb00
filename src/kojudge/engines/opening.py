"""Open an engine by its name."""

from __future__ import annotations

from dataclasses import dataclass

from kojudge.engines.base import Engine
from kojudge.errors import ConfigError, did_you_mean, said
from kojudge.records import ModelSpec
from kojudge.workspace.names import ENGINES, IN_PROCESS


@dataclass(frozen=True, slots=True)
class Placement:
    """Ray workers that each hold one copy of the model; GPUs may be shares of one."""

    workers: int = 1
    num_gpus_per_worker: float = 0


def open_engine(
    name: str, spec: ModelSpec, *, batch_size: int, placement: Placement | None = None
) -> Engine:
    """Load ``spec`` into the engine called ``name``, on Ray workers where ``placement`` says so.

    A model behind a server is asked from here all the same: the server places it.

    Raises:
        ConfigError: there is no such engine.
        UnavailableError: the engine's libraries, the server or the model's weights are missing.
    """
    if placement is not None and name in IN_PROCESS:
        from kojudge.engines.ray.engine import RayEngine, ReadingRayEngine

        kind = ReadingRayEngine if name == "head" else RayEngine
        return kind(name, spec, batch_size=batch_size, placement=placement)
    if name == "transformers":
        from kojudge.engines.local.engine import TransformersEngine

        return TransformersEngine(spec, batch_size=batch_size)
    if name == "vllm":
        from kojudge.engines.vllm.engine import VllmEngine

        return VllmEngine(spec)
    if name == "head":
        from kojudge.engines.head.engine import HeadEngine

        return HeadEngine(spec, batch_size=batch_size)
    if name == "openai":
        from kojudge.engines.remote.openai import OpenAIEngine

        return OpenAIEngine(spec)
    if name == "systemone":
        from kojudge.engines.remote.systemone import SystemOneEngine

        return SystemOneEngine(spec)
    if name == "fake":
        from kojudge.engines.fake import FakeEngine

        return FakeEngine(spec)
    raise ConfigError(
        said(f"'{name}' 엔진이 없습니다.", f"No engine '{name}'."), did_you_mean(name, ENGINES)
    )
