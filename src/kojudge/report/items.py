"""The texts side by side: one item a prompt and sample, the baseline first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.korean.diagnose import label_of
from kojudge.korean.hit import Hit
from kojudge.records import Evidence, Text
from kojudge.report.content import HumanLabel, Item, ItemText, Mark, Opinion
from kojudge.report.counted import Counted
from kojudge.report.evidence import hits_of
from kojudge.report.opinions import ABSENT, human_labels, opinions, unwritten
from kojudge.store.run import Run

Scores = dict[tuple[str, str, str | None], float | None]
"""(text_id, criterion, order) → score; order is None for a pointwise score."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of the texts, by text_id; labels by prompt_id, candidate and sample."""

    counted: Counted
    scores: Scores
    criteria: Sequence[str]
    opinions: Mapping[str, tuple[Opinion, ...]]
    labels: Mapping[tuple[str, str, int], tuple[HumanLabel, ...]]


def build_items(run: Run, counted: Counted) -> list[Item]:
    """Return every prompt and sample with the texts written for it, and what was said of them.

    A text that was judged and is not in the run has its place too, without its words.
    Scores are means over the judges; each judge's opinions stand beside them.
    """
    scores = _scores(run, counted)
    criteria = sorted({criterion for _, criterion, _ in scores})
    found = _Found(
        counted, scores, criteria, opinions(run, counted),
        human_labels(run.labels().labels, counted.settings.baseline),
    )  # fmt: skip
    groups: dict[tuple[str, str, str, int, int], list[Text]] = {}
    for text in (*counted.texts, *unwritten(run, counted)):
        key = (text.category, text.prompt_name, text.prompt_id, text.sample, text.turn)
        groups.setdefault(key, []).append(text)
    return [_item(texts, found) for _, texts in sorted(groups.items())]


def _scores(run: Run, counted: Counted) -> Scores:
    table = run.query(
        """SELECT text_id, criterion, "order", avg(score) AS score FROM judgments
           WHERE (origin = 'imported' OR judgment_id IN (SELECT unnest(?::VARCHAR[])))
                 AND (mode = 'pointwise' OR baseline = ?)
           GROUP BY ALL""",
        [counted.wanted_ids, counted.settings.baseline],
    )
    rows: list[Mapping[str, Any]] = table.to_pylist()
    return {(row["text_id"], row["criterion"], row["order"]): row["score"] for row in rows}


def _item(texts: Sequence[Text], found: _Found) -> Item:
    baseline = found.counted.settings.baseline
    ordered = sorted(texts, key=lambda text: (text.candidate != baseline, text.candidate))
    # A text whose words are missing does not know what was asked.
    first = next((text for text in ordered if text.status == "ok"), ordered[0])
    history = tuple((turn["role"], turn["content"]) for turn in json.loads(first.history))
    return Item(
        prompt_name=first.prompt_name or first.prompt_id,
        category=first.category,
        sample=first.sample,
        request=first.prompt,
        history=history,
        texts=tuple(_item_text(text, found) for text in ordered),
        turn=first.turn,
    )


def _item_text(text: Text, found: _Found) -> ItemText:
    own, scores, criteria = text.text_id, found.scores, found.criteria
    measured = found.counted.evidence.get(own)
    return ItemText(
        candidate=text.candidate,
        text=text.text,
        finish_reason=text.finish_reason,
        status="absent" if text.reason == ABSENT else text.status,
        flags=found.counted.flags.get(own, ()),
        hits=hits_of(text.text, measured) if measured else (),
        scores={c: scores[own, c, None] for c in criteria if (own, c, None) in scores},
        wins={
            c: (scores.get((own, c, "AB")), scores.get((own, c, "BA")))
            for c in criteria
            if (own, c, "AB") in scores or (own, c, "BA") in scores
        },
        marks=_marks(measured) if measured else (),
        opinions=found.opinions.get(own, ()),
        labels=found.labels.get((text.prompt_id, text.candidate, text.sample), ()),
    )


def _marks(evidence: Evidence) -> tuple[Mark, ...]:
    hits = [Hit(*place) for place in json.loads(evidence.hits)]
    return tuple(Mark(hit.group, label_of(hit), hit.start, hit.end) for hit in hits)
