"""Korean evidence in results.json: model averages with intervals by prompt, languages, gates."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kojudge.errors import Said
from kojudge.korean.diagnose import label_of
from kojudge.korean.hit import Hit
from kojudge.korean.names import GATES, MEASURES, Measure
from kojudge.records import Evidence, Text
from kojudge.report.counted import Counted
from kojudge.stats import paired_mean
from kojudge.store.schema import EVIDENCE_NUMBERS

LANGUAGES = ("korean", "mixed", "other", "empty")


def evidence_rows(counted: Counted) -> dict[str, Any] | None:
    """Return the ``evidence`` of results.json; None where no text was measured.

    ``measures`` of a model are means over prompts (texts of a prompt averaged first) with
    95 % t intervals of their own; ``language`` counts its texts by the language of the
    answer, ``gates`` those that fail one. Empty texts have no measures.
    """
    evidence = counted.evidence
    texts = [text for text in counted.texts if text.text_id in evidence]
    if not texts:
        return None
    baseline = counted.settings.baseline
    names = sorted({t.candidate for t in texts}, key=lambda name: (name != baseline, name))
    alpha = counted.settings.alpha
    return {
        "version": next(iter(evidence.values())).version,
        "unmeasured": len(counted.texts) - len(texts),
        "models": [
            _model(name, [t for t in texts if t.candidate == name], counted, alpha)
            for name in names
        ],
    }


def hits_of(text: str, evidence: Evidence) -> tuple[tuple[Said, tuple[str, ...]], ...]:
    """Return the name of each pattern that hit ``text``, with the words hit, in their order."""
    found: dict[tuple[str, str], list[str]] = {}
    labels: dict[tuple[str, str], Said] = {}
    for group, name, start, end in json.loads(evidence.hits):
        hit = Hit(group, name, start, end)
        labels[group, name] = label_of(hit)
        found.setdefault((group, name), []).append(text[start:end])
    return tuple((labels[key], tuple(words)) for key, words in found.items())


def shown_measures() -> list[Measure]:
    """Return the measures that the page compares models on, correctness first."""
    return [measure for measure in MEASURES if not measure.quiet]


def failed_gates(evidence: Mapping[str, Any] | None) -> list[str]:
    """Return the gates that a text of any model fails, in the order in which gates are named."""
    models = evidence["models"] if evidence else []
    found = {gate for model in models for gate in model["gates"]}
    return [*(gate for gate in GATES if gate in found), *sorted(found - {*GATES})]


def _model(name: str, texts: Sequence[Text], counted: Counted, alpha: float) -> dict[str, Any]:
    evidence = counted.evidence
    languages = Counter(evidence[text.text_id].language for text in texts)
    gates = Counter(gate for text in texts for gate in counted.flags.get(text.text_id, ()))
    full = [text for text in texts if text.text.strip()]
    return {
        "candidate": name,
        "texts": len(texts),
        "language": {language: languages[language] for language in LANGUAGES},
        "gates": dict(sorted(gates.items())),
        "measures": {
            measure: _mean(measure, full, evidence, alpha) for measure in EVIDENCE_NUMBERS
        },
    }


def _mean(
    measure: str, texts: Sequence[Text], evidence: Mapping[str, Evidence], alpha: float
) -> dict[str, float | None]:
    prompts: dict[str, list[float]] = {}
    for text in texts:
        prompts.setdefault(text.prompt_id, []).append(evidence[text.text_id].numbers[measure])
    found = paired_mean([float(np.mean(values)) for values in prompts.values()])
    low, high = found.interval(alpha) or (None, None)
    return {"mean": found.delta, "ci_low": low, "ci_high": high}
