"""What the audits of the planned judges still cost: judgments, and how long they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kojudge.cards import JudgeCard
from kojudge.cli.calibrations import Calibration
from kojudge.cli.speeds import Span
from kojudge.cli.timing import judgments_forecast, span_content, speed_of
from kojudge.errors import Said, said
from kojudge.judging import rubric_key
from kojudge.models.heads import audit_sources
from kojudge.report.numbers import duration
from kojudge.rubrics import Rubric
from kojudge.selection import Asked, certificates_for

if TYPE_CHECKING:
    from kojudge.audit.texts import Source

__all__ = ["AuditCost", "audit_costs", "lines"]


_known_sizes: dict[tuple[str, str, frozenset[str]], tuple[int, int]] = {}
"""Sizes worked out before in this process, by texts, rubric and the sources that are left out:
damaging the texts takes a second."""


@dataclass(frozen=True, slots=True)
class AuditCost:
    """What is left to ask of ``judge``: ``judgments`` for rubrics without a full certificate.

    ``retests`` of them ask the same again; ``span`` is in seconds, None where not timed.
    """

    judge: str
    judgments: int
    retests: int
    span: Span | None

    def content(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        own = {"judge": self.judge, "judgments": self.judgments, "retests": self.retests}
        return own | span_content(self.span)


def audit_costs(asked: Asked, known: Mapping[str, Calibration]) -> list[AuditCost]:
    """Return what is left of every judge's audit; nothing where there are no audit texts.

    Answers that an unfinished audit has stored are counted as left too.
    """
    sources = _sources(asked)
    if not sources:
        return []
    done = {key for key, entry in certificates_for(asked).items() if not entry["quick"]}
    sized = [(judge, _sizes(asked, judge, sources)) for judge in asked.judges]
    return [_cost(asked, judge, sizes, done, known) for judge, sizes in sized if sizes]


def _cost(
    asked: Asked,
    judge: JudgeCard,
    sizes: Mapping[str, tuple[int, int]],
    done: set[tuple[str, str, str]],
    known: Mapping[str, Calibration],
) -> AuditCost:
    left = {
        rubric_key(rubric)
        for rubric in asked.rubrics
        if (judge.name, rubric.criterion, rubric.mode) not in done and rubric_key(rubric) in sizes
    }
    counts = {key: sizes[key][0] for key in sorted(left)}
    speed = speed_of(known, judge, asked.settings)
    return AuditCost(
        judge.name,
        sum(counts.values()),
        sum(sizes[key][1] for key in left),
        judgments_forecast(speed, counts),
    )


def _sources(asked: Asked) -> tuple[Source, ...]:
    """Return the workspace's audit texts; none where it has none."""
    workspace = asked.workspace
    if workspace is None or not any(workspace.audit.glob("*.jsonl")):
        return ()
    from kojudge.audit.texts import load_sources  # with scipy: not at start-up

    return load_sources(workspace.audit)


def _sizes(asked: Asked, judge: JudgeCard, sources: Sequence[Source]) -> dict[str, tuple[int, int]]:
    """Return the judgments and retests of the judge's audit by rubric key."""
    from kojudge.audit.texts import audit_hash
    from kojudge.certify import criterion_of

    texts, learned = audit_hash(sources), audit_sources(judge)
    return {
        rubric_key(rubric): _size(texts, sources, rubric, learned)
        for rubric in asked.rubrics
        if criterion_of(rubric) is not None
    }


def _size(
    texts: str, sources: Sequence[Source], rubric: Rubric, learned: frozenset[str]
) -> tuple[int, int]:
    """Return the questions of an audit: exact, for damage that a text lacks is not asked about."""
    place = (texts, rubric_key(rubric), learned)
    if place not in _known_sizes:
        from kojudge.certify import audit_questions, chosen_sources

        asked = chosen_sources(sources, quick=False, learned=learned)
        questions, _ = audit_questions(asked, rubric, "plan")
        again = sum(question.repeat > 0 for question in questions)
        _known_sizes[place] = (len(questions), again)
    return _known_sizes[place]


def lines(costs: Sequence[AuditCost]) -> Iterator[Said]:
    """Yield a line for every judge that has an audit to come."""
    for cost in costs:
        if not cost.judgments:
            continue
        took = duration(cost.span.expected if cost.span else None)
        known = cost.span is not None
        ko, en = (f", 약 {took.ko}", f", about {took.en}") if known else ("", "")
        yield said(
            f"  {cost.judge}: 검증이 남았습니다. `kojudge audit --judge {cost.judge}`는 판정 "
            f"{cost.judgments:,}건(두 번 묻는 {cost.retests}건 포함){ko}입니다.",
            f"  {cost.judge}: its audit is still to come. `kojudge audit --judge {cost.judge}` asks "
            f"{cost.judgments:,} judgments ({cost.retests} of them a second time){en}.",
        )
