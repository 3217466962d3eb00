"""The evidence of one text of a run, flat enough for a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from kojudge.korean.diagnose import diagnose
from kojudge.korean.gates import gates
from kojudge.korean.response_language import answer_language, expected_language
from kojudge.korean.version import version
from kojudge.records import Evidence, Json, Text


def annotation(text: Text, evidence_id: str) -> Evidence:
    """Measure ``text`` against the prompt it answers; its category is its genre."""
    found = diagnose(text.text, prompt=text.prompt, genre=text.category)
    fired = gates(found, expected_language(text.prompt))
    content = found.to_json()
    hits = [[hit.group, hit.name, hit.start, hit.end] for hit in found.hits]
    return Evidence(
        evidence_id,
        text.text_id,
        version(),
        answer_language(text.text),
        fired,
        dict(_numbers(content)),
        json.dumps(hits, separators=(",", ":")),
    )


def _numbers(content: Mapping[str, Json], group: str = "") -> Iterator[tuple[str, float]]:
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _numbers(value, f"{group}{name}.")
        elif isinstance(value, int | float):
            yield f"{group}{name}", float(value)
