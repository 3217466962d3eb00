"""The analysis every signal shares: spans of the text as given, bounded on hostile input."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.korean.analysis import Analysis, analyse, kiwi

HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(codec=None),
        st.sampled_from(
            "가나다 \n.?!\"'“”#*`-|()ㅋㅠᄒᆞᆫᄀ\u1161\u11ab\u200f\u202e\ufeff\ud800\udfff😀👨\u200d👩"
        ),
    ),
    max_size=120,
)


def sentences(text: str) -> list[str]:
    return [text[s.start : s.end] for s in analyse(text).sentences]


def assert_spans_lie_inside(analysis: Analysis) -> None:
    size = len(analysis.text)
    for token in analysis.tokens:
        assert 0 <= token.start < token.end <= size
    for sentence in analysis.sentences:
        assert 0 <= sentence.start < sentence.end <= size
        assert sentence.tokens
        assert all(sentence.start <= t.start and t.end <= sentence.end for t in sentence.tokens)
    for start, end in analysis.eojeols:
        assert 0 <= start < end <= size


class TestSpans:
    @given(HOSTILE)
    @settings(max_examples=150, deadline=None)
    def test_lie_inside_any_text(self, text: str) -> None:
        assert_spans_lie_inside(analyse(text))

    @pytest.mark.parametrize(
        "before", ["😀", "👨\u200d👩\u200d👧 ", "𠮷", "\ud800", "\u202e", "**", "# "]
    )
    def test_count_code_points_whatever_stands_before(self, before: str) -> None:
        text = f"{before}학교에 갔습니다."
        tokens = {t.form: text[t.start : t.end] for t in analyse(text).tokens}
        assert tokens["학교"] == "학교"
        assert tokens["습니다"] == "습니다"

    def test_of_decomposed_text_cover_whole_letters(self) -> None:
        text = unicodedata.normalize("NFD", "한글을 쓴다.")
        analysis = analyse(text)
        assert [t.tag for t in analysis.tokens] == [t.tag for t in analyse("한글을 쓴다.").tokens]
        first = analysis.tokens[0]
        assert unicodedata.normalize("NFC", text[first.start : first.end]) == "한글"

    def test_of_old_hangul(self) -> None:
        assert_spans_lie_inside(analyse("나랏말ᄊᆞ미 듕귁에 달아 문ᄍᆞ와로 서르 ᄉᆞᄆᆞᆺ디 아니ᄒᆞᆯᄊᆡ"))

    def test_eojeols_are_the_words_between_spaces(self) -> None:
        text = "나는 학교에\t갔다.\n"
        assert [text[a:b] for a, b in analyse(text).eojeols] == ["나는", "학교에", "갔다."]


class TestSentences:
    def test_list_items_and_headings_stand_alone(self) -> None:
        text = "# 제목\n오늘의 할 일\n- 빨래하기\n* **청소**하기\n1. 장을 본다\n그리고 쉬었다."
        found = ["제목", "오늘의 할 일", "빨래하기", "청소**하기", "장을 본다", "그리고 쉬었다."]
        assert sentences(text) == found

    def test_a_wrapped_line_goes_on(self) -> None:
        text = "우리는 아침 일찍 일어나서 짐을 싸고 차를 타고 멀고 먼\n바닷가로 떠났다."
        assert len(sentences(text)) == 1

    def test_bold_marks_do_not_part_a_word_from_its_particle(self) -> None:
        tokens = [(t.form, t.tag) for t in analyse("**결론**은 이렇습니다.").tokens]
        assert tokens[:2] == [("결론", "NNG"), ("은", "JX")]

    def test_code_is_not_read_but_fenced_prose_is(self) -> None:
        assert sentences("보세요.\n```python\nprint(1)\n```\n끝났어요.") == ["보세요.", "끝났어요."]
        assert sentences("```\n오늘은 맑았다.\n```") == ["오늘은 맑았다."]

    @pytest.mark.parametrize(
        ("text", "quoted"),
        [
            ("“밥 먹었니?”\n엄마가 물으셨어요.", [True, False]),
            ('"같이 가자." 그가 말했다.', [True, False]),
            ("그는 “간다”고 말했다.", [False]),
            ("'나는 누구인가?'", [True]),
            ('화면이 5" 크기다. 작다.', [False, False]),
        ],
    )
    def test_speech_of_others_is_marked(self, text: str, quoted: list[bool]) -> None:
        assert [s.quoted for s in analyse(text).sentences] == quoted


class TestHostileInput:
    @pytest.mark.parametrize(
        "unit", ["가", "가나", "a", "ㅋ", "가 ", "가.", "ᄀ", "**", "```\n", "“", "\n", "(", "0"]
    )
    def test_a_megabyte_of_one_thing_is_read_in_bounded_pieces(self, unit: str) -> None:
        analysis = analyse(unit * (350_000 // len(unit)))
        if analysis.tokens:
            assert analysis.tokens[-1].end <= len(analysis.text)

    def test_an_empty_text_has_nothing(self) -> None:
        assert analyse("").tokens == ()
        assert analyse(" \n\t").sentences == ()


def test_there_is_one_kiwi() -> None:
    assert kiwi() is kiwi()


def test_importing_the_signals_does_not_load_kiwi() -> None:
    code = "import sys, kojudge.korean.analysis, kojudge.korean.speech_level; assert 'kiwipiepy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
