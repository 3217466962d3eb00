"""What is done to a text of the recipe, and what that makes of its levels.

The direction of every change is known; its size is the recipe's ruling: a text that a program
made worse at the audit's own severity falls by two of the five levels, at half of it by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from kojudge.audit.kinds import MARKDOWN, SEVERITIES, WRITTEN
from kojudge.audit.markdown import decorate
from kojudge.korean.degrade import PROGRAMS, rewrite
from kojudge.korean.degrade.sentences import sentence_spans
from recipes.head.orders import ORDERS
from recipes.head.origins import Origin, seeded

__all__ = ["SAME", "WORSE", "Version", "versions"]

SOUND = 4.4
"""Naturalness of a text that nothing was done to and nobody scored."""
LOWEST, HIGHEST = 1.0, 5.0
FALL = 2.0
"""Levels that a degradation at the audit's severity costs."""
WORSE = (*(kind for kind in SEVERITIES if kind != MARKDOWN), "particle_case", "word_shuffle")
"""Programs that lower naturalness."""
SAME = (MARKDOWN, "shortened", "haeyo", "hasipsio", "plain_endings")
"""What leaves naturalness as it was; the last three move friendliness."""
OTHER_SEVERITIES: Mapping[str, float] = {"particle_case": 0.4, "word_shuffle": 0.3}
SHARES = (0.5, 1.0, 1.6)
"""Of the audit's severity: lighter, the same, heavier."""
A_TEXT = 5
"""Programs tried on a text that is not the audit's; those get all, twice."""

FRIENDLY: Mapping[str, float] = {"haeyo": 3.8, "hasipsio": 3.0, "plain_endings": 2.2}
"""Friendliness of a text rewritten in 해요체, 합쇼체, 해라체 throughout."""
WARM = 4.4
"""Friendliness of an audit original: each was written to be so."""
_WRITTEN_FALL: Mapping[str, tuple[float, float]] = {
    "translationese": (FALL, 0.6),
    "stiff": (0.0, 2.2),
    "cold": (0.0, 2.6),
    "paraphrase": (0.0, 0.0),
    "cliche": (0.3, 0.0),
    "verbose": (0.3, 0.0),
}
"""What a rewrite costs in naturalness and in friendliness."""
KOMT_LEVELS = (1.0, 0.8)
"""A ChatGPT score s (0–5) stands for level 1 + 0.8·s of naturalness."""
ORDER_COST = 0.6


@dataclass(frozen=True, slots=True)
class Version:
    """A text of the recipe: ``kind`` ``original`` or what was done to the origin's text.

    ``naturalness`` and ``friendliness`` are levels (1–5), None where nothing is known.
    """

    origin: Origin
    kind: str
    share: float
    text: str
    naturalness: float | None
    friendliness: float | None

    @property
    def key(self) -> str:
        """Names the text."""
        return f"{self.origin.key}/{self.kind}@{self.share:g}"


def versions(origin: Origin) -> Iterator[Version]:
    """Yield the text itself and what is made of it, none of them twice."""
    level = SOUND
    if origin.score is not None:
        level = KOMT_LEVELS[0] + KOMT_LEVELS[1] * origin.score
    friendly = WARM if origin.corpus == "audit" else None
    yield Version(origin, "original", 0.0, origin.text, level, friendly)
    if not origin.sound:
        return
    for kind in WRITTEN:
        if kind in origin.rewrites:
            fall, cold = _WRITTEN_FALL[kind]
            yield Version(origin, kind, 1.0, origin.rewrites[kind], level - fall,
                          _clipped(WARM - cold))  # fmt: skip
    seen = {origin.text}
    for made in (*_worse(origin, level, friendly), *_same(origin, level, friendly)):
        if made.text not in seen:
            seen.add(made.text)
            yield made
            if made.share != SHARES[0] and _turn(made, 8):
                yield _ordered(made)


def _worse(origin: Origin, level: float, friendly: float | None) -> Iterator[Version]:
    rng = seeded("kinds", origin.key)
    audit = origin.corpus == "audit"
    kinds = WORSE if audit else [WORSE[int(at)] for at in rng.permutation(len(WORSE))[:A_TEXT]]
    for kind in kinds:
        shares = SHARES[:2] if audit else (SHARES[int(rng.integers(len(SHARES)))],)
        for share in shares:
            severity = min(1.0, share * {**SEVERITIES, **OTHER_SEVERITIES}[kind])
            done = PROGRAMS[kind](origin.text, severity, seeded(kind, origin.key, str(share)))
            fall = FALL * (share if kind != "sentence_shuffle" else severity)
            yield Version(origin, kind, share, done.text, _clipped(level - fall), friendly)


def _same(origin: Origin, level: float, friendly: float | None) -> Iterator[Version]:
    decorated = decorate(origin.text, 0.5, seeded(MARKDOWN, origin.key)).text
    yield Version(origin, MARKDOWN, 1.0, decorated, level, friendly)
    yield Version(origin, "shortened", 1.0, _shortened(origin.text), level, friendly)
    if origin.corpus == "audit":  # its friendliness is more than its endings
        return
    rewritten = {
        "haeyo": rewrite(origin.text, "haeyo").text,
        "hasipsio": rewrite(origin.text, "hasipsio").text,
        "plain_endings": rewrite(origin.text, "haera").text,
    }
    for kind, text in rewritten.items():
        yield Version(origin, kind, 1.0, text, level, FRIENDLY[kind])


def _ordered(made: Version) -> Version:
    """Return the text with an order to the judge in it, which makes nothing better."""
    rng = seeded("order", made.key)
    order = ORDERS[int(rng.integers(len(ORDERS)))]
    spans = sentence_spans(made.text)
    at = 0 if rng.random() < 0.3 else len(made.text) if rng.random() < 0.6 else _middle(spans)
    before, after = made.text[:at].rstrip(), made.text[at:].lstrip()
    text = "\n\n".join(part for part in (before, order, after) if part)
    natural = None if made.naturalness is None else _clipped(made.naturalness - ORDER_COST)
    friendly = None if made.friendliness is None else _clipped(made.friendliness - ORDER_COST)
    return Version(made.origin, f"{made.kind}+order", made.share, text, natural, friendly)


def _middle(spans: list[tuple[int, int]]) -> int:
    return spans[len(spans) // 2][0] if spans else 0


def _shortened(text: str) -> str:
    """Return the first half of the sentences: less text, no worse."""
    spans = sentence_spans(text)
    return text[: spans[(len(spans) - 1) // 2][1]] if len(spans) > 2 else text


def _turn(made: Version, every: int) -> bool:
    return int(seeded("turn", made.key).integers(every)) == 0


def _clipped(level: float) -> float:
    return float(np.clip(level, LOWEST, HIGHEST))
