"""What is done to a text of the recipe, and what that makes of its levels.

The direction of every change is known; its size is the recipe's ruling: a text that a program
made worse at the audit's own severity falls by two of the five levels, at half of it by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kojudge.audit.kinds import MARKDOWN, SEVERITIES, WRITTEN
from kojudge.audit.markdown import decorate
from kojudge.korean.degrade import PROGRAMS, rewrite
from kojudge.korean.degrade.moods import Target
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
_SPEECH: Mapping[str, Target] = {
    "haeyo": "haeyo",
    "hasipsio": "hasipsio",
    "plain_endings": "haera",
}
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

    ``dress`` is what was done to it besides, which leaves it as natural as it was.
    ``naturalness`` and ``friendliness`` are levels (1–5), None where nothing is known.
    """

    origin: Origin
    kind: str
    share: float
    text: str
    naturalness: float | None
    friendliness: float | None
    dress: str = ""

    @property
    def key(self) -> str:
        """Names the text."""
        dressed = f"/{self.dress}" if self.dress else ""
        return f"{self.origin.key}{dressed}/{self.kind}@{self.share:g}"

    @property
    def sound_key(self) -> str:
        """Names the text that nothing was made worse of, in the same dress."""
        if self.dress:
            return f"{self.origin.key}/{self.dress}@1"
        return f"{self.origin.key}/original@0"


def versions(origin: Origin) -> Iterator[Version]:
    """Yield the text itself and what is made of it, none of them twice."""
    level = SOUND
    if origin.score is not None:
        level = KOMT_LEVELS[0] + KOMT_LEVELS[1] * origin.score
    friendly = WARM if origin.corpus == "audit" else None
    original = Version(origin, "original", 0.0, origin.text, level, friendly)
    yield original
    if not origin.sound:
        return
    for kind in WRITTEN:
        if kind in origin.rewrites:
            fall, cold = _WRITTEN_FALL[kind]
            yield Version(origin, kind, 1.0, origin.rewrites[kind], level - fall,
                          _clipped(WARM - cold))  # fmt: skip
    dressed = [one for one in _dressed(original) if one.text != origin.text]
    seen = {origin.text}
    for made in (*dressed, *_worse(original, dressed)):
        if made.text not in seen:
            seen.add(made.text)
            yield made
            if made.share != SHARES[0] and _turn(made, 8):
                yield _ordered(made)


def _dressed(original: Version) -> Iterator[Version]:
    """Yield the text as natural as before, in other dress; friendliness may differ."""
    origin, text = original.origin, original.text
    decorated = decorate(text, 0.5, seeded(MARKDOWN, origin.key)).text
    yield replace(original, kind=MARKDOWN, share=1.0, text=decorated)
    yield replace(original, kind="shortened", share=1.0, text=_shortened(text))
    if origin.corpus == "audit":  # its friendliness is more than its endings
        return
    for kind, speech in _SPEECH.items():
        yield replace(original, kind=kind, share=1.0, text=rewrite(text, speech).text,
                      friendliness=FRIENDLY[kind])  # fmt: skip


def _worse(original: Version, dressed: Sequence[Version]) -> Iterator[Version]:
    """Yield degraded texts: of the original, or of one in other dress.

    In every dress there are sound and damaged texts, so that no dress passes for quality.
    """
    origin = original.origin
    rng = seeded("kinds", origin.key)
    if origin.corpus == "audit":
        for kind in WORSE:
            for share in SHARES[:2]:
                yield _damaged(original, kind, share)
            if dressed:
                yield _damaged(dressed[int(rng.integers(len(dressed)))], kind, 1.0)
        return
    for at in rng.permutation(len(WORSE))[:A_TEXT]:
        of = [original, original, *dressed]
        base = of[int(rng.integers(len(of)))]
        yield _damaged(base, WORSE[int(at)], SHARES[int(rng.integers(len(SHARES)))])


def _damaged(base: Version, kind: str, share: float) -> Version:
    origin = base.origin
    dress = "" if base.kind == "original" else base.kind
    # Marks are put over damaged text, not damaged themselves.
    text = origin.text if dress == MARKDOWN else base.text
    severity = min(1.0, share * {**SEVERITIES, **OTHER_SEVERITIES}[kind])
    done = PROGRAMS[kind](text, severity, seeded(kind, origin.key, dress, str(share))).text
    if done == text:
        return base
    if dress == MARKDOWN:
        done = decorate(done, 0.5, seeded(MARKDOWN, kind, origin.key)).text
    fall = FALL * (share if kind != "sentence_shuffle" else severity)
    level = None if base.naturalness is None else _clipped(base.naturalness - fall)
    return replace(base, kind=kind, share=share, text=done, naturalness=level, dress=dress)


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
    return replace(made, kind=f"{made.kind}+order", text=text, naturalness=natural,
                   friendliness=friendly)  # fmt: skip


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
