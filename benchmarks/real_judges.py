"""What kojudge's own measures say of real judges: order consistency and the top of the scale.

    python benchmarks/real_judges.py [--shared FOLDER]

Published judgments of Korean texts go through the functions that a report and a certificate
use: the verdicts of ko-arena-hard (a panel of three, both orders), ChatGPT's scores of
komt-eval, GPT-4's scores of texts by students. No two of these judges read the same text, so
nothing is said of agreement between judges. FOLDER is the one that holds `data/`; without it
KOJUDGE_SHARED is read, then ../shared.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kojudge.audit.figures import Figure, Precision, share
from kojudge.audit.grade import MIN_POSITION
from kojudge.audit.measured import Measured
from kojudge.report.compare import Plan
from kojudge.report.gather import Pair, Score
from kojudge.report.reliability import reliability
from kojudge.report.withhold import MIN_CONSISTENCY, at_the_ceiling
from kojudge.stats.consistency import PositionConsistency, position_consistency
from kojudge.stats.pairs import combine_votes

SHARED = Path(__file__).resolve().parents[2] / "shared"
BASELINE = "claude-3.7-sonnet"
PANEL, ARENA_CRITERION = "panel of three", "answer"
SEED = 20261122
PLAN = Plan(margin=0.10, alpha=0.05, resamples=2000, seed=SEED, primary=True)

# What the text shown first gets; how strongly it is said does not change the winner.
VERDICTS = {"A>>B": 1.0, "A>B": 1.0, "A=B": 0.5, "B>A": 0.0, "B>>A": 0.0}
STUDENT_CRITERIA = ("Grammaticality", "Fluency", "Coherence", "Consistency", "Relevance")


@dataclass(frozen=True, slots=True)
class Orders:
    """What turning the order did to the pairs of a slice; shares 0–1, intervals by prompt.

    ``counts`` are over pairs alone. ``tied``: share of single verdicts that name no winner.
    """

    counts: PositionConsistency
    consistent: Figure
    first_place: Figure
    tied: Figure


@dataclass(frozen=True, slots=True)
class Scale:
    """One judge's scores on one criterion.

    ``ceiling``: share (0–1) within Δ of the top, as on a certificate. ``heaped``: whether a
    report would withhold verdicts for scores heaped at an end of the scale. ``levels``: how
    often each score was given.
    """

    judge: str
    criterion: str
    bounds: tuple[float, float]
    ceiling: Figure
    heaped: bool
    levels: Counter[float]


def shared_folder(given: str | None = None) -> Path:
    """Return the folder that holds ``data/``: as given, else KOJUDGE_SHARED, else ../shared."""
    return Path(given or os.environ.get("KOJUDGE_SHARED") or SHARED)


def arena_pairs(shared: Path) -> tuple[list[Pair], int]:
    """Return the pairs of ko-arena-hard judged in both orders, and how many were judged in one.

    The baseline was shown first in the first game of a row, the model in the second.
    """
    folder = shared / "data/ko-arena-hard/data/ko-arena-hard-v0.1/model_judgment/ensemble"
    found, lacking = [], 0
    for path in sorted(folder.glob("*.jsonl")):
        for row in _rows(path):
            games = [VERDICTS[game["score"]] for game in row["games"]]
            if len(games) == 2:
                found.append(_pair(row["question_id"], path.stem, games[1], 1 - games[0]))
            else:
                lacking += 1
    return found, lacking


def _pair(prompt: str, model: str, first: float, second: float) -> Pair:
    return Pair(
        judge=PANEL,
        criterion=ARENA_CRITERION,
        candidate=model,
        prompt_id=prompt,
        category="all",
        sample=0,
        turn=1,
        first=first,
        second=second,
        win=float(combine_votes(first, second)),
        text_id=f"{model}/{prompt}",
        vote=True,
    )


def komt_scores(shared: Path) -> list[Score]:
    """Return ChatGPT's scores (0–5) of 14 models' answers to 37 prompts."""
    found = []
    for path in sorted((shared / "data/komt-eval/eval_results").glob("score_result_*.jsonl")):
        model = path.stem.removeprefix("score_result_")
        found += [
            _score("ChatGPT", "answer", model, str(row["id"]), row["score"]) for row in _rows(path)
        ]
    return found


def student_scores(shared: Path) -> list[Score]:
    """Return GPT-4's scores (1–5) of 63 Korean texts on five criteria; a student is a cluster."""
    path = shared / "data/korean-student-writing/evaluation_results.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [
        _score("GPT-4", criterion, f"text {at}", f"student {row['student_id']}", row[f"{criterion} Score"])
        for at, row in enumerate(rows)
        if row["language"] == "Korean"
        for criterion in STUDENT_CRITERIA
    ]  # fmt: skip


def _score(judge: str, criterion: str, candidate: str, prompt: str, score: float) -> Score:
    return Score(judge, criterion, candidate, prompt, "all", "0/1", float(score))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def orders(pairs: Sequence[Pair]) -> Orders:
    """Return what the report's reliability rows and the certificate's figures say of ``pairs``."""
    rows = {row["measure"]: row for row in reliability([], pairs, PLAN, (0.0, 1.0))}
    tied = [(pair.prompt_id, float(p == 0.5)) for pair in pairs for p in (pair.first, pair.second)]
    return Orders(
        position_consistency([p.first for p in pairs], [p.second for p in pairs]),
        _figure(rows["position_consistency"]),
        _figure(rows["first_place_wins"]),
        share(_by_prompt(tied), _precision()),
    )


def _figure(row: dict[str, Any]) -> Figure:
    return Figure(row["value"], row["ci_low"], row["ci_high"], row["n"], row["method"])


def slices(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    """Split the pairs: all, the baseline against itself, and models by how close they came."""
    wins: dict[str, list[float]] = {}
    for pair in pairs:
        wins.setdefault(pair.candidate, []).append(pair.win)
    rate = {model: float(np.mean(won)) for model, won in wins.items()}

    def of(wanted: Callable[[str], bool]) -> list[Pair]:
        return [pair for pair in pairs if wanted(pair.candidate)]

    return {
        "all 76 models": list(pairs),
        "without the baseline against itself": of(lambda m: m != BASELINE),
        "models that win 40–60 %": of(lambda m: m != BASELINE and 0.4 <= rate[m] <= 0.6),
        "models that win under 20 %": of(lambda m: rate[m] < 0.2),
        "the baseline against itself": of(lambda m: m == BASELINE),
    }


def scales(scores: Sequence[Score], bounds: tuple[float, float]) -> list[Scale]:
    """Return how each judge and criterion uses its scale; ``bounds`` its least and greatest."""
    heaped = at_the_ceiling(scores, bounds)
    # What counts as the top is the certificate's own; it is the same for every criterion.
    of_scale = Measured("naturalness", "pointwise", scale=bounds)
    limit = of_scale.top - of_scale.margin
    found = []
    for key in dict.fromkeys((s.judge, s.criterion) for s in scores):
        own = [s for s in scores if (s.judge, s.criterion) == key]
        ceiling = _by_prompt([(s.prompt_id, float(s.score >= limit)) for s in own])
        levels = Counter(s.score for s in own)
        found.append(Scale(*key, bounds, share(ceiling, _precision()), key in heaped, levels))
    return found


def _by_prompt(values: Sequence[tuple[str, float]]) -> list[list[float]]:
    clusters: dict[str, list[float]] = {}
    for prompt, value in values:
        clusters.setdefault(prompt, []).append(value)
    return list(clusters.values())


def _precision() -> Precision:
    return Precision(np.random.default_rng(SEED))


def percent(figure: Figure) -> str:
    """Return ``74.5 (73.4–75.6)``, in percent."""
    value = 100 * (figure.value or 0.0)
    if figure.low is None or figure.high is None:
        return f"{value:.1f}"
    return f"{value:.1f} ({100 * figure.low:.1f}–{100 * figure.high:.1f})"


def print_orders(found: dict[str, Orders]) -> None:
    """Print one row a slice; whether a report and a certificate would let the judge through."""
    print("| pairs | n | same outcome, % | winner turns, % | a tie in one order, % ", end="")
    print("| verdicts tied, % | first place wins, % | report | certificate |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, o in found.items():
        report = "holds" if 1 - o.counts.flipped >= MIN_CONSISTENCY else "withheld"
        certificate = "passes" if o.counts.consistent >= MIN_POSITION else "fails"
        print(
            f"| {name} | {o.counts.pairs:,} | {percent(o.consistent)} | {100 * o.counts.flipped:.1f} "
            f"| {100 * o.counts.half:.1f} | {percent(o.tied)} | {percent(o.first_place)} "
            f"| {report} | {certificate} |"
        )


def print_scales(found: Sequence[Scale]) -> None:
    """Print one row a judge and criterion."""
    print("\n| judge, criterion | texts | within Δ of the top, % | commonest score, % ", end="")
    print("| heaped at an end |\n|---|---|---|---|---|")
    for s in found:
        low, high = s.bounds
        level, times = s.levels.most_common(1)[0]
        n = s.levels.total()
        print(
            f"| {s.judge}, {s.criterion} ({low:g}–{high:g}) | {n} | {percent(s.ceiling)} "
            f"| {level:g}: {100 * times / n:.1f} | {'yes' if s.heaped else 'no'} |"
        )


def print_published(everything: Orders) -> None:
    """Print the figures that are published beside what comes out here."""
    here = f"{100 * everything.counts.consistent:.1f} %"
    met = "met" if here == "74.5 %" else "not met"
    print("\n| figure | published | here | |\n|---|---|---|---|")
    print(f"| verdict pairs that survive an order swap, three judges | 74.5 % | {here} | {met} |")
    print("| LogicKor writing scores of 9–10 | 46 % | — | its scores are not in this data |")
    print(
        "| identical text, same score from GPT-4 | 69 % | — | its repeats are mostly “no answer” |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", help="folder that holds data/ (default: ../shared)")
    shared = shared_folder(parser.parse_args().shared)
    if not (shared / "data").is_dir():
        print(f"Skipped: the real judgments are not in {shared / 'data'}; kojudge carries none.")
        return
    pairs, lacking = arena_pairs(shared)
    found = {name: orders(part) for name, part in slices(pairs).items()}
    print_orders(found)
    print(f"\nleft out, judged in one order only: {lacking}")
    print_scales([
        *scales(komt_scores(shared), (0.0, 5.0)),
        *scales(student_scores(shared), (1.0, 5.0)),
    ])  # fmt: skip
    print_published(found["all 76 models"])


if __name__ == "__main__":
    main()
