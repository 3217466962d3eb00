"""How many tokens one text or one judgment keeps in memory: measured in a run, or assumed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kojudge.cards import CandidateCard, JudgeCard
from kojudge.records import Prompt
from kojudge.rubrics import Rubric, render_pair, render_text
from kojudge.selection import Asked
from kojudge.store.run import Run

__all__ = ["CHARACTERS_A_TOKEN", "Length", "judge_length", "longest_prompt", "writer_length"]

CHARACTERS_A_TOKEN = 1.3
"""Of Korean: Qwen 2.5 reads 1.33 of the shipped prompts, Gemma 3 1.67. A tokenizer made for
English alone reads half a character, and needs more memory than is said here."""
_MARKS = 64
"""Tokens of a chat format and its default system turn."""


@dataclass(frozen=True, slots=True)
class Length:
    """``tokens`` of the longest item; ``measured`` in a run, else worked out from characters."""

    tokens: int
    measured: bool


def longest_prompt(prompts: Sequence[Prompt]) -> Prompt:
    """Return the prompt with the most characters, all turns together."""
    return max(prompts, key=lambda prompt: sum(len(turn.content) for turn in prompt.messages))


def writer_length(asked: Asked, card: CandidateCard, run: Run | None) -> Length:
    """Return the longest prompt and all the tokens a text may have."""
    limit = card.sampling.max_tokens
    read = _measured(run, "texts", "candidate", card.name)
    if read is not None:
        return Length(read + limit, measured=True)
    turns = longest_prompt(asked.prompts).messages
    characters = sum(len(turn.content) for turn in turns)
    return Length(_tokens(characters) + _MARKS + limit, measured=False)


def judge_length(asked: Asked, card: JudgeCard, run: Run | None) -> Length:
    """Return what the longest judgment reads: rubric, prompt, and texts as long as they may be.

    A judge that gives reasons writes those too.
    """
    reasons = 0 if card.rationale == "none" else card.rationale_tokens
    read = _measured(run, "judgments", "judge", card.name)
    if read is not None:
        return Length(read + reasons, measured=True)
    prompt = longest_prompt(asked.prompts)
    limit = max((one.sampling.max_tokens for one in asked.candidates), default=0)
    tokens = max(_rubric_tokens(rubric, prompt, limit) for rubric in asked.rubrics)
    return Length(tokens + _MARKS + reasons, measured=False)


def _rubric_tokens(rubric: Rubric, prompt: Prompt, limit: int) -> int:
    if rubric.mode == "pairwise":
        empty = render_pair(rubric, prompt, "", "", "plan")
        return _tokens(len(empty)) + 2 * limit
    question = next(iter(rubric.questions), "")
    return _tokens(len(render_text(rubric, prompt, "", "plan", question=question))) + limit


def _tokens(characters: int) -> int:
    return math.ceil(characters / CHARACTERS_A_TOKEN)


def _measured(run: Run | None, kind: str, column: str, name: str) -> int | None:
    """Return the most tokens that one item of ``name`` read; 0 is not measured."""
    if run is None:
        return None
    table = run.query(
        f"SELECT max(prompt_tokens) AS most FROM {kind} WHERE {column} = ? AND prompt_tokens > 0",  # noqa: S608
        [name],
    )
    most = table.to_pylist()[0]["most"]
    return None if most is None else int(most)
