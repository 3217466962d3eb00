"""저 and 제, or 나 and 내: how the writer names himself goes with how he speaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kojudge.korean.degrade.moods import Side
from kojudge.korean.degrade.morphemes import Morpheme

__all__ = ["pronoun_changes"]

_TO_PLAIN = {
    "저": "나",
    "제": "내",
    "전": "난",
    "절": "날",
    "저희": "우리",
    "저흰": "우린",
    "저흴": "우릴",
}
_TO_POLITE = {"나": "저", "내": "제", "난": "전", "날": "절"}
_OWN = {"plain": frozenset({"저", "저희"}), "polite": frozenset({"나"})}


def pronoun_changes(
    text: str, sentence: Sequence[Morpheme], side: Side
) -> Iterator[tuple[int, int, str]]:
    """Yield ``(start, end, after)`` for the writer's pronouns in one sentence, quotations aside.

    A sentence that also says 너 is left alone: 저 beside 너 would be at odds with itself.
    """
    table = _TO_PLAIN if side == "plain" else _TO_POLITE
    if side == "polite" and any(m.pos == "NP" and m.form in {"너", "너희"} for m in sentence):
        return
    for at, pronoun in enumerate(sentence):
        if pronoun.quoted or pronoun.pos != "NP" or pronoun.form not in _OWN[side]:
            continue
        following = sentence[at + 1].pos if at + 1 < len(sentence) else ""
        written = text[pronoun.start : pronoun.end]
        if written in table and not following.startswith(("XS", "VCP")):
            yield pronoun.start, pronoun.end, table[written]
