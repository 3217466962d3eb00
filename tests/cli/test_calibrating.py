"""A calibration times the real requests, few enough to be short, and says what it cannot time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kojudge.cli.calibrating import at_once, time_judgments, time_texts
from kojudge.cli.calibrations import FILE, Calibration, keep, kept, key_of
from kojudge.cli.sample_work import question_blocks, sample_texts, stand_ins
from kojudge.cli.session import Session
from kojudge.cli.speeds import JudgeSpeed, Line, Span, TextSpeed
from kojudge.engines import Choice, ChoiceRequest, Completion, CompletionRequest
from kojudge.errors import EngineError, StoreError
from kojudge.judging import Method
from kojudge.selection import Asked

PROMPTS = 16
START, TOKEN, JUDGMENT = 2.0, 0.05, 0.5


@dataclass
class Clocked:
    """An engine whose time is known: a start, then so much a token or judgment."""

    length: int = 10**6
    error: str = ""
    now: float = 0.0
    caps: list[int] = field(default_factory=list)
    asked: list[list[str]] = field(default_factory=list)

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        batch = list(requests)
        self.caps.append(batch[0].sampling.max_tokens)
        self.asked.append([request.key for request in batch])
        self.now += START
        for request in batch:
            cap = request.sampling.max_tokens
            tokens, reason = min(cap, self.length), "stop" if self.length <= cap else "length"
            self.now += TOKEN * tokens
            text = "" if self.error else "가" * tokens
            yield Completion(request.key, text, reason, 5, tokens, 0.0, self.error)  # type: ignore[arg-type]

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        batch = list(requests)
        self.asked.append([request.key for request in batch])
        self.now += START + JUDGMENT * len(batch)
        for request in batch:
            logprobs = () if self.error else (-1.6,) * len(request.options)
            yield Choice(request.key, logprobs, 10, 0.0, error=self.error)

    def special_tokens(self) -> frozenset[str]:
        return frozenset()

    def describe(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        pass


@pytest.fixture
def asked(workspace: Path) -> Asked:
    return Session(workspace, None, "en").ask(None, {}, {})[0]


class TestTexts:
    def timed(self, asked: Asked, engine: Clocked, **more: Any) -> tuple[TextSpeed, Any]:
        wanted = sample_texts(asked)["fake-warm"]
        return time_texts(engine, wanted, 4, clock=lambda: engine.now, **more)

    def test_the_start_and_the_tokens_are_told_apart(self, asked: Asked) -> None:
        speed, texts = self.timed(asked, Clocked(), seconds=40.0)
        assert speed.token == pytest.approx(TOKEN)
        assert speed.prefill == pytest.approx(START / 4)
        assert len(texts) == 4

    def test_the_first_round_is_short_and_the_next_fits_into_the_time_left(
        self, asked: Asked
    ) -> None:
        engine = Clocked()
        self.timed(asked, engine, seconds=40.0)
        warm_up, first, *rest = engine.caps
        assert (warm_up, first) == (2, 8)
        assert rest == sorted(rest)
        assert all(cap < 512 for cap in rest)
        assert engine.now < 40 + START + 2 * 4 * TOKEN + 1  # and the warm-up

    def test_rounds_do_not_repeat_prompts_while_there_are_others(self, asked: Asked) -> None:
        engine = Clocked()
        self.timed(asked, engine, seconds=40.0)
        keys = list(itertools.chain(*engine.asked))
        assert len(keys) == len(set(keys))

    def test_texts_that_end_by_themselves_end_it(self, asked: Asked) -> None:
        engine = Clocked(length=20)
        speed, _ = self.timed(asked, engine)
        assert speed.tokens == Span(20, 20, 20)
        assert engine.caps[-1] >= 20

    def test_lengths_beyond_what_it_saw_are_an_interval(self, asked: Asked) -> None:
        speed, _ = self.timed(asked, Clocked(), seconds=40.0)
        assert speed.tokens.low < speed.tokens.expected < speed.tokens.high == 512

    def test_a_slow_model_is_timed_in_one_round(self, asked: Asked) -> None:
        engine = Clocked()
        speed, _ = self.timed(asked, engine, seconds=1.0)
        assert engine.caps == [2, 8]
        assert speed.prefill == 0.0
        assert speed.token * 32 == pytest.approx(START + 32 * TOKEN)

    def test_a_model_that_writes_nothing_has_a_pace_all_the_same(self, asked: Asked) -> None:
        speed, _ = self.timed(asked, Clocked(length=0))
        assert (speed.prefill, speed.tokens.expected) == (pytest.approx(START / 4), 0)

    def test_requests_that_all_fail_are_an_error_with_the_reason(self, asked: Asked) -> None:
        with pytest.raises(EngineError, match="out_of_memory"):
            self.timed(asked, Clocked(error="out_of_memory"))


class TestJudgments:
    def timed(self, asked: Asked, engine: Clocked, **more: Any) -> dict[str, Line]:
        blocks = question_blocks(asked, asked.judges[0], stand_ins(asked, {}, {}))
        return time_judgments(engine, Method(), blocks, clock=lambda: engine.now, **more)

    def test_every_rubric_has_its_own_line(self, asked: Asked) -> None:
        lines = self.timed(asked, Clocked(), seconds=60.0)
        assert len(lines) == 2
        for line in lines.values():
            assert line.each == pytest.approx(JUDGMENT)
            assert line.fixed == pytest.approx(START)

    def test_it_keeps_to_its_time(self, asked: Asked) -> None:
        engine = Clocked()
        self.timed(asked, engine, seconds=30.0)
        assert engine.now < 30 + 2 * START

    def test_all_of_a_prompt_is_asked_together_and_nothing_twice(self, asked: Asked) -> None:
        engine = Clocked()
        self.timed(asked, engine, seconds=60.0)
        warm_up, *rounds = engine.asked
        assert len(warm_up) == 1
        assert len(rounds[0]) in (3, 4)  # three texts, or two pairs in two orders
        keys = list(itertools.chain(*rounds))
        assert len(keys) == len(set(keys))

    def test_a_judge_that_never_answers_is_an_error_with_the_reason(self, asked: Asked) -> None:
        with pytest.raises(EngineError, match="prompt_too_long"):
            self.timed(asked, Clocked(error="prompt_too_long"))


class TestStandIns:
    def test_are_as_long_as_the_candidates_texts_will_be(self, asked: Asked) -> None:
        written = {"fake-warm": [Completion("k", "봄이 왔어요. " * 4, "length", 3, 16, 0.0)]}
        texts = stand_ins(asked, written, {"fake-warm": 64.0})
        lengths = {t.candidate: {len(u.text) for u in texts if u.candidate == t.candidate}
                   for t in texts}  # fmt: skip
        assert lengths["fake-warm"] == {4 * len("봄이 왔어요. " * 4)}
        assert lengths["fake-plain"] == {512 * 3 // 2}

    def test_do_not_begin_alike(self, asked: Asked) -> None:
        texts = stand_ins(asked, {}, {})
        assert len({text.text[:8] for text in texts}) == len(texts) == 3 * PROMPTS

    def test_the_prompts_are_taken_from_all_sets(self, asked: Asked) -> None:
        first = [item.prompt.category for item in sample_texts(asked)["fake-warm"]][:8]
        assert set(first) == {"blog", "emotional"}


class TestKept:
    TEXT = TextSpeed(1.0, 0.1, 0.01, Span(100.0, 50.0, 150.0))
    JUDGE = JudgeSpeed(2.0, {"r": Line(1.0, 0.5)})

    def test_what_was_measured_comes_back(self, tmp_path: Path) -> None:
        found = [Calibration.now("k1", "warm", self.TEXT), Calibration.now("k2", "j", self.JUDGE)]
        keep(tmp_path / "runs", found)
        assert kept(tmp_path / "runs") == {one.key: one for one in found}

    def test_a_newer_one_replaces_the_older_and_leaves_the_others(self, tmp_path: Path) -> None:
        keep(tmp_path, [Calibration("k1", "warm", "then", self.TEXT),
                        Calibration("k2", "j", "then", self.JUDGE)])  # fmt: skip
        keep(tmp_path, [Calibration("k1", "warm", "now", self.TEXT)])
        assert {key: one.measured for key, one in kept(tmp_path).items()} == {
            "k1": "now", "k2": "then",
        }  # fmt: skip

    def test_nothing_was_calibrated_yet(self, tmp_path: Path) -> None:
        assert kept(tmp_path / "nowhere") == {}

    @pytest.mark.parametrize(
        "content", ["", "{}", '{"schema": "other/1"}', '{"schema": "kojudge.calibration/1"}', "[]"]
    )
    def test_a_broken_file_is_named_with_what_to_do(self, tmp_path: Path, content: str) -> None:
        (tmp_path / FILE).write_text(content, encoding="utf-8")
        with pytest.raises(StoreError, match=FILE) as caught:
            kept(tmp_path)
        assert caught.value.hint is not None
        assert "plan --calibrate" in caught.value.hint.ko

    def test_another_model_batch_or_engine_is_another_measurement(self, asked: Asked) -> None:
        warm, plain = asked.candidates[0], asked.candidates[1]
        settings = asked.settings
        other = [
            key_of(plain, settings),
            key_of(asked.judges[0], settings),
            key_of(warm, settings.model_copy(update={"batch_size": 4})),
            key_of(warm, settings.model_copy(update={"engine": "ray", "workers": 2})),
            key_of(_shorter(warm), settings),
        ]
        assert len({key_of(warm, settings), *other}) == 6
        assert key_of(warm, settings) == key_of(warm.model_copy(), settings)


def _shorter(card: Any) -> Any:
    return card.model_copy(update={"sampling": card.sampling.model_copy(update={"max_tokens": 64})})


def test_as_many_requests_go_together_as_the_engine_works_on(asked: Asked) -> None:
    settings, card = asked.settings, asked.candidates[0]
    served = card.model_copy(update={"engine": "openai"})
    away = settings.model_copy(update={"engine": "transformers"})
    spread = away.model_copy(update={"engine": "ray", "workers": 3})
    assert at_once(card, settings) == 32
    assert at_once(served, away) == served.server.concurrency
    assert at_once(card.model_copy(update={"engine": None}), spread) == 96
