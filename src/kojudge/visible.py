"""Show what a text hides: invisible and reordering characters become ``⟦U+202E⟧``.

A text can carry characters that reverse the line (bidi controls), that take no space
(zero-width characters, variation selectors, tags) or that look like a space but count as a
letter (Hangul fillers). On a page where people compare texts, all of them must be seen.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1 controls but tab and line feed
    "\u00ad\u034f\u061c\u180b-\u180f"  # soft hyphen, joiner, Arabic mark, Mongolian selectors
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers
    "\u17b4\u17b5\u2800"  # Khmer inherent vowels, blank Braille
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, separators, bidi
    "\ufe00-\ufe0f\ufeff\ufff0-\ufffb\ufffe\uffff"  # variation selectors, BOM, noncharacters
    "\ud800-\udfff"  # lone surrogates
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # shorthand and musical format controls
    "\U000e0000-\U000e0fff"  # tags and further variation selectors
    "]"
)
_ZWJ = "\u200d"
_SELECTORS = "\ufe0e\ufe0f"
_EMOJI = (
    range(0x2190, 0x2200),
    range(0x2300, 0x27C0),
    range(0x2900, 0x2980),
    range(0x2B00, 0x2C00),
    range(0x1F000, 0x1FB00),
)
_KEYCAPS = frozenset("#*0123456789©®‼⁉™ℹ〰〽㊗㊙")


def visible(text: str) -> str:
    """Return ``text`` with every hidden character written as ``⟦U+XXXX⟧``.

    Line ends become ``\\n``. A joiner (ZWJ) or selector that is part of an emoji is kept.
    The result always encodes to UTF-8.
    """
    text = text.replace("\r\n", "\n")
    return _HIDDEN.sub(lambda match: _name(match) if _hides(match) else match.group(), text)


def boxed(text: str) -> Markup:
    """Return ``text`` escaped for HTML, each hidden character in a ``span`` of its own."""
    text = text.replace("\r\n", "\n")
    parts: list[Markup] = []
    end = 0
    for match in _HIDDEN.finditer(text):
        if not _hides(match):
            continue
        parts.append(escape(text[end : match.start()]))
        parts.append(Markup('<span class="hidden-character">{}</span>').format(_name(match)))
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _name(match: re.Match[str]) -> str:
    return f"⟦U+{ord(match.group()):04X}⟧"


def _hides(match: re.Match[str]) -> bool:
    """Return whether the character is hidden, that is, not at work inside an emoji."""
    text, at, character = match.string, match.start(), match.group()
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if character == _ZWJ:
        if at and before in _SELECTORS:
            before = text[at - 2 : at - 1]
        return not (_is_emoji(before) and _is_emoji(after))
    if character in _SELECTORS:
        return not (_is_emoji(before) or before in _KEYCAPS)
    return True


def _is_emoji(character: str) -> bool:
    return bool(character) and any(ord(character) in block for block in _EMOJI)
