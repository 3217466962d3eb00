"""Candidate text is data: fenced with a random marker, special tokens neutralised."""

from __future__ import annotations

import re

from kojudge.records import identity

# Role and turn markers of the chat formats in use: <|im_start|>, <start_of_turn>, [INST], <<SYS>>,
# <s>, <bos>, [|system|], ### Instruction:, and the reserved <unused12> kind.
_SPECIAL = re.compile(
    r"<\|[^<>|\n]{1,40}\|>"
    r"|</?(?:s|bos|eos|pad|unk|mask|think|start_of_turn|end_of_turn|unused\d+)>"
    r"|\[/?INST\]|<</?SYS>>|\[\|[^\[\]|\n]{1,40}\|\]"
    r"|\[/?(?:SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS)\]",
    re.IGNORECASE,
)
_OPENING = str.maketrans({"<": "‹", ">": "›", "[": "［", "]": "］"})


def neutralise(text: str) -> str:
    """Return ``text`` with chat-format markers spelled so that no tokenizer reads them as one."""
    return _SPECIAL.sub(lambda found: found.group().translate(_OPENING), text)


def fence_marker(judgment_id: str, text: str) -> str:
    """Return the marker of one judgment: unguessable from the text and absent from it."""
    turn = 0
    while (marker := identity(["fence", judgment_id, turn])[:8]) in text:
        turn += 1
    return marker
