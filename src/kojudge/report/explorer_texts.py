"""What a chunk holds of one prompt: the texts with what was found in them, and all opinions.

Everything is said in the page's language here, so that the script only lays it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from kojudge.errors import Language, Said
from kojudge.report import wording
from kojudge.report.content import Answer, HumanLabel, Item, ItemText, Mark, Opinion
from kojudge.report.explorer_pair import (
    EVEN,
    baseline_of,
    difference,
    flips,
    pairs_of,
    twin,
)
from kojudge.report.explorer_words import DETAIL_WORDS
from kojudge.report.numbers import MISSING, count, number, percent, signed
from kojudge.report.shown import show
from kojudge.visible import visible

Payload = list[Any]
"""[text, [start, end, kind, …]]: kind 0 is a box, above that the hit numbered kind − 1."""


class Numbers(dict[Any, int]):
    """Numbers its keys as they are first asked for."""

    def __missing__(self, key: Any) -> int:
        self[key] = len(self)
        return self[key]


@dataclass(frozen=True, slots=True)
class Names:
    """The numbers by which index and chunks name things; ``hits`` are (group, label)."""

    candidates: Numbers = field(default_factory=Numbers)
    categories: Numbers = field(default_factory=Numbers)
    criteria: Numbers = field(default_factory=Numbers)
    judges: Numbers = field(default_factory=Numbers)
    modes: Numbers = field(default_factory=Numbers)
    flags: Numbers = field(default_factory=Numbers)
    hits: Numbers = field(default_factory=Numbers)


def item_content(
    item: Item, baseline: str, names: Names, language: Language, criteria: Mapping[str, Said]
) -> dict[str, Any]:
    """Return the prompt's turns, its texts, and which of them is the baseline's (-1: none)."""
    other = baseline_of(item, baseline)
    pairs = set(pairs_of(item, baseline))
    writer = _Writer(names, language, criteria)
    turns = [*item.history, ("user", item.request)]
    return {
        "turns": [
            [writer.role(role), writer.payload(content)] for role, content in turns if content
        ],
        "baseline": item.texts.index(other) if other else -1,
        "texts": [
            writer.text(text) | (writer.opinions(text, other) if at in pairs else {})
            for at, text in enumerate(item.texts)
        ],
    }


@dataclass(frozen=True, slots=True)
class _Writer:
    names: Names
    language: Language
    criteria: Mapping[str, Said]

    def say(self, key: str) -> str:
        return DETAIL_WORDS[key].in_(self.language)

    def role(self, role: str) -> str:
        return visible(wording.look_up(wording.ROLES, role).in_(self.language))

    def criterion(self, name: str) -> str:
        return visible(wording.look_up(self.criteria, name).in_(self.language))

    def payload(self, text: str, marks: Sequence[Mark] = ()) -> Payload:
        shown = show(text)
        boxes = ((start, end, 0) for start, end in shown.boxes)
        hits = (
            (shown.place(mark.start), shown.place(mark.end), 1 + self._hit(mark)) for mark in marks
        )
        return [shown.text, list(chain.from_iterable(sorted({*boxes, *hits})))]

    def _hit(self, mark: Mark) -> int:
        return self.names.hits[mark.group, mark.label.in_(self.language)]

    def text(self, text: ItemText) -> dict[str, Any]:
        about = self.say("characters").format(n=count(len(text.text)), why=text.finish_reason)
        return {
            "name": visible(text.candidate),
            "text": self.payload(text.text, text.marks),
            "about": visible(about) if text.status == "ok" else "",
            "note": self._note(text),
            "flags": [self.names.flags[flag] for flag in text.flags],
        }

    def _note(self, text: ItemText) -> str:
        if text.status != "ok":
            return self.say("absent" if text.status == "absent" else "failed")
        return "" if text.text.strip() else self.say("empty")

    def opinions(self, text: ItemText, other: ItemText | None) -> dict[str, Any]:
        beside = other.opinions if other else ()
        scored = [o for o in text.opinions if o.mode == "pointwise"]
        compared = [o for o in text.opinions if o.mode == "pairwise"]
        why = [self._rationales(o, text.candidate) for o in text.opinions]
        if other is not None:
            own = [o for o in beside if o.mode == "pointwise"]
            why += [self._rationales(o, other.candidate) for o in own]
        return {
            "pairs": [self._pair_row(opinion) for opinion in compared],
            "scores": [self._score_row(opinion, twin(opinion, other)) for opinion in scored],
            "why": list(chain.from_iterable(why)),
            "people": [*self._people(text.labels, other.labels if other else ())],
        }

    def _pair_row(self, opinion: Opinion) -> list[str]:
        tags = [self.say("flipped")] if flips(opinion) else []
        tags += [self.say("settled")] if opinion.flagged else []
        answers = [percent(answer.score if answer else None) for answer in opinion.answers]
        return [*self._asked(opinion), *answers, percent(opinion.value), " · ".join(tags)]

    def _score_row(self, opinion: Opinion, other: Opinion | None) -> list[str]:
        return [
            *self._asked(opinion),
            number(opinion.value),
            number(other.value if other else None),
            signed(difference(opinion, other)),
            self.say("settled") if opinion.flagged else "",
        ]

    def _asked(self, opinion: Opinion) -> tuple[str, str]:
        judge = visible(opinion.judge)
        if opinion.repeat:
            judge += " · " + self.say("repeat").format(n=opinion.repeat + 1)
        return self.criterion(opinion.criterion), judge

    def _rationales(self, opinion: Opinion, writer: str) -> Iterator[list[Any]]:
        orders = ["candidate_first", "candidate_second"]
        for at, answer in enumerate(opinion.answers):
            if answer is None or not (answer.rationale or answer.score is None):
                continue
            pairwise = opinion.mode == "pairwise"
            about = self.say(orders[at]) if pairwise else visible(writer)
            write = percent if pairwise else number
            place = (*self._asked(opinion), about, write(answer.score))
            yield [" · ".join(place), self.payload(self._reply(answer))]

    def _reply(self, answer: Answer) -> str:
        missing = f"{self.say('no_answer')}: {answer.reason}" if answer.score is None else ""
        return "\n".join(part for part in (missing, answer.rationale) if part)

    def _people(
        self, labels: Sequence[HumanLabel], others: Sequence[HumanLabel]
    ) -> Iterator[list[str]]:
        base = {(o.rater, o.criterion): o.score for o in others if o.score is not None}
        for label in labels:
            person = self.say("person").format(n=label.rater)
            place = [self.criterion(label.criterion), person]
            if label.preference is not None:
                yield [*place, MISSING, MISSING, self._preference(label.preference)]
            elif label.score is not None:
                beside = base.get((label.rater, label.criterion))
                apart = None if beside is None else label.score - beside
                yield [*place, number(label.score), number(beside), signed(apart)]

    def _preference(self, preference: float) -> str:
        if preference == EVEN:
            return self.say("prefers_neither")
        return self.say("prefers_candidate" if preference > EVEN else "prefers_baseline")
