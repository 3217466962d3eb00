"""The language asked for, and the language answered in."""

from __future__ import annotations

import pytest

from kojudge.korean.response_language import allowed_words, answer_language, expected_language


@pytest.mark.parametrize(
    ("prompt", "language"),
    [
        ("봄에 대해 블로그 글을 써 줘.", "ko"),
        ("", "ko"),
        ("12345 ?!", "ko"),
        ("영어로 써 줘", "en"),
        ("자기소개를 영어로 짧게 작성해 주세요.", "en"),
        ("이 문장을 영어로 번역해 주세요.", "en"),
        ("일본어로 인사말을 지어 줘.", "ja"),
        ("중국어로 답해 주세요.", "zh"),
        ("프랑스어로 연애편지를 써 줘", "other"),
        ("다음 영어를 한국어로 번역해 줘: I love you", "ko"),
        ("영어로 답하지 말고 한국어로 답해 줘", "ko"),
        ("영어로 된 간판 이야기를 써 줘", "ko"),
        ("영어로 쓰인 편지를 소재로 글을 써 줘", "ko"),
        ("영어로 말하는 앵무새 이야기를 써 줘", "ko"),
        ("영어로 대화하는 게 무서운 친구에게 위로를 써 줘", "ko"),
        ("한국어로 쓰고 영어로도 번역해 줘", "mixed"),
        ("영어 단어를 섞어서 카톡 말투로 써 줘", "mixed"),
        ("Write a blog post about spring.", "en"),
        ("Write in Korean about spring.", "ko"),
        ("春について書いて", "ja"),
        ("请写一首诗", "zh"),
        ("Напиши рассказ", "ru"),
        ("`print(x)`가 뭐야?", "ko"),
    ],
)
def test_a_prompt_is_answered_in_its_own_language_unless_it_asks_for_another(
    prompt: str, language: str
) -> None:
    assert expected_language(prompt) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("오늘은 비가 왔어요.", "korean"),
        ("Docker로 배포하고 GitHub Actions로 테스트를 돌리는 방법을 설명할게요.", "korean"),
        ("안녕하세요.\n```python\nimport os, sys, json\n```\n이렇게 씁니다.", "korean"),
        ("오늘은 비가 왔어요. It rained today, so I stayed home.", "mixed"),
        ("It rained today.", "other"),
        ("今天下雨了。", "other"),
        ("Сегодня дождь.", "other"),
        ("It rained all day long. 비.", "other"),
        ("", "empty"),
        ("...!? 123 😀", "empty"),
        ("```\ncode only\n```", "empty"),
    ],
)
def test_an_answer_is_korean_mixed_other_or_empty(text: str, language: str) -> None:
    assert answer_language(text) == language


def test_a_latin_letter_weighs_less_than_a_syllable() -> None:
    # 10 syllables against 10 letters of weight .4: 10 / 14 ≥ .7
    assert answer_language("가" * 10 + " " + "a" * 10) == "korean"
    assert answer_language("가" * 10 + " " + "一" * 10) == "mixed"


def test_words_of_the_prompt_that_are_not_hangul_are_allowed() -> None:
    prompt = "Python의 REST api를 漢字로 설명해 줘, v2 😀"
    assert allowed_words(prompt) == {"python", "rest", "api", "漢字", "v"}
    assert allowed_words("한글만 있는 글") == frozenset()
