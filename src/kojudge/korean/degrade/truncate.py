"""A text that breaks off in the middle of a sentence, as one cut at a token limit does."""

from __future__ import annotations

import numpy as np

from kojudge.korean.degrade.change import Degraded, changed, share
from kojudge.korean.degrade.sentences import sentence_spans, word_spans

__all__ = ["cut_off"]

_TRAILING = " \t\r\n.,!?…。:;~\"'”’」』)]-"


def cut_off(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Drop the last ``severity`` of the places to break off, so at 1 all but the first word.

    A place is the end of a word that does not end its sentence. Half of the cuts fall inside
    a word, whose last syllable is lost.
    """
    share(severity, 1)
    words = [word for span in sentence_spans(text) for word in word_spans(text, span)[:-1]]
    places = [word for word in words if text[slice(*word)].rstrip(_TRAILING)]
    if not places:
        return Degraded(text, ())
    start, end = places[len(places) - share(severity, len(places))]
    bare = start + len(text[start:end].rstrip(_TRAILING))
    inside = rng.random() < 0.5 and bare - start >= 3
    at = bare - 1 if inside else bare
    return changed(text, [(at, len(text), "")])
