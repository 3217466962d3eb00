"""What judges and people said of each text, one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kojudge.records import Label, Text
from kojudge.report.content import Answer, HumanLabel, Opinion
from kojudge.report.counted import Counted
from kojudge.report.gather import pairs
from kojudge.store.run import Run

ABSENT = "not in the run"
"""The reason of a text that was judged elsewhere and is not here."""
_COUNTED = """(origin = 'imported' OR judgment_id IN (SELECT unnest(?::VARCHAR[])))
              AND (mode = 'pointwise' OR baseline = ?)"""


def opinions(run: Run, counted: Counted) -> dict[str, tuple[Opinion, ...]]:
    """Return the opinions on each text, by text_id: those that count, by criterion and judge."""
    baseline, ids = counted.settings.baseline, counted.wanted_ids
    wins = {
        (pair.text_id, pair.judge, pair.criterion, pair.repeat): pair.win
        for pair in pairs(run, ids, baseline)
        if pair.complete
    }
    table = run.query(
        f"""SELECT text_id, criterion, judge, mode, repeat, "order", status, score, rationale,
                   reason, coalesce(method = 'flagged', false) AS flagged
            FROM judgments WHERE {_COUNTED} ORDER BY ALL""",  # noqa: S608 (a constant)
        [ids, baseline],
    )
    asked: dict[tuple[str, str, str, str, int], list[Mapping[str, Any]]] = {}
    for row in table.to_pylist():
        place = (row["text_id"], row["criterion"], row["judge"], row["mode"], row["repeat"])
        asked.setdefault(place, []).append(row)
    found: dict[str, list[Opinion]] = {}
    for (text_id, criterion, judge, _, repeat), rows in asked.items():
        win = wins.get((text_id, judge, criterion, repeat))
        found.setdefault(text_id, []).append(_opinion(rows, win))
    return {text_id: tuple(own) for text_id, own in found.items()}


def _opinion(rows: Sequence[Mapping[str, Any]], win: float | None) -> Opinion:
    first = rows[0]
    orders = {row["order"]: _answer(row) for row in rows}
    pairwise = first["mode"] == "pairwise"
    answers = (orders.get("AB"), orders.get("BA")) if pairwise else (_answer(first),)
    return Opinion(
        judge=first["judge"],
        criterion=first["criterion"],
        mode=first["mode"],
        value=win if pairwise else _answer(first).score,
        answers=answers,
        repeat=first["repeat"],
        flagged=any(row["flagged"] for row in rows),
    )


def _answer(row: Mapping[str, Any]) -> Answer:
    score = row["score"] if row["status"] == "scored" else None
    return Answer(score, row["rationale"] or "", row["reason"] or "")


def human_labels(
    labels: Sequence[Label], baseline: str
) -> dict[tuple[str, str, int], tuple[HumanLabel, ...]]:
    """Return people's labels by (prompt_id, candidate, sample), preferences over ``baseline`` only.

    Raters are numbered in the order of their names.
    """
    raters = {name: at for at, name in enumerate(sorted({one.rater for one in labels}), start=1)}
    found: dict[tuple[str, str, int], list[HumanLabel]] = {}
    for label in labels:
        if label.preference is not None and label.baseline not in (None, baseline):
            continue
        said = HumanLabel(raters[label.rater], label.criterion, label.score, label.preference)
        found.setdefault((label.prompt_id, label.candidate, label.sample), []).append(said)
    return {
        place: tuple(sorted(own, key=lambda one: (one.criterion, one.rater)))
        for place, own in found.items()
    }


def unwritten(run: Run, counted: Counted) -> list[Text]:
    """Return a stand-in for each imported judgment's text that is not in the run."""
    table = run.query(
        """SELECT text_id, prompt_id, min(category) AS category, candidate, sample, turn
           FROM judgments
           WHERE origin = 'imported' AND (mode = 'pointwise' OR baseline = ?)
           GROUP BY ALL ORDER BY ALL""",
        [counted.settings.baseline],
    )
    known = {text.text_id: text for text in counted.texts}
    asked = {text.prompt_id: text for text in counted.texts}
    found = []
    for row in table.to_pylist():
        if row["text_id"] in known:
            continue
        near = asked.get(row["prompt_id"])
        # Where another model's text is here, its prompt is known.
        about = {"category": near.category, "prompt_name": near.prompt_name} if near else {}
        found.append(Text(**(row | about), prompt="", text="", status="failed", reason=ABSENT))
    return found
