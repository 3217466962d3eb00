"""`choose` gives what reading every answer whole, alone and uncached would give."""

from __future__ import annotations

import gc
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from kojudge.engines import Choice, ChoiceRequest
from kojudge.engines.local import engine as module
from kojudge.engines.local.choose import Prefix, Question, by_prefix, shared_prefix
from kojudge.engines.local.engine import TransformersEngine
from kojudge.engines.local.trie import build_trie
from kojudge.errors import ConfigError
from kojudge.records import Message

from . import reference
from .forwards import watched
from .tiny import KINDS, KOREAN, WINDOW

Open = Callable[..., TransformersEngine]
RUBRIC = "다음 글이 얼마나 자연스러운지 1점부터 5점까지 점수를 매기세요.\n"
OTHER = "아래 두 편지 가운데 어느 쪽이 더 다정한지 고르세요.\n"
LEVELS = tuple((f" {n}", str(n)) for n in range(1, 6))
TENS = tuple((f" {n}", str(n)) for n in range(1, 11))
WORDS = (("자연스럽다", " 자연스럽다"), ("자연스럽지 않다",), ("모르겠다", " 몰라요", "글쎄요"))
TEXTS = (*KOREAN, "네.", "봄" * 40, "", "Spring! 봄? 春 🌸")


def ask(
    options: tuple[tuple[str, ...], ...] = LEVELS,
    texts: Sequence[str] = TEXTS,
    rubric: str = RUBRIC,
    prefix: str = "점수:",
) -> list[ChoiceRequest]:
    return [
        ChoiceRequest(f"{rubric[:4]}{at}", (Message("user", rubric + text),), options, prefix)
        for at, text in enumerate(texts)
    ]


def by_key(choices: object) -> dict[str, Choice]:
    found = list(choices)  # type: ignore[call-overload]
    assert len({c.key for c in found}) == len(found)
    return {c.key: c for c in found}


def assert_exact(engine: TransformersEngine, requests: Sequence[ChoiceRequest]) -> None:
    found = by_key(engine.choose(requests))
    assert sorted(found) == sorted(request.key for request in requests)
    for request in requests:
        assert found[request.key].error == ""
        expected = reference.logprobs(engine, request)
        assert found[request.key].logprobs == pytest.approx(expected, abs=1e-5, rel=1e-5)


@pytest.mark.parametrize("reuse", [True, False], ids=["shared prefix", "no reuse"])
@pytest.mark.parametrize("size", [1, 3, 8])
@pytest.mark.parametrize("kind", KINDS)
def test_equals_the_reference(open_tiny: Open, kind: str, size: int, reuse: bool) -> None:
    engine = open_tiny(kind, batch_size=size, reuse_prefix=reuse)
    assert_exact(engine, ask(LEVELS))


@pytest.mark.parametrize("options", [TENS, WORDS], ids=["1 and 10", "words"])
@pytest.mark.parametrize("reuse", [True, False], ids=["shared prefix", "no reuse"])
@pytest.mark.parametrize("kind", KINDS)
def test_answers_of_several_tokens(
    open_tiny: Open, kind: str, reuse: bool, options: tuple[tuple[str, ...], ...]
) -> None:
    assert_exact(open_tiny(kind, batch_size=3, reuse_prefix=reuse), ask(options))


def test_prompts_outrun_the_sliding_window(open_tiny: Open) -> None:
    engine = open_tiny("gemma3")
    assert min(len(reference.prompt_ids(engine, request)) for request in ask()) > 3 * WINDOW


def test_questions_with_different_answers_share_a_batch(open_tiny: Open) -> None:
    mixed = [
        *ask(LEVELS, TEXTS[:3]),
        *ask(TENS, TEXTS[:3], OTHER),
        *ask(WORDS, TEXTS[:3], "", "답:"),
    ]
    assert_exact(open_tiny(batch_size=16), mixed)
    assert_exact(open_tiny(batch_size=16, reuse_prefix=False), mixed)


@pytest.mark.parametrize("kind", KINDS)
def test_texts_for_one_request_share_it_with_the_rubric(open_tiny: Open, kind: str) -> None:
    requests = ["봄에 대한 짧은 글을 써 주세요.\n" * 2, "친구에게 편지를 써 보세요.\n" * 2]
    asked = [
        replace(question, key=f"{rubric[:2]}{request[:2]}{question.key}")
        for rubric in (RUBRIC * 3, OTHER * 3)
        for request in [*requests, "혼자 남은 부탁"]
        for question in ask(TENS, TEXTS[: 4 if request in requests else 1], rubric + request)
    ]
    assert_exact(open_tiny(kind, batch_size=3), asked)


REQUESTS = ("봄에 대한 짧은 글을 써 주세요.\n" * 2, "친구에게 편지를 써 보세요.\n" * 2)
LONG = tuple(f"{text}\n" * 3 for text in KOREAN[:2])
ASIDES = ("조사가 맞나요?", "말투가 한결같나요? 하나로 답하세요.", "네?")


def several_questions_a_text() -> list[ChoiceRequest]:
    """Two rubrics, two requests, two texts, three questions at the end; and some by themselves."""
    nested = [
        ChoiceRequest(f"{r}{q}{t}{a}", (Message("user", rubric + request + text + aside),), TENS)
        for r, rubric in enumerate((RUBRIC * 3, OTHER * 3))
        for q, request in enumerate(REQUESTS)
        for t, text in enumerate(LONG)
        for a, aside in enumerate(ASIDES)
    ]
    alone = [RUBRIC * 3 + "혼자 남은 부탁", RUBRIC * 3 + REQUESTS[0] + "혼자 남은 글", "혼자"]
    lonely = [ChoiceRequest(text[-3:], (Message("user", text),), TENS) for text in alone]
    return random.Random(5).sample(nested + lonely, len(nested + lonely))


class Readings:
    """Records the prefixes read, and how many there are in memory at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tokens: list[tuple[int, ...]] = []
        self.bases: list[int] = []
        self.alive: list[int] = []
        real = module.read_prefix

        def watched(loaded: Any, tokens: tuple[int, ...], base: Prefix | None = None) -> Prefix:
            self.tokens.append(tokens)
            self.bases.append(len(base.tokens) if base else 0)
            read = real(loaded, tokens, base)
            self.alive.append(sum(type(thing) is Prefix for thing in gc.get_objects()))
            return read

        monkeypatch.setattr(module, "read_prefix", watched)


@pytest.mark.parametrize("kind", KINDS)
def test_questions_about_one_text_share_it_too(open_tiny: Open, kind: str) -> None:
    asked = several_questions_a_text()
    shared = by_key(open_tiny(kind, batch_size=2).choose(asked))
    engine = open_tiny(kind, batch_size=16, reuse_prefix=False)
    for key, alone in by_key(engine.choose(asked)).items():
        assert shared[key].logprobs == pytest.approx(alone.logprobs, abs=1e-5, rel=1e-5)
    for request in asked[::4]:
        expected = reference.logprobs(engine, request)
        assert shared[request.key].logprobs == pytest.approx(expected, abs=1e-5, rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_criteria_that_come_last_read_their_text_once(open_tiny: Open, kind: str) -> None:
    """Two rubrics whose messages begin with the text and end with the criterion."""
    texts = [f"{at}: " + f"{text} " * 16 for at, text in enumerate(KOREAN)]
    first, second = (
        [ChoiceRequest(f"{c}{t}", (Message("user", f"{t}\n{c}"),), LEVELS) for t in texts]
        for c in ("자연스러운가요?", "다정한가요?")
    )
    engine = open_tiny(kind, batch_size=16)
    with watched(engine) as alone:
        list(engine.choose(first))
    with watched(engine) as together:
        list(engine.choose([*first, *second]))
    own = sum(len(reference.prompt_ids(engine, request)) for request in second)
    assert_exact(engine, [*first, *second])
    assert together.tokens - alone.tokens < own / 2


def test_a_criterion_that_comes_first_has_each_text_read_again(open_tiny: Open) -> None:
    texts = [f"{at}번째 글: {text} " * 3 for at, text in enumerate(KOREAN)]
    engine = open_tiny(batch_size=16)
    read = []
    for rubrics in ((RUBRIC,), (RUBRIC, OTHER)):
        asked = [
            ChoiceRequest(f"{rubric}{text}", (Message("user", rubric + text),), TENS)
            for rubric in rubrics
            for text in texts
        ]
        with watched(engine) as forwards:
            list(engine.choose(asked))
        read.append(forwards.tokens)
    assert read[1] > 1.8 * read[0]


def test_each_level_reads_only_what_it_adds(
    open_tiny: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = Readings(monkeypatch)
    list(open_tiny(batch_size=16).choose(several_questions_a_text()))
    tokens, bases = readings.tokens, readings.bases
    assert len(tokens) == len(set(tokens)) == 1 + 2 + 4 + 8  # nothing, rubrics, requests, texts
    assert bases.count(0) == 3
    assert all(len(t) - b >= 16 for t, b in zip(tokens[1:], bases[1:], strict=True))


def test_only_the_caches_on_the_way_to_a_group_are_held(
    open_tiny: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = Readings(monkeypatch)
    list(open_tiny(batch_size=16).choose(several_questions_a_text()))
    assert max(readings.alive) == 4
    assert len(readings.alive) > 3 * 4


def test_a_chain_of_texts_within_texts_is_answered_in_few_levels(
    open_tiny: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = Readings(monkeypatch)
    chain = [RUBRIC * 2 + "봄이 오면 골목마다 꽃이 핍니다.\n" * n for n in range(1, 13)]
    asked = [ChoiceRequest(str(n), (Message("user", text),), TENS) for n, text in enumerate(chain)]
    assert_exact(open_tiny(batch_size=16, context=2048), asked)
    assert 3 < max(readings.alive) <= 9


def test_on_a_gpu_questions_are_grouped_by_rubric_only(
    open_tiny: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = Readings(monkeypatch)
    engine = open_tiny(batch_size=16)
    engine._loaded = replace(engine.loaded, device="cpu:0")  # any name but "cpu" is a GPU's
    list(engine.choose(several_questions_a_text()))
    assert len(readings.tokens) == 1 + 2


def test_order_does_not_matter(open_tiny: Open) -> None:
    engine = open_tiny(batch_size=3)
    requests = ask(TENS)
    first = by_key(engine.choose(requests))
    second = by_key(engine.choose(random.Random(3).sample(requests, len(requests))))
    for key in first:
        assert second[key].logprobs == pytest.approx(first[key].logprobs, abs=1e-5)


def test_the_same_question_twice_gets_the_same_answer(open_tiny: Open) -> None:
    twice = [*ask(TENS, [KOREAN[0]], prefix="a"), *ask(TENS, [KOREAN[0]], prefix="b")]
    same = [ChoiceRequest(str(n), twice[0].messages, TENS, "a") for n in range(3)]
    found = by_key(open_tiny().choose(same))
    assert found["1"].logprobs == pytest.approx(found["0"].logprobs, abs=1e-6)
    assert found["2"].logprobs == pytest.approx(found["0"].logprobs, abs=1e-6)


def test_spellings_are_summed(open_tiny: Open) -> None:
    engine = open_tiny()
    (both,) = engine.choose(ask((("5", " 5"), ("1",)), KOREAN[:1]))
    (apart,) = engine.choose(ask((("5",), (" 5",), ("1",)), KOREAN[:1]))
    one, other, last = (math.exp(value) for value in apart.logprobs)
    assert [math.exp(v) for v in both.logprobs] == pytest.approx([one + other, last], rel=1e-5)


def test_mass_is_the_sum_of_the_raw_probabilities(open_tiny: Open) -> None:
    (choice,) = open_tiny().choose(ask(LEVELS, KOREAN[:1]))
    assert choice.mass == pytest.approx(math.fsum(math.exp(v) for v in choice.logprobs))
    assert 0 < choice.mass < 1
    assert choice.method == "expected"


def test_mass_of_every_next_token_is_one(open_tiny: Open) -> None:
    engine = open_tiny()
    tokenizer = engine.loaded.tokenizer
    request = ask(LEVELS, KOREAN[:1])[0]
    every = [(token,) for token in range(engine.loaded.model.config.vocab_size)]
    trie = build_trie([every[:200], every[200:]], ())
    question = Question("k", tuple(reference.prompt_ids(engine, request)), trie)
    from kojudge.engines.local.choose import choose_batch, read_prefix

    (logprobs,) = choose_batch(engine.loaded, read_prefix(engine.loaded, ()), [question])
    assert math.fsum(math.exp(v) for v in logprobs) == pytest.approx(1.0, abs=1e-6)
    assert len(every) == len(tokenizer)


def test_prompt_tokens_are_counted_with_the_shared_ones(open_tiny: Open) -> None:
    engine = open_tiny()
    requests = ask()
    found = by_key(engine.choose(requests))
    for request in requests:
        assert found[request.key].prompt_tokens == len(reference.prompt_ids(engine, request))


def test_answers_the_tokenizer_cannot_tell_apart_are_a_configuration_error(
    open_tiny: Open,
) -> None:
    with pytest.raises(ConfigError, match="cannot tell the answers 'x', 'x' apart") as caught:
        list(open_tiny().choose(ask((("x",), ("x",)), KOREAN[:1])))
    assert "가려낼 수 없습니다" in caught.value.message.ko


@pytest.mark.parametrize("text", ["\ud800", "\udfff봄", "", "\x00", "<|im_end|>"])
def test_strange_texts_are_judged_like_any_other(open_tiny: Open, text: str) -> None:
    engine = open_tiny()
    assert_exact(engine, ask(LEVELS, [text, KOREAN[0]]))


class TestSharedPrefix:
    """The longest common beginning that leaves each prompt something to read."""

    @pytest.mark.parametrize(
        ("prompts", "prefix"),
        [
            ([], ()),
            ([(1, 2, 3)], ()),
            ([(1, 2, 3), (1, 2, 4)], (1, 2)),
            ([(1, 2), (1, 2)], (1,)),
            ([(1, 2), (1, 2, 3), (1, 2, 4)], (1,)),
            ([(5, 1), (6, 1)], ()),
            ([(1, 2, 9), (1, 2, 3), (1, 7, 3)], (1,)),
        ],
    )
    def test_table(self, prompts: list[tuple[int, ...]], prefix: tuple[int, ...]) -> None:
        assert shared_prefix(prompts) == prefix


class TestByPrefix:
    """Each rubric's questions share that rubric; a chat format's opening joins nothing."""

    def group(self, prompts: list[tuple[int, ...]]) -> list[tuple[tuple[int, ...], list[str]]]:
        trie = build_trie([[(1,)], [(2,)]], ())
        questions = [Question(str(at), prompt, trie) for at, prompt in enumerate(prompts)]
        return [(p, sorted(q.key for q in g)) for p, g in by_prefix(questions, least=4)]

    def test_two_rubrics_in_one_window(self) -> None:
        opening, one, two = (0,) * 5, (1,) * 50, (2,) * 50
        prompts = [(*opening, *rubric, text) for text in (7, 8, 9) for rubric in (one, two)]
        assert self.group(prompts) == [
            ((*opening, *one), ["0", "2", "4"]),
            ((*opening, *two), ["1", "3", "5"]),
        ]

    def test_what_shares_nothing_comes_last_and_together(self) -> None:
        prompts = [(1,) * 9, (2,) * 9, (3, 3, 3, 3, 3, 1), (3, 3, 3, 3, 3, 2)]
        assert self.group(prompts) == [((3,) * 5, ["2", "3"]), ((), ["0", "1"])]

    def test_a_short_common_beginning_is_not_worth_a_pass(self) -> None:
        assert self.group([(1, 2, 3, 4), (1, 2, 3, 5)]) == [((), ["0", "1"])]

    def test_no_questions_no_groups(self) -> None:
        assert self.group([]) == []
