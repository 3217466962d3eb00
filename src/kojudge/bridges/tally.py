"""Count what a bridge leaves out, and say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kojudge.errors import Said, said

__all__ = ["Tally"]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by name; ``words`` says each name, with ``{n}`` for its count."""

    words: Mapping[str, Said]
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, count: int = 1) -> None:
        """Count ``name``, a key of ``words``."""
        self.counts[name] += count

    def said(self) -> Sequence[Said]:
        """Return what was counted, in the order of ``words``."""
        return [
            said(words.ko.format(n=self.counts[name]), words.en.format(n=self.counts[name]))
            for name, words in self.words.items()
            if self.counts[name]
        ]
