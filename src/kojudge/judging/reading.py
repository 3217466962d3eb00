"""The texts of a question themselves, for judges that read states instead of messages (heads)."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from kojudge.engines import Reading
from kojudge.judging.question import Question
from kojudge.records import Message
from kojudge.rubrics import neutralise

__all__ = ["evidence_for_heads", "reading_of"]


def reading_of(
    question: Question, specials: Collection[str] = (), *, evidence: bool = False
) -> Reading:
    """Return the request and the texts of ``question``, the judge's ``specials`` neutralised.

    The rubric's words are not read: of the rubric only criterion, mode and labels count.
    ``evidence`` adds what a program counted in each text.
    """
    turns = tuple(
        Message(turn.role, neutralise(turn.content, specials)) for turn in question.prompt.messages
    )
    texts = tuple(
        neutralise(text, specials) if question.defended else text for text in question.shown
    )
    prompt = question.prompt
    counted = tuple(
        neutralise(evidence_for_heads(text, prompt.request, prompt.category), specials)
        for text in (question.shown if evidence else ())
    )
    return Reading(question.rubric.criterion, question.rubric.mode, turns, texts, counted)


@lru_cache(maxsize=4096)
def evidence_for_heads(text: str, request: str, category: str) -> str:
    """Return the Korean evidence of a text as a head reads it: soundness and manner, in Korean."""
    from kojudge.korean.notes import notes

    return notes(text, prompt=request, genre=category)
