"""Candidate text is data: fenced with a random marker, special tokens neutralised."""

from __future__ import annotations

import re

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
