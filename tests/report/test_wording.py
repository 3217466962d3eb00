"""The report's sentences: a table of values and the exact words for them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kojudge.errors import Said
from kojudge.report import wording
from kojudge.report.explorer_words import EXPLORER_WORDS
from kojudge.report.words import WORDS

NATURALNESS = ("자연스러움", "Naturalness")
TEMPLATES = Path(__file__).resolve().parents[2] / "reports"


def comparison(verdict: str, delta: float | None, low: float | None, high: float | None,
               **given: Any) -> dict[str, Any]:  # fmt: skip
    plain = {
        "candidate": "X", "verdict": verdict, "delta": delta, "ci_low": low, "ci_high": high,
        "margin": 0.25, "n_prompts": 300, "withheld": False,
        "similar_or_better": low is not None and low > -0.25,
    }  # fmt: skip
    return plain | given


SENTENCES = [
    (
        comparison("better", 0.31, 0.18, 0.44),
        "[자연스러움] X ↔ 기준 모델 gemma-2-2b-it: 더 나음. "
        "차이 +0.31 (95% 신뢰구간 +0.18~+0.44), 프롬프트 300개.",
        "[Naturalness] X vs baseline gemma-2-2b-it: better. "
        "Difference +0.31 (95% CI +0.18 to +0.44), 300 prompts.",
    ),
    (
        comparison("worse", -0.5, -0.7, -0.3),
        "[자연스러움] X ↔ 기준 모델 gemma-2-2b-it: 더 나쁨. "
        "차이 -0.50 (95% 신뢰구간 -0.70~-0.30), 프롬프트 300개.",
        "[Naturalness] X vs baseline gemma-2-2b-it: worse. "
        "Difference -0.50 (95% CI -0.70 to -0.30), 300 prompts.",
    ),
    (
        comparison("worse", -0.1, -0.2, -0.003),
        "[자연스러움] X ↔ 기준 모델 gemma-2-2b-it: 더 나쁨(다만 차이는 ±0.25 안). "
        "차이 -0.10 (95% 신뢰구간 -0.20~-0.003), 프롬프트 300개.",
        "[Naturalness] X vs baseline gemma-2-2b-it: worse (though within the margin of ±0.25). "
        "Difference -0.10 (95% CI -0.20 to -0.003), 300 prompts.",
    ),
    (
        comparison("similar", 0.02, -0.1, 0.14),
        "[자연스러움] X ↔ 기준 모델 gemma-2-2b-it: 사실상 같음: 신뢰구간 전체가 ±0.25 안. "
        "차이 +0.02 (95% 신뢰구간 -0.10~+0.14), 프롬프트 300개.",
        "[Naturalness] X vs baseline gemma-2-2b-it: similar: "
        "the whole interval lies within ±0.25. "
        "Difference +0.02 (95% CI -0.10 to +0.14), 300 prompts.",
    ),
    (
        comparison("not worse", 0.2, -0.1, 0.5, n_prompts=1200),
        "[자연스러움] X ↔ 기준 모델 gemma-2-2b-it: 뒤지지 않음: 신뢰구간 전체가 -0.25보다 위. "
        "차이 +0.20 (95% 신뢰구간 -0.10~+0.50), 프롬프트 1,200개.",
        "[Naturalness] X vs baseline gemma-2-2b-it: not worse: "
        "the whole interval lies above -0.25. "
        "Difference +0.20 (95% CI -0.10 to +0.50), 1,200 prompts.",
    ),
    (
        comparison("undecided", 0.0, -0.4, 0.4),
        "[자연스러움] X ↔ 기준 모델 gemma-2-2b-it: 결론 없음: 이 표본으로는 차이를 가릴 수 "
        "없음(차이가 없다는 뜻은 아님). 차이 0.00 (95% 신뢰구간 -0.40~+0.40), 프롬프트 300개.",
        "[Naturalness] X vs baseline gemma-2-2b-it: undecided: this sample cannot tell the two "
        "apart (which does not make them equal). "
        "Difference 0.00 (95% CI -0.40 to +0.40), 300 prompts.",
    ),
    (
        comparison("better", 0.31, 0.18, 0.44, withheld=True),
        "[자연스러움] X ↔ 기준 모델 gemma-2-2b-it: 판정 보류: 심사 모델이 이 항목의 차이를 "
        "가려내지 못함. 차이 +0.31 (95% 신뢰구간 +0.18~+0.44), 프롬프트 300개.",
        "[Naturalness] X vs baseline gemma-2-2b-it: withheld: the judge cannot tell differences "
        "on this criterion. Difference +0.31 (95% CI +0.18 to +0.44), 300 prompts.",
    ),
    (
        comparison("better", 0.31, 0.18, 0.44, withheld=True, reasons=["out_of_domain"]),
        "[자연스러움] X ↔ 기준 모델 gemma-2-2b-it: 판정 보류: 심사 모델이 배운 글과 많이 다른 글이 "
        "섞여 있음. 차이 +0.31 (95% 신뢰구간 +0.18~+0.44), 프롬프트 300개.",
        "[Naturalness] X vs baseline gemma-2-2b-it: withheld: too many of the texts are unlike "
        "those the judge learned from. Difference +0.31 (95% CI +0.18 to +0.44), 300 prompts.",
    ),
    (
        comparison("refused", 0.31, None, None, n_prompts=7),
        "[자연스러움] X ↔ 기준 모델 gemma-2-2b-it: 판정하지 않음: 자료가 모자람. "
        "차이 +0.31 (95% 신뢰구간 없음), 프롬프트 7개.",
        "[Naturalness] X vs baseline gemma-2-2b-it: no verdict: the data do not suffice. "
        "Difference +0.31 (no 95% CI), 7 prompts.",
    ),
    (
        comparison("refused", None, None, None, n_prompts=1),
        "[자연스러움] X ↔ 기준 모델 gemma-2-2b-it: 판정하지 않음: 자료가 모자람. "
        "차이를 계산할 수 없음, 프롬프트 1개.",
        "[Naturalness] X vs baseline gemma-2-2b-it: no verdict: the data do not suffice. "
        "No difference could be computed, 1 prompt.",
    ),
]


@pytest.mark.parametrize(("found", "ko", "en"), SENTENCES)
def test_verdict_sentence(found: dict[str, Any], ko: str, en: str) -> None:
    sentence = wording.verdict_sentence(found, NATURALNESS, "gemma-2-2b-it", 0.05)
    assert (sentence.ko, sentence.en) == (ko, en)


def test_the_confidence_level_follows_alpha() -> None:
    found = comparison("better", 0.31, 0.18, 0.44)
    sentence = wording.verdict_sentence(found, NATURALNESS, "b", 0.01)
    assert "99% 신뢰구간" in sentence.ko
    assert "99% CI" in sentence.en


@pytest.mark.parametrize(("found", "ko", "en"), SENTENCES)
def test_no_korean_particle_follows_a_name(found: dict[str, Any], ko: str, en: str) -> None:
    sentence = wording.verdict_sentence(found | {"candidate": "X"}, NATURALNESS, "B", 0.05)
    assert not re.search(r"(?<![A-Za-z])[XB][가-힣]", sentence.ko)


@pytest.mark.parametrize(
    ("verdict", "withheld", "ko", "en"),
    [
        ("better", False, "더 나음", "better"),
        ("similar", False, "사실상 같음", "similar"),
        ("not worse", False, "뒤지지 않음", "not worse"),
        ("worse", False, "더 나쁨", "worse"),
        ("undecided", False, "결론 없음", "undecided"),
        ("refused", False, "판정하지 않음", "no verdict"),
        ("better", True, "판정 보류", "withheld"),
    ],
)
def test_verdict_badge(verdict: str, withheld: bool, ko: str, en: str) -> None:
    badge = wording.verdict_badge({"verdict": verdict, "withheld": withheld})
    assert (badge.ko, badge.en) == (ko, en)


@pytest.mark.parametrize(
    ("found", "ko", "en"),
    [
        (comparison("similar", 0.02, -0.1, 0.14), "예", "yes"),
        (comparison("worse", -0.1, -0.2, -0.01), "예", "yes"),
        (comparison("worse", -0.4, -0.5, -0.3), "아니요", "no"),
        (comparison("worse", -0.3, -0.5, -0.1), "확인되지 않음", "not shown"),
        (comparison("undecided", 0.0, -0.4, 0.4), "확인되지 않음", "not shown"),
        (comparison("refused", None, None, None), "확인되지 않음", "not shown"),
        (comparison("similar", 0.02, -0.1, 0.14, withheld=True), "보류", "withheld"),
    ],
)
def test_similar_or_better(found: dict[str, Any], ko: str, en: str) -> None:
    answer = wording.similar_or_better(found)
    assert (answer.ko, answer.en) == (ko, en)


def test_the_caution_about_a_small_judge_names_it_and_its_size() -> None:
    judges = [
        {"name": "tiny", "parameters": 1_543_714_304, "too_small": True},
        {"name": "odd", "parameters": None, "too_small": True},
    ]
    notice = wording.too_small_notice(judges)
    assert notice.ko == (
        "이 결과는 도구가 돌아가는 모습을 보여 줄 뿐입니다. 심사 모델이 너무 작아 판정을 믿을 수 "
        "없습니다. 심사 모델: tiny (1.5B), odd."
    )
    assert notice.en == (
        "This result only shows the tool at work. The judge is too small for its verdicts to be "
        "trusted. Judge: tiny (1.5B), odd."
    )


def test_the_caution_is_about_the_small_judge_alone_where_another_is_there() -> None:
    judges = [
        {"name": "tiny", "parameters": 1_543_714_304, "too_small": True},
        {"name": "head", "parameters": 494_032_768, "too_small": False},
    ]
    notice = wording.too_small_notice(judges)
    assert notice.ko == (
        "너무 작아 판정을 믿을 수 없는 심사 모델이 끼어 있습니다: tiny (1.5B). 그 모델의 숫자는 도구가 "
        "돌아가는 모습을 보여 줄 뿐입니다."
    )
    assert "head" not in notice.en


def test_the_caution_about_an_unaudited_judge_names_it() -> None:
    notice = wording.unaudited_notice([{"name": "tiny"}, {"name": "odd"}])
    assert notice.ko == (
        "검증하지 않은 심사 모델: 글의 차이를 실제로 가려내는지 확인하지 않았습니다. "
        "심사 모델: tiny, odd."
    )
    assert notice.en == (
        "Unaudited judge: nobody has checked that it can tell texts apart. Judge: tiny, odd."
    )


@pytest.mark.parametrize(
    ("size", "en"),
    [
        (1, "1 comparison carries the verdicts; the chance of even one false verdict among "
            "them is held to 5%."),
        (24, "24 comparisons carry the verdicts; the chance of even one false verdict among "
             "them is held to 5%."),
    ],
)  # fmt: skip
def test_family_sentence(size: int, en: str) -> None:
    sentence = wording.family_sentence({"size": size}, 0.05)
    assert sentence.en == en
    assert sentence.ko == (
        f"판정을 맡은 비교 {size}개를 한 묶음으로 보고, 그 가운데 하나라도 잘못 판정할 확률을 "
        "5% 아래로 묶었습니다."
    )


def test_equivalence_is_tested_at_half_alpha() -> None:
    sentence = wording.equivalence_sentence(0.05)
    assert "한쪽 2.5% 수준" in sentence.ko
    assert "one-sided 2.5% level" in sentence.en


@pytest.mark.parametrize(
    ("table", "key", "ko", "en"),
    [
        (wording.GRADES, "unaudited", "검증 안 됨", "unaudited"),
        (wording.MODES, "pairwise", "쌍대 비교", "pairwise"),
        (wording.CATEGORIES, "blog", "블로그 글", "Blog posts"),
        (wording.CATEGORIES, "수필", "수필", "수필"),
        (wording.REASONS, "too_few_prompts", "프롬프트가 8개보다 적음", "fewer than 8 prompts"),
        (wording.FLAGS, "truncated", "잘린 글", "cut off"),
    ],
)
def test_look_up(table: dict[str, Said], key: str, ko: str, en: str) -> None:
    found = wording.look_up(table, key)
    assert (found.ko, found.en) == (ko, en)


def test_every_word_is_there_in_both_languages() -> None:
    assert not [key for key, text in WORDS.items() if not (text.ko.strip() and text.en.strip())]


def test_korean_words_are_korean_and_english_words_are_not() -> None:
    hangul = re.compile(r"[가-힣]")
    assert not [key for key, text in WORDS.items() if not hangul.search(text.ko)]
    assert not [key for key, text in WORDS.items() if hangul.search(text.en)]


def test_the_templates_use_exactly_the_words_there_are() -> None:
    pages = {*TEMPLATES.glob("*.html.j2")} - {TEMPLATES / "site.html.j2"}
    templates = "".join(path.read_text(encoding="utf-8") for path in pages)
    assert set(re.findall(r"\bsay\.(\w+)", templates)) == {*WORDS, *EXPLORER_WORDS}
