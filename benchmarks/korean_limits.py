"""What the limits of the Korean signals say about sound texts, by kind of text.

    python benchmarks/korean_limits.py

For each limit in ``thresholds.yaml``: the 95th percentile of the signal and the share of texts
beyond the limit, on texts by students, on the emotional and the imaginative among the texts
at hand, and on answers that their judge liked; then which gates fire. Few of the texts at hand
are stories or diaries, and none is a blog post.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from kojudge.korean.diagnose import Diagnosis, diagnose
from kojudge.korean.gates import gates
from kojudge.korean.response_language import answer_language, expected_language
from kojudge.korean.thresholds import threshold
from korean_data import Text, arena, data_is_here, komt, students

LIMITS = (
    "degeneration.rep4",
    "corruption.mean_score",
    "script.han",
    "script.latin",
    "script.jamo",
    "spacing.missing_per_100",
    "spacing.extra_per_100",
    "spelling.per_100",
    "translationese.per_100",
    "cliche.per_100",
    "cliche.comma_after_ending",
    "cliche.initial_connectives",
    "cliche.comma_sentences",
)
BELOW = frozenset({"corruption.mean_score"})
EMOTIONAL = frozenset({"Diary", "Reflective Essay"})
IMAGINATIVE = frozenset({"Play Script"})
GOOD = ["claude-3.7-sonnet", "gemma-3-27b-it", "gemma-2-27b-it", "gemma-2-9b-it"]
# A song about a catfish, a space adventure, an animation script, a game master, a character.
CREATIVE = ("f4c8b6", "19b608", "de6e5b", "e721d9", "e86055")
LEAST_SCORE = 4.0
LEAST_LENGTH = 200


def corpora() -> dict[str, list[Text]]:
    """Return the kinds of text by name."""
    written = students()
    ids = frozenset(t.cluster for t in arena(GOOD[:1]) if t.cluster.startswith(CREATIVE))
    liked = [t for t in komt() if t.score >= LEAST_SCORE]
    return {
        "students": written,
        "students, emotional": [t for t in written if t.kind in EMOTIONAL],
        "students, plays": [t for t in written if t.kind in IMAGINATIVE],
        "models, imaginative": _korean(arena(GOOD, ids)),
        "models, liked": _korean(liked),
    }


def _korean(texts: Sequence[Text]) -> list[Text]:
    return [t for t in texts if len(t.text) >= LEAST_LENGTH and answer_language(t.text) == "korean"]


def value(found: Diagnosis, name: str) -> float:
    """Return the number that the limit ``name`` is about."""
    group, leaf = name.split(".")
    return float(getattr(getattr(found, group), leaf))


def render(found: Mapping[str, Sequence[Diagnosis]]) -> str:
    """Write ``p95, highest; n beyond the limit`` of each limit on each kind of text."""
    lines = [
        "| limit | value | " + " | ".join(f"{k} (n = {len(v)})" for k, v in found.items()) + " |",
        "|---|---|" + "---|" * len(found),
    ]
    for name in LIMITS:
        limit = threshold(name)
        cells = [
            _cell([value(d, name) for d in own], limit, name in BELOW) for own in found.values()
        ]
        lines.append(f"| `{name}` | {limit:g} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(values: Sequence[float], limit: float, below: bool) -> str:
    sign = -1 if below else 1
    signed = sign * np.array(values)
    beyond = int((signed > sign * limit).sum())
    p95 = sign * float(np.quantile(signed, 0.95))
    return f"{p95:.2f}, {sign * float(signed.max()):.2f}; {beyond}"


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    if not data_is_here():
        return
    texts = corpora()
    found = {k: [diagnose(t.text, prompt=t.prompt) for t in own] for k, own in texts.items()}
    print("95th percentile, highest (lowest for corruption); texts beyond the limit\n")
    print(render(found))
    print("\n| kind of text | n | gates that fire |\n|---|---|---|")
    for kind, own in texts.items():
        fired = Counter(
            gate
            for text, diagnosis in zip(own, found[kind], strict=True)
            for gate in gates(diagnosis, expected_language(text.prompt))
        )
        said = ", ".join(f"{gate} {count}" for gate, count in fired.most_common()) or "none"
        print(f"| {kind} | {len(own)} | {said} |")


if __name__ == "__main__":
    main()
