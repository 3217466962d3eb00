"""Which language an answer should be in, by the prompt, and which it is in.

A prompt is answered in its own language unless it asks for another (``영어로 써 줘``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from kojudge.korean.script import HANGUL, Language, blank_code

__all__ = ["allowed_words", "answer_language", "expected_language"]

AnswerLanguage = Literal["korean", "mixed", "other", "empty"]

_NAMES: Mapping[str, Language] = {
    "한국어": "ko",
    "한글": "ko",
    "우리말": "ko",
    "국어": "ko",
    "영어": "en",
    "영문": "en",
    "일본어": "ja",
    "일어": "ja",
    "중국어": "zh",
    "러시아어": "ru",
    "프랑스어": "other",
    "불어": "other",
    "독일어": "other",
    "스페인어": "other",
    "베트남어": "other",
    "태국어": "other",
}
_ENGLISH_NAMES: Mapping[str, Language] = {
    "korean": "ko",
    "english": "en",
    "japanese": "ja",
    "chinese": "zh",
    "russian": "ru",
    "french": "other",
    "german": "other",
    "spanish": "other",
}
_DO = r"(?:대?답|답변|응답|작성|번역|말|옮겨|바꿔|설명|소개|요약|만들어|지어|알려|이야기|글)"
_PLEASE = (
    r"(?: ?(?:해|하여))? ?(?:줘|주세요|주십시오|주시|줄래|달라|다오|봐|보세요|드려)"
    r"|하(?:세요|십시오|시오|라|자|고|기)|할 것|해라|해(?![가-힣])|부탁"
)
_WRITE = rf"(?:써|적어)(?:{_PLEASE}|라|(?![가-힣]))|쓰(?:세요|십시오|시오|라|자|고|기)|쓸 것"
_ASKED = re.compile(
    rf"(?<![가-힣])({'|'.join(_NAMES)})로(?:만|도)?"
    rf"(?: (?![가-힣]*(?:[된한인는쓴로]|말고)(?: |$))[가-힣]{{1,8}}){{0,3}}? (?:{_WRITE}|{_DO}(?:{_PLEASE}))"
)
"""``영어로 짧게 써 줘`` asks for English; ``영어로 된 간판``, ``영어로 말하는 앵무새`` do not."""
_ASKED_ENGLISH = re.compile(
    rf"\b(?:in|into) ({'|'.join(_ENGLISH_NAMES)})\b|\b({'|'.join(_ENGLISH_NAMES)}) only\b",
    re.IGNORECASE,
)
_MIXED = re.compile(
    r"(?:영어|영단어|영어 단어|영어 표현|외래어|한자|한자어)(?:를|을|도)?(?: [가-힣]{1,4})? ?"
    r"(?:섞어|곁들|병기|함께 써|같이 써|넣어)"
)
_WORD = re.compile(r"[^\W\d_]+")
_NOT_HANGUL = re.compile(f"[^{HANGUL}]+")

# A Korean syllable carries about what two or three Latin letters do.
LATIN_WEIGHT = 0.4
KOREAN_FROM = 0.7
MIXED_FROM = 0.2


def allowed_words(prompt: str) -> frozenset[str]:
    """Return the foreign words of ``prompt``, lower-cased: repeating them is no slip."""
    words = (run for word in _WORD.findall(prompt) for run in _NOT_HANGUL.findall(word))
    return frozenset(word.casefold() for word in words)


def expected_language(prompt: str) -> Language:
    """Return the language that an answer to ``prompt`` should be in.

    ``ko``, ``en``, ``ja``, ``zh``, ``ru``, ``other``; ``mixed`` where foreign words are asked
    for within Korean, or two languages. A prompt that names none expects its own language,
    and one without letters Korean.
    """
    asked = set(_asked(prompt))
    if len(asked) > 1 or (not asked and _MIXED.search(prompt)):
        return "mixed"
    return asked.pop() if asked else _own(prompt)


def _asked(prompt: str) -> list[Language]:
    found: list[Language] = [_NAMES[match[1]] for match in _ASKED.finditer(prompt)]
    for match in _ASKED_ENGLISH.finditer(prompt):
        found.append(_ENGLISH_NAMES[(match[1] or match[2]).lower()])
    return found


def _own(prompt: str) -> Language:
    prose = blank_code(prompt)
    if re.search("[가-힣]", prose) or not _WORD.search(prose):
        return "ko"
    if re.search("[ぁ-ヿ]", prose):
        return "ja"
    if re.search("[一-鿿]", prose):
        return "zh"
    if re.search("[Ѐ-ӿ]", prose):
        return "ru"
    return "en"


def answer_language(text: str) -> AnswerLanguage:
    """Return whether ``text`` is in Korean, partly in Korean, or in another language.

    By the share of Hangul among the letters outside code and addresses, a Latin or Cyrillic
    letter weighing 0.4: ``korean`` from .7, ``mixed`` from .2, else ``other``; ``empty``
    without any letter.
    """
    prose = blank_code(text)
    letters = re.findall(r"[^\W\d_]", prose)
    if not letters:
        return "empty"
    hangul = len(re.findall(f"[{HANGUL}]", prose))
    light = sum("A" <= letter <= "ӿ" for letter in letters)
    share = hangul / (len(letters) - light + LATIN_WEIGHT * light)
    if share >= KOREAN_FROM:
        return "korean"
    return "mixed" if share >= MIXED_FROM else "other"
