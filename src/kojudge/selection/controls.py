"""Which judgments the assay control asks for: damaged copies of the baseline's texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kojudge.cards import judge_identity
from kojudge.judging import rubric_key
from kojudge.records import CONTROL, Order, Text, identity
from kojudge.selection.asked import METHOD, Asked, engine_for
from kojudge.selection.judgments import WantedJudgment, modes_of, prompt_of

__all__ = ["FRIENDLINESS", "wanted_controls"]

FRIENDLINESS = "friendliness"
VERSION = 1
"""Of how a text is damaged; part of every control's id."""


def wanted_controls(asked: Asked, texts: Sequence[Text]) -> Iterator[WantedJudgment]:
    """Yield the judgments of the control: the baseline's texts, to be damaged when asked.

    ``settings.controls`` prompts serve, as evenly over the categories as there are, chosen by
    their ids. Each text is judged alone and beside its own original in both orders, as the
    rubrics' modes have it. Nothing is yielded where the workspace has no texts of the baseline.
    """
    chosen = _chosen(asked, texts)
    prompts = {prompt.prompt_id: prompt for prompt in asked.prompts}
    for judge in asked.judges:
        judge_id = judge_identity(judge, engine_for(judge, asked.settings), METHOD)
        for rubric in asked.rubrics:
            if rubric.mode not in modes_of(asked.settings):
                continue
            orders: tuple[Order | None, ...] = (
                ("AB", "BA") if rubric.mode == "pairwise" else (None,)
            )
            for text in chosen:
                kind = rubric.criterion if rubric.criterion == FRIENDLINESS else "soundness"
                own = identity(["control", VERSION, kind, text.text_id])
                copy = replace(text, text_id=own, candidate=f"{text.candidate}{CONTROL}")
                prompt = prompts.get(text.prompt_id) or prompt_of(text)
                for order in orders:
                    key = identity(["judgment", own, rubric_key(rubric), judge_id, order])
                    other = text if order else None
                    yield WantedJudgment(
                        key, judge, judge_id, rubric, prompt, copy, other, order, control=True
                    )


def _chosen(asked: Asked, texts: Sequence[Text]) -> list[Text]:
    """Return one text each of as many prompts as are asked for, dealt over the categories."""
    by_category: dict[str, dict[str, Text]] = {}
    for text in texts:
        if text.candidate == asked.settings.baseline and text.text.strip():
            by_category.setdefault(text.category, {}).setdefault(text.prompt_id, text)
    queues = [
        sorted(found.values(), key=lambda text: identity(["control-prompt", text.prompt_id]))
        for _, found in sorted(by_category.items())
    ]
    dealt = [
        text
        for at in range(max(map(len, queues), default=0))
        for q in queues
        for text in q[at : at + 1]
    ]
    return dealt[: asked.settings.controls]
