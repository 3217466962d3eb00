"""Candidate text is data: fenced with a random marker, special tokens neutralised."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from kojudge.records import identity

# What tokenizers read as one token of a chat format: <|im_start|> and its kin (with one bar on
# newer Gemma, with wide bars on DeepSeek), <start_of_turn>, <s>, [INST], <<SYS>>, [|system|] and
# the reserved <unused12> kind. Plain words such as "### Instruction:" are words to a tokenizer.
_SPECIAL = re.compile(
    r"<[|｜][^<>|｜\n]{1,40}[|｜]?>|<[^<>|｜\s]{1,40}[|｜]>"
    r"|</?(?:s|bos|eos|pad|unk|mask|sop|eop|think|tool_call|tool_response|unused\d+)>"
    r"|<(?:start|end)_of_(?:turn|image)>|<(?:BOS|EOS|PAD|UNK)_TOKEN>"
    r"|\[/?INST\]|<</?SYS>>|\[\|[^\[\]|\n]{1,40}\|\]|\[gMASK\]"
    r"|\[/?(?:SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]",
    re.IGNORECASE,
)
_OPENING = str.maketrans({"<": "‹", ">": "›", "[": "〔", "]": "〕"})
"""Look-alikes that no Unicode normalisation of a tokenizer turns back."""


_JOINER = "\u2060"


def neutralise(text: str, specials: Collection[str] = ()) -> str:
    """Return ``text`` with chat-format markers spelled so that no tokenizer reads them as one.

    ``specials`` are those of the judge's own tokenizer (``Engine.special_tokens``); the
    known chat formats are neutralised in any case.
    """
    before = ""
    while text != before:  # what stood inside a marker may leave another around it
        before, text = text, _SPECIAL.sub(lambda found: _respelled(found.group()), text)
    if not specials:
        return text
    return _pattern(frozenset(specials)).sub(lambda found: _respelled(found.group()), text)


def _respelled(marker: str) -> str:
    """Return ``marker`` in like-looking brackets; without brackets, split by a word joiner."""
    other = marker.translate(_OPENING)
    return other if other != marker else marker[:1] + _JOINER + marker[1:]


@lru_cache(maxsize=16)
def _pattern(specials: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted((s for s in specials if s.strip()), key=lambda s: (-len(s), s))
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def fence_marker(judgment_id: str, text: str) -> str:
    """Return the marker of one judgment: unguessable from the text and absent from it."""
    turn = 0
    while (marker := identity(["fence", judgment_id, turn])[:8]) in text:
        turn += 1
    return marker
