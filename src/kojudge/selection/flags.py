"""Which texts fail a gate: faults seen before any judge reads the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kojudge.korean.version import version
from kojudge.records import Evidence, Text, identity
from kojudge.store.run import Run

Flags = Mapping[str, tuple[str, ...]]
"""text_id → the gates that its text fails, in a fixed order; texts without any are left out."""


def evidence_ids(texts: Sequence[Text]) -> dict[str, str]:
    """Return text_id → the id of its evidence by the present signals.

    It covers all that is measured: the text, the prompt it answers and the category.
    """
    return {
        text.text_id: identity(
            ["evidence", text.text_id, text.text, text.prompt, text.category, version()]
        )
        for text in texts
    }


def evidence_of(run: Run, texts: Sequence[Text]) -> dict[str, Evidence]:
    """Return text_id → evidence, for the texts that were measured by the present signals."""
    return {one.text_id: one for one in run.evidence(evidence_ids(texts).values())}


def flags_of(texts: Sequence[Text], evidence: Mapping[str, Evidence]) -> Flags:
    """Return the gates that ``texts`` fail.

    ``empty`` and ``truncated`` need no evidence: nothing is there, or the token limit cut it.
    """
    found = {}
    for text in texts:
        measured = evidence.get(text.text_id)
        fired = dict.fromkeys(measured.gates if measured else ())
        if not text.text.strip():
            fired = {"empty": None}
        elif text.finish_reason == "length":
            fired["truncated"] = None
        if fired:
            found[text.text_id] = tuple(fired)
    return found
