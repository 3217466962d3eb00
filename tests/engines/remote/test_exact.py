"""Choices from a vLLM server rest on the tokens' numbers, whatever their rank."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from kojudge.engines import Choice, ChoiceRequest
from kojudge.errors import ConfigError
from kojudge.records import Message

from .conftest import Open
from .standin import MODEL, Asked, Body, Reaction, StandIn, said, stand_in

LEVELS = tuple((f" {n}", str(n)) for n in range(1, 6))
TENS = tuple((f" {n}", str(n)) for n in (1, 5, 10))
YES_NO = ((" 예", "예"), (" 아니요", "아니요"))
OPEN, CLOSE = 1, 2
"""The tokens around a turn; every other token is one character."""
CONTEXT = 200


def tokens(text: str) -> list[int]:
    return [ord(character) for character in text]


def turns(messages: list[dict[str, str]], **flags: bool) -> list[int]:
    """Render as a chat template does: ⟨role content⟩."""
    found: list[int] = []
    for message in messages:
        found += [OPEN, *tokens(f"{message['role']}\n"), *tokens(message["content"]), CLOSE]
    if flags.get("continue_final_message"):
        return found[:-1]
    return [*found, OPEN, *tokens("assistant\n")] if flags["add_generation_prompt"] else found


def probability(before: list[int], token: int) -> float:
    """The probability that the pretended model gives ``token`` after ``before``."""
    text = "".join(chr(n) for n in before if n > CLOSE)
    after = text.rpartition("점수:")[2]
    shares = {
        "": {" ": 0.5, "4": 0.2, "3": 0.1, "예": 0.05, "아": 0.04, "1": 0.01},
        " ": {"4": 0.6, "5": 0.2, "1": 0.1, "예": 0.7, "아": 0.2},
        "아": {"니": 0.9}, " 아": {"니": 0.9}, "아니": {"요": 0.8}, " 아니": {"요": 0.8},
        "1": {"0": 0.3}, " 1": {"0": 0.4},
    }  # fmt: skip
    if token == CLOSE:
        return 0.5
    return shares.get(after, {}).get(chr(token), 0.0)


def expected(options: tuple[tuple[str, ...], ...], end: bool = False) -> list[float]:
    """The probability of each option, multiplied out along its characters."""
    found = []
    for option in options:
        total = 0.0
        for spelling in option:
            ids = [*tokens(spelling), *([CLOSE] if end else [])]
            total += math.prod(
                probability([*tokens("점수:"), *ids[:at]], token) for at, token in enumerate(ids)
            )
        found.append(total)
    return found


def vllm(bend: Callable[[Body], object] = lambda body: body) -> Callable[[Asked], Reaction]:
    """Answer as vLLM does; ``bend`` spoils its completions."""

    def answer(asked: Asked) -> Reaction:
        body = asked.body
        if asked.path == "/tokenize":
            flags = {k: v for k, v in body.items() if isinstance(v, bool)}
            ids = turns(body["messages"], **flags) if "messages" in body else tokens(body["prompt"])
            return said({"tokens": ids, "count": len(ids), "max_model_len": CONTEXT})
        choices = [
            {
                "index": at, "text": "", "finish_reason": "length",
                "logprobs": {"tokens": ["token_id:9"], "token_logprobs": [-9.0], "top_logprobs": [
                    {f"token_id:{t}": _log(probability(prompt, t)) for t in body["logprob_token_ids"]}
                ]},
            }
            for at, prompt in enumerate(body["prompt"])
        ]  # fmt: skip
        return said(bend({"model": MODEL, "choices": choices}))

    return answer


def _log(value: float) -> float:
    return math.log(value) if value else -9999.0


def question(
    key: str, options: tuple[tuple[str, ...], ...] = LEVELS, text: str = "글"
) -> ChoiceRequest:
    return ChoiceRequest(key, (Message("user", text),), options, "점수:")


def judged(server: StandIn) -> list[Body]:
    return [a.body for a in server.asked if a.path == "/v1/completions"]


def probabilities(choice: Choice) -> list[float]:
    assert choice.error == ""
    return [math.exp(value) for value in choice.logprobs]


def test_every_option_has_its_own_probability_and_the_mass_is_kept(open_engine: Open) -> None:
    with stand_in(vllm(), owner="vllm") as server:
        engine = open_engine(server)
        (choice,) = engine.choose([question("a")])
    assert probabilities(choice) == pytest.approx(expected(LEVELS))
    assert (choice.method, choice.mass) == ("expected", pytest.approx(sum(expected(LEVELS))))
    assert choice.prompt_tokens == len("<user\n글><assistant\n점수:")
    assert engine.describe()["choose"] == "token_ids"


def test_an_option_without_any_probability_has_none(open_engine: Open) -> None:
    with stand_in(vllm(), owner="vllm") as server:
        (choice,) = open_engine(server).choose([question("a")])
    assert choice.logprobs[1] == -math.inf


def test_answers_of_several_tokens_are_scored_whole(open_engine: Open) -> None:
    with stand_in(vllm(), owner="vllm") as server:
        (choice,) = open_engine(server).choose([question("a", YES_NO)])
    assert probabilities(choice) == pytest.approx(expected(YES_NO))


def test_where_one_answer_begins_another_each_is_scored_with_the_end_of_the_turn(
    open_engine: Open,
) -> None:
    with stand_in(vllm(), owner="vllm") as server:
        (choice,) = open_engine(server).choose([question("a", TENS)])
    assert probabilities(choice) == pytest.approx(expected(TENS, end=True))


def test_the_prompt_is_sent_as_the_tokens_the_server_made_of_it(open_engine: Open) -> None:
    """And the judge's turn opens with the prefix; nothing of the sampling is left to chance."""
    with stand_in(vllm(), owner="vllm") as server:
        list(open_engine(server).choose([question("a")]))
    (body,) = judged(server)
    assert body["prompt"][0] == [
        OPEN,
        *tokens("user\n글"),
        CLOSE,
        OPEN,
        *tokens("assistant\n점수:"),
    ]
    assert (body["max_tokens"], body["temperature"], body["top_p"]) == (1, 0.0, 1.0)
    assert (body["top_k"], body["min_p"], body["repetition_penalty"]) == (-1, 0.0, 1.0)
    assert not {"messages", "seed"} & set(body)


def test_each_question_is_sent_twice_and_spellings_are_cut_once(open_engine: Open) -> None:
    with stand_in(vllm(), owner="vllm") as server:
        engine = open_engine(server)
        list(engine.choose(question(str(n), text=f"글 {n}") for n in range(20)))
    assert len(judged(server)) == 20
    prompts = [a for a in server.asked if "messages" in a.body and "글" in str(a.body)]
    spellings = [a for a in server.asked if a.path == "/tokenize" and "prompt" in a.body]
    assert len(prompts) == 20
    assert len(spellings) == 1 + 2 * len(LEVELS)


def test_a_base_model_is_asked_in_its_own_format(open_engine: Open) -> None:
    with stand_in(vllm(), owner="vllm") as server:
        engine = open_engine(server, format="completion", completion_template="{{ request }}|")
        (choice,) = engine.choose([question("a")])
    assert probabilities(choice) == pytest.approx(expected(LEVELS))
    assert judged(server)[0]["prompt"][0] == tokens("글|점수:")


def test_a_base_model_cannot_tell_answers_that_begin_each_other(open_engine: Open) -> None:
    with stand_in(vllm(), owner="vllm") as server:
        engine = open_engine(server, format="completion", completion_template="{{ request }}|")
        with pytest.raises(ConfigError, match="begins another"):
            list(engine.choose([question("a", TENS)]))


def test_a_prompt_without_room_is_not_sent(open_engine: Open) -> None:
    with stand_in(vllm(), owner="vllm") as server:
        asked = [question("long", text="글" * CONTEXT), question("short")]
        found = {c.key: c for c in open_engine(server).choose(asked)}
    assert (found["long"].error, found["short"].error) == ("prompt_too_long", "")
    assert len(judged(server)) == 1


def test_the_order_of_the_choices_does_not_matter(open_engine: Open) -> None:
    def turned(body: Body) -> Body:
        return body | {"choices": body["choices"][::-1]}

    with stand_in(vllm(turned), owner="vllm") as server:
        (choice,) = open_engine(server).choose([question("a", YES_NO)])
    assert probabilities(choice) == pytest.approx(expected(YES_NO))


def _first_top(body: Body) -> Any:
    return body["choices"][0]["logprobs"]["top_logprobs"]


def _without_one(body: Body) -> Body:
    _first_top(body)[0].popitem()
    return body


def _above_zero(body: Body) -> Body:
    _first_top(body)[0][f"token_id:{ord('4')}"] = 3.5
    return body


def _too_sure(body: Body) -> Body:
    for name in _first_top(body)[0]:
        _first_top(body)[0][name] = -0.01
    return body


def _no_list(body: Body) -> Body:
    body["choices"][0]["logprobs"] = None
    return body


@pytest.mark.parametrize(
    ("bend", "reason"),
    [
        (lambda body: body | {"choices": body["choices"] * 2}, "choices"),
        (lambda body: body | {"choices": []}, "choices"),
        (lambda body: body | {"choices": [body["choices"][0] | {"index": 5}]}, "choices"),
        (lambda body: body | {"model": "other"}, "other_model"),
        (_without_one, "logprob_missing"),
        (_above_zero, "logprob_above_zero"),
        (_too_sure, "probabilities_above_one"),
        (_no_list, "no_logprobs"),
    ],
)
def test_a_bad_answer_is_asked_for_again_and_then_lost(
    open_engine: Open, bend: Callable[[Body], object], reason: str
) -> None:
    with stand_in(vllm(bend), owner="vllm") as server:
        (choice,) = open_engine(server, retries=1).choose([question("a", LEVELS[:4])])
    assert (choice.error, choice.logprobs) == (f"bad_reply:{reason}", ())
    assert len(judged(server)) == 2


def test_a_server_without_the_route_is_read_from_its_list(open_engine: Open) -> None:
    def answer(asked: Asked) -> Reaction:
        return said({"detail": "Not Found"}, 404)

    with stand_in(answer, owner="vllm") as server:
        assert open_engine(server).describe()["choose"] == "listed"


def test_a_template_that_opens_the_turn_otherwise_is_not_trusted(open_engine: Open) -> None:
    """Where a new turn begins with an empty thought and a continued one does not."""
    plain = vllm()

    def answer(asked: Asked) -> Reaction:
        if asked.path == "/tokenize" and asked.body.get("add_generation_prompt"):
            ids = [*turns(asked.body["messages"], add_generation_prompt=True), *tokens("<think>")]
            return said({"tokens": ids, "max_model_len": CONTEXT})
        return plain(asked)

    with stand_in(answer, owner="vllm") as server:
        assert open_engine(server).describe()["choose"] == "listed"
