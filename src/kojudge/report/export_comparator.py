"""Pairs for LLM Comparator, PAIR's viewer of side-by-side evaluations: one file a candidate and criterion.

Model A is the candidate, model B the baseline. Its scores run from -1.5 (B much better) to
1.5 (A much better): three times the win score less one half. A rating shown with the baseline
first is ``is_flipped``; its score speaks of A and B all the same. Where both texts were scored on
their own too, those scores stand beside them, a field a judge.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.records import CONTROL, Judgment, Scored, Text
from kojudge.report.counted import Counted
from kojudge.report.gather import Pair, pairs
from kojudge.store.run import Run

__all__ = ["Comparison", "comparator_files"]

SPAN = 3.0
"""From the worst score to the best."""
_SCORE = "score: "
"""Before a judge's name: the field of its scores of single texts."""
_FIELDS = (
    {"name": "prompt_id", "type": "string"},
    {"name": "sample", "type": "category"},  # its histogram of a single number would be empty
    {"name": "characters", "type": "per_model_number"},
    {"name": "order_flipped", "type": "category"},
    {"name": "judge", "type": "per_rating_string"},
)

_TURN = {"name": "turn", "type": "category"}

Place = tuple[str, int, int]
"""A prompt, a sample and a turn."""
Key = tuple[str, str, Place]
"""A candidate, a criterion and a place."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """What counts: ratings of pairs, and scores of single texts by judge."""

    ratings: Mapping[Key, Sequence[Judgment]]
    scores: Mapping[Key, Mapping[str, Sequence[float]]]


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
    judged = _judged(run, counted)
    return [
        _comparison(run, baseline, own, texts, judged)
        for _, own in sorted(by.items(), key=lambda item: item[0])
    ]


def _shown(pair: Pair, baseline: str) -> bool:
    return pair.complete and pair.candidate not in (baseline, baseline + CONTROL)


def _judged(run: Run, counted: Counted) -> _Judged:
    wanted = set(counted.wanted_ids)
    ratings: dict[Key, list[Judgment]] = {}
    scores: dict[Key, dict[str, list[float]]] = {}
    for item in run.judgments():
        if item.origin != "imported" and item.judgment_id not in wanted:
            continue
        key = (item.candidate, item.criterion, (item.prompt_id, item.sample, item.turn))
        if item.mode == "pairwise" and item.baseline == counted.settings.baseline:
            ratings.setdefault(key, []).append(item)
        elif item.mode == "pointwise" and isinstance(item.outcome, Scored):
            by_judge = scores.setdefault(key, {})
            by_judge.setdefault(item.judge, []).append(item.outcome.score)
    return _Judged(ratings, scores)


def _comparison(
    run: Run,
    baseline: str,
    found: Sequence[Pair],
    texts: Mapping[tuple[str, Place], Text],
    judged: _Judged,
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
        example = _example(ours, theirs, own, judged.ratings[candidate, criterion, place])
        keys = ((candidate, criterion, place), (baseline, criterion, place))
        example["custom_fields"] |= _scores([judged.scores.get(key, {}) for key in keys])
        examples.append(example)
    content = {
        "metadata": {
            "source_path": f"kojudge: {run.path.rstrip('/').rsplit('/', 1)[-1]}, {criterion}",
            "custom_fields_schema": _fields(examples),
        },
        "models": [{"name": candidate}, {"name": baseline}],
        "examples": examples,
    }
    return Comparison(candidate, criterion, content, left_out)


def _fields(examples: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the schema, and give every example each field of it: the viewer reads them all."""
    fields = [dict(field) for field in _FIELDS]
    if any(example["custom_fields"]["turn"] != "1" for example in examples):
        fields.append(dict(_TURN))
    own = {name for example in examples for name in example["custom_fields"]}
    scores = sorted(name for name in own if name.startswith(_SCORE))
    fields += [{"name": name, "type": "per_model_number"} for name in scores]
    for example in examples:
        values = example["custom_fields"]
        if _TURN not in fields:
            del values["turn"]
        for name in scores:
            values.setdefault(name, [None, None])
    return fields


def _scores(both: Sequence[Mapping[str, Sequence[float]]]) -> dict[str, Any]:
    """Return the mean score of the two texts by judge; None where a judge gave none."""
    judges = sorted({judge for one in both for judge in one})
    return {
        _SCORE + judge: [
            round(sum(one[judge]) / len(one[judge]), 6) if judge in one else None for one in both
        ]
        for judge in judges
    }


def _example(
    ours: Text, theirs: Text, found: Sequence[Pair], ratings: Iterable[Judgment]
) -> dict[str, Any]:
    win = sum(pair.win for pair in found) / len(found)
    flipped = any(pair.flipped for pair in found)
    rated = [_rating(item, item.outcome) for item in ratings if isinstance(item.outcome, Scored)]
    return {
        "input_text": _asked(ours),
        "tags": [ours.category],
        "output_text_a": ours.text,
        "output_text_b": theirs.text,
        "score": _score(win),
        "individual_rater_scores": rated,
        "rationale_list": [
            {"rationale": one["rationale"], "similarities": []} for one in rated if one["rationale"]
        ],
        "custom_fields": {
            "prompt_id": ours.prompt_name or ours.prompt_id,
            "sample": str(ours.sample),
            "turn": str(ours.turn),
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
