"""Spacing errors: only what the rules leave no choice about."""

from __future__ import annotations

import pytest

from kojudge.korean.analysis import analyse, kiwi
from kojudge.korean.spacing import LABELS, Spacing, measure


def of(text: str) -> Spacing:
    return measure(analyse(text))


def hits(text: str) -> list[tuple[str, str]]:
    return [(hit.name, text[hit.start : hit.end]) for hit in of(text).hits]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("나도 할수 있다.", "할수"),
        ("먹을것이 없다.", "을것"),
        ("우리는바다를 보러 갔다.", "는바"),
        ("집을 떠난지 벌써 삼 년이다.", "난지"),
        ("그때문에 잠을 설쳤다.", "그때"),
        ("왜이렇게 졸리지?", "왜이"),
        ("비가 오고있다.", "고있"),
    ],
)
def test_a_missing_space_is_the_two_syllables_it_belongs_between(text: str, place: str) -> None:
    assert hits(text) == [("missing", place)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("나는 학교 에 갔다.", "교 에"),
        ("밥을 먹 었다.", "먹 었"),
        ("오늘은 행복 했다.", "복 했"),
        ("빵 보다 커피가 좋아요.", "빵 보"),
        ("안 녕하세요, 여러분.", "안 녕"),
        ("소풍이 취소  되었다.", "소  되"),
    ],
)
def test_an_extra_space_is_shown_with_the_syllables_around_it(text: str, place: str) -> None:
    assert hits(text) == [("extra", place)]


@pytest.mark.parametrize(
    ("joined", "parted"),
    [
        ("초등학교 운동장에 갔다.", "초등 학교 운동장에 갔다."),
        ("한국대학교에 다닌다.", "한국 대학교에 다닌다."),
        ("비가 올듯하다.", "비가 올 듯하다."),
        ("그 일은 할만하다.", "그 일은 할 만하다."),
        ("한번 먹어보았다.", "한번 먹어 보았다."),
        ("사과 3개를 샀다.", "사과 3 개를 샀다."),
    ],
)
def test_both_spellings_are_right_where_the_rules_allow_both(joined: str, parted: str) -> None:
    assert hits(joined) == []
    assert hits(parted) == []


@pytest.mark.parametrize(
    "text",
    [
        "이틀 만에 다 같이 모였다.",
        "웃을 뿐 아무 말도 하지 않았다.",
        "너밖에 없어. 갈 수밖에 없었다.",
        "그때 그 집에서 매년 첫눈을 보았다.",
        "르 샤틀리에의 법칙과 박테리오파지 용액",
        "ㅋㅋㅋ 진짜 웃겨 죽는 줄 알았어ㅠㅠ",
        "# 제목\n\n- 첫째 항목\n- 둘째 항목\n\n**굵은 글씨**로 썼다.",
    ],
)
def test_a_well_spaced_text_has_no_error(text: str) -> None:
    assert of(text) == Spacing(0.0, 0.0, 0.0, ())


def test_rates_are_per_hundred_syllables_and_add_up() -> None:
    found = of("나도 할수 있다. 나는 학교 에 갔다.")
    assert found.missing_per_100 == pytest.approx(100 / 13)
    assert found.extra_per_100 == pytest.approx(100 / 13)
    assert found.per_100 == found.missing_per_100 + found.extra_per_100


def test_an_error_in_a_repeated_paragraph_counts_each_time() -> None:
    text = "나도 할수 있다.\n\n" * 3
    assert [hit.start for hit in of(text).hits] == [3, 3 + 11, 3 + 22]


@pytest.mark.parametrize(
    "text",
    [
        "어제는 친구를 만나서 함께 저녁을 먹고 늦게까지 이야기를 나누었다.",
        "비가 그친 골목에서 고양이 한 마리를 만났다.",
        "아침에 눈을 뜨니 창밖에 눈이 쌓여 있었다.",
    ],
)
def test_a_text_spaced_by_kiwi_has_no_error(text: str) -> None:
    spaced = kiwi().space(text.replace(" ", ""))
    assert hits(spaced) == []


def test_a_text_with_its_spaces_taken_out_is_full_of_errors() -> None:
    text = "어제는 친구를 만나서 저녁을 먹었다. 우리는 늦게까지 이야기를 나누었다."
    assert of(text.replace(" ", "")).missing_per_100 > 10


@pytest.mark.parametrize("text", ["", " \n\t", "hello world", "...", "가"])
def test_a_text_with_nothing_to_part_has_no_error(text: str) -> None:
    assert of(text) == Spacing(0.0, 0.0, 0.0, ())


def test_both_kinds_have_a_label() -> None:
    assert LABELS.keys() == {"missing", "extra"}
