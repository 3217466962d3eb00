"""Phrase patterns over morphemes, read from a reviewed YAML file beside this module.

A sentence is written as one line, ``에/JKB 의하/VV 어/EC``, and a pattern is a regular
expression over whole morphemes of that line. So ``에 의해`` is told from ``에 의하면`` and
``그는`` from ``그늘`` by grammar, not by letters. Where the wording alone decides, a pattern
is a regular expression over the sentence as written.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from kojudge.errors import Said, said
from kojudge.korean.analysis import Analysis, Sentence, Token
from kojudge.korean.hit import Hit

__all__ = ["Pattern", "find", "hangul_words", "patterns"]

_MACRO = re.compile(r"\{([A-Z]+)\}")
_SPACE = re.compile(r"\s+")


class _Entry(BaseModel):
    """One pattern as it stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z_]+$")
    ko: str = Field(min_length=1)
    en: str = Field(min_length=1)
    source: str = Field(min_length=1)
    morphemes: str | None = None
    surface: str | None = None
    written: str = ""
    unless: str | None = None
    every: int = Field(default=1, ge=1)
    hits: tuple[str, ...] = Field(min_length=1)
    clean: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_way_to_match(self) -> _Entry:
        if (self.morphemes is None) == (self.surface is None):
            raise ValueError(f"{self.id}: give either morphemes or surface")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    macros: Mapping[str, str] = Field(default_factory=dict)
    patterns: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One phrase to look for.

    ``morphemes`` matches a sentence's line of morphemes, or ``surface`` its wording (one of
    the two is None). ``written`` must match the start of the words that were hit (``그것``
    against ``그게``, which kiwi reads alike). A sentence whose line matches ``unless`` is
    passed over. Only the ``every``-th match in a sentence and those after it count: a phrase
    that is clumsy when repeated. ``source`` says who described it; ``hits`` must match and
    ``clean`` must not (a test runs them).
    """

    name: str
    label: Said
    source: str
    morphemes: re.Pattern[str] | None
    surface: re.Pattern[str] | None
    written: re.Pattern[str]
    unless: re.Pattern[str] | None
    every: int
    hits: tuple[str, ...]
    clean: tuple[str, ...]


@cache
def patterns(file: str) -> tuple[Pattern, ...]:
    """Return the patterns of ``file`` (``translationese.yaml``) in the order of the file."""
    raw = files("kojudge.korean").joinpath(file).read_text(encoding="utf-8")
    read = TypeAdapter(_File).validate_python(yaml.safe_load(raw))
    return tuple(_compiled(entry, read.macros) for entry in read.patterns)


def find(analysis: Analysis, group: str, known: Sequence[Pattern]) -> tuple[Hit, ...]:
    """Return every hit of the patterns ``known``, in the order of the text."""
    found = [
        Hit(group, pattern.name, start, end)
        for sentence in analysis.sentences
        for pattern, start, end in _in_sentence(analysis.text, sentence, known)
    ]
    return tuple(sorted(found, key=lambda hit: (hit.start, hit.end, hit.name)))


def hangul_words(analysis: Analysis) -> int:
    """Count the whitespace-separated words that hold a Hangul syllable."""
    return sum(
        1 for start, end in analysis.eojeols if re.search("[가-힣]", analysis.text[start:end])
    )


def _compiled(entry: _Entry, macros: Mapping[str, str]) -> Pattern:
    def expand(source: str) -> str:
        return _MACRO.sub(lambda match: f"(?:{expand(macros[match[1]])})", source)

    def whole(source: str | None) -> re.Pattern[str] | None:
        """Compile a pattern of whole morphemes."""
        return re.compile(rf"(?<!\S)(?:{expand(source)})(?!\S)") if source else None

    return Pattern(
        name=entry.id,
        label=said(entry.ko, entry.en),
        source=entry.source,
        morphemes=whole(entry.morphemes),
        surface=re.compile(entry.surface) if entry.surface else None,
        written=re.compile(entry.written),
        unless=whole(entry.unless),
        every=entry.every,
        hits=entry.hits,
        clean=entry.clean,
    )


def _in_sentence(
    text: str, sentence: Sentence, known: Sequence[Pattern]
) -> Iterator[tuple[Pattern, int, int]]:
    line, starts = _line(sentence.tokens)
    for pattern in known:
        if pattern.unless and pattern.unless.search(line):
            continue
        spans = list(_spans(pattern, text, sentence, line, starts))
        yield from ((pattern, *span) for span in spans[pattern.every - 1 :])


def _spans(
    pattern: Pattern, text: str, sentence: Sentence, line: str, starts: Sequence[int]
) -> Iterator[tuple[int, int]]:
    if pattern.surface:
        wording = text[sentence.start : sentence.end]
        for match in pattern.surface.finditer(wording):
            yield sentence.start + match.start(), sentence.start + match.end()
    elif pattern.morphemes:
        for match in pattern.morphemes.finditer(line):
            first = bisect_right(starts, match.start()) - 1
            last = bisect_right(starts, max(match.end() - 1, match.start())) - 1
            start = sentence.tokens[first].start
            end = max(token.end for token in sentence.tokens[first : last + 1])
            if pattern.written.match(text[start:end]):
                yield start, end


def _line(tokens: Sequence[Token]) -> tuple[str, list[int]]:
    """Write ``form/TAG form/TAG`` and say where each morpheme starts in it."""
    parts: list[str] = []
    starts: list[int] = []
    at = 0
    for token in tokens:
        part = f"{_SPACE.sub('_', token.form)}/{token.tag}"
        parts.append(part)
        starts.append(at)
        at += len(part) + 1
    return " ".join(parts), starts
