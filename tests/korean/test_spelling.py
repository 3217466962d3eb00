"""Non-standard spellings and typing errors."""

from __future__ import annotations

import pytest

from kojudge.korean.analysis import analyse
from kojudge.korean.spelling import LABELS, Spelling, measure


def of(text: str) -> Spelling:
    return measure(analyse(text))


def hits(text: str) -> list[tuple[str, str]]:
    return [(hit.name, text[hit.start : hit.end]) for hit in of(text).hits]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("직원을 닥달한 사장님", "닥달"),
        ("김치찌게를 끓였다.", "김치찌게"),
        ("나이 스믈에 집을 떠났다. 도데체 왜?", "도데체"),
    ],
)
def test_a_wrong_word_is_found_where_it_stands(text: str, place: str) -> None:
    assert place in [piece for _, piece in hits(text)]


def test_a_typing_error_outside_the_list_is_found_by_kiwi() -> None:
    assert hits("서울 시내에서 캠패인을 벌였다.") == [("typo", "캠패인")]


def test_one_error_is_one_hit_though_both_see_it() -> None:
    assert hits("도데체 누가 그랬어?") == [("heuian", "도데체")]


@pytest.mark.parametrize(
    "text",
    [
        "여러분들께 꼭 들려드리고 싶은 이야기가 있어요.",
        "행정 체재와 기개, 사해와 내이를 다룬 글",
        "고양이예요. 떡볶이예요. 학생이에요.",
        "얼마나 춥던지 손이 얼었다. 가든지 말든지 해.",
        "아기를 품에 안았다. 가지 않았다.",
        "되도록 빨리 시인이 되라고 했다.",
        "케이크를 만들려고 새 오븐을 샀다.",
        "진작지와 유백, 김첨지와 치삼이",
        "우와아아, 대박! ㅋㅋㅋ 헐 ㅠㅠ",
    ],
)
def test_a_right_spelling_is_left_alone(text: str) -> None:
    assert of(text) == Spelling(0.0, ())


def test_errors_are_counted_per_hundred_words() -> None:
    assert of("안 되요. " + "비가 온다. " * 4).per_100 == pytest.approx(100 / 10)


@pytest.mark.parametrize("text", ["", "abc def", "```\nimport teh\n```", "?!"])
def test_without_korean_prose_there_is_no_error(text: str) -> None:
    assert of(text) == Spelling(0.0, ())


def test_every_kind_has_a_label() -> None:
    assert {"typo", "doe_dwae", "l_kke", "geo_eyo"} <= LABELS.keys()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("사과을 먹었어요.", ["사과을"]), ("빵를 샀다. 학교으로 갔다.", ["빵를", "학교으로"]),
     ("서울으로 이사했어요.", ["서울으로"])],
)  # fmt: skip
def test_a_particle_that_does_not_fit_the_final_consonant_is_found(
    text: str, wrong: list[str]
) -> None:
    found = [hit for hit in measure(analyse(text)).hits if hit.name == "particle_form"]
    assert [text[hit.start : hit.end] for hit in found] == wrong


@pytest.mark.parametrize(
    "text",
    ["가을을 좋아해요. 마을은 조용했다.", "서울로 가는 길로 접어들었다. 칼로 썰었어요.",
     "영어과 교수와 국어과 학생", "밥은 먹고 물은 마셨다.", "나는 책을 읽고 너는 노래를 불러.",
     "PC를 켜고 3층으로 올라갔다. ‘사과’을 적었다."],
)  # fmt: skip
def test_particles_that_fit_are_left_alone(text: str) -> None:
    assert not [hit for hit in measure(analyse(text)).hits if hit.name == "particle_form"]
