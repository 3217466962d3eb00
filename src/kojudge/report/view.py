"""Arrange a page's material in the order in which it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kojudge.errors import Language
from kojudge.report.charts import best_first, headlined
from kojudge.report.content import Item, ItemText, Page
from kojudge.report.families import PANEL
from kojudge.report.judges import grade_of
from kojudge.report.wording import (
    GRADES,
    MODES,
    REASONS,
    look_up,
    similar_or_better,
    verdict_badge,
    verdict_sentence,
)

Comparison = Mapping[str, Any]

OVERALL = "overall"
MOST_CARDS = 12
"""More verdicts than this on one criterion stand a line each instead of a card each."""


@dataclass(frozen=True, slots=True)
class Face:
    """What a card says in one language. ``grade`` is empty for a panel."""

    language: Language
    criterion: str
    badge: str
    sentence: str
    similar_or_better: str
    mode: str
    grade: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One verdict, in the page's language and then in the other.

    ``compact``: it is one of so many on its criterion that a line has to do.
    """

    comparison: Comparison
    faces: tuple[Face, Face]
    compact: bool


@dataclass(frozen=True, slots=True)
class Comparisons:
    """The comparisons by the weight they carry."""

    primary: tuple[Comparison, ...]
    secondary: tuple[Comparison, ...]
    slices: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """What the leaderboard says of one candidate on one criterion; None where not measured.

    ``win`` is the comparison in win scores, which has the win rate less ½ with its interval.
    """

    ranks: Mapping[str, Any] | None
    mean: Mapping[str, Any] | None
    pairs: Mapping[str, Any] | None
    comparison: Comparison | None
    win: Comparison | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the leaderboard. ``length_ratio``: mean length over the baseline's."""

    entry: Mapping[str, Any]
    cells: tuple[Cell, ...]
    length_ratio: float | None


@dataclass(frozen=True, slots=True)
class PromptTexts:
    """All samples of one prompt."""

    name: str
    request: str
    history: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CategoryTexts:
    """All prompts of one category."""

    category: str
    prompts: tuple[PromptTexts, ...]


def split_comparisons(results: Mapping[str, Any]) -> Comparisons:
    """Part the comparisons: those that carry verdicts, the other overall ones, categories."""
    overall = [c for c in results["comparisons"] if c["slice"] == OVERALL]
    return Comparisons(
        primary=tuple(c for c in overall if c["primary"]),
        secondary=tuple(c for c in overall if not c["primary"]),
        slices=tuple(c for c in results["comparisons"] if c["slice"] != OVERALL),
    )


def verdict_cards(
    page: Page, primary: Sequence[Comparison], language: Language
) -> tuple[Card, ...]:
    """Return a card for each comparison of the primary family: by criterion, the best first."""
    order = best_first(page.results)
    criteria = list(dict.fromkeys(c["criterion"] for c in primary))
    ordered = sorted(primary, key=lambda c: (criteria.index(c["criterion"]), order[c["candidate"]]))
    other: Language = "en" if language == "ko" else "ko"
    size = Counter(c["criterion"] for c in primary)
    return tuple(
        Card(
            c,
            (_face(page, c, language), _face(page, c, other)),
            compact=size[c["criterion"]] > MOST_CARDS,
        )
        for c in ordered
    )


def _face(page: Page, comparison: Comparison, language: Language) -> Face:
    grade = _grade(page, comparison)
    names = criterion_names(page, comparison["criterion"])
    sentence = verdict_sentence(comparison, names, page.results["baseline"], page.results["alpha"])
    # The judge's grade stands on the card: the reason that repeats it only where it withholds.
    reasons = [r for r in comparison["reasons"] if grade == "failed" or r != f"judge_{grade}"]
    return Face(
        language=language,
        criterion=names[0] if language == "ko" else names[1],
        badge=verdict_badge(comparison).in_(language),
        sentence=sentence.in_(language),
        similar_or_better=similar_or_better(comparison).in_(language),
        mode=look_up(MODES, comparison["mode"]).in_(language),
        grade=look_up(GRADES, grade).in_(language),
        reasons=tuple(look_up(REASONS, reason).in_(language) for reason in reasons),
    )


def _grade(page: Page, comparison: Comparison) -> str:
    judge = comparison["judge"]
    if judge == PANEL:
        return ""
    place = (judge, comparison["criterion"], comparison["mode"])
    return grade_of(page.results["judges"], place)


def criterion_names(page: Page, criterion: str) -> tuple[str, str]:
    """Return the (Korean, English) name; an imported criterion without one keeps its own.

    A rubric writes its English name as inside a sentence; on the page it begins one.
    """
    korean, english = page.criteria.get(criterion, (criterion, criterion))
    return korean, english[:1].upper() + english[1:]


def all_criteria(results: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the criteria in the order in which they first appear."""
    compared = [c["criterion"] for c in results["comparisons"]]
    scored = [name for row in results["leaderboard"] for name in (*row["criteria"], *row["pairs"])]
    tried = [name for row in results["good_on_all"] for name in row["criteria"]]
    beside = [
        row["criterion"]
        for part in ("reliability", "noise", "style_control", "controls")
        for row in results[part]
    ]
    graded = [row["criterion"] for judge in results["judges"] for row in judge["grades"]]
    panel = results["panel"] or {}
    seats = [row["criterion"] for part in ("members", "excluded") for row in panel.get(part, ())]
    people = results["labels"] or {}
    said = [
        row["criterion"]
        for part in ("agreement", "ceiling", "calibration")
        for row in people.get(part, ())
    ]
    return tuple(dict.fromkeys([*compared, *scored, *tried, *beside, *graded, *seats, *said]))


def standings(results: Mapping[str, Any]) -> tuple[Standing, ...]:
    """Return the leaderboard's rows, the best first."""
    order = best_first(results)
    rows = sorted(results["leaderboard"], key=lambda row: order[row["candidate"]])
    length = next((row["mean_chars"] for row in rows if row["baseline"]), None)
    criteria = all_criteria(results)
    found = headlined(c for c in results["comparisons"] if c["slice"] == OVERALL)
    compared = {(c["candidate"], c["criterion"], c["mode"]): c for c in found}
    primary = {(c["candidate"], c["criterion"]): c for c in found if c["primary"]}
    return tuple(
        Standing(
            entry=row,
            cells=tuple(
                Cell(
                    ranks=row["ranks"].get(criterion),
                    mean=row["criteria"].get(criterion),
                    pairs=row["pairs"].get(criterion),
                    comparison=primary.get((row["candidate"], criterion)),
                    win=compared.get((row["candidate"], criterion, "pairwise")),
                )
                for criterion in criteria
            ),
            length_ratio=_ratio(row["mean_chars"], length),
        )
        for row in rows
    )


def texts_by_category(items: Sequence[Item]) -> tuple[CategoryTexts, ...]:
    """Group the texts by category and prompt, both in the order in which they first appear.

    A later turn of a prompt, which has a history of its own, stands by itself.
    """
    grouped: dict[str, dict[tuple[object, ...], list[Item]]] = {}
    for item in items:
        asked = (item.prompt_name, item.history, item.request)
        grouped.setdefault(item.category, {}).setdefault(asked, []).append(item)
    return tuple(
        CategoryTexts(category, tuple(_prompt_texts(own) for own in prompts.values()))
        for category, prompts in grouped.items()
    )


def order_flips(text: ItemText) -> tuple[str, ...]:
    """Return the criteria on which the judge's preference turned with the order shown."""
    return tuple(
        criterion
        for criterion, (first, second) in text.wins.items()
        if first is not None and second is not None and (first - 0.5) * (second - 0.5) < 0
    )


def _prompt_texts(items: Sequence[Item]) -> PromptTexts:
    first = items[0]
    texts = [text for item in items for text in item.texts]
    flags = dict.fromkeys(flag for text in texts for flag in text.flags)
    return PromptTexts(first.prompt_name, first.request, first.history, tuple(items), tuple(flags))


def _ratio(length: float | None, baseline: float | None) -> float | None:
    return length / baseline if length is not None and baseline else None
