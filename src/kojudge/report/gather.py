"""The rows of a run that count: scores of texts, and pairs with both orders combined."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.errors import ConfigError, said
from kojudge.records import CONTROL, Mode
from kojudge.stats import combine_log_odds, combine_votes
from kojudge.store.run import Run

_COUNTED = "(origin = 'imported' OR judgment_id IN (SELECT unnest(?::VARCHAR[])))"
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Score:
    """One pointwise judgment of one text; ``score`` is NaN where it was asked for and is missing.

    ``text`` tells a candidate's texts on one prompt apart. ``flagged``: a gate settled it, no
    judge read it.
    """

    judge: str
    criterion: str
    candidate: str
    prompt_id: str
    category: str
    text: str
    score: float
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """One candidate text against the baseline's.

    ``first`` and ``second`` are the probability that the candidate wins when shown first
    (AB) and second (BA), ``win`` the two combined; NaN where missing.
    """

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
    vote: bool = False
    repeat: int = 0
    flagged: bool = False

    @property
    def complete(self) -> bool:
        """Whether both orders were scored."""
        return not math.isnan(self.win)

    @property
    def flipped(self) -> bool:
        """Whether the two orders name different winners."""
        return (self.first - 0.5) * (self.second - 0.5) < 0


def scores(run: Run, wanted: Sequence[str]) -> list[Score]:
    """Return the pointwise judgments that count; an imported one without a score is NaN.

    Own judgments without a score are left out: what is missing of them follows from what
    was wanted (:mod:`kojudge.report.absent`).
    """
    table = run.query(
        f"""SELECT judge, criterion, candidate, prompt_id, category,
                   concat(sample, '/', turn) AS text,
                   CASE WHEN status = 'scored' THEN score ELSE 'NaN'::DOUBLE END AS score,
                   coalesce(method = 'flagged', false) AS flagged
            FROM judgments
            WHERE mode = 'pointwise' AND (status = 'scored' OR origin = 'imported') AND {_COUNTED}
            ORDER BY ALL""",
        [list(wanted)],
    )
    return [Score(**row) for row in table.to_pylist()]


def pairs(run: Run, wanted: Sequence[str], baseline: str) -> list[Pair]:
    """Return the pairs against ``baseline``, those with a missing order too.

    Probabilities are combined in log-odds, votes by their mean; see
    :mod:`kojudge.stats.pairs`.

    Raises:
        ConfigError: one judge's probabilities and votes mix under one criterion.
    """
    table = run.query(
        f"""SELECT judge, criterion, candidate, prompt_id, min(category) AS category, sample, turn,
                   repeat,
                   avg(score) FILTER (WHERE "order" = 'AB' AND status = 'scored') AS first,
                   avg(score) FILTER (WHERE "order" = 'BA' AND status = 'scored') AS second,
                   list_distinct(list(method) FILTER (WHERE status = 'scored')) AS methods,
                   min(text_id) AS text_id
            FROM judgments
            WHERE mode = 'pairwise' AND (status = 'scored' OR origin = 'imported')
                  AND baseline = ? AND {_COUNTED}
            GROUP BY judge, criterion, candidate, prompt_id, sample, turn, repeat ORDER BY ALL""",
        [baseline, list(wanted)],
    )
    rows = table.to_pylist()
    methods: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        own = set(row.pop("methods") or ())
        row["flagged"] = "flagged" in own
        methods.setdefault((row["judge"], row["criterion"]), set()).update(own)
    for (judge, criterion), kinds in methods.items():
        # A probability that came in as exactly 0, ½ or 1 looks like a vote line by line.
        if "vote" in kinds and kinds - {"vote", "imported", "flagged"}:
            raise _mixed(judge, criterion)
    return [
        pair_of(row, vote=methods[row["judge"], row["criterion"]] <= {"vote", "flagged"})
        for row in rows
    ]


def pair_of(row: dict[str, Any], *, vote: bool) -> Pair:
    """Return ``row`` (the fields of a Pair but ``win`` and ``vote``) with both orders combined.

    ``first`` or ``second`` is None where that order has no score.
    """
    first, second = row["first"], row["second"]
    if first is None or second is None:
        known = {"first": NAN if first is None else first}
        known["second"] = NAN if second is None else second
        return Pair(win=NAN, vote=vote, **(row | known))
    combine = combine_votes if vote else combine_log_odds
    return Pair(win=float(combine(first, second)), vote=vote, **row)


def as_scores(found: Iterable[Pair]) -> list[Score]:
    """Return the win scores of ``found`` as scores of the candidates' texts, 0–1."""
    return [
        Score(
            pair.judge,
            pair.criterion,
            pair.candidate,
            pair.prompt_id,
            pair.category,
            f"{pair.sample}/{pair.turn}",
            pair.win,
            pair.flagged,
        )
        for pair in found
    ]


def begun_prompts(run: Run, baseline: str) -> set[tuple[str, str, str, str]]:
    """Return every (judge, criterion, mode, prompt_id) that was asked about at all.

    The assay control of ``baseline`` begins nothing: it may be judged before the candidates.
    """
    table = run.query(
        "SELECT DISTINCT judge, criterion, mode, prompt_id FROM judgments WHERE candidate <> ?",
        [baseline + CONTROL],
    )
    return {tuple(row.values()) for row in table.to_pylist()}


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
