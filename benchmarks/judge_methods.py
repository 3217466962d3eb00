"""Which way of asking makes a small prompted judge better?

Every method answers about the same audit texts of the *training* split: for naturalness the
originals and six degradations, for friendliness the two rewrites that must score lower. No
attack text and no test source is touched, so the winner can be confirmed on those.

Answers are kept in a run per judge (``--runs``), so a killed benchmark goes on, and another
method costs only its own questions; content-free calibration is computed from the answers
there are and the judge's answers about nothing. ``--limit N`` takes N sources, the
categories in turn; ``--split test`` confirms.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

import common
from kojudge.audit.figures import Figure, Precision
from kojudge.audit.kinds import ORIGINAL
from kojudge.audit.measured import Measured
from kojudge.audit.standing import Standing, measure
from kojudge.audit.texts import Source, load_sources, split
from kojudge.cards import JudgeCard, judge_identity, load_judge
from kojudge.certify import (
    AuditQuestion,
    answered,
    ask_pending,
    audit_questions,
    measured,
    pending,
)
from kojudge.engines import Choice, Engine
from kojudge.judging import content_free
from kojudge.judging.outcome import decomposed_outcome, outcome_of
from kojudge.models import open_model
from kojudge.records import Judgment, Scored
from kojudge.rubrics import Rubric, load_rubric
from kojudge.selection import METHOD
from kojudge.store.run import Run

KINDS = {
    "naturalness": (
        "particle_allomorph",
        "mixed_levels",
        "translationese",
        "spaces_removed",
        "vowel_noise",
        "sentence_loop",
    ),
    "friendliness": ("stiff", "cold"),
}

MODES = {"pointwise": ("",), "pairwise": ("-pairwise",), "both": ("", "-pairwise")}


@dataclass(frozen=True, slots=True)
class Method:
    """A way of asking: the rubric's suffix (none: the plain one) and the card's changes."""

    name: str
    suffix: str = ""
    calibration: str = "none"
    rationale: str = "none"


METHODS = (
    Method("plain"),
    Method("short", "-short"),
    Method("examples", "-examples"),
    Method("evidence", "-evidence"),
    Method("short, evidence", "-short-evidence"),
    Method("questions", "-questions"),
    Method("calibrated", calibration="content_free"),
    Method("evidence, calibrated", "-evidence", "content_free"),
    Method("short, calibrated", "-short", "content_free"),
    Method("examples, calibrated", "-examples", "content_free"),
    Method("questions, calibrated", "-questions", "content_free"),
    Method("reasons first", rationale="before"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What one method showed for one criterion in one mode, and what a judgment cost."""

    method: str
    standing: Standing
    tokens: float
    seconds: float


def main() -> None:
    options = _options()
    sources = load_sources(options.audit)
    training, test = split(sources)
    chosen = dealt(training if options.split == "training" else test, options.limit)
    card = load_judge(common.ROOT / "judge", options.judge) if options.judge else None
    card = card or _stand_in(options.candidate)
    rows = list(_measure(card, chosen, options))
    print(f"{card.name}: {len(chosen)} sources of the {options.split} split\n")
    print(_table(rows))


def _stand_in(name: str) -> JudgeCard:
    """Let a candidate's model judge: the same weights and format under a judge's card."""
    from kojudge.cards import load_candidate

    card = load_candidate(common.ROOT / "candidates", name)
    return JudgeCard(**card.model_dump(exclude={"engine"}))


class _Judge:
    """The judge, loaded when it is first asked something."""

    def __init__(self, card: JudgeCard, folder: Path, batch: int) -> None:
        self.card = card
        self.run = Run.open(str(folder / card.name), create=True)
        self._batch = batch
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            self._engine = open_model(self.card, "transformers", self._batch, lambda *_: None)
        return self._engine

    def answers(self, card: JudgeCard, asked: list[AuditQuestion]) -> dict[str, Judgment]:
        judge_id = judge_identity(card, "transformers", METHOD)
        left = pending(self.run, asked)
        if left:
            ask_pending(self.run, left, card, judge_id, self.engine, lambda _: None, flush_every=64)
        return dict(answered(self.run, asked))


def _measure(
    card: JudgeCard, sources: Sequence[Source], options: argparse.Namespace
) -> Iterator[Row]:
    judge = _Judge(card, options.runs, options.batch)
    for method in METHODS:
        if options.method and method.name not in options.method:
            continue
        for criterion in KINDS:
            for mode in MODES[options.mode]:
                rubric = _rubric(f"{criterion}{mode}{method.suffix}")
                if rubric is not None:
                    yield _measured(judge, method, rubric, sources)


def _measured(judge: _Judge, method: Method, rubric: Rubric, sources: Sequence[Source]) -> Row:
    card = judge.card.model_copy(update={"rationale": method.rationale})
    judge_id = judge_identity(card, "transformers", METHOD)
    questions, items = audit_questions(sources, rubric, judge_id)
    own = [question for question in questions if _counts(question, rubric.criterion)]
    answers = judge.answers(card, own)
    if method.calibration == "content_free":
        priors = content_free(judge.engine, rubric)
        answers = {q.question.key: _calibrated(answers[q.question.key], q, priors) for q in own}
    found = measured(rubric, sources, items.items, own, answers)
    return _row(method.name, found, list(answers.values()))


def _calibrated(
    judgment: Judgment, asked: AuditQuestion, priors: Sequence[Sequence[float]]
) -> Judgment:
    """Return the stored answer with the prior divided out."""
    outcome, rubric = judgment.outcome, asked.question.rubric
    if not isinstance(outcome, Scored):
        return judgment
    mass = outcome.mass or 1.0
    if rubric.questions:
        choices = [_choice((p * mass, (1 - p) * mass)) for p in outcome.probabilities]
        found = decomposed_outcome(choices, rubric, 0.0, priors)
    else:
        choice = _choice(tuple(p * mass for p in outcome.probabilities))
        found = outcome_of(choice, rubric, asked.question.order, 0.0, priors[0])
    return dataclasses.replace(judgment, outcome=found)


def _choice(probabilities: Sequence[float]) -> Choice:
    return Choice("", tuple(math.log(max(p, 1e-30)) for p in probabilities), 0, 0.0)


def dealt(sources: Sequence[Source], limit: int) -> list[Source]:
    """Return ``limit`` sources, the categories in turn."""
    queues: dict[str, list[Source]] = {}
    for source in sources:
        queues.setdefault(source.category, []).append(source)
    rows = zip_longest(*(queues[name] for name in sorted(queues)))
    return [source for row in rows for source in row if source is not None][:limit]


def _row(name: str, found: Measured, answers: Sequence[Judgment]) -> Row:
    precision = Precision(np.random.default_rng(0), 1000)
    standing = measure(dataclasses.replace(found, attacks=()), precision)
    tokens = float(np.mean([a.prompt_tokens or 0 for a in answers]))
    seconds = float(np.mean([a.seconds or 0.0 for a in answers]))
    return Row(name, standing, tokens, seconds)


def _counts(question: AuditQuestion, criterion: str) -> bool:
    kinds = {ORIGINAL, *KINDS[criterion]}
    return not question.attack and question.repeat == 0 and question.kind in kinds


def _rubric(name: str) -> Rubric | None:
    folder = common.ROOT / "rubrics"
    return load_rubric(folder, name) if (folder / f"{name}.md.j2").is_file() else None


def _table(rows: Sequence[Row]) -> str:
    lines = [
        "| method | criterion | mode | detection | trivial | position | legal mass | unscored "
        "| tokens | s/judgment |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda r: (r.standing.criterion, r.standing.mode)):
        s = row.standing
        trivial = _share(s.shortcuts.trivial) if s.shortcuts else "–"
        position = _share(s.position) if s.position else "–"
        mass = "–" if s.mass.mean.value is None else f"{s.mass.mean.value:.2f}"
        lines.append(
            f"| {row.method} | {s.criterion} | {s.mode} | {_share(s.macro)} | {trivial} "
            f"| {position} | {mass} | {s.unscored.value or 0:.3f} "
            f"| {row.tokens:,.0f} | {row.seconds:.2f} |"
        )
    return "\n".join(lines)


def _share(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", default="", help="a judge card")
    parser.add_argument("--candidate", default="", help="a candidate card whose model judges")
    parser.add_argument("--split", choices=["training", "test"], default="training")
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--mode", choices=sorted(MODES), default="both")
    parser.add_argument("--method", action="append", help="only these methods")
    parser.add_argument("--runs", type=Path, default=common.ROOT / "runs" / "judge-methods")
    parser.add_argument("--audit", type=Path, default=common.ROOT / "judge" / "audit")
    parser.add_argument("--batch", type=int, default=16)
    return parser.parse_args()


if __name__ == "__main__":
    main()
