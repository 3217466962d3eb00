"""What people said of the texts that a judge judged: the agreement row of a certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kojudge.audit.measured import People
from kojudge.records import Label, identity
from kojudge.rubrics import Rubric
from kojudge.stats.pairs import combine_log_odds
from kojudge.store import manifest
from kojudge.store.run import Run

__all__ = ["compared", "people_id"]

Unit = tuple[str, str, int]
"""(prompt_id, candidate, sample)."""
_EVEN = 0.5


def people_id(people: Sequence[Sequence[People]]) -> str:
    """Return an id of the units a certificate was compared with, rubric after rubric.

    It covers what the judge said of them too, which changes when it judges more of a run.
    Empty where there are none.
    """
    found = [[[x.prompt_id, x.judge, list(x.ratings)] for x in units] for units in people]
    return identity(["people", found]) if any(found) else ""


def compared(run: Run, judge_id: str, rubric: Rubric) -> tuple[People, ...]:
    """Return the units that people labelled and this judge judged with this rubric in ``run``.

    A unit is a candidate's difference from the baseline on a prompt: of scores (pointwise)
    or the win score minus ½ (pairwise). Empty where the two have nothing in common. What was
    compared with another baseline is about something else.
    """
    baseline = _baseline(run)
    labels = [label for label in run.labels().labels if label.criterion == rubric.criterion]
    if rubric.mode == "pairwise":
        judged = _win_scores(run, judge_id, rubric, baseline)
        ours = [x for x in labels if x.baseline in (None, baseline)]
        said = _ratings([x for x in ours if x.preference is not None], "preference")
        return _units(
            {
                unit: (win - _EVEN, {rater: x - _EVEN for rater, x in said[unit].items()})
                for unit, win in judged.items()
                if unit in said
            }
        )
    scores = _scores(run, judge_id, rubric)
    said = _ratings([x for x in labels if x.score is not None], "score")
    found = {}
    for unit, own in said.items():
        other = (unit[0], baseline, unit[2])
        if unit[1] == baseline or other not in said or unit not in scores or other not in scores:
            continue
        both = {rater: own[rater] - said[other][rater] for rater in own if rater in said[other]}
        if both:
            found[unit] = (scores[unit] - scores[other], both)
    return _units(found)


def _units(found: Mapping[Unit, tuple[float, Mapping[str, float]]]) -> tuple[People, ...]:
    raters = sorted({rater for _, own in found.values() for rater in own})
    return tuple(
        People(unit[0], judge, tuple(own.get(rater) for rater in raters))
        for unit, (judge, own) in sorted(found.items())
    )


def _ratings(labels: Sequence[Label], field: str) -> dict[Unit, dict[str, float]]:
    found: dict[Unit, dict[str, float]] = {}
    for label in labels:
        unit = (label.prompt_id, label.candidate, label.sample)
        found.setdefault(unit, {})[label.rater] = float(getattr(label, field))
    return found


def _baseline(run: Run) -> str:
    return str(manifest.read(run.path).get("settings", {}).get("baseline", ""))


def _scores(run: Run, judge_id: str, rubric: Rubric) -> dict[Unit, float]:
    rows = run.query(
        """SELECT prompt_id, candidate, sample, avg(score) AS score FROM judgments
           WHERE judge_id = ? AND rubric_id = ? AND mode = 'pointwise' AND status = 'scored'
           GROUP BY ALL ORDER BY ALL""",
        [judge_id, rubric.rubric_id],
    ).to_pylist()
    return {(r["prompt_id"], r["candidate"], r["sample"]): float(r["score"]) for r in rows}


def _win_scores(run: Run, judge_id: str, rubric: Rubric, baseline: str) -> dict[Unit, float]:
    rows = run.query(
        """SELECT prompt_id, candidate, sample,
                  avg(score) FILTER (WHERE "order" = 'AB') AS ab,
                  avg(score) FILTER (WHERE "order" = 'BA') AS ba
           FROM judgments
           WHERE judge_id = ? AND rubric_id = ? AND mode = 'pairwise' AND status = 'scored'
                 AND baseline = ?
           GROUP BY ALL ORDER BY ALL""",
        [judge_id, rubric.rubric_id, baseline],
    ).to_pylist()
    return {
        (r["prompt_id"], r["candidate"], r["sample"]): float(
            combine_log_odds(np.float64(r["ab"]), np.float64(r["ba"]))
        )
        for r in rows
        if r["ab"] is not None and r["ba"] is not None
    }
