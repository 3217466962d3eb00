"""Which judgments the workspace asks for, given the texts there are."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kojudge.cards import JudgeCard, judge_identity
from kojudge.judging import rubric_key
from kojudge.records import Message, Mode, Order, Prompt, Text, identity
from kojudge.rubrics import Rubric
from kojudge.selection.asked import METHOD, Asked, engine_for
from kojudge.workspace import Settings


@dataclass(frozen=True, slots=True)
class WantedJudgment:
    """One question for a judge: a text, or a text beside the baseline's in one order.

    ``flagged`` names those of its texts that failed a gate, where ``flagged = "minimum"``
    settles it unasked. Of a ``control`` the text is made worse before the judge reads it.
    """

    judgment_id: str
    judge: JudgeCard
    judge_id: str
    rubric: Rubric
    prompt: Prompt
    text: Text
    baseline: Text | None = None
    order: Order | None = None
    flagged: tuple[str, ...] = ()
    control: bool = False


def modes_of(settings: Settings) -> tuple[Mode, ...]:
    """Return the modes that the settings ask for."""
    return ("pointwise", "pairwise") if settings.mode == "both" else (settings.mode,)


def wanted_judgments(
    asked: Asked, texts: Sequence[Text], flags: Collection[str] = ()
) -> Iterator[WantedJudgment]:
    """Yield every judgment asked of ``texts``, judge by judge and rubric by rubric.

    ``flags`` are the ids of the texts that fail a gate (:mod:`kojudge.selection.flags`).
    Rubrics come one after another, so that what the judge reads shares a prefix.
    """
    prompts = {prompt.prompt_id: prompt for prompt in asked.prompts}
    modes = modes_of(asked.settings)
    baselines = _by_place(texts, asked.settings.baseline)
    failed = flags if asked.settings.flagged == "minimum" else ()
    for judge in asked.judges:
        judge_id = judge_identity(judge, engine_for(judge, asked.settings), METHOD)
        for rubric in asked.rubrics:
            if rubric.mode not in modes:
                continue
            for text in texts:
                prompt = prompts.get(text.prompt_id) or prompt_of(text)
                for other, order in _pairings(rubric, text, baselines, prompts):
                    shown = [text] if other is None else [text, other]
                    flagged = tuple(one.text_id for one in shown if one.text_id in failed)
                    yield _wanted(judge, judge_id, rubric, prompt, text, other, order, flagged)


def prompt_of(text: Text) -> Prompt:
    """Rebuild the prompt of an imported text from what its line says."""
    turns = tuple(Message(turn["role"], turn["content"]) for turn in json.loads(text.history))
    return Prompt(text.prompt_id, text.category, (*turns, Message("user", text.prompt)))


def apart(asked: Asked, texts: Sequence[Text]) -> int:
    """Count texts that no pair is made of: the baseline's answers another conversation.

    So it is with imported second turns, where each model goes on from its own first answer.
    """
    prompts = {prompt.prompt_id: prompt for prompt in asked.prompts}
    baselines = _by_place(texts, asked.settings.baseline)
    found = ((text, _beside(text, baselines)) for text in texts)
    return sum(other is not None and not _alike(text, other, prompts) for text, other in found)


def _by_place(texts: Sequence[Text], baseline: str) -> dict[tuple[str, int, int], Text]:
    own = (text for text in texts if text.candidate == baseline)
    return {(text.prompt_id, text.turn, text.sample): text for text in own}


def _beside(text: Text, baselines: Mapping[tuple[str, int, int], Text]) -> Text | None:
    other = baselines.get((text.prompt_id, text.turn, text.sample))
    return None if other is None or other.candidate == text.candidate else other


def _alike(text: Text, other: Text, prompts: Mapping[str, Prompt]) -> bool:
    """Tell whether both answer the same conversation: the workspace's, or what they say themselves."""
    return text.prompt_id in prompts or text.history == other.history


def _pairings(
    rubric: Rubric,
    text: Text,
    baselines: Mapping[tuple[str, int, int], Text],
    prompts: Mapping[str, Prompt],
) -> list[tuple[Text | None, Order | None]]:
    """Return what ``text`` is shown beside: nothing, or the baseline's text in both orders."""
    if rubric.mode == "pointwise":
        return [(None, None)]
    other = _beside(text, baselines)
    if other is None or not _alike(text, other, prompts):
        return []
    return [(other, "AB"), (other, "BA")]


def _wanted(
    judge: JudgeCard,
    judge_id: str,
    rubric: Rubric,
    prompt: Prompt,
    text: Text,
    other: Text | None,
    order: Order | None,
    flagged: tuple[str, ...],
) -> WantedJudgment:
    shown = [text.text_id] if other is None else [text.text_id, other.text_id]
    content = ["judgment", shown, rubric_key(rubric), judge_id, rubric.mode, order, 0]
    key = identity([*content, "flagged"] if flagged else content)
    return WantedJudgment(key, judge, judge_id, rubric, prompt, text, other, order, flagged)
