"""Hold a run against its plan: what was expected stands in the manifest from the start.

What is compared is the share that was done: a command that was killed, or one that goes on
where another stopped, is held against the seconds of its own items.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kojudge.cards import CandidateCard, JudgeCard
from kojudge.cli.calibrating import at_once
from kojudge.cli.calibrations import Calibration, kept
from kojudge.cli.session import Session
from kojudge.cli.speeds import Span
from kojudge.cli.timing import counted, judgments_forecast, speed_of, texts_forecast
from kojudge.selection import Asked, WantedJudgment, WantedText
from kojudge.store import manifest
from kojudge.store.run import Run

__all__ = ["Tick", "judgments_plan", "plans_of", "texts_plan", "timed_judgments", "timed_texts"]

Tick = Callable[[int], None]
Estimate = Callable[[int, bool], Span | None]
"""The seconds of so many items; False: the model is open already."""

_SUMS = ("items", "planned_seconds", "low_seconds", "high_seconds", "done", "took_seconds",
         "planned_for_done")  # fmt: skip


def texts_plan(session: Session, asked: Asked, pending: Sequence[WantedText]) -> dict[str, Any]:
    """Return the ``plan`` of a generate command for its entry of the manifest."""
    known = kept(session.workspace().runs)
    models = {}
    for card in asked.candidates:
        number = sum(item.candidate == card.name for item in pending)
        if number:
            found = speed_of(known, card, asked.settings)
            models[card.name] = _planned(found, number, texts_forecast(found, number))
    return with_totals({"models": models})


def judgments_plan(
    session: Session, asked: Asked, pending: Sequence[WantedJudgment]
) -> dict[str, Any]:
    """Return the ``plan`` of a score command for its entry of the manifest."""
    known = kept(session.workspace().runs)
    models = {}
    for card in asked.judges:
        own = [item for item in pending if item.judge.name == card.name]
        if own:
            found = speed_of(known, card, asked.settings)
            models[card.name] = _planned(found, len(own), judgments_forecast(found, counted(own)))
    return with_totals({"models": models})


def plans_of(run: Run) -> list[dict[str, Any]]:
    """Return the run's commands that had a plan: what was expected and what they took."""
    entries = manifest.read(run.path).get("commands", [])
    return [
        {"command": entry["command"], "started": entry["started"], **entry["plan"]}
        for entry in entries
        if entry.get("plan") and entry["plan"].get("planned_seconds") is not None
    ]


@contextmanager
def timed_texts(
    session: Session, asked: Asked, card: CandidateCard, pending: int, entry: dict[str, Any]
) -> Iterator[Tick]:
    """Time one candidate's share, opening it included; call the tick with the texts done."""
    found = speed_of(kept(session.workspace().runs), card, asked.settings)

    def estimate(done: int, load: bool) -> Span | None:
        return texts_forecast(found, done, load=load)

    with timed(entry, card.name, found, estimate, pending, at_once(card, asked.settings)) as tick:
        yield tick


@contextmanager
def timed_judgments(
    session: Session,
    asked: Asked,
    card: JudgeCard,
    pending: Sequence[WantedJudgment],
    entry: dict[str, Any],
) -> Iterator[Tick]:
    """Time one judge's share, as :func:`timed_texts` does; rubrics come in their order."""
    found = speed_of(kept(session.workspace().runs), card, asked.settings)

    def estimate(done: int, load: bool) -> Span | None:
        return judgments_forecast(found, counted(pending[:done]), load=load)

    together = at_once(card, asked.settings)
    with timed(entry, card.name, found, estimate, len(pending), together) as tick:
        yield tick


@contextmanager
def timed(
    entry: dict[str, Any],
    name: str,
    found: Calibration | None,
    estimate: Estimate,
    items: int,
    together: int,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Tick]:
    """Time one model's ``items`` and write into ``entry["plan"]`` what it took.

    Asked for the same model again (the looks of one score), the sums go on. Where the work
    broke off before two batches of ``together`` were done there is no ratio: what was under
    way is in the time and not in the count.
    """
    plan = entry.setdefault("plan", {"models": {}})
    before = plan["models"].get(name)
    again = before is not None and before["took_seconds"] is not None
    started = clock()
    reached, done = started, 0

    def tick(count: int) -> None:
        nonlocal reached, done
        reached, done = clock(), count

    try:
        yield tick
        reached = clock()
    finally:
        now = _planned(found, items, estimate(items, not again))
        now |= {
            "done": done,
            "took_seconds": round(reached - started, 2),
            "planned_for_done": _expected(estimate(done, not again)),
        }
        told = _joined(before, now) if again else now
        enough = told["done"] >= min(told["items"], 2 * together)
        told["ratio"] = _ratio(told["took_seconds"], told["planned_for_done"]) if enough else None
        plan["models"][name] = told
        with_totals(plan)


def _planned(found: Calibration | None, items: int, span: Span | None) -> dict[str, Any]:
    return {
        "calibrated": found.measured if found else None,
        "items": items,
        "planned_seconds": _expected(span),
        "low_seconds": round(span.low, 2) if span else None,
        "high_seconds": round(span.high, 2) if span else None,
        "done": 0,
        "took_seconds": None,
        "planned_for_done": None,
        "ratio": None,
    }


def with_totals(plan: dict[str, Any]) -> dict[str, Any]:
    """Add up the models; what one of them lacks, the sum lacks too.

    ``ratio`` is over the models that have one.
    """
    models = list(plan["models"].values())
    for name in ("planned_seconds", "took_seconds"):
        plan[name] = _sum([model[name] for model in models])
    held = [model for model in models if model["ratio"] is not None]
    took, expected = (_sum([m[k] for m in held]) for k in ("took_seconds", "planned_for_done"))
    plan["ratio"] = _ratio(took, expected) if held else None
    return plan


def _joined(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    return {**now, **{key: _sum([before[key], now[key]]) for key in _SUMS}}


def _sum(values: Sequence[Any]) -> Any:
    return None if None in values else round(sum(values), 2)


def _expected(span: Span | None) -> float | None:
    return None if span is None else round(span.expected, 2)


def _ratio(took: float | None, expected: float | None) -> float | None:
    """Return how many times the planned seconds it took; None where nothing was planned."""
    return None if took is None or not expected else round(took / expected, 2)
