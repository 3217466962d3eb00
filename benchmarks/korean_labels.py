"""Precision and recall of the Korean signals on sentences labelled by hand.

    python benchmarks/korean_labels.py [--errors]

The sentences are in ``tests/korean/data/``, labelled before the code saw them. Those of the
split ``development`` were then used to mend the patterns, so their numbers flatter; those of
``held_out`` were written after the patterns were done, and nothing was mended on them.
Both were written by the authors of the patterns, and real text is harder than either.
Accuracy is the share of sentences without a false hit and without a miss.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kojudge.korean import cliche, spacing, speech_level, spelling, translationese
from kojudge.korean.analysis import analyse
from kojudge.korean.patterns import patterns

DATA = Path(__file__).resolve().parents[1] / "tests" / "korean" / "data"
LEVEL_FILES = ("speech_levels.jsonl", "speech_levels_held_out.jsonl")
PHRASES = {
    "translationese": frozenset(p.name for p in patterns("translationese.yaml")),
    "cliche": frozenset(p.name for p in patterns("cliche.yaml")),
}


@dataclass(slots=True)
class Counts:
    """Right hits, false alarms and misses of one group, and the sentences behind them."""

    sentences: int = 0
    sound: int = 0
    right: int = 0
    false: int = 0
    missed: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of the hits that are right; 1 without any hit."""
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def accuracy(self) -> float:
        """Share of the sentences without a false hit and without a miss; 1 without any."""
        return self.sound / self.sentences if self.sentences else 1.0

    @property
    def recall(self) -> float:
        """Share of the labelled places that were hit; 1 without any."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    def add(self, text: str, right: int, false: Iterable[str], missed: Iterable[str]) -> None:
        """Count one sentence."""
        false, missed = list(false), list(missed)
        self.sentences += 1
        self.sound += not false and not missed
        self.right += right
        self.false += len(false)
        self.missed += len(missed)
        self.errors += [f"{text}  —  false: {what}" for what in false]
        self.errors += [f"{text}  —  missed: {what}" for what in missed]


Table = dict[tuple[str, str], Counts]


def read(name: str) -> Iterator[dict[str, Any]]:
    """Yield the labelled sentences of ``name``, none when the file is absent."""
    path = DATA / name
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def measure_all() -> Table:
    """Return the counts by group and split."""
    table: Table = {}
    for row in read("translationese.jsonl"):
        _phrases(table, row)
    for row in read("spelling_spacing.jsonl"):
        _places(table, row)
    for name in LEVEL_FILES:
        for row in read(name):
            _level(table, row)
    return table


def _phrases(table: Table, row: Mapping[str, Any]) -> None:
    analysis = analyse(row["text"])
    for group, measure in (
        ("translationese", translationese.measure),
        ("cliche", cliche.measure),
    ):
        got = Counter(h.name for h in measure(analysis).hits if h.name in PHRASES[group])
        want = Counter(row[group])
        _counts(table, group, row).add(
            row["text"],
            right=(got & want).total(),
            false=(got - want).elements(),
            missed=(want - got).elements(),
        )


def _places(table: Table, row: Mapping[str, Any]) -> None:
    """A hit is right when it overlaps a place labelled with its kind."""
    text = row["text"]
    analysis = analyse(text)
    found = [(h.name, h.start, h.end) for h in spacing.measure(analysis).hits]
    found += [("spelling", h.start, h.end) for h in spelling.measure(analysis).hits]
    for kind in ("missing", "extra", "spelling"):
        want = [_span(text, error["wrong"]) for error in row["errors"] if error["kind"] == kind]
        got = [(start, end) for name, start, end in found if name == kind]
        met = [w for w in want if any(_overlap(w, g) for g in got)]
        group = kind if kind == "spelling" else f"spacing: {kind}"
        _counts(table, group, row).add(
            text,
            right=len(met),
            false=[text[slice(*g)] for g in got if not any(_overlap(w, g) for w in want)],
            missed=[text[slice(*w)] for w in want if w not in met],
        )


def _level(table: Table, row: Mapping[str, Any]) -> None:
    """Count a level as a hit, and "none" as no hit, for all levels and for each."""
    got, want = read_level(row["text"]), row["level"]
    levels: tuple[str, ...] = speech_level.LEVELS
    for group, own in (("speech level", levels), *((f"level: {one}", (one,)) for one in levels)):
        right = got == want and got in own
        _counts(table, group, row).add(
            row["text"],
            right=int(right),
            false=[f"{got} for {want}"] if got in own and not right else [],
            missed=[f"{got} for {want}"] if want in own and not right else [],
        )


def read_level(text: str) -> str:
    """Return the level of the last sentence of ``text``."""
    sentences = analyse(text).sentences
    return speech_level.level_of(sentences[-1]) if sentences else "none"


def _counts(table: Table, group: str, row: Mapping[str, Any]) -> Counts:
    return table.setdefault((group, row.get("split", "development")), Counts())


def _span(text: str, wrong: str) -> tuple[int, int]:
    start = text.index(wrong)
    return start, start + len(wrong)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def render(table: Table) -> str:
    """Write the counts as a Markdown table."""
    lines = [
        "| group | split | sentences | accuracy | labelled | hits | right | precision | recall |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for (group, split), c in sorted(table.items(), key=lambda item: (item[0][1], item[0][0])):
        lines.append(
            f"| {group} | {split.replace('_', ' ')} | {c.sentences} | {c.accuracy:.2f} "
            f"| {c.right + c.missed} | {c.right + c.false} | {c.right} "
            f"| {c.precision:.2f} | {c.recall:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--errors", action="store_true", help="list what was wrong")
    arguments = parser.parse_args()
    table = measure_all()
    print(render(table))
    if arguments.errors:
        for (group, split), counts in sorted(table.items()):
            print(f"\n{group} ({split})", *counts.errors, sep="\n- ")


if __name__ == "__main__":
    main()
