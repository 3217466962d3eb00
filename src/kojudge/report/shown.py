"""A text as the explorer shows it: hidden characters boxed, places counted as browsers count.

A browser's strings are UTF-16, and a box such as ``⟦U+200B⟧`` is eight characters for one, so a
place found in the text as written has to be moved along.
"""

from __future__ import annotations

from dataclasses import dataclass

from kojudge.visible import visible


@dataclass(frozen=True, slots=True)
class Shown:
    """``text`` with every hidden character boxed; ``boxes`` are (start, end) in UTF-16 units.

    ``offsets`` maps each code point of the text as written, and its end, into ``text``; None
    where both count alike.
    """

    text: str
    boxes: tuple[tuple[int, int], ...] = ()
    offsets: tuple[int, ...] | None = None

    def place(self, at: int) -> int:
        """Return where the code point ``at`` of the text as written begins in ``text``."""
        return at if self.offsets is None else self.offsets[at]


def show(text: str) -> Shown:
    """Return ``text`` as :func:`kojudge.visible.visible` shows it, with the way into it."""
    seen = visible(text)
    if seen == text and (text.isascii() or max(text) <= "\uffff"):
        return Shown(seen)
    offsets: list[int] = []
    boxes: list[tuple[int, int]] = []
    at = read = 0
    for place, character in enumerate(text):
        offsets.append(at)
        if text.startswith("\r\n", place):  # the pair becomes one line feed
            continue
        if seen[read] == character:
            width, read = 1 + (character > "\uffff"), read + 1
        else:  # no hidden character looks like the bracket that opens its box
            width = len(f"⟦U+{ord(character):04X}⟧")
            boxes.append((at, at + width))
            read += width
        at += width
    return Shown(seen, tuple(boxes), (*offsets, at))
