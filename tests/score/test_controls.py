"""The assay control: the baseline's own texts, made worse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kojudge.cards import JudgeCard
from kojudge.records import Message, Prompt, Text
from kojudge.rubrics import Level, Rubric
from kojudge.score.controls import damaged
from kojudge.selection import WantedJudgment

PROMPT = Prompt("p1", "blog", (Message("user", "주말 이야기를 써 주세요."),))
WORDS = (
    "주말에는 동생과 시장에 갔어요. 떡볶이가 맛있어서 두 그릇을 먹었어요. 집에 오는 길에 비가 왔어요. "
    "우산을 같이 쓰고 걸었어요."
)


@pytest.fixture
def control() -> Callable[[str, str], WantedJudgment]:
    def made(criterion: str, words: str) -> WantedJudgment:
        judge = JudgeCard.model_validate({"name": "reader", "source": {"path": "fake"}})
        text = Text("c1", "p1", "blog", PROMPT.request, "base~control", 0, words)
        levels = tuple(Level(label, "설명") for label in "12345")
        of = Rubric(
            "points", criterion, "항목", "criterion", 1, "pointwise", "ko", levels, "점수: ", "",
            Path("points.md.j2"), "points",
        )  # fmt: skip
        return WantedJudgment("j1", judge, "id", of, PROMPT, text, control=True)

    return made


def test_particles_levels_and_spaces_are_broken_and_the_words_stay(
    control: Callable[[str, str], WantedJudgment],
) -> None:
    worse = damaged(control("naturalness", WORDS))
    assert worse is not None
    assert worse.text.text != WORDS
    assert worse.text.text.replace(" ", "")[:4] == WORDS.replace(" ", "")[:4]
    assert len(worse.text.text) < len(WORDS)  # spaces went


def test_for_friendliness_every_ending_turns_plain(
    control: Callable[[str, str], WantedJudgment],
) -> None:
    worse = damaged(control("friendliness", WORDS))
    assert worse is not None
    assert "갔다." in worse.text.text
    assert "어요" not in worse.text.text


def test_the_same_text_is_damaged_the_same_way(
    control: Callable[[str, str], WantedJudgment],
) -> None:
    assert damaged(control("naturalness", WORDS)) == damaged(control("naturalness", WORDS))


@pytest.mark.parametrize("words", ["Hello", "…"])
def test_a_text_with_nothing_to_damage_is_no_control(
    control: Callable[[str, str], WantedJudgment], words: str
) -> None:
    assert damaged(control("naturalness", words)) is None
