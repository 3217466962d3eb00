"""A worker tells what it could not do; it never raises, for Ray would try again."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from kojudge.engines import ChoiceRequest, Completion, CompletionRequest, Engine
from kojudge.engines.fake import FakeEngine
from kojudge.engines.ray.rows import Block, Group, read_group, write_block
from kojudge.engines.ray.worker import Opening, Worker
from kojudge.errors import EngineError, UnavailableError, said
from kojudge.records import Message, ModelSpec, Sampling

from .holding import Breaking, Held, Sloppy


class Table:
    """A batch as Ray Data hands it over."""

    def __init__(self, *rows: str) -> None:
        self._rows = list(rows)

    def column(self, name: str) -> Table:
        assert name == "row"
        return self

    def to_pylist(self) -> list[str]:
        return self._rows


def requests(count: int) -> tuple[CompletionRequest, ...]:
    return tuple(
        CompletionRequest(f"k{n}", (Message("user", f"글 {n}"),), Sampling(), n)
        for n in range(count)
    )


def worker(opening: Callable[[], Engine], *, may_start: bool = True) -> Worker:
    return Worker(opening, "m", lambda: may_start)


def answered(held: Worker, *blocks: Block) -> list[Group]:
    table = Table(*(write_block(block) for block in blocks))
    return [read_group(row) for out in held(table) for row in out["row"]]


def fake(behaviour: str = "plain") -> FakeEngine:
    return FakeEngine(ModelSpec("m", f"fake:{behaviour}"))


def test_results_leave_in_groups_and_the_last_closes_the_block() -> None:
    groups = answered(worker(fake), Block(5, "complete", 4, requests(10)))
    assert [(g.number, g.last, len(g.results)) for g in groups] == [
        (5, False, 4),
        (5, False, 4),
        (5, True, 2),
    ]
    assert [r for g in groups for r in g.results] == list(fake().complete(requests(10)))


def test_questions_are_answered_as_by_the_engine_alone() -> None:
    asked = tuple(
        ChoiceRequest(f"k{n}", (Message("user", f"글 {n}"),), ((" 1", "1"), (" 2", "2")))
        for n in range(3)
    )
    (group,) = answered(worker(fake), Block(0, "choose", 4, asked))
    assert list(group.results) == list(fake().choose(asked))


def test_a_group_leaves_before_the_next_is_begun() -> None:
    """The eighth request breaks the engine, yet the first four are out."""
    row = write_block(Block(0, "complete", 4, requests(12)))
    first = next(iter(worker(Breaking)(Table(row))))
    assert len(read_group(first["row"][0]).results) == 4


def test_it_introduces_itself() -> None:
    (group,) = answered(worker(fake), Block(0, "hello", 4))
    assert group.about is not None
    assert group.about.describe == {"engine": "fake", "behaviour": "plain"}
    assert group.about.special_tokens == {"<|fake_end|>"}


def test_an_item_that_fails_is_a_result() -> None:
    (group,) = answered(worker(lambda: fake("crash")), Block(0, "complete", 4, requests(2)))
    assert group.fault is None
    assert all(isinstance(r, Completion) and r.error == "fake crash" for r in group.results)


def test_an_engine_that_breaks_midway_keeps_what_it_had() -> None:
    groups = answered(worker(Breaking), Block(0, "complete", 4, requests(12)))
    assert [len(g.results) for g in groups] == [4, 3, 0]
    assert groups[0].fault is None
    for group in groups[1:]:
        assert group.fault is not None
        assert "ZeroDivisionError: seven" in group.fault.en


def test_as_many_groups_come_back_whatever_the_engine_does() -> None:
    """Ray repeats a block of a killed worker and skips the groups that had come."""
    for engine in (Held, Breaking, Sloppy):
        groups = answered(worker(engine), Block(0, "complete", 4, requests(22)))
        assert len(groups) == 6
        assert [g.last for g in groups] == [False] * 5 + [True]


def test_an_engine_that_does_not_open_says_so_with_every_block() -> None:
    def refuse() -> Engine:
        raise UnavailableError(said("없습니다", "no weights"))

    held = worker(refuse)
    for _ in range(2):
        (group,) = answered(held, Block(0, "hello", 4))
        assert group.fault is not None
        assert isinstance(group.fault.error(), UnavailableError)


def test_a_worker_that_may_not_start_loads_nothing_and_says_why() -> None:
    def opened() -> Engine:
        raise AssertionError("it loaded the model")

    (group,) = answered(worker(opened, may_start=False), Block(0, "hello", 4))
    assert group.fault is not None
    error = group.fault.error()
    assert isinstance(error, EngineError)
    assert "keep dying" in error.message.en
    assert "거듭 죽습니다" in error.message.ko


def test_a_block_that_was_answered_before_is_passed_over() -> None:
    assert list(worker(fake)(Table(""))) == []


def test_weights_that_are_not_on_this_machine_are_named_with_it(tmp_path: Path) -> None:
    missing = tmp_path / "model"
    with pytest.raises(UnavailableError) as caught:
        Opening("transformers", ModelSpec("m", str(missing)), batch_size=4)()
    error = caught.value
    assert error.hint is not None
    for message, hint in ((error.message.ko, error.hint.ko), (error.message.en, error.hint.en)):
        assert str(missing) in message
        assert platform.node() in message
        assert "kojudge models pull m" in hint
        assert "KOJUDGE_CACHE" in hint
