"""The texts side by side: one item a prompt and sample, the baseline first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kojudge.records import Text
from kojudge.report.counted import Counted
from kojudge.report.evidence import hits_of
from kojudge.report.page import Item, ItemText
from kojudge.store.run import Run

Scores = dict[tuple[str, str, str | None], float | None]
"""(text_id, criterion, order) → score; order is None for a pointwise score."""


def build_items(run: Run, counted: Counted) -> list[Item]:
    """Return every prompt and sample with the texts written for it, and their scores.

    Scores are means over the judges.
    """
    scores = _scores(run, counted.wanted_ids)
    criteria = sorted({criterion for _, criterion, _ in scores})
    groups: dict[tuple[str, str, str, int, int], list[Text]] = {}
    for text in counted.texts:
        key = (text.category, text.prompt_name, text.prompt_id, text.sample, text.turn)
        groups.setdefault(key, []).append(text)
    return [_item(texts, scores, criteria, counted) for _, texts in sorted(groups.items())]


def _scores(run: Run, wanted: Sequence[str]) -> Scores:
    table = run.query(
        """SELECT text_id, criterion, "order", avg(score) AS score FROM judgments
           WHERE origin = 'imported' OR judgment_id IN (SELECT unnest(?::VARCHAR[]))
           GROUP BY ALL""",
        [list(wanted)],
    )
    rows: list[Mapping[str, Any]] = table.to_pylist()
    return {(row["text_id"], row["criterion"], row["order"]): row["score"] for row in rows}


def _item(texts: Sequence[Text], scores: Scores, criteria: Sequence[str], counted: Counted) -> Item:
    first, baseline = texts[0], counted.settings.baseline
    ordered = sorted(texts, key=lambda text: (text.candidate != baseline, text.candidate))
    history = tuple((turn["role"], turn["content"]) for turn in json.loads(first.history))
    return Item(
        prompt_name=first.prompt_name or first.prompt_id,
        category=first.category,
        sample=first.sample,
        request=first.prompt,
        history=history,
        texts=tuple(_item_text(text, scores, criteria, counted) for text in ordered),
    )


def _item_text(text: Text, scores: Scores, criteria: Sequence[str], counted: Counted) -> ItemText:
    own = text.text_id
    measured = counted.evidence.get(own)
    return ItemText(
        candidate=text.candidate,
        text=text.text,
        finish_reason=text.finish_reason,
        status=text.status,
        flags=counted.flags.get(own, ()),
        hits=hits_of(text.text, measured) if measured else (),
        scores={c: scores[own, c, None] for c in criteria if (own, c, None) in scores},
        wins={
            c: (scores.get((own, c, "AB")), scores.get((own, c, "BA")))
            for c in criteria
            if (own, c, "AB") in scores or (own, c, "BA") in scores
        },
    )
