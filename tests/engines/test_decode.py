"""A text depends on its request alone, and ends where it should."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from kojudge.engines import Completion, CompletionRequest
from kojudge.engines.local.chat import encode_prompt, render_prompt
from kojudge.engines.local.engine import TransformersEngine
from kojudge.records import Message, Sampling

from .forwards import watched
from .tiny import KINDS, KOREAN, WINDOW

Open = Callable[..., TransformersEngine]
GREEDY = Sampling(temperature=0.0, max_tokens=24)
DRAWN = Sampling(temperature=0.8, top_p=0.95, max_tokens=24)
PROMPTS = (*KOREAN, "", "네.", "봄" * 30, "Spring! 🌸")


def ask(
    sampling: Sampling, prompts: Sequence[str] = PROMPTS, seed: int = 0
) -> list[CompletionRequest]:
    return [
        CompletionRequest(str(at), (Message("user", text),), sampling, seed + at)
        for at, text in enumerate(prompts)
    ]


def write(engine: TransformersEngine, requests: Sequence[CompletionRequest]) -> dict[str, Any]:
    found = list(engine.complete(requests))
    assert sorted(done.key for done in found) == sorted(request.key for request in requests)
    return {done.key: replace(done, seconds=0.0) for done in found}


def one(engine: TransformersEngine, sampling: Sampling = GREEDY) -> Completion:
    (done,) = engine.complete(ask(sampling, KOREAN[:1]))
    return done


def end_on(engine: TransformersEngine, token: int) -> None:
    """Make ``token`` end texts, as a model that was trained to would."""
    assert engine._loaded is not None
    engine._loaded = replace(engine._loaded, end_ids=frozenset({token}))


def plain_tokens(engine: TransformersEngine, request: CompletionRequest) -> list[int]:
    """What transformers' own loop writes for one prompt."""
    import torch

    tokenizer = engine.loaded.tokenizer
    rendered = render_prompt(engine._spec, tokenizer, request.messages)
    ids = torch.tensor([encode_prompt(engine._spec, tokenizer, rendered)])
    with torch.inference_mode():
        output = engine.loaded.model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            max_new_tokens=request.sampling.max_tokens,
            repetition_penalty=request.sampling.repetition_penalty,
        )
    return [int(token) for token in output[0, ids.shape[1] :]]


@pytest.mark.parametrize("penalty", [1.0, 1.3])
@pytest.mark.parametrize("kind", KINDS)
def test_greedy_is_what_transformers_generates(open_tiny: Open, kind: str, penalty: float) -> None:
    engine = open_tiny(kind, batch_size=4)
    sampling = replace(GREEDY, repetition_penalty=penalty)
    found = write(engine, ask(sampling))
    for request in ask(sampling):
        tokens = plain_tokens(engine, request)
        text = engine.loaded.tokenizer.decode(tokens, skip_special_tokens=True)
        assert found[request.key].completion_tokens == len(tokens)
        assert found[request.key].text == text.rstrip("\ufffd").strip()


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_does_not_depend_on_its_batch(open_tiny: Open, kind: str) -> None:
    alone = write(open_tiny(kind, batch_size=1), ask(DRAWN))
    for size in (3, 8):
        assert write(open_tiny(kind, batch_size=size), ask(DRAWN)) == alone


def test_a_text_does_not_depend_on_order_or_batch_mates(open_tiny: Open) -> None:
    engine = open_tiny(batch_size=4)
    requests = ask(DRAWN)
    together = write(engine, requests)
    assert write(engine, random.Random(1).sample(requests, len(requests))) == together
    few = write(engine, requests[2:4])
    assert few == {key: together[key] for key in ("2", "3")}


def test_the_sliding_window_is_shorter_than_the_texts(open_tiny: Open) -> None:
    done = one(open_tiny("gemma3"))
    assert done.prompt_tokens > WINDOW
    assert done.completion_tokens > WINDOW


def test_a_seed_makes_the_same_text_again_and_another_seed_another(open_tiny: Open) -> None:
    engine = open_tiny()
    first = write(engine, ask(DRAWN))
    assert write(engine, ask(DRAWN)) == first
    other = write(engine, ask(DRAWN, seed=1000))
    assert all(first[key].text != other[key].text for key in first)


def test_requests_of_one_batch_keep_their_own_sampling(open_tiny: Open) -> None:
    engine = open_tiny()
    mixed = [
        replace(ask(s, KOREAN[:1])[0], key=str(at))
        for at, s in enumerate((GREEDY, DRAWN, replace(GREEDY, max_tokens=3)))
    ]
    found = write(engine, mixed)
    assert found["0"].text == one(engine, GREEDY).text
    assert found["1"].text == one(engine, DRAWN).text
    assert (found["2"].completion_tokens, found["2"].finish_reason) == (3, "length")


def test_the_token_limit_ends_a_text(open_tiny: Open) -> None:
    done = one(open_tiny(), replace(DRAWN, max_tokens=5))
    assert (done.finish_reason, done.completion_tokens, done.error) == ("length", 5, "")


def test_half_a_character_at_the_limit_is_left_out(open_tiny: Open) -> None:
    engine = open_tiny()
    for tokens in range(1, 13):
        assert not one(engine, replace(GREEDY, max_tokens=tokens)).text.endswith("\ufffd")


def test_the_end_token_ends_a_text_and_is_not_in_it(open_tiny: Open) -> None:
    engine = open_tiny()
    tokens = plain_tokens(engine, ask(GREEDY, KOREAN[:1])[0])
    at = next(n for n in range(4, len(tokens)) if tokens[n] not in tokens[:n])
    end_on(engine, tokens[at])
    done = one(engine)
    expected = engine.loaded.tokenizer.decode(tokens[:at], skip_special_tokens=True)
    assert (done.text, done.finish_reason) == (expected.strip(), "stop")
    assert done.completion_tokens == at + 1


def test_finished_texts_leave_the_others_as_they_were(open_tiny: Open) -> None:
    engine = open_tiny(batch_size=8)
    tokens = plain_tokens(engine, ask(GREEDY)[3])
    end_on(engine, tokens[6])
    batched = write(engine, ask(GREEDY))
    assert len({done.completion_tokens for done in batched.values()}) > 1
    small = open_tiny(batch_size=1)
    end_on(small, tokens[6])
    assert write(small, ask(GREEDY)) == batched


def clean_pairs(text: str) -> list[str]:
    pairs = [text[at : at + 2] for at in range(4, len(text) - 1)]
    return [p for p in pairs if "\ufffd" not in p and p.isprintable() and not p.isspace()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_stop_string_cuts_the_text_where_it_begins(open_tiny: Open, kind: str) -> None:
    free = one(open_tiny(kind), replace(DRAWN, max_tokens=48))
    stop = clean_pairs(free.text)[-1]
    done = one(open_tiny(kind, stop=("넘어가지 않는 말", stop)), replace(DRAWN, max_tokens=48))
    assert done.finish_reason == "stop"
    assert done.text == free.text[: free.text.find(stop)].strip()
    assert done.completion_tokens <= free.completion_tokens


def test_the_first_of_several_stop_strings_cuts(open_tiny: Open) -> None:
    free = one(open_tiny(), replace(DRAWN, max_tokens=48))
    stops = clean_pairs(free.text)
    done = one(open_tiny(stop=tuple(stops)), replace(DRAWN, max_tokens=48))
    assert done.text == free.text[: min(free.text.find(s) for s in stops)].strip()


def test_a_long_stop_string_of_many_small_tokens_is_found(open_tiny: Open) -> None:
    free = one(open_tiny(), replace(GREEDY, max_tokens=60))
    whole = max(free.text.split("\ufffd"), key=len)
    done = one(open_tiny(stop=(whole,)), replace(GREEDY, max_tokens=60))
    assert done.finish_reason == "stop"
    assert whole not in done.text


def test_texts_are_stripped(open_tiny: Open) -> None:
    found = write(open_tiny(), ask(DRAWN))
    assert all(done.text == done.text.strip() for done in found.values())


@pytest.mark.parametrize("text", ["\ud800", "봄\udfff", "", "\x00", "<|im_end|>"])
def test_strange_prompts_are_answered_like_any_other(open_tiny: Open, text: str) -> None:
    engine = open_tiny()
    found = write(engine, ask(DRAWN, [KOREAN[0], text]))
    assert found["1"].error == ""
    assert found["0"] == write(engine, ask(DRAWN, KOREAN[:1]))["0"]


MIXED = (40, 3, 5, 4, 24, 1, 6, 9, 2)
"""Token limits of nine texts that share two or three places."""


def mixed() -> list[CompletionRequest]:
    return [
        replace(request, sampling=replace(DRAWN, max_tokens=limit))
        for request, limit in zip(ask(DRAWN), MIXED, strict=True)
    ]


class TestPlacesThatBecomeFree:
    @pytest.mark.parametrize("penalty", [1.0, 1.3])
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_text_does_not_depend_on_who_was_there_before_it(
        self, open_tiny: Open, kind: str, penalty: float
    ) -> None:
        requests = [
            replace(r, sampling=replace(r.sampling, repetition_penalty=penalty)) for r in mixed()
        ]
        alone = write(open_tiny(kind, batch_size=1), requests)
        for size in (2, 3):
            assert write(open_tiny(kind, batch_size=size), requests) == alone

    def test_are_taken_at_once_so_that_no_text_waits_for_a_long_one(self, open_tiny: Open) -> None:
        engine = open_tiny(batch_size=2)
        same = [replace(r, messages=(Message("user", KOREAN[0]),)) for r in mixed()]
        with watched(engine) as forwards:
            write(engine, same)  # of one length, so that they begin in the order given
        steps = forwards.steps
        ends = [0, 0]
        for limit in MIXED:
            ends[ends.index(min(ends))] += limit
        assert sum(steps) == sum(MIXED) - len(MIXED)  # the first token comes with the prompt
        assert len(steps) <= max(ends)
        assert len(steps) < sum(max(MIXED[at : at + 2]) for at in range(0, len(MIXED), 2))

    def test_what_is_kept_does_not_grow_with_the_number_of_texts(self, open_tiny: Open) -> None:
        engine = open_tiny(batch_size=3)
        prompts = [KOREAN[at % 5] for at in range(24)]
        requests = [
            replace(request, sampling=replace(DRAWN, max_tokens=4 + at % 7))
            for at, request in enumerate(ask(DRAWN, prompts))
        ]
        with watched(engine) as forwards:
            found = write(engine, requests)
        longest = max(done.prompt_tokens for done in found.values())
        assert max(forwards.widths) <= longest + 2 * 10

    def test_a_few_are_filled_together(self, open_tiny: Open) -> None:
        engine = open_tiny(batch_size=16)
        limits = [2 + at // 2 for at in range(16)] + [20] * 8
        requests = [
            CompletionRequest(str(at), ask(DRAWN)[0].messages, replace(DRAWN, max_tokens=n), at)
            for at, n in enumerate(limits)
        ]
        with watched(engine) as forwards:
            write(engine, requests)
        assert forwards.prefills == [16, 2, 2, 2, 2]

    def test_layers_that_keep_no_keys_are_written_a_batch_at_a_time(
        self, open_tiny: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        together = write(open_tiny(batch_size=3), mixed())
        monkeypatch.setattr("kojudge.engines.local.decode._can_grow", lambda cache: False)
        engine = open_tiny(batch_size=3)
        with watched(engine) as forwards:
            assert write(engine, mixed()) == together
        assert forwards.prefills == [3, 3, 3]

    def test_seconds_are_shares_of_the_time_that_passed(self, open_tiny: Open) -> None:
        engine = open_tiny(batch_size=2)
        began = time.perf_counter()
        found = list(engine.complete(mixed()))
        passed = time.perf_counter() - began
        assert all(done.seconds > 0 for done in found)
        assert sum(done.seconds for done in found) < 2 * passed
