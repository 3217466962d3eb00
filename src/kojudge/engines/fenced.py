"""Read the judged texts back out of a judge's prompt: for the judges of the fake engine."""

from __future__ import annotations

import re

_MARKED = re.compile(
    r"\[([^\[\]\n]+) (?:시작|start) (\w+)\]\n(?P<text>.*?)\n\[\1 (?:끝|end) \2\]", re.DOTALL
)
_BARE = re.compile(r"\[([^\[\]\n]+) (?:시작|start)\]\n(?P<text>.*?)\n\[\1 (?:끝|end)\]", re.DOTALL)


def fenced_texts(prompt: str) -> list[str]:
    """Return the fenced texts in order; the judged one, or the judged two, come last.

    Those whose fence carries a marker; where none does (the defence is off), all of them.
    """
    return [block["text"] for block in _blocks(prompt)]


def after_fences(prompt: str) -> str:
    """Return what follows the last fenced text: where a rubric asks one of its questions."""
    blocks = _blocks(prompt)
    return prompt[blocks[-1].end() :] if blocks else ""


def _blocks(prompt: str) -> list[re.Match[str]]:
    return list(_MARKED.finditer(prompt)) or list(_BARE.finditer(prompt))
