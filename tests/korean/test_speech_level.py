"""The level each sentence ends in, and what counts as mixing."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from kojudge.korean.analysis import analyse
from kojudge.korean.speech_level import LEVELS, SpeechLevel, level_of, measure

LABELLED = ("speech_levels.jsonl", "speech_levels_held_out.jsonl")
GOLDEN = [
    ("어제 도서관에 다녀왔습니다.", "hasipsio"),
    ("내일은 어디로 가십니까?", "hasipsio"),
    ("우리 함께 힘을 모읍시다.", "hasipsio"),
    ("천천히 둘러보십시오.", "hasipsio"),
    ("옛날에 한 임금이 살았답니다.", "hasipsio"),
    ("늘 감사합니다만, 이번에는 사양하겠습니다만.", "hasipsio"),
    ("좋은 하루 보내시길 바랍니다^^", "hasipsio"),
    ("그는 조용히 갔습니다(웃음).", "hasipsio"),
    ("국물이 정말 시원하더라고요.", "haeyo"),
    ("제가 좀 바쁘거든요!", "haeyo"),
    ("오늘 날씨 참 좋죠?", "haeyo"),
    ("지금 가는 중인데요...", "haeyo"),
    ("어디요?", "haeyo"),
    ("여기가 우리 집이에요~♡", "haeyo"),
    ("이만 줄일게요😀", "haeyo"),
    ("비가 오니까요.", "haeyo"),
    ("어서 이리 오시오.", "hao"),
    ("그대가 참 보고 싶구려.", "hao"),
    ("나는 내일 떠나오.", "hao"),
    ("자네도 한잔 하세.", "hage"),
    ("어제 밥 먹었어.", "hae"),
    ("너무 재미있지 않아?", "hae"),
    ("그건 네가 잘못했잖아ㅋㅋ", "hae"),
    ("내가 먼저 갈게.", "hae"),
    ("고마워 민수야.", "hae"),
    ("여기가 우리 동네야.", "hae"),
    ("나는 오늘도 걷는다.", "haera"),
    ("밖에는 눈이 내리고 있었다ㅠㅠ", "haera"),
    ("우리도 이제 가자.", "haera"),
    ("참으로 아름답구나!", "haera"),
    ("어디로 가느냐?", "haera"),
    ("인생이란 무엇인가?", "haera"),
    ("준비물 챙기기", "nominal"),
    ("오늘은 여기까지 했음.", "nominal"),
    ("우리 동네의 봄", "none"),
    ("주차는 어려움.", "nominal"),
    ("준비물: 밀가루, 달걀", "none"),
    ("예를 들어:", "none"),
    ("그날은 하늘이 높았습니다…", "hasipsio"),
    ("그 많던 새는 어디로 갔니?", "haera"),
    ("봄이 가니 여름이 온다.", "haera"),
    ("우리 집엔 없는데?", "hae"),
    ("이제는 갈 데", "none"),
    ("다음에 또 올게요, 안녕!", "haeyo"),
    ("나는 그대를 기다렸소.", "hao"),
    ("자네 생각은 어떤가?", "hage"),
    ("이제 와 후회한들 무엇 하겠는가?", "haera"),
    ("나도 이제 늙었나 보네그려.", "hage"),
    ("벌써 열두 시네.", "hae"),
    ("네.", "none"),
    ("어제 친구를 만나서", "none"),
    ("…", "none"),
]


def levels(text: str) -> list[str]:
    return [level_of(s) for s in analyse(text).sentences]


def of(text: str) -> SpeechLevel:
    return measure(analyse(text))


@pytest.mark.parametrize(("sentence", "level"), GOLDEN)
def test_a_sentence_has_the_level_of_its_ending(sentence: str, level: str) -> None:
    assert levels(sentence)[-1] == level


@pytest.mark.parametrize("file", LABELLED)
def test_sentences_labelled_by_hand_are_read_as_labelled(file: str) -> None:
    """A false level matters more than a missed one."""
    path = Path(__file__).parent / "data" / file
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = Counter((row["level"], levels(row["text"])[-1]) for row in rows)
    right = sum(count for (want, got), count in pairs.items() if want == got)
    wrong = sum(c for (want, got), c in pairs.items() if got not in (want, "none"))
    assert right >= 0.95 * len(rows), pairs
    assert wrong <= 0.02 * len(rows), pairs


def test_calling_the_reader_after_the_ending_changes_nothing() -> None:
    assert "haeyo" in levels("안녕하세요 여러분!")


class TestMixing:
    @pytest.mark.parametrize(
        "text",
        [
            "어제는 비가 왔습니다. 그래서 집에 있었어요. 책을 읽었습니다.",
            "골목 끝에 작은 빵집이 있어요. 여긴 언제 생겼지? 들어가 볼까? 냄새가 참 좋네. 그래서 들어갔어요.",
            "나는 걸었다. 바람이 불었다. 왜 나는 여기 왔을까? 알 수 없었다.",
            "엄마가 물으셨어요. “밥은 먹었니? 어디 갔다 왔어?” 저는 웃었어요.",
            "“저는 괜찮습니다.” 그가 말했다. 나는 고개를 끄덕였다.",
            "다음 물음에 답하시오. 지구는 둥글다. 달은 지구를 돈다.",
            "“너는 어때요?”라고 저에게 물었어요. 저는 좋다고 했어요.",
        ],
        ids=[
            "합쇼+해요",
            "self-talk",
            "rhetorical",
            "plain speech quoted",
            "polite speech quoted",
            "하시오",
            "너 quoted",
        ],
    )
    def test_is_none_where_a_writer_keeps_his_level(self, text: str) -> None:
        assert of(text).mixing == 0

    def test_is_the_share_of_the_smaller_side(self) -> None:
        found = of("어제는 비가 왔어요. 집에 있었다. 책을 읽었어요. 재미있었어요.")
        assert found.mixing == pytest.approx(1 / 4)
        assert [hit.name for hit in found.hits] == ["minority_level"]

    def test_counts_half_for_a_pronoun_that_clashes(self) -> None:
        assert of("나는 어제 산에 갔습니다. 참 좋았습니다.").mixing == pytest.approx(0.25)
        assert of("저는 어제 산에 갔다. 참 좋았다.").mixing == pytest.approx(0.25)

    def test_does_not_take_self_help_for_a_clash(self) -> None:
        assert of("나를 사랑하는 법을 배웠습니다. 나만의 길을 찾으세요.").mixing == 0


def test_shares_are_of_the_sentences_with_a_level() -> None:
    found = of("봄이 왔어요. 꽃이 피었습니다. 네. 어서 오세요. 끝")
    assert found.levelled == 3
    assert set(found.share) == set(LEVELS)
    assert sum(found.share.values()) == pytest.approx(1)
    assert found.share["haeyo"] == pytest.approx(2 / 3)


def test_an_empty_text_has_no_share() -> None:
    found = of("")
    assert found.mixing == 0
    assert set(found.share.values()) == {0.0}
