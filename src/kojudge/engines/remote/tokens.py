"""A vLLM server's tokenizer, asked over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kojudge.engines.remote.bodies import fields_of, prompt_of
from kojudge.engines.remote.client import BadReply, Call, Client, Lost
from kojudge.errors import EngineError, said
from kojudge.records import Json, Message, ModelSpec

__all__ = ["TOKENIZE", "Read", "ServedTokenizer", "read_tokens", "tokenize_body", "turn_end"]

TOKENIZE = "/../tokenize"
"""Beside the protocol's own routes, not among them."""


@dataclass(frozen=True, slots=True)
class Read:
    """A prompt as the server reads it, and the longest it takes, both in tokens."""

    tokens: tuple[int, ...]
    context: int


class ServedTokenizer:
    """Stands for the model's tokenizer where :func:`encode_answer` wants one."""

    def __init__(self, client: Client, model: str) -> None:
        self._client, self._model = client, model
        self._tokens = lru_cache(maxsize=512)(self._ask)

    def __call__(self, text: str, *, add_special_tokens: bool = True) -> dict[str, Any]:
        """Return the tokens of ``text`` under ``input_ids``.

        Raises:
            EngineError: the server does not say.
        """
        return {"input_ids": list(self._tokens(text, add_special_tokens)) if text else []}

    def _ask(self, text: str, special: bool) -> tuple[int, ...]:
        body: dict[str, Json] = {"model": self._model, "prompt": text}
        return ask_once(self._client, {**body, "add_special_tokens": special}).tokens


def tokenize_body(
    spec: ModelSpec, messages: Sequence[Message], answer_prefix: str, *, closed: bool = False
) -> dict[str, Json]:
    """Return the body that asks for the tokens of a prompt that ends with ``answer_prefix``.

    ``closed`` ends the assistant's turn after it.
    """
    body: dict[str, Json] = {"model": spec.path, **prompt_of(spec, messages, answer_prefix)}
    if spec.format == "completion":
        return {**body, "add_special_tokens": True}
    named = fields_of(spec, "vllm", thinking=False)["chat_template_kwargs"]
    return {
        **body,
        "chat_template_kwargs": named,
        "add_generation_prompt": not answer_prefix,
        "continue_final_message": bool(answer_prefix) and not closed,
    }


def read_tokens(_: Call, body: Mapping[str, Json]) -> Read:
    """Read the answer of the route.

    Raises:
        BadReply: it holds no tokens.
    """
    tokens, context = body.get("tokens"), body.get("max_model_len")
    if not isinstance(tokens, list) or not isinstance(context, int) or isinstance(context, bool):
        raise BadReply("tokens")
    numbers = tuple(n for n in tokens if isinstance(n, int) and not isinstance(n, bool) and n >= 0)
    if len(numbers) < len(tokens):
        raise BadReply("tokens")
    return Read(numbers, context)


def ask_once(client: Client, body: Mapping[str, Json]) -> Read:
    """Ask for the tokens of one text.

    Raises:
        EngineError: the server does not say.
    """
    (found,) = client.send([Call("tokens", TOKENIZE, body)], read_tokens)
    if isinstance(found, Lost):
        raise EngineError(
            said(f"{client.url}: 서버가 글을 토큰으로 나누어 주지 않습니다({found.reason}).",
                 f"{client.url}: the server does not tokenize a text ({found.reason})."),
            said("서버의 기록을 확인하세요.", "Read the server's log."),
        )  # fmt: skip
    return found[1]


def turn_end(client: Client, spec: ModelSpec) -> int | None:
    """Return the token that ends an assistant's turn; None where the format shows none."""
    if spec.format == "completion":
        return None
    asked = (Message("user", "1"),)
    opened = ask_once(client, tokenize_body(spec, asked, "1")).tokens
    closed = ask_once(client, tokenize_body(spec, asked, "1", closed=True)).tokens
    fits = closed[: len(opened)] == opened and len(closed) > len(opened)
    return closed[len(opened)] if fits else None
