"""All Korean evidence about one text, from one analysis of it.

The numbers are evidence beside the judge's scores, not a verdict: fewer spacing errors is
not more human, and a probable text is not a natural one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import NamedTuple

from kojudge.errors import Said
from kojudge.korean import (
    cliche,
    corruption,
    degeneration,
    friendliness,
    script,
    spacing,
    speech_level,
    spelling,
    style,
    translationese,
    truncation,
)
from kojudge.korean.analysis import analyse
from kojudge.korean.hit import Hit
from kojudge.korean.response_language import allowed_words, expected_language
from kojudge.records import Json

__all__ = [
    "CORRECTNESS",
    "STYLE",
    "Correctness",
    "Diagnosis",
    "StyleGroups",
    "diagnose",
    "label_of",
]


class Correctness(NamedTuple):
    """Names of the groups that say whether a text is sound."""

    script: str = "script"
    degeneration: str = "degeneration"
    truncation: str = "truncation"
    spacing: str = "spacing"
    spelling: str = "spelling"
    corruption: str = "corruption"


class StyleGroups(NamedTuple):
    """Names of the groups that say how a text is written."""

    speech_level: str = "speech_level"
    translationese: str = "translationese"
    cliche: str = "cliche"
    style: str = "style"
    friendliness: str = "friendliness"


CORRECTNESS = Correctness()
STYLE = StyleGroups()
_LABELS: Mapping[str, Mapping[str, Said]] = {
    "script": script.LABELS,
    "degeneration": degeneration.LABELS,
    "truncation": truncation.LABELS,
    "spacing": spacing.LABELS,
    "spelling": spelling.LABELS,
    "corruption": corruption.LABELS,
    "speech_level": speech_level.LABELS,
    "translationese": translationese.LABELS,
    "cliche": cliche.LABELS,
    "friendliness": friendliness.LABELS,
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The eleven groups of one ``text``, and its length in characters and words."""

    text: str
    characters: int
    eojeols: int
    script: script.Script
    degeneration: degeneration.Degeneration
    truncation: truncation.Truncation
    spacing: spacing.Spacing
    spelling: spelling.Spelling
    corruption: corruption.Corruption
    speech_level: speech_level.SpeechLevel
    translationese: translationese.Translationese
    cliche: cliche.Cliche
    style: style.Style
    friendliness: friendliness.Friendliness

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Every hit of every group, in the order of the text."""
        found = [hit for name in (*CORRECTNESS, *STYLE) for hit in getattr(self, name).hits]
        return tuple(sorted(found, key=lambda hit: (hit.start, hit.end, hit.group, hit.name)))

    def to_json(self) -> dict[str, Json]:
        """Return nested objects named after the groups, with numeric leaves, and ``hits``.

        Flags are 0 or 1. A hit is its group, name, start, end and text; what words cannot be
        numbers (why a text is truncated) stand there as the hit's name.
        """
        groups = {name: _numbers(getattr(self, name)) for name in (*CORRECTNESS, *STYLE)}
        hits: list[Json] = [
            {
                "group": hit.group,
                "name": hit.name,
                "start": hit.start,
                "end": hit.end,
                "text": self.text[hit.start : hit.end],
            }
            for hit in self.hits
        ]
        return {
            "characters": self.characters,
            "eojeols": self.eojeols,
            **groups,
            "hits": hits,
        }


def diagnose(text: str, *, prompt: str = "", genre: str | None = None) -> Diagnosis:
    """Measure every group of ``text``.

    ``prompt`` is what the text answers: the language it asks for and the foreign words in it
    are no intrusion in the text.
    ``genre`` (blog, emotional, imaginative) picks the limits where they differ.
    """
    analysis = analyse(text)
    return Diagnosis(
        text=text,
        characters=len(text),
        eojeols=len(analysis.eojeols),
        script=script.measure(analysis, allowed_words(prompt), expected_language(prompt)),
        degeneration=degeneration.measure(analysis),
        truncation=truncation.measure(analysis),
        spacing=spacing.measure(analysis),
        spelling=spelling.measure(analysis),
        corruption=corruption.measure(analysis, genre),
        speech_level=speech_level.measure(analysis),
        translationese=translationese.measure(analysis),
        cliche=cliche.measure(analysis),
        style=style.measure(analysis),
        friendliness=friendliness.measure(analysis),
    )


def label_of(hit: Hit) -> Said:
    """Return what was hit, in words, in Korean and English."""
    return _LABELS[hit.group][hit.name]


def _numbers(group: object) -> dict[str, Json]:
    """The numbers of a group: counts, rates, flags, and mappings of them."""
    found: dict[str, Json] = {}
    for field in fields(group):  # type: ignore[arg-type]
        value = getattr(group, field.name)
        if isinstance(value, bool | int | float):
            found[field.name] = int(value) if isinstance(value, bool) else value
        elif isinstance(value, Mapping):
            found[field.name] = {str(key): number for key, number in value.items()}
    return found
