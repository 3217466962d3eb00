"""The generate stage: what a completion becomes, and when it reaches the disk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from kojudge.engines import Choice, ChoiceRequest, Completion, CompletionRequest
from kojudge.generate import GenerateCount, generate
from kojudge.generate.stage import to_text
from kojudge.records import Json, Message, Prompt, Sampling
from kojudge.selection import WantedText
from kojudge.store.run import Run

PROMPT = Prompt(
    name="mail-1",
    category="mail",
    messages=(
        Message("system", "짧게."),
        Message("user", "안녕?"),
        Message("assistant", "네."),
        Message("user", "안부를 물어 줘."),
    ),
)


def wanted(number: int) -> WantedText:
    return WantedText(f"t{number}", "warm", "id-of-warm", PROMPT, number, Sampling(), 1000 + number)


def completion(key: str, text: str = "잘 지내?", **changes: object) -> Completion:
    plain: dict[str, object] = {"finish_reason": "stop", "prompt_tokens": 7, "seconds": 0.5}
    return Completion(key, text, completion_tokens=3, **(plain | changes))  # type: ignore[arg-type]


class Backwards:
    """An engine that answers in the reverse order, and breaks after ``breaks_after`` answers."""

    def __init__(self, breaks_after: int | None = None) -> None:
        self.asked: list[CompletionRequest] = []
        self._breaks_after = breaks_after

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        self.asked = list(requests)
        for number, request in enumerate(reversed(self.asked)):
            if number == self._breaks_after:
                raise RuntimeError("the engine is gone")
            yield completion(request.key, f"글 {request.key}")

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        raise NotImplementedError

    def describe(self) -> Mapping[str, Json]:
        return {}

    def close(self) -> None:
        """Hold nothing."""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


def ignore(count: GenerateCount) -> None:
    """Show no progress."""


def test_answers_find_their_requests_in_whatever_order_they_come(run: Run) -> None:
    count = generate(run, [wanted(n) for n in range(5)], Backwards(), ignore, flush_every=2)
    assert {t.text_id: (t.text, t.sample, t.seed) for t in run.texts()} == {
        f"t{n}": (f"글 t{n}", n, 1000 + n) for n in range(5)
    }
    assert count == GenerateCount(done=5, tokens=15)


def test_the_engine_is_asked_with_the_prompt_the_sampling_and_the_seed(run: Run) -> None:
    engine = Backwards()
    generate(run, [wanted(3)], engine, ignore, flush_every=2)
    assert engine.asked == [CompletionRequest("t3", PROMPT.messages, Sampling(), 1003)]


def test_what_was_finished_is_stored_even_if_the_engine_breaks(run: Run) -> None:
    with pytest.raises(RuntimeError, match="the engine is gone"):
        generate(run, [wanted(n) for n in range(5)], Backwards(3), ignore, flush_every=2)
    assert {t.text_id for t in run.texts()} == {"t4", "t3", "t2"}


def test_each_batch_reaches_the_disk_before_the_next_begins(run: Run) -> None:
    stored: list[int] = []

    def look(count: GenerateCount) -> None:
        stored.append(run.counts()["texts"]["ok"])

    generate(run, [wanted(n) for n in range(5)], Backwards(), look, flush_every=2)
    assert stored == [0, 2, 2, 4, 4]
    assert run.counts()["texts"]["ok"] == 5


def test_progress_is_told_after_every_text(run: Run) -> None:
    told: list[GenerateCount] = []
    generate(run, [wanted(n) for n in range(3)], Backwards(), told.append, flush_every=9)
    assert [count.done for count in told] == [1, 2, 3]


class TestToText:
    def test_it_keeps_the_turns_before_the_last(self) -> None:
        text = to_text(wanted(0), completion("t0"))
        assert text.prompt == "안부를 물어 줘."
        assert json.loads(text.history) == [
            {"role": "system", "content": "짧게."},
            {"role": "user", "content": "안녕?"},
            {"role": "assistant", "content": "네."},
        ]

    def test_it_keeps_tokens_time_and_why_it_ended(self) -> None:
        text = to_text(wanted(0), completion("t0", finish_reason="length"))
        assert (text.prompt_tokens, text.completion_tokens, text.seconds) == (7, 3, 0.5)
        assert (text.finish_reason, text.status, text.reason) == ("length", "ok", "")

    def test_an_error_makes_a_failed_text_with_its_reason(self) -> None:
        text = to_text(wanted(0), completion("t0", "", error="out_of_memory"))
        assert (text.status, text.reason, text.text) == ("failed", "out_of_memory", "")


class TestGenerateCount:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, GenerateCount(done=1, tokens=3)),
            ({"text": ""}, GenerateCount(done=1, empty=1, tokens=3)),
            ({"text": " \n"}, GenerateCount(done=1, empty=1, tokens=3)),
            ({"finish_reason": "length"}, GenerateCount(done=1, truncated=1, tokens=3)),
            ({"error": "crash"}, GenerateCount(failed=1)),
        ],
    )
    def test_a_text_counts_as_what_it_is(
        self, changes: dict[str, object], expected: GenerateCount
    ) -> None:
        text = to_text(wanted(0), completion("t0", **changes))  # type: ignore[arg-type]
        assert GenerateCount().after(text) == expected

    def test_counts_add_up(self) -> None:
        one, other = GenerateCount(1, 2, 3, 4, 5), GenerateCount(10, 20, 30, 40, 50)
        assert one.plus(other) == GenerateCount(11, 22, 33, 44, 55)
