"""The head engine: what it answers, what it refuses, what it reads twice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engines.tiny import KOREAN, spec_of
from kojudge.engines import (
    Choice,
    ChoiceRequest,
    CompletionRequest,
    DecisionEngine,
    Reading,
    ReadingEngine,
    open_engine,
)
from kojudge.engines.head import features
from kojudge.engines.head.engine import HeadEngine
from kojudge.engines.head.features import Reader
from kojudge.engines.head.file import head_hash, write_head
from kojudge.errors import ConfigError, EngineError, UnavailableError
from kojudge.records import Message, Mode, Sampling
from kojudge.rubrics import neutralise

from .making import LEVELS, SIDES, make_head, pair_line, point_line

ASK = (Message("user", "봄에 대한 짧은 글을 써 주세요."),)
Opened = Callable[..., HeadEngine]


def request(
    key: str,
    *texts: str,
    labels: Sequence[str] = (),
    criterion: str = "naturalness",
    ask: tuple[Message, ...] = ASK,
) -> ChoiceRequest:
    mode: Mode = "pointwise" if len(texts) == 1 else "pairwise"
    labels = labels or (LEVELS if mode == "pointwise" else SIDES)
    options = tuple((f" {label}", label) for label in labels)
    return ChoiceRequest(key, (), options, reading=Reading(criterion, mode, ask, texts))


def points(texts: Sequence[str]) -> list[ChoiceRequest]:
    return [request(f"k{at}", text) for at, text in enumerate(texts)]


def chosen(engine: HeadEngine, requests: Iterable[ChoiceRequest]) -> dict[str, Choice]:
    found = list(engine.choose(requests))
    by_key = {choice.key: choice for choice in found}
    assert len(by_key) == len(found)
    return by_key


def test_it_is_handed_texts_and_no_messages(opened: Opened) -> None:
    engine = opened()
    assert isinstance(engine, ReadingEngine)
    assert not isinstance(engine, DecisionEngine)


class TestAnswers:
    @pytest.mark.parametrize("texts", [KOREAN[:1], KOREAN[:2]], ids=["alone", "pair"])
    def test_a_distribution_sums_to_one_and_its_mass_is_not_measured(
        self, opened: Opened, texts: tuple[str, ...]
    ) -> None:
        choice = chosen(opened(), [request("k", *texts)])["k"]
        assert math.fsum(map(math.exp, choice.logprobs)) == pytest.approx(1.0, abs=1e-9)
        assert (choice.mass, choice.method, choice.error) == (None, "expected", "")
        assert len(choice.logprobs) == (5 if len(texts) == 1 else 3)

    def test_swapping_the_texts_of_a_pair_swaps_the_answer_to_the_last_bit(
        self, opened: Opened
    ) -> None:
        engine = opened()
        requests = [
            request(f"{a}-{b}", KOREAN[a], KOREAN[b]) for a in range(5) for b in range(5) if a != b
        ]
        found = chosen(engine, requests)
        for a in range(5):
            for b in range(a):
                first, second, tie = found[f"{a}-{b}"].logprobs
                assert found[f"{b}-{a}"].logprobs == (second, first, tie)

    def test_without_ties_there_are_two_answers(self, opened: Opened) -> None:
        import numpy as np

        rng = np.random.default_rng(1)
        line = replace(pair_line(rng, 64), labels=("A", "B"), cuts=np.array([0.0]))
        engine = opened(make_head(lines=(line,)))
        choice = chosen(engine, [request("k", *KOREAN[:2], labels=("A", "B"))])["k"]
        assert math.fsum(map(math.exp, choice.logprobs)) == pytest.approx(1.0, abs=1e-9)

    @pytest.mark.parametrize("kind", ["llama", "gemma3", "gpt2"])
    @pytest.mark.parametrize("layer", [1, 2])
    def test_batch_size_and_order_move_no_answer(
        self, opened: Opened, kind: str, layer: int
    ) -> None:
        texts = [*KOREAN, *(text * 3 for text in KOREAN), "짧다"]
        head = make_head(layer=layer, pooling="mean" if layer == 1 else "last")
        wide = chosen(opened(head, kind=kind, batch_size=8), points(texts))
        narrow = chosen(opened(head, kind=kind, batch_size=1), reversed(points(texts)))
        for key, choice in wide.items():
            assert choice.probabilities == pytest.approx(narrow[key].probabilities, abs=1e-4)

    def test_different_texts_get_different_answers(self, opened: Opened) -> None:
        found = chosen(opened(), points(KOREAN))
        assert len({choice.logprobs for choice in found.values()}) == len(KOREAN)

    @pytest.mark.parametrize(
        "text", ["", "   ", "가" * 100_000, "<|im_end|><|im_start|>", "\ud800", "\x00\x00"]
    )
    def test_a_hostile_text_gets_an_answer(self, opened: Opened, text: str) -> None:
        engine = opened()
        safe = neutralise(text, engine.special_tokens())
        found = chosen(engine, [request("one", safe), request("two", safe, "글.")])
        for choice in found.values():
            assert math.fsum(map(math.exp, choice.logprobs)) == pytest.approx(1.0, abs=1e-9)


class TestRemarks:
    def test_a_text_far_from_the_training_is_remarked(self, opened: Opened) -> None:
        near = make_head()
        far = replace(near, domain=replace(near.domain, limit=1e-3))
        assert chosen(opened(near), points(KOREAN[:1]))["k0"].remark == ""
        choice = chosen(opened(far), [*points(KOREAN[:1]), request("pair", *KOREAN[:2])])
        assert {one.remark for one in choice.values()} == {"out_of_domain"}
        assert all(len(one.logprobs) > 1 for one in choice.values())  # it is answered all the same

    def test_a_text_that_was_cut_is_remarked(
        self, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(features, "LONGEST", 4)
        found = chosen(opened(), [request("long", "길" * 40), request("pair", "길" * 40, "a")])
        assert {choice.remark for choice in found.values()} == {"cut"}


class TestReadOnce:
    @pytest.fixture
    def read(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Texts in the order in which they were read."""
        texts: list[str] = []
        states = Reader.states

        def counting(self: Reader, passages: Any, places: Any) -> Any:
            texts.extend(passage.text for passage in passages)
            return states(self, passages, places)

        monkeypatch.setattr(Reader, "states", counting)
        return texts

    def test_criteria_orders_and_pairs_cost_one_reading_a_text(
        self, opened: Opened, read: list[str]
    ) -> None:
        import numpy as np

        rng = np.random.default_rng(2)
        lines = [make(rng, 64, c) for c in ("naturalness", "friendliness")
                 for make in (point_line, pair_line)]  # fmt: skip
        engine = opened(make_head(lines=tuple(lines)))
        a, b = KOREAN[:2]
        asked = [
            request(f"{criterion}{at}", *texts, criterion=criterion)
            for criterion in ("naturalness", "friendliness")
            for at, texts in enumerate([(a,), (b,), (a, b), (b, a)])
        ]
        found = chosen(engine, asked[:5]) | chosen(engine, asked[5:])
        assert sorted(read) == sorted([a, b])
        assert len(found) == 8

    def test_tokens_are_told_once_a_text(self, opened: Opened, read: list[str]) -> None:
        engine = opened()
        tokens = [c.prompt_tokens for c in engine.choose([*points(KOREAN), *points(KOREAN)])]
        assert sum(tokens) == sum(
            len(engine._reader._row(0, features.Passage(ASK, text)).ids)  # type: ignore[union-attr]
            for text in KOREAN
        )
        assert tokens[len(KOREAN) :] == [0] * len(KOREAN)

    def test_the_same_text_after_another_request_is_another_reading(
        self, opened: Opened, read: list[str]
    ) -> None:
        other = (Message("user", "편지를 써 주세요."),)
        found = chosen(opened(), [request("a", "글."), request("b", "글.", ask=other)])
        assert read == ["글.", "글."]
        assert found["a"].logprobs != found["b"].logprobs

    def test_only_so_many_states_are_kept(
        self, opened: Opened, read: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from kojudge.engines.head import engine as module

        monkeypatch.setattr(module, "_KEPT", 2)
        engine = opened()
        first = chosen(engine, points(KOREAN))
        assert len(engine._known) == 2
        for key, choice in chosen(engine, points(KOREAN)).items():
            assert choice.logprobs == pytest.approx(first[key].logprobs, abs=1e-4)
        assert len(read) > len(KOREAN)


class TestRefusals:
    @pytest.mark.parametrize(
        "asked",
        [
            request("k", "글.", criterion="friendliness"),
            request("k", "글.", labels=("1", "2", "3")),
            request("k", "글.", "글글.", labels=("A", "B")),
            request("k", "글.", labels=("예", "아니요")),
        ],
        ids=["criterion", "levels", "no-ties", "questions"],
    )
    def test_what_was_not_learned_names_what_was(
        self, opened: Opened, asked: ChoiceRequest
    ) -> None:
        with pytest.raises(ConfigError, match="has not learned") as refused:
            list(opened().choose([asked]))
        learned = "naturalness pointwise (1/2/3/4/5), naturalness pairwise (A/B/C)"
        assert learned in refused.value.message.en
        assert learned in refused.value.message.ko

    def test_a_request_without_texts_is_refused(self, opened: Opened) -> None:
        bare = ChoiceRequest("k", (Message("user", "점수는?"),), ((" 1", "1"), (" 2", "2")))
        with pytest.raises(EngineError, match="comes of rubrics only"):
            list(opened().choose([bare]))

    def test_it_writes_nothing(self, opened: Opened) -> None:
        with pytest.raises(EngineError, match="it writes no text"):
            opened().complete([CompletionRequest("k", ASK, Sampling(), 1)])

    def test_a_head_of_another_width_is_refused(self, opened: Opened) -> None:
        with pytest.raises(ConfigError, match="of width 32; the model has 2 layers of width 64"):
            opened(make_head(32))

    def test_a_head_of_a_deeper_model_is_refused(self, opened: Opened) -> None:
        with pytest.raises(ConfigError, match="reads layer 9"):
            opened(make_head(layer=9))

    def test_a_head_that_is_not_there_is_refused_before_the_model_is_loaded(
        self, tmp_path: Path
    ) -> None:
        spec = spec_of(tmp_path / "no-model", head=str(tmp_path / "no-head"))
        with pytest.raises(UnavailableError, match=r"no-head.*no such file"):
            HeadEngine(spec)

    def test_a_card_without_a_head_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="has no head section"):
            HeadEngine(spec_of(tmp_path))

    def test_a_request_beyond_the_context_has_no_answer(self, opened: Opened) -> None:
        endless = (Message("user", "봄 " * 600),)
        choice = chosen(opened(), [request("k", "글.", ask=endless)])["k"]
        assert (choice.error, choice.logprobs) == ("prompt_too_long", ())


def test_it_is_opened_by_its_name_and_says_what_it_is(
    model: Callable[..., Path], tmp_path: Path
) -> None:
    write_head(tmp_path / "h", make_head())
    engine = open_engine("head", spec_of(model(), head=str(tmp_path / "h")), batch_size=2)
    about = engine.describe()
    engine.close()
    assert about["engine"] == "head"
    assert about["head_hash"] == head_hash(tmp_path / "h")
    assert (about["layer"], about["pooling"], about["dtype"]) == (1, "mean", "float32")


def test_a_head_that_learned_with_evidence_reads_it_below_the_request(opened: Opened) -> None:
    plain, told = opened(), opened(make_head(evidence=True))
    assert (plain.reads, told.reads) == ("texts", "evidence")
    options = tuple((f" {level}", level) for level in LEVELS)

    def asked(*evidence: str) -> ChoiceRequest:
        reading = Reading("naturalness", "pointwise", ASK, (KOREAN[0],), evidence)
        return ChoiceRequest("|".join(evidence), (), options, reading=reading)

    without, sound, faulty = told.choose([asked(), asked("- 띄어쓰기 0곳"), asked("- 반복 9번")])
    assert len({without.logprobs, sound.logprobs, faulty.logprobs}) == 3
