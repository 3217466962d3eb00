"""From judgments to prompt-level numbers: samples, turns and orders averaged inside a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kojudge.errors import ConfigError, said
from kojudge.records import Mode
from kojudge.stats import combine_log_odds, combine_votes
from kojudge.store.run import Run

_COUNTED = "(origin = 'imported' OR judgment_id IN (SELECT unnest(?::VARCHAR[])))"


@dataclass(frozen=True, slots=True)
class PromptValue:
    """One candidate's mean on one prompt, over ``n`` samples.

    ``value`` is on the scale (pointwise), or a win score 0–1 against the baseline.
    """

    judge: str
    criterion: str
    candidate: str
    prompt_id: str
    category: str
    value: float
    n: int


@dataclass(frozen=True, slots=True)
class Pair:
    """One candidate text against the baseline's, both orders judged."""

    judge: str
    criterion: str
    candidate: str
    prompt_id: str
    category: str
    sample: int
    turn: int
    first: float
    second: float
    win: float
    text_id: str

    @property
    def flipped(self) -> bool:
        """Whether the two orders name different winners."""
        return (self.first - 0.5) * (self.second - 0.5) < 0


def pointwise_values(run: Run, wanted: Sequence[str]) -> list[PromptValue]:
    """Return prompt means of the pointwise scores that count."""
    table = run.query(
        f"""SELECT judge, criterion, candidate, prompt_id, min(category) AS category,
                   avg(score) AS value, count(*) AS n
            FROM judgments WHERE mode = 'pointwise' AND status = 'scored' AND {_COUNTED}
            GROUP BY judge, criterion, candidate, prompt_id ORDER BY ALL""",
        [list(wanted)],
    )
    return [PromptValue(**row) for row in table.to_pylist()]


def pairs(run: Run, wanted: Sequence[str], baseline: str) -> list[Pair]:
    """Return the pairs against ``baseline`` that were scored in both orders.

    Probabilities are combined in log-odds, votes by their mean; see
    :mod:`kojudge.stats.pairs`.

    Raises:
        ConfigError: one judge's probabilities and votes mix under one criterion.
    """
    table = run.query(
        f"""SELECT judge, criterion, candidate, prompt_id, min(category) AS category, sample, turn,
                   avg(score) FILTER (WHERE "order" = 'AB') AS first,
                   avg(score) FILTER (WHERE "order" = 'BA') AS second,
                   list_distinct(list(method)) AS methods,
                   min(text_id) AS text_id
            FROM judgments
            WHERE mode = 'pairwise' AND status = 'scored' AND baseline = ? AND {_COUNTED}
            GROUP BY judge, criterion, candidate, prompt_id, sample, turn, repeat
            HAVING first IS NOT NULL AND second IS NOT NULL ORDER BY ALL""",
        [baseline, list(wanted)],
    )
    rows = table.to_pylist()
    methods: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        methods.setdefault((row["judge"], row["criterion"]), set()).update(row.pop("methods"))
    for (judge, criterion), kinds in methods.items():
        # A probability that came in as exactly 0, ½ or 1 looks like a vote line by line.
        if "vote" in kinds and kinds - {"vote", "imported", "flagged"}:
            raise _mixed(judge, criterion)
    return [
        _pair(row, vote=methods[row["judge"], row["criterion"]] <= {"vote", "flagged"})
        for row in rows
    ]


def _pair(row: dict[str, Any], *, vote: bool) -> Pair:
    combine = combine_votes if vote else combine_log_odds
    return Pair(win=float(combine(row["first"], row["second"])), **row)


def win_values(found: Sequence[Pair]) -> list[PromptValue]:
    """Return prompt means of the win scores of ``found``."""
    groups: dict[tuple[str, str, str, str, str], list[float]] = {}
    for pair in found:
        key = (pair.judge, pair.criterion, pair.candidate, pair.prompt_id, pair.category)
        groups.setdefault(key, []).append(pair.win)
    return [PromptValue(*key, float(np.mean(wins)), len(wins)) for key, wins in groups.items()]


def scale_of(run: Run, wanted: Sequence[str]) -> tuple[float, float]:
    """Return the run's one pointwise scale, 1–5 where nothing was scored.

    Raises:
        ConfigError: judgments on several scales would be averaged.
    """
    table = run.query(
        f"""SELECT DISTINCT scale_lo, scale_hi FROM judgments
            WHERE mode = 'pointwise' AND {_COUNTED} ORDER BY ALL""",
        [list(wanted)],
    )
    scales = [(row["scale_lo"], row["scale_hi"]) for row in table.to_pylist()]
    if len(scales) > 1:
        listed = ", ".join(f"{low:g}–{high:g}" for low, high in scales)
        raise ConfigError(
            said(f"한 실행 안에 척도가 섞여 있습니다: {listed}.",
                 f"One run holds several scales: {listed}."),
            said("척도마다 실행을 나누세요.", "Keep one run a scale."),
        )  # fmt: skip
    return scales[0] if scales else (1.0, 5.0)


@dataclass(frozen=True, slots=True)
class MissingCount:
    """Judgments of one kind that have no score, out of those there should be."""

    candidate: str
    criterion: str
    mode: Mode
    judge: str
    unscored: int
    total: int


def missing_imported(run: Run) -> list[MissingCount]:
    """Count the imported judgments without a score."""
    table = run.query(
        """SELECT candidate, criterion, mode, judge,
                  count(*) FILTER (WHERE status <> 'scored') AS unscored, count(*) AS total
           FROM judgments WHERE origin = 'imported' GROUP BY ALL ORDER BY ALL"""
    )
    return [MissingCount(**row) for row in table.to_pylist()]


def _mixed(judge: str, criterion: str) -> ConfigError:
    return ConfigError(
        said(f"심사 모델 '{judge}'의 '{criterion}' 쌍 비교에 확률과 투표가 섞여 있습니다.",
             f"Pairwise judgments of '{judge}' on '{criterion}' mix probabilities and votes."),
        said("한 심사 모델에는 한 가지만 쓰세요.", "Give one judge one kind only."),
    )  # fmt: skip
