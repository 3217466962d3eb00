"""What every export to another tool's files takes and gives, and conversations of texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kojudge.bridges.peer_files import Line
from kojudge.bridges.tally import Tally
from kojudge.errors import Said, said
from kojudge.records import Json, Judgment, Scored, Text

__all__ = [
    "TEXT_WORDS",
    "Conversation",
    "Exported",
    "PeerFile",
    "conversations",
    "finished",
    "kept_of",
    "natural",
    "score_of",
]

Place = tuple[str, str, int]
"""Prompt, candidate and sample."""


@dataclass(frozen=True, slots=True)
class PeerFile:
    """One file: the names of its ``folders`` and its own, which may hold any characters.

    ``array``: one JSON array, else JSON Lines.
    """

    folders: tuple[str, ...]
    name: str
    suffix: str
    records: list[Line] = field(default_factory=list)
    array: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of one export, and what has no place in them."""

    files: Sequence[PeerFile]
    left_out: Sequence[Said] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """The texts of one candidate on one prompt, turn 1 first; each saw those before it."""

    turns: tuple[Text, ...]

    @property
    def first(self) -> Text:
        """The answer to the first turn."""
        return self.turns[0]

    @property
    def place(self) -> Place:
        """Prompt, candidate and sample."""
        return (self.first.prompt_id, self.first.candidate, self.first.sample)


def conversations(texts: Iterable[Text], tally: Tally) -> dict[Place, Conversation]:
    """Return the texts that make conversations; count what does not (:data:`TEXT_WORDS`)."""
    by: dict[Place, dict[int, Text]] = {}
    for text in texts:
        turns = by.setdefault((text.prompt_id, text.candidate, text.sample), {})
        if text.status == "failed":
            tally.add("failed_texts")
        elif text.turn in turns:
            tally.add("other_texts")
        else:
            turns[text.turn] = text
    found = {}
    for place, turns in by.items():
        whole = _whole(turns)
        tally.add("history", len(turns) - len(whole))
        if whole:
            found[place] = Conversation(tuple(whole))
    return found


def _whole(turns: Mapping[int, Text]) -> list[Text]:
    """Return the turns from the first on, as far as each was asked after exactly those before."""
    whole: list[Text] = []
    history: list[Json] = []
    while (text := turns.get(len(whole) + 1)) and json.loads(text.history) == history:
        whole.append(text)
        history += [
            {"role": "user", "content": text.prompt},
            {"role": "assistant", "content": text.text},
        ]
    return whole


def finished(judgments: Iterable[Judgment], tally: Tally) -> list[Judgment]:
    """Return the judgments but those that failed and will be asked again, counting these."""
    kept = []
    for judgment in judgments:
        if judgment.status == "failed":
            tally.add("failed_judgments")
        else:
            kept.append(judgment)
    return kept


def kept_of(record: Text | Judgment, name: str) -> Line:
    """Return what an import kept under ``name``."""
    kept = json.loads(record.extra).get(name)
    return kept if isinstance(kept, dict) else {}


def score_of(judgment: Judgment) -> float | None:
    """Return the score or preference, None where there is none."""
    return judgment.outcome.score if isinstance(judgment.outcome, Scored) else None


def natural(value: object) -> tuple[int, int, str]:
    """Return a key that sorts numbers, then names."""
    return (0, value, "") if isinstance(value, int) else (1, 0, str(value))


TEXT_WORDS = {
    "failed_texts": said("실패해서 뺀 글 {n}건", "{n} failed texts are left out"),
    "other_texts": said(
        "같은 프롬프트·후보·표본에 글이 또 있어 뺀 것 {n}건",
        "{n} further texts for the same prompt, candidate and sample are left out",
    ),
    "history": said(
        "앞 차례가 이 형식의 꼴이 아니어서 뺀 글 {n}건(주어진 대화나 system이 있거나 앞 차례의 글이 없음)",
        "{n} texts are left out whose earlier turns this format cannot hold: a conversation or a "
        "system message was given, or a turn before is missing",
    ),
    "failed_judgments": said("실패해서 뺀 판정 {n}건", "{n} failed judgments are left out"),
}
