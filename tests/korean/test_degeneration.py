"""Repetition of morphemes, sentences and strings."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.korean.analysis import analyse
from kojudge.korean.degeneration import SHORTEST_LOOP, Degeneration, measure

STORY = """\
비가 그친 골목에서 고양이 한 마리를 만났다. 털이 젖어 떨고 있기에 우산을 씌워 주었다.
녀석은 한참 나를 올려다보더니 담장 위로 훌쩍 뛰어올랐다. 다음 날 같은 자리에 멸치를 놓아두었다.
"""


def of(text: str) -> Degeneration:
    return measure(analyse(text))


def test_a_story_repeats_nothing() -> None:
    found = of(STORY)
    assert found.rep4 < 0.05
    assert found.duplicate_sentences == 0
    assert found.loops == 0
    assert found.hits == ()


def test_rep4_is_one_minus_distinct_over_total() -> None:
    # Five morphemes and a full stop, three times: 15 4-grams, 6 of them distinct.
    found = of("나는 밥을 먹는다. " * 3)
    total = found.morphemes - 3
    assert found.rep4 == pytest.approx(1 - (found.morphemes // 3) / total)


def test_a_repeated_sentence_counts_from_its_second_time() -> None:
    found = of(STORY + STORY.splitlines()[0])
    assert found.exact_duplicates == pytest.approx(2 / found.sentences)
    assert found.duplicate_sentences == found.exact_duplicates


def test_a_sentence_with_one_word_changed_is_nearly_the_same() -> None:
    found = of(
        "우리 가족은 지난 여름에 바닷가에서 조개를 주웠다. "
        "우리 가족은 지난 여름에 바닷가에서 미역을 주웠다."
    )
    assert [hit.name for hit in found.hits] == ["near_duplicate_sentence"]


@pytest.mark.parametrize(
    "text", ["고마워! 정말 고마워! 고마워!", "제1장 봄의 시작\n\n제1장 봄의 시작\n"]
)
def test_short_cries_and_headings_may_come_twice(text: str) -> None:
    assert of(text).duplicate_sentences == 0


@pytest.mark.parametrize(
    "text", ["ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ", "……………………………", "깡충깡충깡충 뛰어요", "-" * 60, "하하하하"]
)
def test_laughter_lines_and_mimetic_words_are_no_loop(text: str) -> None:
    assert of(text).loops == 0


def test_a_loop_is_found_where_it_stands() -> None:
    text = "옛날 옛적에 " + "토끼가 뛰었다 " * 10 + "끝."
    found = of(text)
    loop = next(hit for hit in found.hits if hit.name == "loop")
    assert text[loop.start : loop.end].count("토끼가 뛰었다") == 10
    assert found.loops == pytest.approx((loop.end - loop.start) / len(text))


def repeated(text: str, shortest: int) -> set[int]:
    """Positions in a match of the quadratic expression, at least ``shortest`` long."""
    return {
        at
        for width in range(1, 21)
        for start in range(len(text))
        if (match := re.compile(rf"(.{{{width}}})\1{{2,}}").match(text, start))
        and len(match[0]) >= shortest
        and any(map(str.isalnum, match[1]))
        for at in range(*match.span())
    }


@given(st.text(alphabet="가나 .", max_size=60))
@settings(deadline=None)
def test_loops_are_those_of_the_regular_expression(text: str) -> None:
    found = {at for hit in of(text).hits if hit.name == "loop" for at in range(hit.start, hit.end)}
    assert repeated(text, SHORTEST_LOOP) <= found <= repeated(text, 0)


def test_a_megabyte_of_one_syllable_is_one_loop() -> None:
    found = of("가" * 350_000)
    assert found.loops == 1
    assert found.rep4 > 0.9


def test_many_like_sentences_stay_cheap() -> None:
    found = of("".join(f"{n}번 손님이 가게에서 사과를 하나 샀다. " for n in range(3_000)))
    assert found.duplicate_sentences > 0.9
