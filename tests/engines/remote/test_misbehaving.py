"""A server that misbehaves gets asked again or loses the item; it never gets a number in."""

from __future__ import annotations

import json
import math
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.engines import ChoiceRequest, CompletionRequest
from kojudge.engines.remote.openai import OpenAIEngine
from kojudge.records import Message, ModelSpec, Sampling, Server

from .conftest import Open
from .standin import MODEL, Asked, Body, Reaction, chat, listed, said, stand_in

LEVELS = tuple((f" {n}", str(n)) for n in range(1, 6))
TOP = {" 4": math.log(0.7), " 3": math.log(0.2)}
GOOD = chat(" 4", listed(TOP))


def changed(**changes: Any) -> Body:
    body: Body = json.loads(json.dumps(GOOD))
    body["choices"][0] |= changes
    return body


def numbers(text: str) -> Reaction:
    """The good answer with its first logprob written as ``text``."""
    raw = json.dumps(chat(" 4", listed({" 4": -0.123, " 3": -2.0})))
    return Reaction(content=raw.replace("-0.123", text).encode())


BAD: dict[str, tuple[Reaction, str]] = {
    "truncated JSON": (Reaction(content=json.dumps(GOOD).encode()[:80]), "bad_reply:not_json"),
    "dropped mid-body": (Reaction(content=b'{"choices": [', promised=900), "connection"),
    "HTML": (
        Reaction(content=b"<html>login</html>", headers={"Content-Type": "text/html"}),
        "bad_reply:not_json",
    ),
    "invalid UTF-8": (Reaction(content=b'{"choices": "\xed\xa0\x80"}'), "bad_reply:not_utf8"),
    "error under 200": (said({"error": {"message": "overloaded"}}), "bad_reply:error_in_answer"),
    "no choices": (said(GOOD | {"choices": []}), "bad_reply:choices"),
    "choices missing": (said({"model": MODEL}), "bad_reply:choices"),
    "a choice too many": (said(GOOD | {"choices": GOOD["choices"] * 2}), "bad_reply:choices"),
    "another model": (said(GOOD | {"model": "other-70b"}), "bad_reply:other_model"),
    "500": (said({}, 500), "http_500"),
    "429": (said({}, 429), "http_429"),
    "no text": (said(changed(message={"role": "assistant"})), "bad_reply:no_text"),
    "text of numbers": (said(changed(message={"content": 5})), "bad_reply:no_text"),
    "no end": (said(changed(finish_reason=None)), "bad_reply:finish_reason"),
    "tool call": (said(changed(finish_reason="tool_calls")), "bad_reply:finish_reason"),
    "filtered": (said(changed(finish_reason="content_filter")), "bad_reply:finish_reason"),
}
BAD_LISTS: dict[str, tuple[Reaction, str]] = {
    "logprobs missing": (said(changed(logprobs=None)), "bad_reply:no_logprobs"),
    "empty lists": (said(changed(logprobs={"content": []})), "bad_reply:no_logprobs"),
    "nothing listed": (
        said(changed(logprobs={"content": [{"token": "4", "logprob": -0.1, "top_logprobs": []}]})),
        "bad_reply:no_logprobs",
    ),
    "a list of words": (
        said(changed(logprobs={"content": [{"token": "4", "logprob": -1, "top_logprobs": ["4"]}]})),
        "bad_reply:logprobs",
    ),
    "NaN": (numbers("NaN"), "bad_reply:not_a_number"),
    "Infinity": (numbers("Infinity"), "bad_reply:not_a_number"),
    "-Infinity": (numbers("-Infinity"), "bad_reply:not_a_number"),
    "1e999": (numbers("1e999"), "bad_reply:logprob_not_a_number"),
    "null": (numbers("null"), "bad_reply:logprob_not_a_number"),
    "true": (numbers("true"), "bad_reply:logprob_not_a_number"),
    "a string": (numbers('"-0.1"'), "bad_reply:logprob_not_a_number"),
    "above zero": (numbers("0.4"), "bad_reply:logprob_above_zero"),
    "more than certain": (
        said(changed(logprobs=listed({" 4": -0.1, " 3": -0.1}))),
        "bad_reply:probabilities_above_one",
    ),
    "one token twice": (
        said(changed(logprobs={"content": [{
            "token": " 4", "logprob": -1.0,
            "top_logprobs": [{"token": " 4", "logprob": -1.0}, {"token": " 4", "logprob": -2.0}],
        }]})),
        "bad_reply:token_twice",
    ),
}  # fmt: skip


def text(key: str) -> CompletionRequest:
    return CompletionRequest(key, (Message("user", key),), Sampling(), 1)


def question(key: str) -> ChoiceRequest:
    return ChoiceRequest(key, (Message("user", key),), LEVELS, "")


def on_item(reaction: Reaction, times: int = 99) -> Callable[[Asked], Reaction]:
    """Answer item ``bad`` with ``reaction`` that many times, all others well."""
    return lambda a: reaction if a.prompt == "bad" and a.attempt < times else said(GOOD)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_text_is_asked_for_again_and_then_lost(open_engine: Open, name: str) -> None:
    reaction, reason = BAD[name]
    with stand_in(on_item(reaction)) as server:
        found = {c.key: c for c in open_engine(server).complete(map(text, ["a", "bad", "b"]))}
    assert (found["bad"].error, found["bad"].text) == (reason, "")
    assert found["bad"].finish_reason == "error"
    assert [found[k].text for k in "ab"] == ["4", "4"]
    assert sorted(server.prompts) == ["a", "b", "bad", "bad", "bad"]


@pytest.mark.parametrize("name", [*BAD, *BAD_LISTS])
def test_a_bad_choice_is_asked_for_again_and_then_lost(open_engine: Open, name: str) -> None:
    reaction, reason = (BAD | BAD_LISTS)[name]
    with stand_in(on_item(reaction)) as server:
        found = {c.key: c for c in open_engine(server).choose(map(question, ["a", "bad", "b"]))}
    assert (found["bad"].error, found["bad"].logprobs) == (reason, ())
    assert all(found[k].mass == pytest.approx(0.9) for k in "ab")
    assert sorted(server.prompts) == ["a", "b", "bad", "bad", "bad"]


@pytest.mark.parametrize("name", [*BAD, *BAD_LISTS])
def test_what_passes_leaves_no_trace(open_engine: Open, name: str) -> None:
    with stand_in(on_item((BAD | BAD_LISTS)[name][0], times=2)) as server:
        (choice,) = open_engine(server).choose([question("bad")])
    assert (choice.error, choice.mass) == ("", pytest.approx(0.9))
    assert len(server.asked) == 3


def test_wrong_counts_are_no_counts(open_engine: Open) -> None:
    for wrong in (-3, "7", 7.5, None, True):
        body = GOOD | {"usage": {"prompt_tokens": wrong, "completion_tokens": wrong}}
        with stand_in(lambda _, body=body: said(body)) as server:
            (found,) = open_engine(server).complete([text("a")])
        assert (found.prompt_tokens, found.completion_tokens, found.error) == (0, 0, "")


def test_a_silent_server_loses_the_item(open_engine: Open) -> None:
    never = threading.Event()

    def answer(asked: Asked) -> Reaction:
        return Reaction(until=never) if asked.prompt == "bad" else said(GOOD)

    with stand_in(answer) as server:
        engine = open_engine(server, timeout=1.0, retries=0, concurrency=1)
        found = {c.key: c.error for c in engine.complete(map(text, ["bad", "a"]))}
        never.set()
    assert found == {"bad": "timeout", "a": ""}


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.sampled_from([None, *BAD_LISTS, "dropped mid-body", "500"]), min_size=1, max_size=10
    ),
    st.randoms(use_true_random=False),
)
def test_whatever_order_and_fault_every_key_comes_back_once(
    faults: list[str | None], rng: random.Random
) -> None:
    """Each faulty item is lost, each other is right, and none takes another's answer."""
    waits = [rng.random() * 0.005 for _ in faults]

    def answer(asked: Asked) -> Reaction:
        number = int(asked.prompt)
        threading.Event().wait(waits[number])
        fault = faults[number]
        if fault is not None:
            return (BAD | BAD_LISTS)[fault][0]
        level = number % 5 + 1
        return said(chat(str(level), listed({str(level): -0.1, "x": -5.0})))

    with stand_in(answer) as server:
        engine = OpenAIEngine(
            ModelSpec("card", MODEL, server=Server(url=server.url, retries=1, concurrency=3))
        )
        try:
            found = list(engine.choose(question(str(n)) for n in range(len(faults))))
        finally:
            engine.close()
    assert sorted(c.key for c in found) == sorted(str(n) for n in range(len(faults)))
    for choice in found:
        number = int(choice.key)
        assert bool(choice.error) == (faults[number] is not None)
        if not choice.error:
            assert choice.probabilities[number % 5] == 1.0
