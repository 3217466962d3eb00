"""Requests and results come back from their rows as they went in, to the last bit."""

from __future__ import annotations

import math
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kojudge.engines import Choice, ChoiceRequest, Completion, CompletionRequest, Reading
from kojudge.engines.ray.fault import Fault
from kojudge.engines.ray.rows import (
    About,
    Block,
    Group,
    read_block,
    read_group,
    write_block,
    write_group,
)
from kojudge.errors import ConfigError, EngineError, UnavailableError, said
from kojudge.records import Message, Sampling

ANY_TEXT = st.text(st.characters(), max_size=20)  # lone surrogates too
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine
MESSAGES = st.lists(
    st.builds(Message, st.sampled_from(["system", "user", "assistant"]), ANY_TEXT), max_size=3
).map(tuple)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SAMPLINGS = st.builds(Sampling, FLOATS, FLOATS, st.integers(1, 4096), FLOATS)
COMPLETION_REQUESTS = st.builds(
    CompletionRequest, ANY_TEXT, MESSAGES, SAMPLINGS, st.integers(0, 2**63 - 1)
)
OPTIONS = st.lists(st.lists(ANY_TEXT, max_size=3).map(tuple), max_size=4).map(tuple)
CHOICE_REQUESTS = st.builds(ChoiceRequest, ANY_TEXT, MESSAGES, OPTIONS, ANY_TEXT)
LOGPROBS = st.lists(st.floats(max_value=0, allow_nan=False), max_size=10).map(tuple)
CHOICES = st.builds(
    Choice,
    ANY_TEXT,
    LOGPROBS,
    st.integers(0),
    FLOATS,
    st.sampled_from(["expected", "sampled"]),
    ANY_TEXT,
)
COMPLETIONS = st.builds(
    Completion,
    ANY_TEXT,
    ANY_TEXT,
    st.sampled_from(["stop", "length", "error"]),
    st.integers(0),
    st.integers(0),
    FLOATS,
    ANY_TEXT,
)


@PATIENT
@given(st.lists(COMPLETION_REQUESTS, max_size=3))
def test_texts_to_write(requests: list[CompletionRequest]) -> None:
    block = Block(7, "complete", 2, tuple(requests))
    assert read_block(write_block(block)) == block


@PATIENT
@given(st.lists(CHOICE_REQUESTS, max_size=3))
def test_questions(requests: list[ChoiceRequest]) -> None:
    block = Block(0, "choose", 16, tuple(requests))
    assert read_block(write_block(block)) == block


@PATIENT
@given(st.lists(COMPLETIONS, max_size=3), st.booleans())
def test_texts_written(results: list[Completion], last: bool) -> None:
    group = Group(3, last, tuple(results))
    assert read_group(write_group(group)) == group


@PATIENT
@given(st.lists(CHOICES, max_size=3))
def test_answers(results: list[Choice]) -> None:
    group = Group(3, True, tuple(results))
    assert read_group(write_group(group)) == group


def test_an_option_without_any_probability_stays_so() -> None:
    group = Group(1, True, (Choice("k", (-math.inf, -0.1), 3, 0.5),))
    assert read_group(write_group(group)) == group


def test_what_a_worker_holds() -> None:
    about = About({"engine": "fake", "batch_size": 4}, frozenset({"<|끝|>", "</s>"}))
    assert read_group(write_group(Group(0, True, about=about))).about == about


def test_a_row_is_plain_ascii() -> None:
    row = write_block(
        Block(1, "choose", 1, (ChoiceRequest("k\udc80", (Message("user", "글"),), ()),))
    )
    assert row.isascii()


@pytest.mark.parametrize(("size", "group", "groups"), [(0, 4, 1), (1, 4, 1), (4, 4, 1), (5, 4, 2)])
def test_how_many_groups_come_back_is_known_beforehand(size: int, group: int, groups: int) -> None:
    request = ChoiceRequest("k", (), ())
    assert Block(0, "choose", group, (request,) * size).groups == groups


class TestFault:
    @pytest.mark.parametrize("kind", [ConfigError, EngineError, UnavailableError])
    def test_an_error_arrives_as_it_was_raised(self, kind: type[ConfigError]) -> None:
        error = kind(said("없습니다.", "Missing."), said("받으세요.", "Fetch it."))
        group = read_group(write_group(Group(0, True, fault=Fault.of(error, "m"))))
        assert group.fault is not None
        again = group.fault.error()
        assert (type(again), again.message, again.hint) == (kind, error.message, error.hint)

    def test_an_error_without_a_hint_gets_none(self) -> None:
        assert Fault.of(ConfigError(said("없음", "none")), "m").error().hint is None

    def test_a_foreign_error_names_its_class_and_the_model_in_both_languages(self) -> None:
        error = Fault.of(ZeroDivisionError("by zero"), "작은 모델").error()
        assert isinstance(error, EngineError)
        for text in (error.message.ko, error.message.en):
            assert "ZeroDivisionError: by zero" in text
            assert "작은 모델" in text


READINGS = st.builds(
    Reading,
    ANY_TEXT,
    st.sampled_from(["pointwise", "pairwise"]),
    MESSAGES,
    st.lists(ANY_TEXT, max_size=2).map(tuple),
    st.lists(ANY_TEXT, max_size=2).map(tuple),
)


@PATIENT
@given(ANY_TEXT, OPTIONS, READINGS)
def test_texts_for_a_head_come_back(
    key: str, options: tuple[tuple[str, ...], ...], reading: Reading
) -> None:
    block = Block(1, "choose", 1, (ChoiceRequest(key, (), options, reading=reading),))
    assert read_block(write_block(block)) == block


@pytest.mark.parametrize("remark", ["", "out_of_domain", "cut"])
def test_a_heads_remark_comes_back(remark: Literal["", "out_of_domain", "cut"]) -> None:
    choice = Choice("k", (-0.5, -1.0), 3, 0.1, renormalised=True, remark=remark)
    assert read_group(write_group(Group(1, True, (choice,)))).results == (choice,)
