"""Texts that name a model of the run, or its maker, are noticed."""

from __future__ import annotations

import pytest

from kojudge.label.naming import names_itself, names_of

NAMES = names_of(
    [
        ("gemma-2-2b-it", "gemma-2", "google/gemma-2-2b-it"),
        ("qwen2.5-0.5b-instruct", "qwen2.5", "Qwen/Qwen2.5-0.5B-Instruct"),
        ("my-blog-model-v3",),
    ]
)


@pytest.mark.parametrize(
    "text",
    [
        "저는 Gemma입니다.",
        "저는 GEMMA-2예요",
        "알리바바가 만든 큐웬이라고 합니다.",
        "I am Qwen2.5, a model",
        "구글에서 훈련한 언어 모델로서",
        "저는 Ｇｅｍｍａ입니다",
        "As a model trained by DeepMind",
    ],
)
def test_a_text_that_names_a_model_or_its_maker(text: str) -> None:
    assert names_itself(text, NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "오늘은 가을 산책을 다녀왔어요.",
        "instruct chat base model 2b it",
        "보석(gemmaceous)이라는 낱말",
        "저는 인공지능 언어 모델입니다.",
        "",
    ],
)
def test_a_text_that_does_not(text: str) -> None:
    assert not names_itself(text, NAMES)


def test_names_that_say_nothing_flag_nothing() -> None:
    assert not names_itself("a base chat model, instruct", names_of([("base-chat-2b",)]))
    assert not names_itself("anything at all", names_of([]))


def test_names_with_signs_of_their_own_are_taken_as_they_are() -> None:
    assert names_itself("저는 엑사원이에요", names_of([("EXAONE(3.5)+[x",)]))
