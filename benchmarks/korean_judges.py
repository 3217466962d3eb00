"""Which Korean signals go with the scores that judges gave to real texts.

    python benchmarks/korean_judges.py

Spearman's rho of each signal with GPT-4's fluency and grammar of texts by students, with
ChatGPT's scores of komt-eval and with the ensemble's verdicts of ko-arena-hard: as it is,
and partial, given the length in characters. 95 % intervals are percentile bootstraps over
writers, or over questions. Texts of all models are taken together, so a signal may follow
the model rather than the text; and only the first of these judges was asked about anything
like naturalness.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from korean_data import (
    SEED,
    SIGNALS,
    Floats,
    Text,
    arena,
    arena_questions,
    data_is_here,
    komt,
    signals,
    students,
)

RESAMPLES = 1_000
FEWEST_TEXTS = 10
"""A signal that fewer texts show has no interval worth printing."""
ARENA_QUESTIONS = 40


@dataclass(frozen=True, slots=True)
class Rho:
    """A rank correlation and its 95 % interval; NaN where hardly any text shows the signal."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "—"
        text = f"{self.value:+.2f} ({self.low:+.2f} … {self.high:+.2f})"
        return f"**{text}**" if self.low > 0 or self.high < 0 else text


def correlate(
    values: Floats, scores: Floats, lengths: Floats, clusters: Sequence[str]
) -> tuple[list[Rho], list[Rho]]:
    """Correlate each column of ``values`` [n, s] with ``scores`` [n]: plain, and given length."""
    names, of = np.unique(clusters, return_inverse=True)
    members = [np.flatnonzero(of == at) for at in range(len(names))]
    rng = np.random.default_rng(SEED)
    table = np.column_stack([values, lengths, scores])
    plain, partial = _rhos(table)
    drawn_plain, drawn_partial = [], []
    for _ in range(RESAMPLES):
        rows = np.concatenate([members[i] for i in rng.integers(0, len(names), len(names))])
        one, other = _rhos(table[rows])
        drawn_plain.append(one)
        drawn_partial.append(other)
    shown = np.array([len(v) - np.unique(v, return_counts=True)[1].max() for v in values.T])
    rare = shown < FEWEST_TEXTS
    return (
        _with_intervals(np.where(rare, np.nan, plain), drawn_plain),
        _with_intervals(np.where(rare, np.nan, partial), drawn_partial),
    )


def _rhos(table: Floats) -> tuple[Floats, Floats]:
    """Spearman's rho of each column but the last two with the last, plain and partial."""
    ranks = stats.rankdata(table, axis=0)
    ranks = ranks - ranks.mean(axis=0)
    norms = np.sqrt((ranks**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        of = (ranks.T @ ranks) / np.outer(norms, norms)
        with_score, with_length, length_score = of[:-2, -1], of[:-2, -2], of[-2, -1]
        free = (with_score - with_length * length_score) / np.sqrt(
            (1 - with_length**2) * (1 - length_score**2)
        )
    return with_score, free


def _with_intervals(values: Floats, drawn: Sequence[Floats]) -> list[Rho]:
    all_drawn = np.array(drawn)
    found: list[Rho] = []
    for value, own in zip(values, all_drawn.T, strict=True):
        kept = own[~np.isnan(own)]
        few = len(kept) < RESAMPLES / 2 or np.isnan(value)
        low, high = (np.nan, np.nan) if few else np.quantile(kept, (0.025, 0.975))
        found.append(Rho(np.nan if few else float(value), float(low), float(high)))
    return found


def corpora() -> dict[str, list[Text]]:
    """Return the judged texts by their source."""
    questions = arena_questions(ARENA_QUESTIONS)
    judged = {
        "students, GPT-4": students(),
        "komt, ChatGPT": [t for t in komt() if t.text.strip()],
        "ko-arena, ensemble": arena(questions=questions),
    }
    return {name: [t for t in own if not np.isnan(t.score)] for name, own in judged.items()}


def measure(texts: Sequence[Text]) -> tuple[list[Rho], list[Rho]]:
    """Measure and correlate one corpus; its length's own correlation stands last."""
    values = np.array([signals(t.text, t.prompt) for t in texts])
    lengths = np.array([float(len(t.text)) for t in texts])
    scores = np.array([t.score for t in texts])
    return correlate(
        np.column_stack([values, lengths]), scores, lengths, [t.cluster for t in texts]
    )


def render(found: Mapping[str, tuple[list[Rho], list[Rho]]]) -> str:
    """Write one row a signal, two columns a corpus; bold where the interval leaves 0 out."""
    head = " | ".join(f"{name} | given length" for name in found)
    lines = [f"| signal | {head} |", "|---|" + "---|" * (2 * len(found))]
    for at, signal in enumerate([*SIGNALS, "length"]):
        cells = [
            f"{plain[at]} | {partial[at] if signal != 'length' else '—'}"
            for plain, partial in found.values()
        ]
        lines.append(f"| `{signal}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    if not data_is_here():
        return
    began = time.monotonic()
    texts = corpora()
    for name, own in texts.items():
        print(f"- {name}: {len(own)} texts, {len({t.cluster for t in own})} clusters")
    print("\n" + render({name: measure(own) for name, own in texts.items()}))
    print(f"\n{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
