"""What a server can do, learnt by asking it for a token when the engine is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kojudge.engines.remote.bodies import EXTENDED, fields_of, path_of, prompt_of
from kojudge.engines.remote.client import Call, Client, Lost
from kojudge.engines.remote.texts import only_choice, positions
from kojudge.engines.remote.tokens import ask_once, tokenize_body
from kojudge.errors import EngineError, said
from kojudge.records import Json, Message, ModelSpec

__all__ = ["Abilities", "learn"]

_MOST = (20, 5)
"""Tokens listed at each place: what the protocol allows, and what old servers do."""
_HELLO = (Message("user", "1"),)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a server can do for one model.

    ``server``: vllm, sglang, or the owner it names. ``names`` are those by which its answers
    may call the model. ``way``: ``token_ids`` reads the probability of any token; ``listed``
    those of the ``top`` likeliest; ``sampled`` none. ``continues``: the judge's turn can be
    opened with the answer's prefix.
    """

    server: str
    names: tuple[str, ...]
    way: Literal["token_ids", "listed", "sampled"]
    top: int
    continues: bool


def learn(client: Client, spec: ModelSpec) -> Abilities:
    """Ask the server what it is, and for one token.

    Raises:
        UnavailableError: it is not there, does not take the key, or does not run the model.
    """
    server = _owner(client, spec)
    top, name = _first_token(client, spec, server)
    exact = server == "vllm" and top > 0 and _tokenizes(client, spec)
    asked_to = spec.server.extra.get("continue_final_message") is True
    return Abilities(
        server=server,
        names=tuple(dict.fromkeys((spec.path, name))),
        way="token_ids" if exact else "listed" if top else "sampled",
        top=top,
        continues=spec.format == "completion" or server in EXTENDED or asked_to,
    )


def _owner(client: Client, spec: ModelSpec) -> str:
    try:
        listed = client.get("/models").get("data")
    except EngineError:  # many servers do not list their models
        return ""
    models = [m for m in listed if isinstance(m, dict)] if isinstance(listed, list) else []
    own = [m for m in models if m.get("id") == spec.path] or models
    owner = own[0].get("owned_by") if own else ""
    return owner if isinstance(owner, str) else ""


def _first_token(client: Client, spec: ModelSpec, server: str) -> tuple[int, str]:
    """Return how many tokens are listed at a place, and the model's name in the answer."""
    for top in _MOST:
        try:
            return _asked(client, spec, server, top)
        except EngineError:
            continue  # some refuse the field, some so many
    return _asked(client, spec, server, 0)


def _asked(client: Client, spec: ModelSpec, server: str, top: int) -> tuple[int, str]:
    body = {
        **fields_of(spec, server, thinking=False),
        **prompt_of(spec, _HELLO),
        **listing(spec, top),
        "max_tokens": 1,
    }
    (found,) = client.send([Call("first", path_of(spec), body)], _read)
    if isinstance(found, Lost):
        raise EngineError(
            said(f"{client.url}: 모델 '{spec.name}'에 대한 첫 요청에 서버가 답하지 않습니다"
                 f"({found.reason}).",
                 f"{client.url}: the server does not answer a first request to '{spec.name}' "
                 f"({found.reason})."),
            said("서버의 기록을 확인하세요. 모델을 올리는 중이면 기다렸다가 다시 실행하세요.",
                 "Read the server's log. If it is still loading the model, wait and try again."),
        )  # fmt: skip
    listed, name = found[1]
    return (top if listed > 1 else 0), name


def listing(spec: ModelSpec, top: int) -> dict[str, Json]:
    """Return the fields that ask for the ``top`` likeliest tokens; none for 0."""
    if not top:
        return {}
    return {"logprobs": True, "top_logprobs": top} if spec.format == "chat" else {"logprobs": top}


def _read(_: Call, body: Mapping[str, Json]) -> tuple[int, str]:
    only_choice(body)
    found = positions(body)
    name = body.get("model")
    return found[0].listed if found else 0, name if isinstance(name, str) and name else ""


def _tokenizes(client: Client, spec: ModelSpec) -> bool:
    """Say whether the server tokenizes prompts, and opens the judge's turn as it should.

    A chat template that would write something else before a turn to be continued than before
    a new one is not trusted.
    """
    try:
        new = ask_once(client, tokenize_body(spec, _HELLO, "")).tokens
        begun = ask_once(client, tokenize_body(spec, _HELLO, "1")).tokens
    except EngineError:
        return False
    if spec.format == "completion":
        return bool(begun)
    return begun[: len(new)] == new and len(begun) > len(new)
