"""Read texts, tokens and top lists out of answers, and believe nothing that does not fit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from kojudge.engines.remote.client import BadReply
from kojudge.records import Json

__all__ = [
    "Position",
    "Written",
    "check_logprob",
    "check_model",
    "only_choice",
    "positions",
    "written",
]

_ENDS: Mapping[str, Literal["stop", "length"]] = {
    "stop": "stop",
    "length": "length",
    "eos": "stop",
    "eos_token": "stop",
}
_FAINT = -7.0
"""Two tokens may be spelled alike (a byte and a letter), but one of them is never likely."""


@dataclass(frozen=True, slots=True)
class Written:
    """One text as the server wrote it; tokens are 0 where it does not count them."""

    text: str
    finish_reason: Literal["stop", "length"]
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Position:
    """The token written at one place, and the natural-log probabilities of the likeliest.

    Tokens are bytes of UTF-8: one may hold part of a Hangul syllable. ``top`` holds the
    written one too. Some servers spell such parts as nothing: they are in no list, but count
    among the ``listed``.
    """

    token: bytes
    top: Mapping[bytes, float]
    listed: int


def check_model(body: Mapping[str, Json], names: Sequence[str]) -> None:
    """Refuse an answer of a model that was not asked.

    Raises:
        BadReply: the answer names another model than one of ``names``.
    """
    told = body.get("model")
    if isinstance(told, str) and told and told not in names:
        raise BadReply("other_model")


def only_choice(body: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the one choice that was asked for.

    Raises:
        BadReply: there is none, or more than one.
    """
    choices = body.get("choices")
    if not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], dict):
        raise BadReply("choices")
    return choices[0]


def written(body: Mapping[str, Json]) -> Written:
    """Return the text in the one choice of an answer.

    Raises:
        BadReply: there is not exactly one choice with a text and a known end.
    """
    choice = only_choice(body)
    reason = choice.get("finish_reason")
    if not isinstance(reason, str) or reason not in _ENDS:
        raise BadReply("finish_reason")
    usage = body.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    return Written(
        _text(choice),
        _ENDS[reason],
        _count(counts.get("prompt_tokens")),
        _count(counts.get("completion_tokens")),
    )


def _text(choice: Mapping[str, Json]) -> str:
    message = choice.get("message")
    if not isinstance(message, dict):
        text = choice.get("text")
    elif message.get("content") is None and _reasoned(message):
        text = ""  # the token limit cut a thought that the server keeps apart
    else:
        text = message.get("content")
    if not isinstance(text, str):
        raise BadReply("no_text")
    return text


def _reasoned(message: Mapping[str, Json]) -> bool:
    return any(isinstance(message.get(name), str) for name in ("reasoning_content", "reasoning"))


def _count(value: Json) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return int(value) if whole and isinstance(value, int) else 0


def check_logprob(value: Json) -> float:
    """Return a natural-log probability.

    Raises:
        BadReply: it is not a finite number, or is above 0 by more than rounding.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadReply("logprob_not_a_number")
    if value > 1e-3:
        raise BadReply("logprob_above_zero")
    return min(0.0, float(value))


def positions(body: Mapping[str, Json]) -> tuple[Position, ...] | None:
    """Return the top lists of the one choice, token by token; None where there are none.

    Raises:
        BadReply: they are there, and not what they should be.
    """
    given = only_choice(body).get("logprobs")
    if not isinstance(given, dict):
        return None
    content, tokens = given.get("content"), given.get("tokens")
    if isinstance(content, list):
        found = [_chat_position(item) for item in content]
    elif isinstance(tokens, list):
        found = _plain_positions(tokens, given.get("token_logprobs"), given.get("top_logprobs"))
    else:
        return None
    return tuple(takewhile(lambda position: position.listed > 0, found)) or None


def _chat_position(item: Json) -> Position:
    if not isinstance(item, dict):
        raise BadReply("logprobs")
    listed = item.get("top_logprobs") or []
    if not isinstance(listed, list):
        raise BadReply("logprobs")
    top: dict[bytes, float] = {}
    for entry in listed:
        if not isinstance(entry, dict):
            raise BadReply("logprobs")
        token, value = _bytes(entry), check_logprob(entry.get("logprob"))
        if not token:
            continue
        if min(value, top.get(token, -math.inf)) > _FAINT and b"\xef\xbf\xbd" not in token:
            raise BadReply("token_twice")
        top[token] = max(value, top.get(token, -math.inf))
    own = _bytes(item)
    if listed and own:
        top.setdefault(own, check_logprob(item.get("logprob")))
    return Position(own, _possible(top), len(listed))


def _bytes(entry: Mapping[str, Json]) -> bytes:
    """Return a token's bytes: as given, for its text may not hold them, else of its text."""
    token, raw = entry.get("token"), entry.get("bytes")
    if not isinstance(token, str):
        raise BadReply("logprobs")
    if isinstance(raw, list) and raw and "\ufffd" in token:
        numbers = [n for n in raw if isinstance(n, int) and 0 <= n < 256]
        if len(numbers) == len(raw):
            return bytes(numbers)
    return _plain(token)


def _plain_positions(tokens: Sequence[Json], own: Json, listed: Json) -> list[Position]:
    same = isinstance(own, list) and isinstance(listed, list)
    if not (same and len(own) == len(listed) == len(tokens)):  # type: ignore[arg-type]
        raise BadReply("logprobs")
    found = []
    for token, value, named in zip(tokens, own, listed, strict=True):  # type: ignore[arg-type]
        if not isinstance(token, str) or not isinstance(named, dict):
            raise BadReply("logprobs")
        top = {_plain(name): check_logprob(v) for name, v in named.items() if name}
        mine = _plain(token)
        if named and mine:
            top.setdefault(mine, check_logprob(value))
        found.append(Position(mine, _possible(top), len(named)))
    return found


def _plain(token: str) -> bytes:
    return token.encode("utf-8", "surrogatepass")


def _possible(top: dict[bytes, float]) -> dict[bytes, float]:
    """Refuse lists that hold more than certainty: logits, say, or another list's numbers."""
    if math.fsum(math.exp(value) for value in top.values()) > 1.01:
        raise BadReply("probabilities_above_one")
    return top
