"""What should be there and is not: judgments without a score, texts that were never finished."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from kojudge.records import Mode
from kojudge.report.gather import NAN, Pair, Score
from kojudge.selection import WantedJudgment, WantedText

_Key = tuple[str, str, str, str, int, int]
"""judge, criterion, candidate, prompt_id, sample, turn"""


def missing_scores(
    wanted: Iterable[WantedJudgment],
    absent: Sequence[WantedText],
    scored: Collection[str],
    baseline: str,
    asked: Collection[tuple[str, str, str, str]],
) -> tuple[list[Score], list[Pair]]:
    """Return a row of NaN for every pointwise judgment and every pair that has no score.

    ``wanted`` are the judgments asked of the texts there are, ``scored`` the ids of those
    that have a score, ``absent`` the texts that some other model wrote and this one did not,
    ``asked`` the (judge, criterion, mode, prompt_id) begun: what nobody was asked yet is not
    missing.
    A pair with one order scored is among the run's rows already, the other as NaN.
    """
    points: dict[_Key, Score] = {}
    pairs: dict[_Key, Pair] = {}
    half_known: set[_Key] = set()
    begun: dict[tuple[str, str, Mode], None] = {}
    rivals: dict[str, None] = {}
    for item in wanted:
        text, rubric = item.text, item.rubric
        begun[item.judge.name, rubric.criterion, rubric.mode] = None
        place = (text.candidate, text.prompt_id, text.sample, text.turn)
        key = (item.judge.name, rubric.criterion, *place)
        if text.candidate != baseline:
            rivals[text.candidate] = None
        if rubric.mode == "pairwise":
            pairs[key] = _pair(key, text.category, text.text_id)
            if item.judgment_id in scored:
                half_known.add(key)
        elif item.judgment_id not in scored:
            points[key] = _score(key, text.category)
    for lost in absent:
        category, at = lost.prompt.category, (lost.prompt.prompt_id, lost.sample, 1)
        for judge, criterion, mode in begun:
            if mode == "pointwise":
                own: _Key = (judge, criterion, lost.candidate, *at)
                points[own] = _score(own, category)
                continue
            # Without the baseline's text nobody has a pair.
            for name in rivals if lost.candidate == baseline else (lost.candidate,):
                own = (judge, criterion, name, *at)
                pairs[own] = _pair(own, category, lost.text_id)
    return (
        [s for s in points.values() if (s.judge, s.criterion, "pointwise", s.prompt_id) in asked],
        [
            pair
            for key, pair in pairs.items()
            if key not in half_known
            and (pair.judge, pair.criterion, "pairwise", pair.prompt_id) in asked
        ],
    )


def _score(key: _Key, category: str) -> Score:
    judge, criterion, candidate, prompt_id, sample, turn = key
    return Score(judge, criterion, candidate, prompt_id, category, f"{sample}/{turn}", NAN)


def _pair(key: _Key, category: str, text_id: str) -> Pair:
    judge, criterion, candidate, prompt_id, sample, turn = key
    place = (prompt_id, category, sample, turn)
    return Pair(judge, criterion, candidate, *place, NAN, NAN, NAN, text_id)
