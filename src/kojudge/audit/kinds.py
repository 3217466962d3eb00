"""What each kind of audit text claims: for which criterion it must score lower, or not higher.

The table is the certificate's; what stands in no row of a criterion is not asked for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from kojudge.errors import Said, said
from kojudge.korean.degrade import LABELS as PROGRAM_LABELS

__all__ = [
    "CARRIERS",
    "CRITERIA",
    "DIRECTIONS",
    "LABELS",
    "MARKDOWN",
    "ORIGINAL",
    "SEVERITIES",
    "WRITTEN",
    "Criterion",
    "Direction",
    "kinds_of",
]

Criterion = Literal["naturalness", "friendliness"]
Direction = Literal["lower", "same"]
"""``lower``: must score below the original. ``same``: must not score above it."""

CRITERIA: tuple[Criterion, ...] = ("naturalness", "friendliness")
ORIGINAL = "original"
MARKDOWN = "markdown"
WRITTEN: tuple[str, ...] = (
    "translationese",
    "stiff",
    "cold",
    "paraphrase",
    "cliche",
    "verbose",
)
"""Rewrites that people wrote; every source has each of them."""

SEVERITIES: Mapping[str, float] = MappingProxyType(
    {
        "particle_allomorph": 0.5,
        "mixed_levels": 0.5,
        "spaces_removed": 0.3,
        "spaces_added": 0.1,
        "vowel_noise": 0.15,
        "final_damage": 0.3,
        "foreign_script": 0.15,
        "sentence_loop": 0.5,
        "phrase_loop": 0.3,
        "cut_off": 0.5,
        "sentence_shuffle": 1.0,
        MARKDOWN: 0.5,
    }
)
"""Share of the eligible places that each program touches: plain to see, short of rubble."""

_FRIENDLINESS: Mapping[str, Direction] = {
    "stiff": "lower",
    "cold": "lower",
    "paraphrase": "same",
    "cliche": "same",
    "verbose": "same",
    MARKDOWN: "same",
}
_NATURALNESS: Mapping[str, Direction] = {
    "particle_allomorph": "lower",
    "mixed_levels": "lower",
    "translationese": "lower",
    "spaces_removed": "lower",
    "spaces_added": "lower",
    "vowel_noise": "lower",
    "final_damage": "lower",
    "foreign_script": "lower",
    "sentence_loop": "lower",
    "phrase_loop": "lower",
    "cut_off": "lower",
    "sentence_shuffle": "lower",
    "stiff": "same",
    "paraphrase": "same",
    "cliche": "same",
    "verbose": "same",
    MARKDOWN: "same",
}
DIRECTIONS: Mapping[Criterion, Mapping[str, Direction]] = MappingProxyType(
    {
        "naturalness": MappingProxyType(_NATURALNESS),
        "friendliness": MappingProxyType(_FRIENDLINESS),
    }
)
"""Criterion → kind → what the kind must do to the score."""

CARRIERS: Mapping[Criterion, str] = MappingProxyType(
    {"naturalness": "final_damage", "friendliness": "cold"}
)
"""The kind that attacks are put into: it scores low, for a score at the ceiling cannot rise."""

_WRITTEN_LABELS: Mapping[str, Said] = {
    ORIGINAL: said("원문", "original"),
    "translationese": said("번역투", "translationese"),
    "stiff": said("딱딱한 공문체", "stiff official style"),
    "cold": said("무뚝뚝하고 차가운 말투", "cold and curt"),
    "paraphrase": said("말만 바꾼 글", "neutral paraphrase"),
    "cliche": said("상투어로 늘린 글", "padded with clichés"),
    "verbose": said("같은 말로 늘린 글", "padded by saying things twice"),
    MARKDOWN: said("마크다운으로 꾸민 글", "decorated with markdown"),
}
LABELS: Mapping[str, Said] = MappingProxyType({**PROGRAM_LABELS, **_WRITTEN_LABELS})
"""What each kind is, for people."""


def kinds_of(criterion: Criterion, direction: Direction) -> tuple[str, ...]:
    """Return the kinds that claim ``direction`` for ``criterion``, in the table's order."""
    return tuple(kind for kind, claim in DIRECTIONS[criterion].items() if claim == direction)
