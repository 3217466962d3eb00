"""Translationese: what counts as a phrase taken over from translation."""

from __future__ import annotations

import pytest

from kojudge.korean.analysis import analyse
from kojudge.korean.translationese import LABELS, Translationese, measure


def of(text: str) -> Translationese:
    return measure(analyse(text))


def hits(text: str) -> list[tuple[str, str]]:
    return [(hit.name, text[hit.start : hit.end]) for hit in of(text).hits]


TRANSLATED = (
    "그녀는 아름다운 미소를 가지고 있었다. 그 집은 유명한 건축가에 의해 지어졌다. "
    "나에게 있어 그것은 가장 소중한 기억 중 하나였다."
)
KOREAN = (
    "언니는 웃는 얼굴이 참 예뻤다. 그 집은 이름난 건축가가 지었다. "
    "나한테는 그만큼 소중한 기억이 또 없다."
)


def test_a_translated_text_scores_far_above_the_same_said_in_korean() -> None:
    assert of(TRANSLATED).per_100 > 20
    assert of(KOREAN) == Translationese(0.0, 0, ())


def test_hits_are_counted_per_hundred_words_and_by_kind() -> None:
    found = of("당신은 옳다. 당신도 옳다. " + "비가 온다. " * 8)
    assert found.per_100 == pytest.approx(100 * 2 / 20)
    assert found.kinds == 1


@pytest.mark.parametrize("text", ["", "   ", "hello world", "123 456", "ㅋㅋㅋ"])
def test_a_text_without_korean_words_has_none(text: str) -> None:
    assert of(text) == Translationese(0.0, 0, ())


def test_the_short_forms_of_speech_are_natural_though_kiwi_reads_them_alike() -> None:
    assert hits("그게 뭐야? 그건 내 거야. 그걸 왜 먹어?") == []
    assert hits("그것은 뭐야?") == [("pronoun_it", "그것은")]


def test_a_place_is_the_phrase_itself_in_the_text_as_given() -> None:
    assert hits("**책상** 위에 한 잔의 커피가 있다.") == [("numeral_of", "한 잔의 커피")]
    assert hits("그 약속은 금방 잊혀졌다.") == [("doubled_passive", "잊혀졌")]


def test_one_phrase_is_not_two_kinds() -> None:
    assert [name for name, _ in hits("서울은 가장 큰 도시 중 하나다.")] == ["one_of_the_most"]


def test_every_kind_of_the_design_is_there() -> None:
    assert {
        "by_agent",
        "have_abstract",
        "in_respect_of",
        "possible_to",
        "from_source",
        "pronoun_he_she",
        "pronoun_it",
        "pronoun_you",
        "become_passive",
        "doubled_passive",
        "genitive_chain",
        "one_of",
    } <= LABELS.keys()
