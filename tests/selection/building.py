"""What a small workspace asks for, built in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kojudge.cards import CandidateCard, JudgeCard
from kojudge.records import Message, Mode, Prompt, Text, text_identity
from kojudge.rubrics import Level, Rubric
from kojudge.selection import Asked, wanted_texts
from kojudge.workspace import Settings


def candidate(name: str, **changes: Any) -> CandidateCard:
    plain = {"name": name, "source": {"path": f"fake:{name}"}}
    return CandidateCard.model_validate(plain | changes)


def judge(name: str = "judge", **changes: Any) -> JudgeCard:
    return JudgeCard.model_validate({"name": name, "source": {"path": f"fake:{name}"}} | changes)


def prompt(number: int, **changes: Any) -> Prompt:
    plain: dict[str, Any] = {
        "name": f"mail-{number}",
        "category": "mail",
        "messages": (Message("user", f"{number}번째 안부를 물어 줘."),),
    }
    return Prompt(**(plain | changes))


def rubric(name: str, mode: Mode = "pointwise", rubric_id: str = "") -> Rubric:
    labels = "12345" if mode == "pointwise" else "ABC"
    return Rubric(
        name=name, criterion="naturalness", name_ko="자연스러움", name_en="naturalness",
        version=1, mode=mode, language="ko", levels=tuple(Level(one, "설명") for one in labels),
        answer_prefix="답: ", body="", path=Path(f"{name}.md.j2"), rubric_id=rubric_id or name,
    )  # fmt: skip


def asked(
    *,
    prompts: int = 3,
    candidates: tuple[str, ...] = ("warm", "stiff"),
    rubrics: tuple[Rubric, ...] = (rubric("points"), rubric("pairs", "pairwise")),
    judges: tuple[JudgeCard, ...] = (judge(),),
    **settings: Any,
) -> Asked:
    """The baseline ``base`` and ``candidates`` on so many prompts."""
    plain: dict[str, Any] = {
        "baseline": "base",
        "candidates": candidates,
        "judges": tuple(card.name for card in judges),
        "rubrics": tuple(one.name for one in rubrics),
        "prompts": ("mail",),
        "engine": "fake",
    }
    return Asked(
        Settings.model_validate(plain | settings),
        tuple(prompt(n) for n in range(prompts)),
        tuple(candidate(name) for name in ("base", *candidates)),
        judges,
        rubrics,
    )


def written(of: Asked) -> list[Text]:
    """Every text that is wanted, written."""
    return [
        Text(
            item.text_id, item.prompt.prompt_id, item.prompt.category, item.prompt.request,
            item.candidate, item.sample, f"{item.candidate}의 글", item.candidate_id,
        )
        for item in wanted_texts(of)
    ]  # fmt: skip


def imported(name: str, about: Prompt, **changes: Any) -> Text:
    """A text that came from elsewhere."""
    plain: dict[str, Any] = {
        "text_id": text_identity(about.prompt_id, f"imported:{name}", 0),
        "prompt_id": about.prompt_id,
        "category": about.category,
        "prompt": about.request,
        "candidate": name,
        "sample": 0,
        "text": "가져온 글",
        "origin": "imported",
    }
    return Text(**(plain | changes))
