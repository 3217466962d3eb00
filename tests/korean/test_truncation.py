"""A text that stops in mid-sentence, and the many that only look so."""

from __future__ import annotations

import pytest

from kojudge.korean.analysis import analyse
from kojudge.korean.truncation import measure

START = "어제는 오랜만에 할머니 댁에 다녀왔어요. 마당에 감이 주렁주렁 열려 있었어요. "


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        ("할머니께서 웃으시면서", "connective"),
        ("저는 감을 따려고 나무에 올라가서", "connective"),
        ("마당 한쪽에는 커다란 감나무가", "particle"),
        ("그때 담장 너머로 들려오는", "adnominal"),
        ("우리는 마루에 앉아 감을 깎아 먹으며 이야기를 나누었고 해가 지자 마을", "noun"),
        ("\n\n1. 감 따기\n2.", "marker"),
        ("\n```python\nprint(1)", "code_fence"),
    ],
)
def test_a_text_that_stops_midway_says_how(ending: str, why: str) -> None:
    found = measure(analyse(START + ending))
    assert (found.truncated, found.why) == (True, why)
    assert found.hits[0].name == why


@pytest.mark.parametrize(
    "text",
    [
        "",
        START,
        START + "참 좋은 하루였어요",
        START + "또 가고 싶네요~",
        START + "정말 행복했거든요ㅎㅎ",
        START + "그럼 이만 😀",
        START + "(사진은 다음에)",
        START + "그때는 몰랐는데…",
        START + "\n\n사랑하는 딸이",
        START + "\n\n2024년 가을, 민지 올림",
        START + "\n\n#가을 #할머니댁",
        START + "준비물: 장갑, 바구니",
        START + "오늘도 감사한 하루를 보냈음",
        "꽃이 피는 봄날에\n너를 만나서\n바람이 부는 언덕을\n함께 걷던\n그 길에서",
        "# 제목\n\n- 하나\n- 둘",
        "제목만 있는 글",
        "I went home",
    ],
)
def test_a_finished_text_is_left_alone(text: str) -> None:
    found = measure(analyse(text))
    assert (found.truncated, found.why, found.hits) == (False, "", ())
