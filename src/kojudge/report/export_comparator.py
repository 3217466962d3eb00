"""Pairs for LLM Comparator, PAIR's viewer of side-by-side evaluations: one file a candidate and criterion.

Model A is the candidate, model B the baseline. Its scores run from -1.5 (B much better) to
1.5 (A much better): three times the win score less one half. A rating shown with the baseline
first is ``is_flipped``; its score speaks of A and B all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.records import Judgment, Scored, Text
from kojudge.report.counted import Counted
from kojudge.report.gather import CONTROL, Pair, pairs
from kojudge.store.run import Run

__all__ = ["Comparison", "comparator_files"]

SPAN = 3.0
"""From the worst score to the best."""
_FIELDS = (
    {"name": "prompt_id", "type": "string"},
    {"name": "sample", "type": "number"},
    {"name": "characters", "type": "per_model_number"},
    {"name": "order_flipped", "type": "category"},
    {"name": "judge", "type": "per_rating_string"},
)

Place = tuple[str, int, int]
"""A prompt, a sample and a turn."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One file: its content, and how many pairs were left out for want of a text."""

    candidate: str
    criterion: str
    content: Mapping[str, Any]
    left_out: int

    @property
    def examples(self) -> int:
        """How many pairs the file shows."""
        return len(self.content["examples"])


def comparator_files(run: Run, counted: Counted) -> list[Comparison]:
    """Return a file for each candidate and criterion that was judged in pairs, in that order."""
    baseline = counted.settings.baseline
    found = [pair for pair in pairs(run, counted.wanted_ids, baseline) if _shown(pair, baseline)]
    by: dict[tuple[str, str], list[Pair]] = {}
    for pair in found:
        by.setdefault((pair.candidate, pair.criterion), []).append(pair)
    texts = {(t.candidate, (t.prompt_id, t.sample, t.turn)): t for t in counted.texts}
    ratings = _ratings(run, counted)
    return [
        _comparison(run, baseline, own, texts, ratings)
        for _, own in sorted(by.items(), key=lambda item: item[0])
    ]


def _shown(pair: Pair, baseline: str) -> bool:
    return pair.complete and pair.candidate not in (baseline, baseline + CONTROL)


def _ratings(run: Run, counted: Counted) -> dict[tuple[str, str, Place], list[Judgment]]:
    """Return the pairwise judgments that count, by candidate, criterion and place."""
    wanted = set(counted.wanted_ids)
    ratings: dict[tuple[str, str, Place], list[Judgment]] = {}
    for item in run.judgments():
        counts = item.origin == "imported" or item.judgment_id in wanted
        if counts and item.mode == "pairwise" and item.baseline == counted.settings.baseline:
            place = (item.prompt_id, item.sample, item.turn)
            ratings.setdefault((item.candidate, item.criterion, place), []).append(item)
    return ratings


def _comparison(
    run: Run,
    baseline: str,
    found: Sequence[Pair],
    texts: Mapping[tuple[str, Place], Text],
    ratings: Mapping[tuple[str, str, Place], Sequence[Judgment]],
) -> Comparison:
    candidate, criterion = found[0].candidate, found[0].criterion
    by: dict[Place, list[Pair]] = {}
    for pair in found:
        by.setdefault((pair.prompt_id, pair.sample, pair.turn), []).append(pair)
    examples, left_out = [], 0
    for place, own in by.items():
        ours, theirs = texts.get((candidate, place)), texts.get((baseline, place))
        if ours is None or theirs is None:
            left_out += 1
            continue
        examples.append(_example(ours, theirs, own, ratings[candidate, criterion, place]))
    content = {
        "metadata": {
            "source_path": f"kojudge: {run.path.rstrip('/').rsplit('/', 1)[-1]}, {criterion}",
            "custom_fields_schema": list(_FIELDS),
        },
        "models": [{"name": candidate}, {"name": baseline}],
        "examples": examples,
    }
    return Comparison(candidate, criterion, content, left_out)


def _example(
    ours: Text, theirs: Text, found: Sequence[Pair], ratings: Iterable[Judgment]
) -> dict[str, Any]:
    win = sum(pair.win for pair in found) / len(found)
    flipped = any(pair.flipped for pair in found)
    return {
        "input_text": _asked(ours),
        "tags": [ours.category],
        "output_text_a": ours.text,
        "output_text_b": theirs.text,
        "score": _score(win),
        "individual_rater_scores": [
            _rating(item, item.outcome) for item in ratings if isinstance(item.outcome, Scored)
        ],
        "custom_fields": {
            "prompt_id": ours.prompt_name or ours.prompt_id,
            "sample": ours.sample,
            "characters": [len(ours.text), len(theirs.text)],
            "order_flipped": "yes" if flipped else "no",
        },
    }


def _rating(judgment: Judgment, outcome: Scored) -> dict[str, Any]:
    score = _score(outcome.score)
    label = "A is better" if score > 0 else "B is better" if score < 0 else "same"
    return {
        "score": score,
        "rating_label": label,
        "is_flipped": judgment.order == "BA",
        "rationale": judgment.rationale,
        "custom_fields": {"judge": judgment.judge},
    }


def _score(win: float) -> float:
    return round(SPAN * (win - 0.5), 6)


def _asked(text: Text) -> str:
    """Return the request, after the turns before it where there are any."""
    turns = [f"[{turn['role']}] {turn['content']}" for turn in json.loads(text.history)]
    return "\n\n".join([*turns, f"[user] {text.prompt}"]) if turns else text.prompt
