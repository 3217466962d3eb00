"""The ``ray`` engine: another engine on several workers, on one machine or many."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal, TypeVar

from kojudge.engines.base import Choice, ChoiceRequest, Completion, CompletionRequest, Engine
from kojudge.engines.opening import Placement
from kojudge.engines.ray.blocks import cut
from kojudge.engines.ray.cluster import Cluster, join
from kojudge.engines.ray.pipeline import Pipeline
from kojudge.engines.ray.rows import About, Block, Group, Kind, Request
from kojudge.engines.ray.worker import Opening
from kojudge.errors import EngineError, said
from kojudge.records import Json, ModelSpec

ResultT = TypeVar("ResultT", Completion, Choice)

_BLOCKS_A_WORKER = 3
"""Blocks on their way for each worker: one at work, one waiting there, one to be fetched."""
_ATTEMPTS = 3
"""How often a request is asked whose block came back without its answer."""


@dataclass(slots=True)
class _Flight:
    """A block on its way: its unanswered requests by key, and how often they were asked."""

    kind: Kind
    left: dict[str, Request]
    attempt: int = 1


@dataclass(slots=True)
class _Call:
    """One call of ``complete`` or ``choose``: the blocks on their way, by number."""

    flights: dict[int, _Flight] = field(default_factory=dict)


class RayEngine:
    """Workers that each hold the engine called ``name`` with the model of ``spec``.

    A worker that dies is replaced by Ray and its block is run again; answers that come
    twice are dropped here, answers that do not come are asked for again. ``opening`` opens
    the engine on a worker (default: :func:`kojudge.engines.open_engine`).

    Raises:
        UnavailableError: Ray, its cluster, enough GPUs or the model's weights are missing.
    """

    def __init__(
        self,
        name: str,
        spec: ModelSpec,
        *,
        batch_size: int,
        placement: Placement,
        opening: Callable[[], Engine] | None = None,
    ) -> None:
        self._name = spec.name
        self._batch_size = batch_size
        self._placement = placement
        self._cluster = join(placement)
        self._opening = opening or Opening(
            name, spec, batch_size, _threads(self._cluster, placement)
        )
        self._numbers = count()
        self._call: _Call | None = None
        self._answered = False
        self._pipeline: Pipeline | None = None
        try:
            self._start()
            self._about = self._hello()
        except BaseException:
            self.close()
            raise

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        """Write a text for every request, group by group as the workers finish them."""
        return self._ask("complete", requests, _no_text)

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Give every option's log-probability, group by group as the workers finish them."""
        return self._ask("choose", requests, _no_choice)

    def special_tokens(self) -> frozenset[str]:
        """Return what the workers' engine does not take for text."""
        return self._about.special_tokens

    def describe(self) -> Mapping[str, Json]:
        """Say what runs on the workers, how many there are and on how many nodes."""
        return {
            **self._about.describe,
            "ray": str(self._cluster.ray.__version__),
            "workers": self._placement.workers,
            "num_gpus_per_worker": self._placement.num_gpus_per_worker,
            "nodes": self._cluster.nodes,
        }

    def close(self) -> None:
        """Stop the workers, and the cluster if it was started for this engine."""
        try:
            if self._pipeline is not None:
                self._pipeline.close()
        finally:
            self._pipeline = None
            self._cluster.leave()

    def _ask(
        self,
        kind: Kind,
        requests: Iterable[Request],
        missing: Callable[[str], ResultT],
    ) -> Iterator[ResultT]:
        if self._call is not None:
            raise RuntimeError("the engine is answering another call")
        call = self._call = _Call()
        blocks = cut(requests, self._placement.workers, self._batch_size)
        try:
            self._fill(call, kind, blocks)
            while call.flights:
                yield from self._land(call, self._receive(call), missing)
                self._fill(call, kind, blocks)
        finally:
            self._call = None

    def _fill(self, call: _Call, kind: Kind, blocks: Iterator[tuple[Request, ...]]) -> None:
        """Send blocks until enough are on their way; the rest of the requests stays undrawn."""
        while len(call.flights) < _BLOCKS_A_WORKER * self._placement.workers:
            requests = next(blocks, None)
            if requests is None:
                return
            self._send(call, _Flight(kind, {request.key: request for request in requests}))

    def _send(self, call: _Call, flight: _Flight) -> None:
        number = next(self._numbers)
        call.flights[number] = flight
        requests = tuple(flight.left.values())
        self._running().send(Block(number, flight.kind, self._batch_size, requests))

    def _land(
        self, call: _Call, group: Group, missing: Callable[[str], ResultT]
    ) -> Iterator[ResultT]:
        """Yield what is new in ``group``; what its block left unanswered is asked again."""
        flight = call.flights.get(group.number)
        if flight is None:
            return  # of a call that was left early, or of a block that was sent again
        for result in group.results:
            if flight.left.pop(result.key, None) is not None:
                yield result  # type: ignore[misc]
        if group.fault is not None:
            raise group.fault.error()
        if group.last:
            del call.flights[group.number]
            if flight.left and flight.attempt < _ATTEMPTS:
                flight.attempt += 1
                self._send(call, flight)
            else:
                yield from map(missing, flight.left)

    def _receive(self, call: _Call) -> Group:
        """Return the next group; where Ray gave up, send everything to new workers once.

        Raises:
            EngineError: Ray gave up again without any result in between.
        """
        while True:
            try:
                group = self._running().receive()
            except Exception as error:  # noqa: BLE001 - whatever Ray raises when it gives up
                self._restart(call, error)
            else:
                self._answered = True
                return group

    def _restart(self, call: _Call, error: Exception) -> None:
        if not self._answered:
            raise _gave_up(self._name, error) from error
        self._answered = False
        try:
            self._running().close()
            self._start()
        except Exception as broken:
            raise _gave_up(self._name, broken) from broken
        flights = list(call.flights.values())
        call.flights.clear()
        for flight in flights:
            self._send(call, flight)

    def _start(self) -> None:
        ray, placement = self._cluster.ray, self._placement
        self._pipeline = Pipeline(ray, self._opening, self._name, placement)
        self._numbers = count()  # a new feed counts from the start

    def _hello(self) -> About:
        """Wait for the first worker to load the model, and let it introduce itself."""
        call = _Call()
        self._send(call, _Flight("hello", {}))
        group = self._receive(call)
        if group.fault is not None:
            raise group.fault.error()
        if group.about is None:
            raise RuntimeError("the first group does not answer the first block")
        return group.about

    def _running(self) -> Pipeline:
        if self._pipeline is None:
            raise RuntimeError("the engine was closed")
        return self._pipeline


class ReadingRayEngine(RayEngine):
    """Workers with a head: a :class:`kojudge.engines.ReadingEngine` as what they hold is."""

    @property
    def reads(self) -> Literal["texts", "evidence"]:
        """Tell that the workers are handed texts, and what was counted in them if they want it."""
        return "evidence" if self._about.describe.get("reads") == "evidence" else "texts"


def _threads(cluster: Cluster, placement: Placement) -> int:
    """Return processor threads for a worker: its share of the machines' cores, unless told.

    Ray alone would give one thread to a worker of one logical CPU. With GPUs it matters little.
    """
    told: Any = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdecimal():
        return int(told)
    if placement.num_gpus_per_worker:
        return 0
    return max(1, (os.cpu_count() or 1) * cluster.machines // placement.workers)


def _no_text(key: str) -> Completion:
    return Completion(key, "", "error", 0, 0, 0.0, "no_answer")


def _no_choice(key: str) -> Choice:
    return Choice(key, (), 0, 0.0, error="no_answer")


def _gave_up(model: str, error: Exception) -> EngineError:
    why = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
    return EngineError(
        said(f"Ray가 모델 '{model}'의 작업을 끝내지 못했습니다: {why}",
             f"Ray could not finish the work of model '{model}': {why}"),
        said("`ray status`와 노드의 메모리를 확인한 뒤 같은 명령을 다시 실행하세요. 끝난 것은 저장되어 있어 "
             "남은 것만 묻습니다.",
             "Check `ray status` and the nodes' memory, then run the same command again: what was "
             "finished is saved, only the rest is asked."),
    )  # fmt: skip
