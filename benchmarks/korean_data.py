"""Real Korean texts beside this checkout (``../shared/data``), and the signals read off them.

Nothing here is copied into the project. Each text names its ``cluster``, what it shares with
others (its writer, its question): intervals are bootstrapped over clusters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kojudge.korean.diagnose import Diagnosis, diagnose
from kojudge.korean.response_language import answer_language

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ARENA = DATA / "ko-arena-hard" / "data" / "ko-arena-hard-v0.1"
BASELINE = "claude-3.7-sonnet"
SEED = 20261122
Floats = NDArray[np.float64]

# What the text shown first gets in a verdict of ko-arena-hard.
VERDICTS = {"A>>B": 1.0, "A>B": 0.75, "A=B": 0.5, "B>A": 0.25, "B>>A": 0.0}


@dataclass(frozen=True, slots=True)
class Text:
    """One text, what it answers, its cluster and its judge's score (NaN without one)."""

    text: str
    prompt: str
    cluster: str
    score: float = float("nan")
    kind: str = ""


def data_is_here() -> bool:
    """Return whether the texts are there to read, and say so where they are not."""
    if not DATA.is_dir():
        print("Skipped: this needs the real texts in ../shared/data, which kojudge does not carry.")
    return DATA.is_dir()


def _leaf(group: str, name: str) -> Callable[[Diagnosis], float]:
    return lambda found: float(getattr(getattr(found, group), name))


def _foreign(found: Diagnosis) -> float:
    s = found.script
    return s.han + s.kana + s.cyrillic + s.other + s.latin + s.replacement


def _polite(found: Diagnosis) -> float:
    return found.speech_level.share["haeyo"] + found.speech_level.share["hasipsio"]


_LEAVES = (
    ("script", "jamo"),
    ("degeneration", "rep4"),
    ("degeneration", "duplicate_sentences"),
    ("degeneration", "loops"),
    ("truncation", "truncated"),
    ("spacing", "missing_per_100"),
    ("spacing", "extra_per_100"),
    ("spelling", "per_100"),
    ("corruption", "mean_score"),
    ("speech_level", "mixing"),
    ("translationese", "per_100"),
    ("cliche", "per_100"),
    ("cliche", "comma_after_ending"),
    ("cliche", "comma_sentences"),
    ("cliche", "initial_connectives"),
    ("style", "mattr"),
    ("style", "length_cv"),
    ("style", "ending_entropy"),
    ("friendliness", "haeyo"),
    ("friendliness", "interactional"),
    ("friendliness", "ideophones"),
)
SIGNALS: Mapping[str, Callable[[Diagnosis], float]] = MappingProxyType(
    {"script.foreign": _foreign, "speech_level.polite": _polite}
    | {f"{g}.{n}": _leaf(g, n) for g, n in _LEAVES}
)
"""Numbers of a diagnosis by name; ``script.foreign`` is the sum of all that is out of place,
``speech_level.polite`` the share of 해요체 and 합쇼체."""
LOWER_IS_WORSE = frozenset(
    {
        "corruption.mean_score",
        "speech_level.polite",
        "style.mattr",
        "friendliness.haeyo",
        "friendliness.interactional",
    }
)


def signals(text: str, prompt: str = "") -> list[float]:
    """Return the numbers of ``SIGNALS`` in their order."""
    found = diagnose(text, prompt=prompt)
    return [read(found) for read in SIGNALS.values()]


def students() -> list[Text]:
    """Return the distinct Korean texts by students; score: mean of fluency and grammar, 1–5."""
    with (DATA / "korean-student-writing" / "evaluation_results.json").open(
        encoding="utf-8"
    ) as file:
        rows = [row for row in json.load(file) if row["language"] == "Korean"]
    distinct = {row["output"]: row for row in reversed(rows)}
    return [
        Text(
            text,
            row["input"],
            f"student {row['student_id']}",
            (row["Fluency Score"] + row["Grammaticality Score"]) / 2,
            row["task"],
        )
        for text, row in sorted(distinct.items())
    ]


def komt(models: Sequence[str] = ("*",)) -> list[Text]:
    """Return answers of komt-eval with their ChatGPT scores, 0–5."""
    found: list[Text] = []
    for path in _files(DATA / "komt-eval" / "eval_results", "score_result_", models):
        found += [
            Text(row["answer"], row["instruction"], f"komt {row['id']}", float(row["score"]))
            for row in _rows(path)
        ]
    return found


def arena(models: Sequence[str] = ("*",), questions: frozenset[str] | None = None) -> list[Text]:
    """Return answers of ko-arena-hard; score: mean verdict over both orders, 0–1 (½: a tie)."""
    asked = {q["question_id"]: q for q in _rows(ARENA / "question.jsonl")}
    found: list[Text] = []
    for path in _files(ARENA / "model_answer", "", models):
        verdicts = _verdicts(path.name)
        for row in _rows(path):
            name = row["question_id"]
            if questions is None or name in questions:
                found.append(
                    Text(
                        row["choices"][0]["turns"][0]["content"],
                        asked[name]["turns"][0]["content"],
                        name,
                        verdicts.get(name, float("nan")),
                        asked[name]["ko_cluster"],
                    )
                )
    return found


def arena_questions(count: int) -> frozenset[str]:
    """Draw ``count`` questions of ko-arena-hard, seeded."""
    names = sorted(row["question_id"] for row in _rows(ARENA / "question.jsonl"))
    drawn = np.random.default_rng(SEED).choice(len(names), count, replace=False)
    return frozenset(names[int(i)] for i in drawn)


def good_answers(each: int, least: int = 250) -> list[Text]:
    """Return Korean prose of two good models: gemma-3-27b-it (arena), gpt-3.5-turbo (komt)."""
    rng = np.random.default_rng(SEED)
    found: list[Text] = []
    for pool in (arena(["gemma-3-27b-it"]), komt(["gpt-3.5-turbo"])):
        fit = [
            t
            for t in pool
            if len(t.text) >= least and "```" not in t.text and answer_language(t.text) == "korean"
        ]
        drawn = sorted(rng.permutation(len(fit))[:each].tolist())
        found += [fit[i] for i in drawn]
    return found


def opening(text: str, characters: int) -> str:
    """Return the whole sentences within the first ``characters`` of ``text``."""
    whole = text.strip()
    if len(whole) <= characters:
        return whole
    head = whole[: characters + 1]
    ends = [m.end() for m in re.finditer(r"(?<![\s\d])[.!?…][\"'”’)\]]*(?=\s)", head)]
    return head[: ends[-1] if ends else characters]


def _verdicts(file: str) -> dict[str, float]:
    path = ARENA / "model_judgment" / "ensemble" / file
    if not path.is_file() or path.stem == BASELINE:
        return {}
    found: dict[str, float] = {}
    for row in _rows(path):
        first, *second = (VERDICTS[game["score"]] for game in row["games"])
        found[row["question_id"]] = float(np.mean([1 - first, *second]))
    return found


def _files(folder: Path, prefix: str, models: Sequence[str]) -> list[Path]:
    return sorted(p for model in models for p in folder.glob(f"{prefix}{model}.jsonl"))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
