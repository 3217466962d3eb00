"""The judges of a run: what their certificates say of each criterion and mode they judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from kojudge.cards import JudgeCard
from kojudge.report.counted import Counted
from kojudge.report.families import PANEL, Family
from kojudge.report.withhold import Place

SMALL_JUDGE = 3_000_000_000
"""Parameters below which a prompted judge shows the machinery only: here a 1.5B model
answered with one side of the pair whichever text stood there."""

UNAUDITED = "unaudited"
_FROM_BEST = ("certified", "provisional", UNAUDITED, "failed")
_NOTHING: Mapping[str, Any] = {"value": None, "low": None, "high": None}


def judge_rows(counted: Counted, found: Sequence[Family]) -> list[dict[str, Any]]:
    """Return the ``judges`` of results.json, one for each judge of the families ``found``.

    ``grade`` is the worst over the criteria and modes of this run, ``grades`` has one row for
    each of them. Judgments made elsewhere have no certificate and stay unaudited.
    """
    places: dict[str, set[tuple[str, str]]] = {}
    for family in found:
        if family.judge != PANEL:
            own = places.setdefault(family.judge, set())
            own.update((criterion, family.mode) for criterion in family.criteria)
    return [_row(counted, judge, sorted(places[judge])) for judge in sorted(places)]


def failed_places(counted: Counted) -> set[Place]:
    """Return where a certificate says that a judge of this workspace failed."""
    return {place for place in counted.certificates if _grade(counted, place) == "failed"}


def grade_of(judges: Iterable[Mapping[str, Any]], place: Place) -> str:
    """Return the grade that ``judges`` (rows of results.json) give at ``place``."""
    judge, criterion, mode = place
    for row in judges:
        for one in row["grades"] if row["name"] == judge else ():
            if (one["criterion"], one["mode"]) == (criterion, mode):
                return str(one["grade"])
    return UNAUDITED


def worst(grades: Collection[str]) -> str:
    """Return the worst of ``grades``; an unaudited judge may be anything but is not failed."""
    return max(grades, key=_FROM_BEST.index, default=UNAUDITED)


def _grade(counted: Counted, place: Place) -> str:
    entry = counted.certificates.get(place) if place[0] in counted.judge_cards else None
    return UNAUDITED if entry is None else str(entry["grade"])


def _row(counted: Counted, judge: str, places: Sequence[tuple[str, str]]) -> dict[str, Any]:
    card = counted.judge_cards.get(judge)
    size = card.parameters if card else None
    prompted = not (isinstance(card, JudgeCard) and card.engine == "head")
    grades = [_graded(counted, (judge, *place)) for place in places]
    return {
        "name": judge,
        "grade": worst([one["grade"] for one in grades]),
        "parameters": size,
        "too_small": prompted and size is not None and size < SMALL_JUDGE,
        "grades": grades,
    }


def _graded(counted: Counted, place: Place) -> dict[str, Any]:
    """Return one criterion and mode of a certificate, flat; None where it says nothing."""
    _, criterion, mode = place
    grade = _grade(counted, place)
    entry = counted.certificates[place] if grade != UNAUDITED else {}
    shortcuts, people = entry.get("shortcuts") or {}, entry.get("people") or {}
    injection = entry.get("injection") or {}
    kinds = _kinds(entry.get("detection", ()))
    ordered = sorted((k for k in kinds if k["value"] is not None), key=lambda k: k["value"])
    return {
        "criterion": criterion,
        "mode": mode,
        "grade": grade,
        "quick": bool(entry.get("quick", False)),
        "reasons": [dict(reason) for reason in entry.get("reasons", ())],
        **_figure("detection", entry.get("macro")),
        "weakest": ordered[0] if ordered else None,
        "strongest": ordered[-1] if ordered else None,
        **_figure("position", entry.get("position")),
        **_figure("injection", injection.get("defended")),
        **_figure("injection_undefended", injection.get("undefended")),
        **_figure("unscored", entry.get("unscored")),
        **_figure("ceiling", entry.get("ceiling")),
        **_figure("trivial", shortcuts.get("trivial")),
        **_figure("gain", shortcuts.get("gain")),
        "trivial_auc": shortcuts.get("auc"),
        **_figure("people_r", people.get("r")),
        **_figure("people_human", people.get("human")),
        "margin": entry.get("margin"),
        "sources": entry.get("sources"),
        "kinds": kinds,
        "rises": _kinds(entry.get("rises", ())),
        "audit_set": entry.get("audit_set"),
        "certificate": entry.get("certificate"),
    }


def _kinds(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"kind": row["kind"], **_figure("", row["figure"])} for row in rows]


def _figure(name: str, figure: Mapping[str, Any] | None) -> dict[str, float | None]:
    """Return a figure as ``name``, ``name_low``, ``name_high``; unnamed: value, ci_low, ci_high."""
    found = figure or _NOTHING
    value, low, high = (
        (name, f"{name}_low", f"{name}_high") if name else ("value", "ci_low", "ci_high")
    )
    return {value: found["value"], low: found["low"], high: found["high"]}
