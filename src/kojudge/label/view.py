"""What the page is told about a question: the texts, and nothing about who wrote them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from kojudge.errors import Language, said
from kojudge.label.naming import Names, names_itself
from kojudge.label.plan import CHOICES, Question
from kojudge.label.sitting import Progress
from kojudge.label.words import ALIKE, ROLES, SIDES, Criterion
from kojudge.records import Json, Text
from kojudge.visible import visible

__all__ = ["View"]

_LABELS = ("가", "나")


@dataclass(frozen=True, slots=True)
class View:
    """How questions are shown: the language, the criteria's words, the names to flag."""

    language: Language
    criteria: Mapping[str, Criterion]
    names: Names

    def question(self, question: Question, question_id: str) -> dict[str, Json]:
        """Return a question as the page shows it. Hidden characters are made visible."""
        words = self.criteria[question.criterion]
        pair = question.pair
        sides = (
            (pair.text, pair.baseline) if question.candidate_left else (pair.baseline, pair.text)
        )
        shared = pair.text.history == pair.baseline.history
        return {
            "id": question_id,
            "criterion": words.name.in_(self.language),
            "question": words.question.in_(self.language),
            "hint": words.hint.in_(self.language),
            "choices": [self._choice(words, choice) for choice in CHOICES],
            "request": visible(pair.text.prompt),
            "turns": self._turns(pair.text) if shared else [],
            "texts": [
                self._side(label, text, shared) for label, text in zip(_LABELS, sides, strict=True)
            ],
        }

    def progress(self, progress: Progress) -> dict[str, Json]:
        """Return the progress as numbers and as one sentence."""
        number = min(progress.settled + 1, progress.total)
        sentence = said(
            f"{progress.total}문항 가운데 {number}번째", f"Question {number} of {progress.total}"
        )
        return {
            "settled": progress.settled,
            "total": progress.total,
            "text": sentence.in_(self.language),
        }

    def _choice(self, words: Criterion, choice: int) -> dict[str, Json]:
        """Return the words of a choice (1–5) for texts side by side and one above the other."""
        if choice == 3:
            alike = ALIKE.in_(self.language)
            return {"value": choice, "wide": alike, "narrow": alike}
        form = (words.much if choice in (1, 5) else words.little).in_(self.language)
        side = int(choice > 3)
        named = {
            width: form.format(side=sides[side].in_(self.language))
            for width, sides in SIDES.items()
        }
        return {"value": choice, **named}

    def _side(self, label: str, text: Text, shared: bool) -> dict[str, Json]:
        return {
            "label": label,
            "text": visible(text.text) if text.text.strip() else "",
            "turns": [] if shared else self._turns(text),
            "named": names_itself(text.text, self.names),
        }

    def _turns(self, text: Text) -> list[Json]:
        """Return the turns before the request: who spoke, in words, and what."""
        return [
            {"role": ROLES[turn["role"]].in_(self.language), "text": visible(turn["content"])}
            for turn in json.loads(text.history)
        ]
