"""What runs on a Ray worker: one engine, asked block by block."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kojudge.engines.base import Engine
from kojudge.engines.opening import open_engine
from kojudge.engines.ray.fault import Fault
from kojudge.engines.ray.rows import (
    About,
    Block,
    Group,
    Request,
    Result,
    read_block,
    write_group,
)
from kojudge.errors import EngineError, UnavailableError, said
from kojudge.records import ModelSpec


class Blocks(Protocol):
    """A batch of Ray Data: a table with the column ``row``."""

    def column(self, name: str) -> Any:
        """Return one column."""
        ...


@dataclass(frozen=True, slots=True)
class Opening:
    """How a worker opens its engine. ``threads``: of one worker's processor work (0: as it comes)."""

    engine: str
    spec: ModelSpec
    batch_size: int
    threads: int = 0

    def __call__(self) -> Engine:
        """Open the engine.

        Raises:
            UnavailableError: the weights are not on this machine, or cannot be loaded.
        """
        if self.engine != "fake" and not Path(self.spec.path).exists():
            raise _not_here(self.spec)
        if self.threads:
            os.environ["OMP_NUM_THREADS"] = str(self.threads)
        engine = open_engine(self.engine, self.spec, batch_size=self.batch_size)
        if self.threads and "torch" in sys.modules:  # Ray may have loaded it before
            sys.modules["torch"].set_num_threads(self.threads)
        return engine


class Worker:
    """Holds an engine, or the reason why it could not be opened: that is told, not raised.

    Ray would take a raised error for a passing one, and print what no user can read.
    """

    def __init__(
        self, opening: Callable[[], Engine], model: str, may_start: Callable[[], bool]
    ) -> None:
        self._model = model
        self._engine: Engine | None = None
        self._fault: Fault | None = None
        try:
            if not may_start():
                raise _keeps_dying(model)
            self._engine = opening()
        except Exception as error:  # noqa: BLE001
            self._fault = Fault.of(error, model)

    def __call__(self, batch: Blocks) -> Iterator[Mapping[str, list[str]]]:
        """Answer blocks group by group, each as soon as it is full."""
        for row in batch.column("row").to_pylist():
            if row:  # an empty one was answered before: Ray asks again for what it lost
                for group in self.groups(read_block(row)):
                    yield {"row": [write_group(group)]}

    def groups(self, block: Block) -> Iterator[Group]:
        """Yield exactly ``block.groups`` groups; after a fault the rest repeat it."""
        fault, about = self._fault, None
        results: Iterator[Result] = iter(())
        if self._engine is not None:
            try:
                if block.kind == "hello":
                    about = About(self._engine.describe(), self._engine.special_tokens())
                else:
                    results = _asked(self._engine, block)
            except Exception as error:  # noqa: BLE001
                fault = Fault.of(error, self._model)
        for at in range(block.groups):
            found: list[Result] = []
            while fault is None and len(found) < block.group:
                try:
                    found.append(next(results))
                except StopIteration:
                    break
                except Exception as error:  # noqa: BLE001
                    fault = Fault.of(error, self._model)
            yield Group(block.number, at == block.groups - 1, tuple(found), fault, about)


def _asked(engine: Engine, block: Block) -> Iterator[Result]:
    requests: tuple[Any, ...] = block.requests
    ask: Callable[[tuple[Request, ...]], Iterator[Result]]
    ask = engine.complete if block.kind == "complete" else engine.choose  # type: ignore[assignment]
    return iter(ask(requests))


def _not_here(spec: ModelSpec) -> UnavailableError:
    node = platform.node()
    return UnavailableError(
        said(f"Ray 작업자가 도는 '{node}'에 모델 '{spec.name}'의 파일이 없습니다: {spec.path}",
             f"The Ray worker on '{node}' does not see the files of model '{spec.name}': "
             f"{spec.path}"),
        said("모든 노드가 함께 쓰는 저장소를 KOJUDGE_CACHE로 정하거나, 노드마다 같은 KOJUDGE_CACHE에 "
             f"`kojudge models pull {spec.name}`을 실행하세요.",
             "Set KOJUDGE_CACHE to storage that all nodes share, or run "
             f"`kojudge models pull {spec.name}` on each with the same KOJUDGE_CACHE."),
    )  # fmt: skip


def _keeps_dying(model: str) -> EngineError:
    return EngineError(
        said(f"모델 '{model}'의 Ray 작업자가 답을 내지 못하고 거듭 죽습니다.",
             f"The Ray workers of model '{model}' keep dying without an answer."),
        said("흔한 원인은 메모리 부족입니다. --workers나 batch_size를 줄이거나 더 작은 모델을 쓰세요. "
             "끝난 것은 저장되어 있어 같은 명령으로 이어서 할 수 있습니다.",
             "Mostly memory has run out: fewer --workers, a smaller batch_size or a smaller model. "
             "What was finished is saved; the same command goes on."),
    )  # fmt: skip
