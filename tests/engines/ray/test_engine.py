"""Workers on a cluster of two nodes: every key once, whoever dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, islice
from typing import Any

import pytest

from kojudge.engines import (
    ChoiceRequest,
    Completion,
    CompletionRequest,
    Engine,
    Placement,
    open_engine,
)
from kojudge.engines.fake import FakeEngine
from kojudge.engines.ray.engine import RayEngine
from kojudge.engines.ray.pipeline import feed_here
from kojudge.errors import EngineError, UnavailableError, said
from kojudge.records import Message, ModelSpec, Sampling

from . import holding

ray = pytest.importorskip("ray", reason="needs the extra [ray]")
pytestmark = pytest.mark.ray
pytest.importorskip("ray.data", reason="needs the extra [ray]")

SPEC = ModelSpec("m", "fake")
OPTIONS = tuple((f" {n}", str(n)) for n in range(1, 6))


def texts(stop: int, start: int = 0) -> Iterator[CompletionRequest]:
    for n in range(start, stop):
        yield CompletionRequest(f"k{n}", (Message("user", f"글 {n}"),), Sampling(), n)


def questions(stop: int) -> list[ChoiceRequest]:
    return [ChoiceRequest(f"q{n}", (Message("user", f"글 {n}"),), OPTIONS) for n in range(stop)]


def by_key(results: Any) -> dict[str, Any]:
    """Return results by key; a key that comes twice fails the test."""
    found: dict[str, Any] = {}
    for result in results:
        assert result.key not in found
        found[result.key] = result
    return found


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes on this machine, with more logical CPUs than workers need."""
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 4, "object_store_memory": 100 * 2**20}
    made = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    made.add_node(**node)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ADDRESS", made.address)
        ray.cloudpickle.register_pickle_by_value(holding)
        yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture
def opened(cluster: Any) -> Iterator[Callable[..., RayEngine]]:
    """Open an engine on two workers of the cluster; it is closed with the test."""
    engines: list[RayEngine] = []

    def call(
        opening: Callable[[], Engine] | None = None, workers: int = 2, batch_size: int = 4
    ) -> RayEngine:
        placement = Placement(workers)
        engines.append(
            RayEngine("fake", SPEC, batch_size=batch_size, placement=placement, opening=opening)
        )
        return engines[-1]

    yield call
    for engine in engines:
        engine.close()


class TestAnswers:
    def test_two_workers_on_two_nodes_answer_as_the_engine_alone(
        self, opened: Callable[..., RayEngine]
    ) -> None:
        engine, alone = opened(), FakeEngine(SPEC)
        assert by_key(engine.complete(texts(100))) == by_key(alone.complete(texts(100)))
        assert by_key(engine.choose(questions(30))) == by_key(alone.choose(questions(30)))
        assert by_key(engine.complete(texts(3))) == by_key(alone.complete(texts(3)))
        assert list(engine.complete(())) == []
        assert engine.special_tokens() == alone.special_tokens()
        said_of_it = engine.describe()
        assert said_of_it == {
            **alone.describe(),
            "ray": ray.__version__,
            "workers": 2,
            "num_gpus_per_worker": 0,
            "nodes": 2,
        }

    def test_requests_are_drawn_and_results_come_as_the_work_goes_on(
        self, opened: Callable[..., RayEngine]
    ) -> None:
        """Nothing waits for the end: there is none. A call left early disturbs no later one."""
        engine = opened(partial(FakeEngine, ModelSpec("m", "fake:slow")))
        drawn = count()

        def endless() -> Iterator[CompletionRequest]:
            for n in drawn:
                yield from texts(n + 1, n)

        first = list(islice(engine.complete(endless()), 40))
        assert len(by_key(first)) == 40
        assert next(drawn) < 2000
        assert len(by_key(engine.complete(texts(20)))) == 20

    def test_both_workers_work(self, opened: Callable[..., RayEngine]) -> None:
        engine = opened(holding.Slow)
        assert len({done.text for done in engine.complete(texts(200))}) == 2

    def test_an_item_that_fails_is_an_item_that_fails(
        self, opened: Callable[..., RayEngine]
    ) -> None:
        engine = opened(partial(FakeEngine, ModelSpec("m", "fake:crash")))
        found = by_key(engine.complete(texts(10)))
        assert len(found) == 10
        assert {done.error for done in found.values()} == {"fake crash"}

    def test_what_never_comes_is_a_failed_item_and_what_comes_twice_comes_once(
        self, opened: Callable[..., RayEngine]
    ) -> None:
        found = by_key(opened(holding.Sloppy).complete(texts(40)))
        assert len(found) == 40
        failed = {key for key, done in found.items() if done.error == "no_answer"}
        assert failed == {"k3", "k13", "k23", "k33"}


class TestDeath:
    def test_a_killed_worker_is_replaced_and_nothing_is_lost_or_doubled(
        self, opened: Callable[..., RayEngine]
    ) -> None:
        engine = opened(holding.Slow)
        found: dict[str, Completion] = {}
        killed: set[int] = set()
        for done in engine.complete(texts(300)):
            assert done.key not in found
            found[done.key] = done
            if len(found) in (20, 120):
                process = int(done.text.partition("@")[0])
                os.kill(process, signal.SIGKILL)
                killed.add(process)
        assert len(found) == 300
        assert len({done.text for done in found.values()}) >= 3
        assert len(killed) == 2

    def test_workers_that_always_die_end_in_one_error(
        self, opened: Callable[..., RayEngine]
    ) -> None:
        engine = opened(holding.Deadly)
        with pytest.raises(EngineError, match="keep dying"):
            list(engine.complete(texts(10)))

    def test_the_blocks_wait_on_the_node_that_asks_whatever_other_node_is_lost(
        self, cluster: Any, opened: Callable[..., RayEngine]
    ) -> None:
        opened(holding.Slow)
        here = ray.get_runtime_context().get_node_id()
        feeds = [feed_here(ray, 1) for _ in range(8)]
        try:
            for feed in feeds:
                where = feed.__ray_call__.remote(lambda _: ray.get_runtime_context().get_node_id())
                assert ray.get(where) == here
        finally:
            for feed in feeds:
                ray.kill(feed)

    def test_a_lost_node_is_made_up_for(
        self, cluster: Any, opened: Callable[..., RayEngine]
    ) -> None:
        node = cluster.add_node(num_cpus=4, object_store_memory=100 * 2**20)
        engine = opened(holding.Slow, workers=3)
        found: dict[str, Completion] = {}
        lost: list[str] = []  # where results came from that the node gave before it went
        for done in engine.complete(texts(400)):
            assert done.key not in found
            found[done.key] = done
            if not lost and done.text.endswith(f"@{node.node_id}"):
                lost.append(done.text)
                cluster.remove_node(node, allow_graceful=False)
        assert lost
        assert len(found) == 400


class TestErrors:
    def test_a_model_that_does_not_load_is_the_error_of_the_worker(
        self, opened: Callable[..., RayEngine]
    ) -> None:
        def refuse() -> Engine:
            raise UnavailableError(said("가중치 없음", "no weights"), said("받기", "fetch"))

        with pytest.raises(UnavailableError) as caught:
            opened(refuse)
        assert type(caught.value) is UnavailableError
        assert caught.value.message == said("가중치 없음", "no weights")
        assert caught.value.hint == said("받기", "fetch")

    def test_an_engine_that_breaks_is_one_error_and_what_came_before_is_kept(
        self, opened: Callable[..., RayEngine]
    ) -> None:
        engine = opened(holding.Breaking, workers=1)
        kept = []
        with pytest.raises(EngineError, match="ZeroDivisionError: seven") as caught:
            kept.extend(engine.complete(texts(8)))
        assert "Ray 작업자" in caught.value.message.ko

    def test_more_gpus_than_there_are_is_said_at_once(self, cluster: Any) -> None:
        placement = Placement(workers=2, num_gpus_per_worker=0.5)
        with pytest.raises(UnavailableError, match="has 0 GPUs; 2 workers") as caught:
            open_engine("fake", SPEC, batch_size=4, placement=placement)
        assert "GPU가 0개뿐" in caught.value.message.ko

    def test_more_workers_than_logical_cpus_is_said_at_once(self, cluster: Any) -> None:
        with pytest.raises(UnavailableError, match="CPUs; 99 workers need 99"):
            open_engine("fake", SPEC, batch_size=4, placement=Placement(99))
