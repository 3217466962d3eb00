"""Every phrase pattern finds its examples and leaves its controls alone."""

from __future__ import annotations

from types import ModuleType

import pytest
from pydantic import ValidationError

from kojudge.korean import cliche, spelling, translationese
from kojudge.korean.analysis import analyse
from kojudge.korean.hit import Hit
from kojudge.korean.patterns import Pattern, _compiled, _Entry, find, hangul_words, patterns

GROUPS: dict[str, ModuleType] = {
    "translationese": translationese,
    "cliche": cliche,
    "spelling": spelling,
}
EVERY = [
    pytest.param(group, pattern, id=f"{group}-{pattern.name}")
    for group in GROUPS
    for pattern in patterns(f"{group}.yaml")
]


def names(group: str, text: str) -> list[str]:
    return [hit.name for hit in GROUPS[group].measure(analyse(text)).hits]


@pytest.mark.parametrize(("group", "pattern"), EVERY)
def test_each_pattern_finds_its_examples(group: str, pattern: Pattern) -> None:
    assert pattern.hits
    for example in pattern.hits:
        assert pattern.name in names(group, example), example


@pytest.mark.parametrize(("group", "pattern"), EVERY)
def test_each_pattern_leaves_its_controls_alone(group: str, pattern: Pattern) -> None:
    assert pattern.clean
    for control in pattern.clean:
        assert pattern.name not in names(group, control), control


@pytest.mark.parametrize("group", GROUPS)
def test_each_pattern_has_a_name_of_its_own_two_labels_and_a_source(group: str) -> None:
    known = patterns(f"{group}.yaml")
    assert len({pattern.name for pattern in known}) == len(known)
    for pattern in known:
        assert pattern.source.strip()
        assert pattern.label.ko != pattern.label.en
        assert GROUPS[group].LABELS[pattern.name] == pattern.label


def entry(**given: object) -> Pattern:
    fields: dict[str, object] = {"id": "x", "ko": "가", "en": "a", "source": "s"}
    fields |= {"hits": ["x"], "clean": ["y"], **given}
    return _compiled(_Entry.model_validate(fields), {"N": r"\S+/NNG"})


def spans(text: str, pattern: Pattern) -> list[str]:
    return [text[hit.start : hit.end] for hit in find(analyse(text), "g", [pattern])]


def test_a_morpheme_pattern_matches_whole_morphemes_only() -> None:
    assert spans("밥을 먹었다.", entry(morphemes="먹/VV")) == ["먹"]
    assert spans("밥을 먹었다.", entry(morphemes="먹/V")) == []


def test_a_macro_stands_for_its_expression() -> None:
    assert spans("학교에 갔다.", entry(morphemes="{N} 에/JKB")) == ["학교에"]


def test_the_second_time_in_a_sentence_counts_where_the_pattern_says_so() -> None:
    pattern = entry(surface="정말", every=2)
    assert spans("정말 좋다. 정말 크다.", pattern) == []
    assert spans("정말 정말 좋다.", pattern) == ["정말"]


def test_a_sentence_with_the_excuse_is_passed_over() -> None:
    pattern = entry(surface="당신", unless="여보/IC")
    assert spans("당신은 누구세요?", pattern) == ["당신"]
    assert spans("여보, 당신 먼저 자요.", pattern) == []


def test_the_words_hit_must_be_written_so() -> None:
    pattern = entry(morphemes=r"그것/NP (?:이|은)/J\S+", written="그것")
    assert spans("그것은 아니다.", pattern) == ["그것은"]
    assert spans("그게 아니다.", pattern) == []


@pytest.mark.parametrize("given", [{}, {"morphemes": "a", "surface": "b"}, {"surfaec": "a"}])
def test_a_pattern_matches_in_one_way_and_its_fields_are_known(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        entry(**given)


def test_hits_stand_in_the_order_of_the_text() -> None:
    text = "당신의 꿈은 시민들에 의해 잊혀졌다."
    hits = translationese.measure(analyse(text)).hits
    assert hits[0] == Hit("translationese", "pronoun_you", 0, 3)
    assert [hit.start for hit in hits] == sorted(hit.start for hit in hits)


def test_only_words_with_hangul_are_counted() -> None:
    assert hangul_words(analyse("나는 AI 모델 gpt-4 를 쓴다 123")) == 4
    assert hangul_words(analyse("")) == 0
