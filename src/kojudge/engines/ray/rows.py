"""Requests and results as plain text rows, the way they travel between machines.

A row is one JSON document in ASCII: floats come back to the last bit, ``-inf`` and broken
Unicode too, which Arrow's own text columns would refuse.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from kojudge.engines.base import Choice, ChoiceRequest, Completion, CompletionRequest, Reading
from kojudge.engines.ray.fault import Fault
from kojudge.records import Json, Message, Sampling

Kind = Literal["hello", "complete", "choose"]
Request = CompletionRequest | ChoiceRequest
Result = Completion | Choice


@dataclass(frozen=True, slots=True)
class Block:
    """Requests that one worker answers in one go, in groups of ``group`` results.

    ``hello`` asks nothing of the model: it only makes the worker say what it holds.
    """

    number: int
    kind: Kind
    group: int
    requests: tuple[Request, ...] = ()

    @property
    def groups(self) -> int:
        """In how many groups the results come back: always as many, whatever happens.

        A worker that took over from a killed one repeats the block; Ray skips as many groups
        as had come before.
        """
        return max(1, -(-len(self.requests) // self.group))


@dataclass(frozen=True, slots=True)
class About:
    """What a worker holds: its engine's description and special tokens."""

    describe: Mapping[str, Json]
    special_tokens: frozenset[str]


@dataclass(frozen=True, slots=True)
class Group:
    """Some results of block ``number``; the ``last`` closes it. ``fault``: why there are no more."""

    number: int
    last: bool
    results: tuple[Result, ...] = ()
    fault: Fault | None = None
    about: About | None = None


def write_block(block: Block) -> str:
    """Return the row of a block."""
    return _dump({
        "number": block.number,
        "kind": block.kind,
        "group": block.group,
        "requests": [asdict(request) for request in block.requests],
    })  # fmt: skip


def read_block(row: str) -> Block:
    """Return the block of a row."""
    content = json.loads(row)
    read = _completion_request if content["kind"] == "complete" else _choice_request
    requests = tuple(read(request) for request in content.pop("requests"))
    return Block(**content, requests=requests)


def write_group(group: Group) -> str:
    """Return the row of a group."""
    about = group.about
    return _dump({
        "number": group.number,
        "last": group.last,
        "completions": [asdict(r) for r in group.results if isinstance(r, Completion)],
        "choices": [asdict(r) for r in group.results if isinstance(r, Choice)],
        "fault": None if group.fault is None else asdict(group.fault),
        "describe": None if about is None else dict(about.describe),
        "special_tokens": [] if about is None else sorted(about.special_tokens),
    })  # fmt: skip


def read_group(row: str) -> Group:
    """Return the group of a row."""
    content = json.loads(row)
    describe, fault = content["describe"], content["fault"]
    return Group(
        content["number"],
        content["last"],
        (*(Completion(**r) for r in content["completions"]), *map(_choice, content["choices"])),
        None if fault is None else Fault(**fault),
        None if describe is None else About(describe, frozenset(content["special_tokens"])),
    )


def _dump(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=True, separators=(",", ":"))


def _messages(rows: Sequence[Mapping[str, Any]]) -> tuple[Message, ...]:
    return tuple(Message(**row) for row in rows)


def _completion_request(row: Mapping[str, Any]) -> CompletionRequest:
    return CompletionRequest(
        row["key"], _messages(row["messages"]), Sampling(**row["sampling"]), row["seed"]
    )


def _choice_request(row: Mapping[str, Any]) -> ChoiceRequest:
    """Read a question. Its ``decision`` is for servers that write their own prompt: none here."""
    options = tuple(tuple(option) for option in row["options"])
    messages, reading = _messages(row["messages"]), _reading(row["reading"])
    return ChoiceRequest(row["key"], messages, options, row["answer_prefix"], reading=reading)


def _reading(row: Mapping[str, Any] | None) -> Reading | None:
    if row is None:
        return None
    turns, texts = _messages(row["turns"]), tuple(row["texts"])
    return Reading(row["criterion"], row["mode"], turns, texts, tuple(row["evidence"]))


def _choice(row: Mapping[str, Any]) -> Choice:
    return Choice(**{**row, "logprobs": tuple(row["logprobs"])})
