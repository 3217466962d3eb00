"""AI clichés: stock phrases, commas and connectives."""

from __future__ import annotations

import pytest

from kojudge.korean.analysis import analyse
from kojudge.korean.cliche import LABELS, Cliche, measure

MODEL = (
    "결론적으로, 산책은 건강에 중요한 역할을 합니다. 또한, 다양한 풍경을 볼 수 있습니다. "
    "이를 통해 소중한 추억을 만들 수 있으며, 삶의 질을 높일 수 있습니다."
)
PERSON = (
    "아침마다 뒷산에 간다. 다람쥐가 도토리를 물고 뛰어가면 나도 괜히 뛴다. "
    "숨이 차서 벤치에 앉으면 아침 먹고 싶은 생각뿐이다."
)


def of(text: str) -> Cliche:
    return measure(analyse(text))


def hits(text: str, name: str) -> list[str]:
    return [text[h.start : h.end] for h in of(text).hits if h.name == name]


def test_a_model_s_text_is_told_from_a_person_s() -> None:
    assert of(MODEL).per_100 > 20
    assert of(PERSON) == Cliche(0, 0, 0, 0, ())


def test_a_comma_after_a_connective_ending_counts_against_all_such_endings() -> None:
    text = "밥을 먹고, 학교에 갔는데 비가 왔다."
    assert hits(text, "comma_after_ending") == ["고,"]
    assert of(text).comma_after_ending == pytest.approx(1 / 2)


def test_a_comma_after_a_noun_is_no_comma_after_an_ending() -> None:
    found = of("사과, 배, 감을 샀다.")
    assert found.comma_after_ending == 0
    assert found.comma_sentences == 1


def test_a_sentence_begins_with_a_connective_by_its_first_word() -> None:
    text = "또한, 비가 왔다. 하지만 나는 갔다. 나는 또한 왔다."
    assert hits(text, "initial_connective") == ["또한", "하지만"]
    assert of(text).initial_connectives == pytest.approx(2 / 3)


def test_commas_and_connectives_do_not_enter_the_rate_of_phrases() -> None:
    assert of("그리고, 비가 왔고, 나는 잤다.").per_100 == 0


@pytest.mark.parametrize("text", ["", "...", "hello, world"])
def test_a_text_without_korean_has_no_phrase(text: str) -> None:
    found = of(text)
    assert found.per_100 == 0
    assert found.comma_after_ending == 0


def test_every_hit_has_a_label() -> None:
    assert {hit.name for hit in of(MODEL).hits} <= LABELS.keys()
