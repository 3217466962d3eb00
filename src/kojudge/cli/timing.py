"""How long the planned work takes, from what was calibrated; and what stays unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kojudge.cards import CandidateCard, JudgeCard
from kojudge.cli.calibrations import Calibration, key_of
from kojudge.cli.speeds import ROUGH, JudgeSpeed, Span, TextSpeed, judgments_span, texts_span, total
from kojudge.errors import Said, said
from kojudge.judging import rubric_key
from kojudge.selection import Asked, WantedJudgment, engine_for
from kojudge.workspace import Settings

__all__ = [
    "Forecast",
    "forecasts",
    "judgments_forecast",
    "speed_of",
    "stage",
    "texts_forecast",
    "time_content",
]

_NOT_YET = said(
    "이 설정으로는 재지 않았습니다. `kojudge plan --calibrate`로 잽니다.",
    "Not measured with these settings; `kojudge plan --calibrate` does.",
)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one model is to do, and how long that takes; ``reason`` says why that is unknown.

    ``items`` counts texts of a candidate, judgments of a judge; ``span`` is in seconds.
    """

    name: str
    role: str
    engine: str
    items: int
    calibration: Calibration | None
    span: Span | None
    reason: Said | None

    def content(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "name": self.name,
            "role": self.role,
            "engine": self.engine,
            "items": self.items,
            "measured": self.calibration.measured if self.calibration else None,
            "calibration": speed_content(self.calibration.speed) if self.calibration else None,
            "reason": self.reason.en if self.reason else None,
            **span_content(self.span),
        }


def speed_content(speed: TextSpeed | JudgeSpeed) -> dict[str, Any]:
    """Return a speed under names that say what the numbers are; rubrics by their key."""
    if isinstance(speed, TextSpeed):
        return {
            "load_seconds": speed.load,
            "prefill_seconds_per_text": speed.prefill,
            "tokens_per_second": 1 / speed.token if speed.token else None,
            "tokens_per_text": asdict(speed.tokens),
        }
    lines = {
        key: {"first_seconds": line.fixed, "seconds_per_judgment": line.each}
        for key, line in speed.rubrics.items()
    }
    return {"load_seconds": speed.load, "rubrics": lines}


def span_content(span: Span | None) -> dict[str, float | None]:
    """Return the three numbers of an estimate in seconds, null where unknown."""
    names = ("seconds", "low_seconds", "high_seconds")
    if span is None:
        return dict.fromkeys(names)
    values = (span.expected, span.low, span.high)
    return {name: round(value, 2) for name, value in zip(names, values, strict=True)}


def speed_of(
    known: Mapping[str, Calibration], card: CandidateCard | JudgeCard, settings: Settings
) -> Calibration | None:
    """Return the calibration that holds for ``card`` under ``settings``."""
    return known.get(key_of(card, settings))


def texts_forecast(found: Calibration | None, texts: int, *, load: bool = True) -> Span | None:
    """Return the seconds that ``texts`` take; None where the candidate was not timed."""
    speed = found.speed if found else None
    return texts_span(speed, texts, load=load) if isinstance(speed, TextSpeed) else None


def judgments_forecast(
    found: Calibration | None, counts: Mapping[str, int], *, load: bool = True
) -> Span | None:
    """Return the seconds of judgments by rubric key; None where one of them was not timed."""
    speed = found.speed if found else None
    return judgments_span(speed, counts, load=load) if isinstance(speed, JudgeSpeed) else None


def counted(items: Sequence[WantedJudgment]) -> Counter[str]:
    """Return how many of ``items`` are really asked, by rubric key."""
    return Counter(rubric_key(item.rubric) for item in items if not item.flagged)


def forecasts(
    asked: Asked, known: Mapping[str, Calibration], reasons: Mapping[str, Said]
) -> list[Forecast]:
    """Return a forecast of the whole plan for every candidate and judge."""
    settings = asked.settings
    texts = len(asked.prompts) * settings.samples
    counts = planned_judgments(asked)
    rows = []
    for writer in asked.candidates:
        found = speed_of(known, writer, settings)
        span = texts_forecast(found, texts)
        rows.append(_row(writer, "candidate", settings, texts, found, span, reasons))
    for judge in asked.judges:
        found = speed_of(known, judge, settings)
        span = judgments_forecast(found, counts)
        number = sum(counts.values())
        rows.append(_row(judge, "judge", settings, number, found, span, reasons))
    return rows


def _row(
    card: CandidateCard | JudgeCard,
    role: str,
    settings: Settings,
    items: int,
    found: Calibration | None,
    span: Span | None,
    reasons: Mapping[str, Said],
) -> Forecast:
    reason = reasons.get(card.name, _NOT_YET) if span is None else None
    return Forecast(card.name, role, engine_for(card, settings), items, found, span, reason)


def planned_judgments(asked: Asked) -> dict[str, int]:
    """Return how many judgments each judge is asked for, by rubric key, controls included."""
    settings = asked.settings
    each = len(asked.prompts) * settings.samples
    rivals = len(asked.candidates) - 1
    controls = min(settings.controls, len(asked.prompts))
    counts = {}
    for rubric in asked.rubrics:
        if settings.mode in ("both", rubric.mode):
            alone = rubric.mode == "pointwise"
            wanted = each * len(asked.candidates) if alone else 2 * each * rivals
            counts[rubric_key(rubric)] = wanted + controls * (1 if alone else 2)
    return counts


def stage(rows: Sequence[Forecast], role: str) -> dict[str, Any]:
    """Return the seconds of all models of one ``role``, null while one is missing."""
    own = [row for row in rows if row.role == role]
    missing = [row.name for row in own if row.span is None]
    span = None if missing else total(row.span for row in own if row.span)
    return {**span_content(span), "missing": missing}


def time_content(rows: Sequence[Forecast]) -> dict[str, Any]:
    """Return what ``--json`` prints under ``time``."""
    return {
        "rough_factor": ROUGH,
        "generate": stage(rows, "candidate"),
        "score": stage(rows, "judge"),
        "models": [row.content() for row in rows],
    }
