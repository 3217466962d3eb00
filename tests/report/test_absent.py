"""Rows for judgments and texts that should be there and are not."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

from kojudge.records import Message, Prompt, Sampling, Text
from kojudge.report.absent import missing_scores
from kojudge.selection import WantedJudgment, WantedText

PROMPTS = [Prompt(f"n{at}", "blog", (Message("user", f"글 {at}"),)) for at in range(2)]


def text(candidate: str, at: int) -> Text:
    return Text(f"{candidate}{at}", PROMPTS[at].prompt_id, "blog", "글", candidate, 0, "안녕")


def wanted(mode: str, candidate: str, at: int, order: Any = None) -> WantedJudgment:
    judge: Any = SimpleNamespace(name="j")
    rubric: Any = SimpleNamespace(criterion="naturalness", mode=mode)
    other = text("base", at) if order else None
    return WantedJudgment(
        f"{mode}-{candidate}-{at}-{order}", judge, "", rubric, PROMPTS[at], text(candidate, at),
        other, order,
    )  # fmt: skip


def unwritten(candidate: str, at: int) -> WantedText:
    return WantedText(f"{candidate}{at}", candidate, "", PROMPTS[at], 0, Sampling(), 0)


POINTS = [wanted("pointwise", name, at) for name in ("base", "x") for at in (0, 1)]
PAIRS = [wanted("pairwise", "x", at, order) for at in (0, 1) for order in ("AB", "BA")]
ALL = {item.judgment_id for item in (*POINTS, *PAIRS)}
ASKED = {
    ("j", "naturalness", mode, prompt.prompt_id)
    for mode in ("pointwise", "pairwise")
    for prompt in PROMPTS
}


def test_nothing_is_missing_where_everything_has_a_score() -> None:
    assert missing_scores([*POINTS, *PAIRS], [], ALL, "base", ASKED) == ([], [])


def test_a_judgment_without_a_score_is_a_row_of_nan() -> None:
    [row], pairs = missing_scores(POINTS, [], ALL - {"pointwise-x-1-None"}, "base", ASKED)
    assert (row.candidate, row.prompt_id, pairs) == ("x", PROMPTS[1].prompt_id, [])
    assert math.isnan(row.score)


def test_a_pair_with_neither_order_is_one_row_and_with_one_order_none() -> None:
    """The run's own row of the half-scored pair says already what is missing of it."""
    _, pairs = missing_scores(PAIRS, [], {"pairwise-x-1-AB"}, "base", ASKED)
    assert [pair.prompt_id for pair in pairs] == [PROMPTS[0].prompt_id]


def test_a_text_that_was_never_finished_has_neither_score_nor_pair() -> None:
    judged = [*POINTS[:3], *PAIRS[:2]]  # whatever needs no second text of x
    points, pairs = missing_scores(judged, [unwritten("x", 1)], ALL, "base", ASKED)
    assert [(row.candidate, row.text) for row in points] == [("x", "0/1")]
    assert [(pair.candidate, pair.complete) for pair in pairs] == [("x", False)]


def test_without_the_baselines_text_nobody_has_a_pair() -> None:
    judged = [*PAIRS[:2], *(wanted("pairwise", "y", 0, order) for order in ("AB", "BA"))]
    ids = {item.judgment_id for item in judged}
    _, pairs = missing_scores(judged, [unwritten("base", 1), unwritten("x", 1)], ids, "base", ASKED)
    assert sorted(pair.candidate for pair in pairs) == ["x", "y"]


def test_what_nobody_was_asked_yet_is_not_missing() -> None:
    only_first = {key for key in ASKED if key[3] == PROMPTS[0].prompt_id}
    points, pairs = missing_scores([*POINTS, *PAIRS], [], set(), "base", only_first)
    assert {row.prompt_id for row in (*points, *pairs)} == {PROMPTS[0].prompt_id}
    assert len(points) == 2
