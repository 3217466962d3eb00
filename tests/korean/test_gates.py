"""Gates fire on plain faults and on nothing that people write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kojudge.korean.diagnose import diagnose
from kojudge.korean.gates import gates

ESSAYS = Path(__file__).resolve().parents[3] / "shared/data/korean-student-writing/human_data.json"


def fired(text: str, language: str = "ko") -> tuple[str, ...]:
    return gates(diagnose(text), language)


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        ("", "empty"),
        (" \n … !", "empty"),
        ("😀😀", "empty"),
        ("Sure! Here is a short blog post about spring in Seoul.", "wrong_language"),
        (
            "春の日、私は公園を歩きました。桜がとてもきれいでした。また行きたいです。",
            "wrong_language",
        ),
        (
            "今天天气很好，我和朋友一起去了公园，看到了很多美丽的花朵。我们都非常开心。",
            "wrong_language",
        ),
        ("봄이 왔어요. " + "꽃이 피었어요. " * 40, "loop"),
        ("살균, " * 60 + "살균.", "loop"),
        ("어제는 산에 올랐어요. 날씨가 참 좋았어요. 그런데 내려오는 길에 갑자기 비가", "truncated"),
        ("죄송하지만 그 요청은 도와드릴 수 없습니다.", "refusal"),
        ("죄송합니다. 저는 개인적인 경험이 없어 일기를 작성해 드릴 수 없습니다.", "refusal"),
        ("저는 인공지능 언어 모델이기 때문에 감정이 담긴 편지를 작성할 수 없습니다.", "refusal"),
        ("I'm sorry, but I can't help with that.", "refusal"),
        ("As an AI language model, I cannot write a diary.", "refusal"),
    ],
)
def test_a_plain_fault_fires_its_gate(text: str, gate: str) -> None:
    assert gate in fired(text)


@pytest.mark.parametrize(
    "text",
    [
        "안녕",
        "ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ 진짜 웃겨",
        "미안해, 민수야. 어제는 몸이 아파서 같이 갈 수 없었어. 다음에 꼭 같이 가자.",
        "죄송합니다. 오늘은 재료가 떨어져 더는 주문을 받을 수 없습니다. 내일 다시 찾아 주세요.",
        "AI는 사람을 대신할 수 없습니다. 마음을 나누는 일은 사람의 몫이니까요.",
        "저는 작은 로봇 보미예요. 오늘은 할머니의 화분에 물을 드렸어요.",
        "반짝반짝 작은 별 아름답게 비치네 동쪽 하늘에서도 서쪽 하늘에서도 반짝반짝 작은 별 아름답게 비치네",
        "React의 useState와 useEffect는 hook이에요. props와 state를 구분하면 component가 쉬워져요.",
        "설치는 이렇게 해요.\n```python\nimport kiwipiepy\nprint(kiwipiepy.__version__)\n```\n끝이에요!",
        "봄바람이 부는 날에\n너를 기다리던\n그 골목에서",
        "“죄송하지만 들어오실 수 없습니다.” 문지기가 말했다. 나는 돌아섰다.",
    ],
)
def test_what_people_write_fires_none(text: str) -> None:
    assert fired(text) == ()


def test_an_answer_in_the_language_of_the_prompt_is_right() -> None:
    assert fired("Spring came early to the village this year.", "en") == ()
    assert fired("올해는 마을에 봄이 일찍 찾아왔습니다. 꽃이 피었습니다.", "en") == (
        "wrong_language",
    )


@pytest.mark.parametrize(
    "text",
    ["Spring came early to the village.", "올해는 마을에 봄이 일찍 찾아왔습니다. 꽃이 피었습니다."],
)
def test_a_prompt_for_two_languages_takes_either(text: str) -> None:
    assert "wrong_language" not in fired(text, "mixed")


def test_a_long_text_that_begins_with_an_apology_is_no_refusal() -> None:
    text = (
        "죄송하지만 그 질문에는 답변을 드릴 수 없습니다. "
        + "대신 다른 이야기를 들려 드릴게요. 옛날에 토끼가 살았어요. " * 3
    )
    story = "".join(
        f"{n}번째 날, 토끼는 {n}마리의 새를 만났고 새들은 저마다 다른 노래를 불렀어요. "
        for n in range(12)
    )
    assert "refusal" not in fired(text + story)


def test_no_student_text_fires_a_gate() -> None:
    if not ESSAYS.is_file():
        pytest.skip("the students' texts are not beside this checkout (../shared/data)")
    rows = json.loads(ESSAYS.read_text(encoding="utf-8"))
    texts = {row["output"] for row in rows if row["language"] == "Korean"}
    assert {text[:40]: fired(text) for text in texts if fired(text)} == {}
