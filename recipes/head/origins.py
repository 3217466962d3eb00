"""The texts that the shipped head learns from, before anything is done to them.

Four sources of Korean: the audit's training split, students' writing, and answers of models
in komt-eval and ko-arena-hard. Nothing else is read, and no audit text outside the training
split.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kojudge.audit.shortcuts import features
from kojudge.audit.texts import load_sources, split
from kojudge.records import identity

__all__ = ["CORPORA", "Origin", "origins"]

CORPORA: Mapping[str, str] = {
    "audit": "kojudge",
    "students": "Apache-2.0",
    "komt": "Apache-2.0",
    "arena": "Apache-2.0",
}
"""Licence of each source."""

LONGEST = 500
"""Characters kept of a text, in whole sentences: about what a blog paragraph or two holds."""
SHORTEST = 120
KOREAN = 0.9
"""Share of Hangul among letters that a text needs to be made worse on purpose."""
ARENA_PROMPTS = 140
KOMT_SOUND = 4.0
"""ChatGPT's score from which a komt-eval answer counts as sound enough to be made worse."""
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)]*(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Origin:
    """A text as it was found. ``prompt`` groups the texts that answer one request.

    ``score`` is ChatGPT's (0–5) where there is one. ``sound``: whole Korean prose that may be
    made worse. ``rewrites`` are the audit's, by kind.
    """

    corpus: str
    prompt: str
    writer: str
    category: str
    request: str
    text: str
    score: float | None = None
    sound: bool = True
    rewrites: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Names the text: ``komt/12/clova``."""
        return f"{self.prompt}/{self.writer}"


def origins(root: Path, shared: Path) -> list[Origin]:
    """Return all texts, in an order that depends on nothing but them."""
    return [
        *_audit(root / "judge" / "audit"),
        *_students(shared / "data" / "korean-student-writing" / "human_data.json"),
        *_komt(shared / "data" / "komt-eval" / "eval_results"),
        *_arena(shared / "data" / "ko-arena-hard" / "data" / "ko-arena-hard-v0.1"),
    ]


def _audit(folder: Path) -> Iterator[Origin]:
    training, _ = split(load_sources(folder))
    for one in training:
        prompt = f"audit/{one.source_id}"
        yield Origin("audit", prompt, "kojudge", one.category, one.prompt, one.original,
                     rewrites=one.rewrites)  # fmt: skip


def _students(path: Path) -> Iterator[Origin]:
    for row in json.loads(path.read_text(encoding="utf-8")):
        text = opening(row["output"])
        if is_korean(text):
            student = f"student-{row['student_id']}"
            prompt = f"students/{identity([row['input'], text])[:8]}"
            yield Origin("students", prompt, student, "essay", row["input"].strip(), text)


def _komt(folder: Path) -> Iterator[Origin]:
    """Answers "no answer" are no texts and are left out."""
    for path in sorted(folder.glob("score_result_*.jsonl")):
        writer = path.stem.removeprefix("score_result_")
        for row in _rows(path):
            if row["answer"].strip() != "no answer":
                score, text = float(row["score"]), opening(row["answer"])
                sound = score >= KOMT_SOUND and is_korean(text) and features(text)[3] < 0.1
                yield Origin("komt", f"komt/{row['id']}", writer, "answer",
                             row["instruction"].strip(), text, score, sound)  # fmt: skip


def _arena(folder: Path) -> Iterator[Origin]:
    """One answer each to as many prompts as ``ARENA_PROMPTS``, the seven models in turn."""
    requests = {row["question_id"]: row["turns"][0]["content"]
                for row in _rows(folder / "question.jsonl")}  # fmt: skip
    answers: dict[str, dict[str, str]] = {}
    paths = sorted((folder / "model_answer").glob("*.jsonl"))
    for path in paths:
        for row in _rows(path):
            text = opening(row["choices"][0]["turns"][0]["content"])
            if is_korean(text) and "```" not in text:
                answers.setdefault(row["question_id"], {})[path.stem] = text
    chosen = sorted(answers, key=lambda asked: identity(["arena", asked]))[:ARENA_PROMPTS]
    writers = [path.stem for path in paths]
    for number, asked in enumerate(chosen):
        turn = number % len(writers)
        in_turn = writers[turn:] + writers[:turn]
        writer = next(name for name in in_turn if name in answers[asked])
        yield Origin(
            "arena", f"arena/{asked}", writer, "answer", requests[asked], answers[asked][writer]
        )


def opening(text: str) -> str:
    """Return the beginning of ``text`` in whole sentences, ``LONGEST`` characters at most."""
    text = text.strip()
    if len(text) <= LONGEST:
        return text
    ends = [found.end() for found in _SENTENCE_END.finditer(text[:LONGEST])]
    return text[: ends[-1]].rstrip() if ends else text[:LONGEST]


def is_korean(text: str) -> bool:
    """Tell whether ``text`` is Korean throughout and long enough to say something."""
    return len(text) >= SHORTEST and features(text)[1] >= KOREAN


def _rows(path: Path) -> Sequence[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def seeded(*names: str) -> np.random.Generator:
    """Return randomness that depends on ``names`` alone."""
    return np.random.default_rng(int(identity(["recipe", *names])[:16], 16))
