"""The bodies of requests in the protocol that OpenAI made common."""

from __future__ import annotations

from collections.abc import Sequence

from kojudge.engines.base import CompletionRequest
from kojudge.engines.local.chat import merge_system, render_prompt
from kojudge.errors import ConfigError, said
from kojudge.records import Json, Message, ModelSpec

__all__ = [
    "CONTINUED",
    "EXTENDED",
    "completion_body",
    "fields_of",
    "path_of",
    "prompt_of",
    "seed_of",
]

EXTENDED = frozenset({"vllm", "sglang"})
"""Servers that take fields beyond the protocol's own."""


CONTINUED: dict[str, Json] = {"continue_final_message": True, "add_generation_prompt": False}
"""What tells a server to go on with the last turn. Only a judge's questions ask for it."""


def path_of(spec: ModelSpec) -> str:
    """Return the route that texts of this format come from."""
    return "/chat/completions" if spec.format == "chat" else "/completions"


def prompt_of(
    spec: ModelSpec, messages: Sequence[Message], answer_prefix: str = ""
) -> dict[str, Json]:
    """Return the part of a body that is read by the model; it ends with ``answer_prefix``.

    In the chat format the prefix becomes an assistant turn, which the server must be told to
    continue.

    Raises:
        ConfigError: the card's completion_template is missing or wrong.
    """
    if spec.format == "completion":
        return {"prompt": render_prompt(spec, None, messages) + answer_prefix}
    turns = merge_system(messages) if spec.system == "merge" else list(messages)
    if answer_prefix:
        turns = [*turns, Message("assistant", answer_prefix)]
    return {"messages": [{"role": turn.role, "content": turn.content} for turn in turns]}


def seed_of(seed: int) -> int:
    """Return ``seed`` as every server takes it: some hold no more than 31 bits."""
    return seed % 2**31


def fields_of(spec: ModelSpec, server: str, *, thinking: bool) -> dict[str, Json]:
    """Return the fields of every request: the model, what the card adds, what ``server`` needs.

    Known servers are told to leave out what the model's own settings would add to the
    sampling, and whether to think.
    """
    extra = {k: v for k, v in spec.server.extra.items() if k not in CONTINUED}
    fields: dict[str, Json] = {**extra, "model": spec.path}
    if server not in EXTENDED:
        return fields
    fields = {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0, **fields}
    if spec.format == "chat":
        given = extra.get("chat_template_kwargs")
        named = given if isinstance(given, dict) else {}
        fields["chat_template_kwargs"] = {"enable_thinking": thinking, **named}
    return fields


def completion_body(spec: ModelSpec, server: str, request: CompletionRequest) -> dict[str, Json]:
    """Return the body that asks for one text.

    Raises:
        ConfigError: the sampling asks for a repetition penalty that this server is not known
            to take.
    """
    sampling = request.sampling
    body = fields_of(spec, server, thinking=spec.thinking == "strip")
    if sampling.repetition_penalty != 1.0 and not _takes_penalty(spec, server):
        raise ConfigError(
            said(f"모델 '{spec.name}'의 서버가 repetition_penalty를 받는지 알 수 없습니다.",
                 f"The server of '{spec.name}' is not known to take repetition_penalty."),
            said("카드의 sampling에서 빼거나, 서버가 쓰는 이름으로 server.extra에 적으세요"
                 "(예: repeat_penalty: 1.1).",
                 "Leave it out of sampling, or write it under the server's own name in "
                 "server.extra (for example repeat_penalty: 1.1)."),
        )  # fmt: skip
    if server in EXTENDED:
        body["repetition_penalty"] = sampling.repetition_penalty
    if spec.stop:
        body["stop"] = list(spec.stop)
    return {
        **body,
        **prompt_of(spec, request.messages),
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
        "seed": seed_of(request.seed),
    }


def _takes_penalty(spec: ModelSpec, server: str) -> bool:
    own = {"repetition_penalty", "repeat_penalty"} & set(spec.server.extra)
    return server in EXTENDED or bool(own)
