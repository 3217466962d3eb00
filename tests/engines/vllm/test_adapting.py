"""What is asked of vLLM, and what is read out of its answers; no vLLM needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from kojudge.engines import CompletionRequest
from kojudge.engines.local.trie import build_trie
from kojudge.engines.vllm.adapting import (
    MOST_IDS,
    answer_arguments,
    answer_parts,
    is_refusal,
    read_logprobs,
    text_arguments,
    written_text,
)
from kojudge.records import Message, Sampling

END = 9
WORDS = {1: "봄", 2: "꽃", 3: "이 ", 4: "핍니다", 5: "\ufffd", 6: "끝", END: "<|im_end|>"}


@dataclass(frozen=True)
class Found:
    """Stands for vLLM's ``Logprob``."""

    logprob: float


def decode(tokens: Sequence[int], *, skip_special_tokens: bool) -> str:
    assert skip_special_tokens
    return "".join(WORDS[token] for token in tokens)


def asked(sampling: Sampling, seed: int = 7) -> CompletionRequest:
    return CompletionRequest("k", (Message("user", "봄"),), sampling, seed)


class TestTexts:
    def test_every_argument_that_decides_a_token_is_named(self) -> None:
        sampling = Sampling(temperature=0.8, top_p=0.95, max_tokens=64, repetition_penalty=1.1)
        assert text_arguments(asked(sampling), ("끝",), {9, 2}) == {
            "temperature": 0.8,
            "top_p": 0.95,
            "top_k": 0,
            "min_p": 0.0,
            "repetition_penalty": 1.1,
            "max_tokens": 64,
            "seed": 7,
            "stop": ["끝"],
            "stop_token_ids": [2, 9],
            "detokenize": True,
        }

    def test_vllm_detokenises_only_to_look_for_a_stop(self) -> None:
        assert text_arguments(asked(Sampling()), (), {9})["detokenize"] is False

    @pytest.mark.parametrize("seed", [-1, 2**63, 2**80 + 3])
    def test_every_seed_is_one_that_vllm_takes_for_a_seed(self, seed: int) -> None:
        given = text_arguments(asked(Sampling(), seed), (), {9})["seed"]
        assert 0 <= given < 2**63

    def test_a_nucleus_over_everything_is_one(self) -> None:
        assert text_arguments(asked(Sampling(top_p=1.5)), (), {9})["top_p"] == 1.0

    @pytest.mark.parametrize(
        ("tokens", "reason", "stop", "text"),
        [
            ([1, 3, 2, END], "stop", (), "봄이 꽃"),
            ([1, 3, 2], "length", (), "봄이 꽃"),
            ([1, 6, 2], "stop", ("끝",), "봄"),
            ([1, 6, 2, END], "stop", ("꽃", "끝"), "봄"),
            ([1, 5], "length", (), "봄"),
            ([1, 5, END], "stop", (), "봄\ufffd"),
            ([END], "stop", (), ""),
            ([], "length", (), ""),
        ],
        ids=["end", "limit", "stop", "first stop", "half a letter", "its own", "nothing", "none"],
    )
    def test_text(self, tokens: list[int], reason: str, stop: tuple[str, ...], text: str) -> None:
        assert written_text(decode, tokens, reason, stop, {END}) == text


class TestAnswers:
    def test_one_token_is_drawn_and_exactly_the_candidates_are_read(self) -> None:
        assert answer_arguments((4, 2)) == {
            "temperature": 0.0,
            "max_tokens": 1,
            "logprob_token_ids": [4, 2],
            "detokenize": False,
        }

    def test_answers_of_one_token_are_one_request(self) -> None:
        trie = build_trie([[(1,)], [(2,)], [(3,)]], (END,))
        assert list(answer_parts(trie)) == [((), (1, 2, 3))]

    def test_the_prompt_alone_comes_before_what_follows_an_answers_first_token(self) -> None:
        trie = build_trie([[(1,)], [(2, 4)], [(2, 5, 6)]], (END,))
        assert list(answer_parts(trie)) == [((), (1, 2)), ((2,), (4, 5)), ((2, 5), (6,))]

    def test_more_candidates_than_one_request_takes_are_dealt_over_several(self) -> None:
        trie = build_trie([[(n,)] for n in range(MOST_IDS + 2)], (999,))
        first, second = answer_parts(trie)
        assert (len(first[1]), len(second[1])) == (MOST_IDS, 2)
        assert {*first[1], *second[1]} == set(range(MOST_IDS + 2))

    def test_the_token_that_was_drawn_is_left_out(self) -> None:
        position = {8: Found(-0.1), 1: Found(-2.0), 2: Found(-math.inf)}
        assert read_logprobs(position, (1, 2)) == {1: -2.0, 2: -math.inf}

    @pytest.mark.parametrize("position", [{1: Found(-1.0)}, {1: Found(-1.0), 2: Found(math.nan)}])
    def test_what_is_no_number_is_no_answer(self, position: dict[int, Found]) -> None:
        with pytest.raises(ValueError, match="no probability"):
            read_logprobs(position, (1, 2))


class VLLMClientError(Exception):
    """Stands for vLLM's class of that name, which is no ValueError."""


class NarrowerError(VLLMClientError):
    pass


@pytest.mark.parametrize(
    ("error", "blamed"),
    [(NarrowerError("too hot"), True), (ValueError("empty"), True), (RuntimeError("dead"), False)],
)
def test_whom_vllm_blames(error: Exception, blamed: bool) -> None:
    assert is_refusal(error) is blamed
