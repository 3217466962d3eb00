"""One question for a judge, and the message that asks it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from kojudge.korean.version import version
from kojudge.records import Order, Prompt, identity
from kojudge.rubrics import Rubric, render_pair, render_text

__all__ = ["Question", "evidence_of", "labels_of", "reads", "rubric_key"]

YES_NO = {"ko": ("예", "아니요"), "en": ("yes", "no")}


@dataclass(frozen=True, slots=True)
class Question:
    """A ``text`` to judge by ``rubric``, alone or beside an ``other`` in one ``order``.

    AB shows ``text`` first. ``defended`` False leaves out fence marker and neutralising, to
    measure what they are worth.
    """

    key: str
    rubric: Rubric
    prompt: Prompt
    text: str
    other: str | None = None
    order: Order | None = None
    defended: bool = True

    @property
    def shown(self) -> tuple[str, ...]:
        """The texts in the order in which the judge sees them."""
        if self.other is None:
            return (self.text,)
        return (self.other, self.text) if self.order == "BA" else (self.text, self.other)


def reads(question: Question, specials: Collection[str] = (), asked: str = "") -> str:
    """Return the message the judge reads; ``asked`` is one of the rubric's questions.

    Raises:
        InputError: the rubric cannot be filled; names file and line.
    """
    rubric, prompt, text = question.rubric, question.prompt, question.text
    if question.other is None:
        return render_text(
            rubric,
            prompt,
            text,
            question.key,
            specials=specials,
            defended=question.defended,
            evidence=evidence_of(rubric, prompt, text),
            question=asked,
        )
    first, second = question.shown
    return render_pair(
        rubric,
        prompt,
        first,
        second,
        question.key,
        specials=specials,
        defended=question.defended,
        evidence=(evidence_of(rubric, prompt, first), evidence_of(rubric, prompt, second)),
    )


def labels_of(rubric: Rubric) -> tuple[str, ...]:
    """Return the answers a judge may give: the levels, or yes and no to the questions."""
    return YES_NO[rubric.language] if rubric.questions else rubric.labels


def rubric_key(rubric: Rubric) -> str:
    """Return the id of what decides a message but the texts: the rubric, and what it shows.

    A rubric that shows the Korean evidence is another one where the signals are others.
    """
    if not rubric.uses_evidence:
        return rubric.rubric_id
    return identity([rubric.rubric_id, version()])


def evidence_of(rubric: Rubric, prompt: Prompt, text: str) -> str:
    """Return what a program counted in ``text``, where the rubric shows it."""
    if not rubric.uses_evidence:
        return ""
    return _noted(text, rubric.language, rubric.criterion, prompt.request, prompt.category)


@lru_cache(maxsize=4096)
def _noted(text: str, language: str, criterion: str, request: str, genre: str) -> str:
    """One text is asked about in both orders and several questions: it is read once."""
    from kojudge.korean.notes import Kind, notes

    kinds: tuple[Kind, ...] = ("manner",) if criterion == "friendliness" else ("soundness",)
    return notes(text, "en" if language == "en" else "ko", prompt=request, genre=genre, kinds=kinds)
