"""How well each Korean signal tells a damaged text from the same text unharmed.

    python benchmarks/korean_separation.py [--matrix]

The area under the ROC curve (AUC: the chance that a damaged text scores worse than an
unharmed one; 1 is perfect, .5 blind) for each degradation program at three severities, on
openings of texts by students and of answers by good models. 95 % intervals are percentile
bootstraps over writers, or over questions. Reads ``../shared/data``; nothing of it is carried.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kojudge.korean.degrade import PROGRAMS, rewrite
from korean_data import (
    LOWER_IS_WORSE,
    SEED,
    SIGNALS,
    Floats,
    Text,
    data_is_here,
    good_answers,
    opening,
    signals,
)
from korean_data import students as student_texts

SEVERITIES = (0.1, 0.3, 1.0)
CHARACTERS = 450
EACH_MODEL = 20
RESAMPLES = 2_000
FRIENDLY = "models, in 해요체"
OF_FRIENDLY = ("mixed_levels", "plain_endings")

# The signal meant for each program, named before anything was measured.
TARGETS: Mapping[str, tuple[str, ...]] = {
    "particle_allomorph": ("corruption.mean_score", "spelling.per_100"),
    "particle_case": ("corruption.mean_score",),
    "mixed_levels": ("speech_level.mixing",),
    "plain_endings": ("speech_level.polite", "friendliness.haeyo", "friendliness.interactional"),
    "spaces_removed": ("spacing.missing_per_100", "corruption.mean_score"),
    "spaces_added": ("spacing.extra_per_100", "corruption.mean_score"),
    "vowel_noise": ("corruption.mean_score", "spelling.per_100"),
    "final_damage": ("corruption.mean_score", "spelling.per_100"),
    "sentence_loop": ("degeneration.duplicate_sentences", "degeneration.rep4"),
    "phrase_loop": ("degeneration.loops", "degeneration.rep4"),
    "cut_off": ("truncation.truncated",),
    "sentence_shuffle": ("cliche.initial_connectives",),
    "word_shuffle": ("corruption.mean_score", "truncation.truncated"),
    "foreign_script": ("script.foreign",),
}


@dataclass(frozen=True, slots=True)
class Auc:
    """An AUC, its 95 % interval, and the texts that it rests on."""

    value: float
    low: float
    high: float
    texts: int

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f}–{self.high:.2f})" if self.texts else "—"


Measured = dict[tuple[str, float], tuple[Floats, Floats, list[str]]]
"""(program, severity) → signals of the unharmed [n, s] and the damaged texts [n, s], clusters."""


def auc(unharmed: Floats, damaged: Floats, clusters: Sequence[str]) -> Auc:
    """Return the AUC of ``damaged`` above ``unharmed``, both [n] and paired by text.

    The interval resamples clusters, each with both arms of its texts, so the pairing and the
    dependence within a writer's texts stay. It has no width where every pair is told apart.
    """
    if not len(unharmed):
        return Auc(float("nan"), float("nan"), float("nan"), 0)
    above = (damaged[:, None] > unharmed) + 0.5 * (damaged[:, None] == unharmed)
    names, of = np.unique(clusters, return_inverse=True)
    rng = np.random.default_rng(SEED)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLES)
    weights = drawn[:, of].astype(np.float64)
    values = ((weights @ above) * weights).sum(axis=1) / weights.sum(axis=1) ** 2
    low, high = np.quantile(values, (0.025, 0.975))
    return Auc(float(above.mean()), float(low), float(high), len(unharmed))


def measure(
    texts: Sequence[Text],
    programs: Sequence[str] = tuple(PROGRAMS),
    severities: Sequence[float] = SEVERITIES,
) -> Measured:
    """Damage every text by every program; a text without an eligible place is left out."""
    clean = np.array([signals(t.text, t.prompt) for t in texts])
    found: Measured = {}
    for name in programs:
        for severity in severities:
            rows: list[int] = []
            worse: list[list[float]] = []
            for at, text in enumerate(texts):
                rng = np.random.default_rng([SEED, at])
                damaged = PROGRAMS[name](text.text, severity, rng)
                if damaged.changes:
                    rows.append(at)
                    worse.append(signals(damaged.text, text.prompt))
            shaped = np.array(worse).reshape(len(rows), len(SIGNALS))
            found[name, severity] = (clean[rows], shaped, [texts[i].cluster for i in rows])
    return found


def separation(measured: Measured, program: str, severity: float, signal: str) -> Auc:
    """Return the AUC of one signal on one program, the worse end counted as damage."""
    unharmed, damaged, clusters = measured[program, severity]
    at = list(SIGNALS).index(signal)
    sign = -1 if signal in LOWER_IS_WORSE else 1
    return auc(sign * unharmed[:, at], sign * damaged[:, at], clusters)


def render_targets(corpora: Mapping[str, Measured]) -> str:
    """Write the table of the signals meant for each program."""
    lines = [
        "| program | signal | texts | n | "
        + " | ".join(f"severity {s}" for s in SEVERITIES)
        + " |",
        "|---|---|---|---|" + "---|" * len(SEVERITIES),
    ]
    for program, meant in TARGETS.items():
        for signal in meant:
            for corpus, measured in corpora.items():
                if (program, SEVERITIES[0]) not in measured:
                    continue
                found = [separation(measured, program, s, signal) for s in SEVERITIES]
                cells = " | ".join(map(str, found))
                lines.append(f"| {program} | `{signal}` | {corpus} | {found[-1].texts} | {cells} |")
    return "\n".join(lines)


def render_matrix(measured: Measured, severity: float) -> str:
    """Write every signal on every program; bold where the interval leaves .5 out."""
    lines = [
        "| signal | " + " | ".join(PROGRAMS) + " |",
        "|---|" + "---|" * len(PROGRAMS),
    ]
    for signal in SIGNALS:
        cells = []
        for program in PROGRAMS:
            found = separation(measured, program, severity, signal)
            apart = not found.low <= 0.5 <= found.high
            cells.append(f"**{found.value:.2f}**" if apart else f"{found.value:.2f}")
        lines.append(f"| `{signal}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def corpora(characters: int = CHARACTERS) -> dict[str, list[Text]]:
    """Return the openings of both kinds of text."""
    both = {"students": student_texts(), "models": good_answers(EACH_MODEL)}
    found = {
        name: [Text(opening(t.text, characters), t.prompt, t.cluster) for t in texts]
        for name, texts in both.items()
    }
    # Neither kind of text is in 해요체, which friendly writing is.
    found[FRIENDLY] = [
        Text(rewrite(t.text, "haeyo").text, t.prompt, t.cluster) for t in found["models"]
    ]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--matrix", action="store_true", help="every signal on every program too")
    arguments = parser.parse_args()
    if not data_is_here():
        return
    began = time.monotonic()
    texts = corpora()
    for name, own in texts.items():
        sizes = [len(t.text) for t in own]
        groups = len({t.cluster for t in own})
        print(
            f"- {name}: {len(own)} texts of {groups} clusters, "
            f"{min(sizes)}–{max(sizes)} characters, median {int(np.median(sizes))}"
        )
    measured = {
        name: measure(own, OF_FRIENDLY if name == FRIENDLY else tuple(PROGRAMS))
        for name, own in texts.items()
    }
    print("\n" + render_targets(measured))
    if arguments.matrix:
        for name, own in list(measured.items())[:2]:
            print(f"\nEvery signal, severity 0.3, {name}:\n\n" + render_matrix(own, 0.3))
    print(f"\n{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
