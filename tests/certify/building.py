"""Small sources, shipped rubrics and hand-made answers for the tests of the audit stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from kojudge.audit.texts import Source
from kojudge.cards import JudgeCard
from kojudge.certify import AuditQuestion
from kojudge.records import Judgment, Outcome, Scored
from kojudge.rubrics import Rubric, load_rubric

REPOSITORY = Path(__file__).resolve().parents[2]
RUBRICS = ("naturalness", "friendliness", "naturalness-pairwise", "friendliness-pairwise")
PLACES = ("강릉", "군산", "통영", "경주", "춘천", "목포")


@cache
def rubric(name: str) -> Rubric:
    """A rubric that is shipped."""
    return load_rubric(REPOSITORY / "rubrics", name)


def source(number: int, category: str = "blog", **changes: Any) -> Source:
    """A source whose rewrites are all there."""
    place = f"{PLACES[number % len(PLACES)]} {number + 1}번 골목"
    own = (
        f"지난 주말에 {place}에 다녀왔어요. 혼자 갔는데 더 좋더라고요! "
        f"창가 자리에 앉아서 바다만 봤어요. 커피는 조금 비쌌지만 괜찮았죠. 꼭 한번 가 보세요."
    )
    plain: dict[str, Any] = {
        "source_id": f"{category}-{number:02}",
        "category": category,
        "original": own,
        "rewrites": {
            "translationese": f"저는 {place}을 방문하는 것을 가졌어요. 그것은 저에 의해 행해졌어요.",
            "stiff": f"{place} 방문 결과를 알려 드립니다. 방문 인원은 1인입니다.",
            "cold": f"{place} 갔다. 혼자 갔다. 바다 봤다. 가든지 말든지.",
            "paraphrase": f"{place}에서 주말을 보내고 왔어요. 저만 갔는데 그게 더 낫더라고요.",
            "cliche": f"안녕하세요, 여러분! 오늘은 여행의 소중한 가치를 이야기해 볼게요. {own}",
            "verbose": f"{own} 다시 말하면 {place}에 혼자 다녀왔는데 참 좋았다는 이야기예요.",
        },
        "prompt": "주말에 다녀온 여행 이야기를 써 줘.",
        "place": f"{category}.jsonl:{number + 1}",
    }
    return Source(**(plain | changes))


def card(path: str, name: str = "judge") -> JudgeCard:
    """The card of a judge that runs on the fake engine."""
    return JudgeCard.model_validate({"name": name, "source": {"path": path}, "engine": "fake"})


def judgment(asked: AuditQuestion, outcome: Outcome | float) -> Judgment:
    """An answer: an outcome, or a score whose legal mass is .9."""
    of = asked.question.rubric
    if not isinstance(outcome, float):
        return _judgment(asked, of, outcome)
    return _judgment(asked, of, Scored(outcome, "expected", 0.9))


def _judgment(asked: AuditQuestion, of: Rubric, outcome: Outcome) -> Judgment:
    key, order = asked.question.key, asked.question.order
    return Judgment(
        key, key, asked.source_id, asked.category, asked.kind, 0, of.criterion, of.name, "judge",
        of.mode, outcome, order=order, repeat=asked.repeat, rubric_id=of.rubric_id,
        judge_id="judge-id", scale=of.scale,
    )  # fmt: skip


def answers(
    asked: Iterable[AuditQuestion], answer: Callable[[AuditQuestion], Outcome | float]
) -> dict[str, Judgment]:
    """What a judge answers, by the question's key."""
    return {q.question.key: judgment(q, answer(q)) for q in asked}
