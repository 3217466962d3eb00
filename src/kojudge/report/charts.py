"""Which charts a page has, and in which order the models stand in all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kojudge.errors import Language
from kojudge.report import wording
from kojudge.report.families import PANEL
from kojudge.report.figures import Forest, draw_forest
from kojudge.report.figures_outcomes import Outcomes, draw_outcomes
from kojudge.report.figures_spread import Mirror, Scatter, draw_mirrors, draw_scatters

Comparison = Mapping[str, Any]


def best_first(results: Mapping[str, Any]) -> dict[str, int]:
    """Return each model's place on the page: by its mean difference over the criteria.

    Only the comparisons that carry verdicts count; the baseline's difference is 0. Models
    without a number come last, in the leaderboard's order.
    """
    found: dict[str, list[float]] = {results["baseline"]: [0.0]}
    for comparison in results["comparisons"]:
        if comparison["primary"] and comparison["delta"] is not None:
            found.setdefault(comparison["candidate"], []).append(comparison["delta"])
    compared = (c["candidate"] for c in results["comparisons"])
    names = dict.fromkeys([*(row["candidate"] for row in results["leaderboard"]), *compared])
    mean = {name: sum(own) / len(own) for name, own in found.items()}
    ordered = sorted(names, key=lambda name: -mean.get(name, float("-inf")))
    return {name: at for at, name in enumerate(ordered)}


def headlined(comparisons: Iterable[Comparison]) -> list[Comparison]:
    """Keep of each candidate, criterion, mode and slice the panel's row, or the first judge's.

    A row that carries a verdict goes before one that does not.
    """
    kept: dict[tuple[str, ...], Comparison] = {}
    for found in comparisons:
        place = tuple(found[key] for key in ("candidate", "criterion", "mode", "slice"))
        weight = (found["judge"] == PANEL, found["primary"])
        if place not in kept or weight > (kept[place]["judge"] == PANEL, kept[place]["primary"]):
            kept[place] = found
    return list(kept.values())


def forests(results: Mapping[str, Any]) -> tuple[Forest, ...]:
    """Return the panels of each criterion, the mode that carries the verdicts first."""
    order, primary_mode = best_first(results), results["primary_mode"]
    panels: dict[tuple[str, str], list[Comparison]] = {}
    for found in sorted(results["comparisons"], key=lambda c: not c["primary"]):
        if found["slice"] == "overall":
            panels.setdefault((found["mode"], found["criterion"]), []).append(found)
    drawn: list[Forest] = []
    for place in sorted(panels, key=lambda place: place[0] != primary_mode):
        rows = sorted(panels[place], key=lambda c: order[c["candidate"]])
        drawn += draw_forest(rows, primary_mode, _with_judge(rows))
    return tuple(drawn)


def outcomes(results: Mapping[str, Any]) -> tuple[Outcomes, ...]:
    """Return the bars of each criterion that has pairs with the baseline."""
    order = best_first(results)
    rows = sorted(results["leaderboard"], key=lambda row: order[row["candidate"]])
    drawn: list[Outcomes] = []
    for criterion in dict.fromkeys(name for row in rows for name in row["pairs"]):
        own = [(row["candidate"], row["pairs"].get(criterion)) for row in rows]
        drawn += draw_outcomes(criterion, [(name, tally) for name, tally in own if tally])
    return tuple(drawn)


def slices(results: Mapping[str, Any], language: Language) -> tuple[Forest, ...]:
    """Return a panel a criterion: each candidate's difference in every category.

    Of the mode that carries the verdicts; nothing where there is but one category.
    """
    order, primary_mode = best_first(results), results["primary_mode"]
    found = [c for c in results["comparisons"] if c["slice"] != "overall"]
    found = headlined(c for c in found if c["mode"] == primary_mode)
    if len({c["slice"] for c in found}) < 2:
        return ()
    panels: dict[str, list[Comparison]] = {}
    for comparison in sorted(found, key=lambda c: order[c["candidate"]]):
        panels.setdefault(comparison["criterion"], []).append(comparison)

    def label(comparison: Comparison) -> str:
        category = wording.look_up(wording.CATEGORIES, comparison["slice"]).in_(language)
        return f"{category} · {comparison['candidate']}"

    return tuple(one for rows in panels.values() for one in draw_forest(rows, primary_mode, label))


def mirrors(results: Mapping[str, Any]) -> tuple[Mirror, ...]:
    """Return a score histogram a criterion and candidate, back to back with the baseline's."""
    order = best_first(results)
    drawn = draw_mirrors(results["distributions"], results["baseline"])
    return tuple(sorted(drawn, key=lambda one: order.get(one.candidate, len(order))))


def scatters(results: Mapping[str, Any]) -> tuple[Scatter, ...]:
    """Return a drawing a criterion and candidate: the difference against length."""
    order = best_first(results)
    drawn = draw_scatters(results["distributions"], results["style_control"])
    return tuple(sorted(drawn, key=lambda one: order.get(one.row["candidate"], len(order))))


def _with_judge(rows: Sequence[Comparison]) -> Callable[[Comparison], str]:
    """Name the judge beside the candidate where several stand in one panel."""
    if len({row["judge"] for row in rows}) < 2:
        return lambda found: str(found["candidate"])
    return lambda found: f"{found['candidate']} · {found['judge']}"
