"""Diversity and rhythm."""

from __future__ import annotations

import pytest

from kojudge.korean.analysis import analyse
from kojudge.korean.style import Style, measure


def of(text: str) -> Style:
    return measure(analyse(text))


def test_an_empty_text_is_all_zero() -> None:
    assert of("") == Style(0, 0, 0, 0, 0, 0)


def test_a_window_of_one_word_repeated_is_one_fiftieth() -> None:
    # 사과 and nothing else, parted by full stops: every window holds one type.
    assert of("사과. " * 80).mattr == pytest.approx(1 / 50)


def test_a_short_text_gives_its_type_token_ratio() -> None:
    # 나/NP 는/JX 나/NP 를/JKO 믿/VV 는다/EF: five types in six morphemes.
    assert of("나는 나를 믿는다.").mattr == pytest.approx(5 / 6)


def test_mtld_of_text_without_repetition_is_its_length() -> None:
    assert of("바람이 분다.").mtld == pytest.approx(4)


def test_sentences_of_one_length_have_no_variation() -> None:
    assert of("비가 온다. 눈이 온다. 꽃이 핀다.").length_cv == 0
    assert of("비가 온다. 멀리 사는 동생이 오늘 우리 집에 온다.").length_cv > 0.3


def test_ending_entropy_counts_shapes_of_one_ending_once() -> None:
    assert of("나는 간다. 밥을 먹는다. 날이 좋다.").ending_entropy == 0
    assert of("나는 간다. 어서 가자.").ending_entropy == pytest.approx(1)


def test_shares_are_of_the_words() -> None:
    found = of("나무, 바다, 하늘.")
    assert (found.noun_share, found.predicate_share) == (1, 0)
    assert of("바람이 분다.").predicate_share == pytest.approx(1 / 4)
