"""Signs that a text talks with its reader."""

from __future__ import annotations

import pytest

from kojudge.korean.analysis import analyse
from kojudge.korean.friendliness import Friendliness, measure


def of(text: str) -> Friendliness:
    return measure(analyse(text))


def hits(text: str, name: str) -> list[str]:
    return [text[h.start : h.end] for h in of(text).hits if h.name == name]


FRIENDLY = "여러분, 봄나들이 다녀오셨어요? 저는 어제 갔거든요. 꽃잎이 살랑살랑 흩날리더라고요. 정말 예쁘죠?"
STIFF = (
    "봄철 나들이 장소를 안내합니다. 해당 장소는 접근성이 우수합니다. 이용 시간은 다음과 같습니다."
)


def test_a_friendly_text_shows_every_sign() -> None:
    found = of(FRIENDLY)
    assert found.haeyo == 1
    assert found.interactional == pytest.approx(3 / 4)
    assert found.questions == pytest.approx(2 / 4)
    assert found.ideophones > 0
    assert found.address > 0


def test_a_stiff_text_shows_none() -> None:
    assert of(STIFF) == Friendliness(0, 0, 0, 0, 0, ())


@pytest.mark.parametrize(
    "sentence",
    [
        "제가 좋아하거든요.",
        "오늘 춥네.",
        "맛있죠?",
        "멋지더라고요.",
        "내가 말했잖아.",
        "좋은데요.",
        "같이 가 볼까요?",
    ],
)
def test_interactional_endings(sentence: str) -> None:
    assert len(hits(sentence, "interactional")) == 1


def test_a_connective_in_mid_sentence_is_no_ending() -> None:
    assert hits("비가 오는데 우산이 없었다.", "interactional") == []


def test_ideophones_are_doubled_or_listed() -> None:
    assert hits("별이 반짝반짝 빛나고 가슴이 두근거렸다.", "ideophone")[0] == "반짝반짝"
    assert len(hits("별이 반짝반짝 빛나고 가슴이 두근거렸다.", "ideophone")) == 2
    assert hits("아이들이 오순도순 앉아 있다가 벌떡 일어났다.", "ideophone") == ["오순도순", "벌떡"]


@pytest.mark.parametrize(
    "text",
    [
        "점점 더워진다.",
        "가끔 종종 각각 따로따로 온다.",
        "생생하고 딱딱한 묵묵한 사람.",
        "급급했다.",
        "문득문득 생각난다.",
        "너무너무 좋다.",
    ],
)
def test_plain_doubles_are_no_ideophones(text: str) -> None:
    assert hits(text, "ideophone") == []


def test_quoted_questions_are_not_the_writers() -> None:
    assert of("“어디 가니?”\n그가 물었다.").questions == 0


def test_an_empty_text_is_all_zero() -> None:
    assert of("") == Friendliness(0, 0, 0, 0, 0, ())
