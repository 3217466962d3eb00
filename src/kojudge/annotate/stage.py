"""Measure texts and store what was found, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kojudge.korean.annotation import annotation
from kojudge.records import Text
from kojudge.selection import evidence_ids
from kojudge.store.flush import Flusher
from kojudge.store.run import Run

_FLUSH_EVERY = 500


def pending_texts(run: Run, texts: Sequence[Text]) -> list[Text]:
    """Return those of ``texts`` that have no evidence by the present signals."""
    ids = evidence_ids(texts)
    left = set(run.pending("evidence", list(ids.values())))
    return [text for text in texts if ids[text.text_id] in left]


def annotate(run: Run, texts: Sequence[Text], on_count: Callable[[int], None]) -> None:
    """Measure ``texts``; a kill loses at most the batch in flight.

    ``on_count`` gets the number of texts done so far.
    """
    ids = evidence_ids(texts)
    with Flusher(run.append_evidence, _FLUSH_EVERY) as flusher:
        for done, text in enumerate(texts, start=1):
            flusher.add(annotation(text, ids[text.text_id]))
            on_count(done)
