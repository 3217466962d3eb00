"""Letters that do not belong in a Korean text."""

from __future__ import annotations

import pytest

from kojudge.korean.analysis import analyse
from kojudge.korean.response_language import allowed_words
from kojudge.korean.script import LABELS, Script, blank_code, measure


def of(text: str, prompt: str = "", language: str = "ko") -> Script:
    return measure(analyse(text), allowed_words(prompt), language)


def hits(text: str, prompt: str = "", language: str = "ko") -> list[tuple[str, str]]:
    return [(hit.name, text[hit.start : hit.end]) for hit in of(text, prompt, language).hits]


@pytest.mark.parametrize(
    ("text", "name", "piece"),
    [
        ("오늘은 기분이 很好했다.", "han", "很好"),
        ("정말 すごい 하루였다.", "kana", "すごい"),
        ("마음이 очень 따뜻해요.", "cyrillic", "очень"),
        ("너무 beautiful한 밤이었다.", "latin", "beautiful"),
        ("하늘이 สวย 보였다.", "other", "สวย"),
        ("안ㄴ녕하세요.", "jamo", "ㄴ"),
        ("깨\ufffd진 글자.", "replacement", "\ufffd"),
    ],
)
def test_a_letter_out_of_place_is_found_where_it_stands(text: str, name: str, piece: str) -> None:
    assert hits(text) == [(name, piece)]
    assert getattr(of(text), name) > 0


@pytest.mark.parametrize(
    "text",
    [
        "ㅋㅋㅋ 진짜 웃겨ㅋㅋ 슬퍼ㅠㅠ 네ㅎㅎ 흑ㅜㅜ 헐ㄷㄷ",
        "AI와 iPhone, YouTube, NASA, 맥OS",
        "쌀 5kg, 3 km, 200ml, vs 그리고 ok",
        "주소는 https://example.com/a?b=c 이고 메일은 me@example.com 입니다.",
        "`pip install` 또는 main.py 또는 foo_bar 또는 print(x)",
        "```python\nimport os\n```\n코드를 돌려 보세요.",
        "배려(配慮)와 공감(empathy)이라는 말",
        "각도 α는 30°, 넓이는 x² 와 10㎡, Ⅱ장",
        "받침 ㄱ과 ㄴ을 배운다.",
        "한글 자모 하나하나",
        "나랏말ᄊᆞ미 듕귁에 달아",
        "<b>굵은</b> 글씨",
    ],
)
def test_what_korean_texts_hold_anyway_is_left_alone(text: str) -> None:
    assert hits(text) == []


def test_words_of_the_prompt_may_come_back() -> None:
    prompt = "python으로 crawling 하는 법을 漢字 섞어 알려 줘"
    assert hits("Python과 python, crawling, 漢", prompt) == []
    assert hits("python과 scraping", prompt) == [("latin", "scraping")]
    assert hits("python과 漢詩", prompt) == [("han", "漢詩")]


@pytest.mark.parametrize(
    ("language", "text", "left"),
    [
        ("en", "A sunny day 안녕 你", [("han", "你")]),
        ("mixed", "오늘은 happy하다 你", [("han", "你")]),
        ("ja", "今日はいい天気 sunny", [("latin", "sunny")]),
        ("zh", "今天很好 は", [("kana", "は")]),
        ("ru", "привет 你", [("han", "你")]),
        ("other", "bonjour 你 は", []),
        ("sw", "habari 你", []),
    ],
)
def test_the_language_asked_for_is_no_intrusion(
    language: str, text: str, left: list[tuple[str, str]]
) -> None:
    assert hits(text, language=language) == left


def test_rates_are_per_hundred_letters_outside_code() -> None:
    found = of("가" * 48 + "很好 `" + "x" * 500 + "`")
    assert found.han == pytest.approx(100 * 2 / 50)
    assert found.hangul_share == pytest.approx(48 / 50)


def test_a_word_counts_once_and_a_character_each_time() -> None:
    found = of("가가가가가가 beautiful")
    assert found.latin == pytest.approx(100 / 15)


@pytest.mark.parametrize("text", ["", "123 !?", "`code`"])
def test_without_letters_every_number_is_zero(text: str) -> None:
    assert of(text) == Script(0, 0, 0, 0, 0, 0, 0, 0, ())


def test_a_lone_surrogate_is_a_broken_character() -> None:
    assert hits("깨" + chr(0xD800) + "진 글자.") == [("replacement", chr(0xD800))]


def test_broken_characters_alone_are_still_reported() -> None:
    assert of("\ufffd\ufffd").replacement == pytest.approx(200)


def test_blanking_keeps_every_place() -> None:
    text = "가 `a b` 나 https://x.y 다 me@x.yz 라\n```\nz\n```\n마"
    blanked = blank_code(text)
    assert len(blanked) == len(text)
    assert [blanked.index(s) for s in "가나다라마"] == [text.index(s) for s in "가나다라마"]
    assert not any(character.isascii() and character.isalpha() for character in blanked)


def test_every_count_has_a_label() -> None:
    counted = set(Script.__slots__) - {"hangul_share", "hits"}
    assert counted == LABELS.keys()
