"""Choices from a vLLM server: the probability of every token that matters, by its number.

As exact as a model in memory: the prompt's tokens are asked for first (``/tokenize``), then
the raw probability of each answer's tokens after them (``logprob_token_ids``), whatever
their rank.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from kojudge.engines.base import Choice, ChoiceRequest
from kojudge.engines.local.chat import encode_answer
from kojudge.engines.local.trie import AnswerTrie, Tokens, build_trie
from kojudge.engines.remote.choosing import Served, failed
from kojudge.engines.remote.client import BadReply, Call, Lost
from kojudge.engines.remote.refusals import TOO_LONG
from kojudge.engines.remote.texts import check_logprob, check_model
from kojudge.engines.remote.tokens import (
    TOKENIZE,
    Read,
    ServedTokenizer,
    read_tokens,
    tokenize_body,
    turn_end,
)
from kojudge.errors import ConfigError, said
from kojudge.records import Json

__all__ = ["ByTokens"]

_NUMBER = "token_id:"
_NOTHING = -9999.0
"""How the server writes the logarithm of 0, which JSON cannot."""


@dataclass(frozen=True, slots=True)
class _Question:
    request: ChoiceRequest
    trie: AnswerTrie
    prompt: Tokens


class ByTokens:
    """Asks a vLLM server twice a question: for the prompt's tokens, and for the answers'."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._tokenizer = ServedTokenizer(served.client, served.spec.path)
        self._end = turn_end(served.client, served.spec)
        self._trie = lru_cache(maxsize=64)(self._build_trie)

    def __call__(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Yield a choice for every request."""
        refused: list[Choice] = []
        asked: dict[str, _Question] = {}

        def calls() -> Iterator[Call]:
            for read in self._read_prompts(requests):
                if isinstance(read, Choice):
                    refused.append(read)
                    continue
                asked[read.request.key] = read
                yield Call(read.request.key, "/completions", self._body(read))

        def read(call: Call, body: Mapping[str, Json]) -> tuple[float, ...]:
            check_model(body, self._served.can.names)
            return _logprobs(asked[call.key].trie, body)

        for found in self._served.client.send(calls(), read):
            yield from _taken(refused)
            if isinstance(found, Lost):
                yield failed(asked.pop(found.key).request, found.reason)
            else:
                key, logprobs, seconds = found
                yield Choice(key, logprobs, len(asked.pop(key).prompt), seconds)
        yield from _taken(refused)

    def _read_prompts(self, requests: Iterable[ChoiceRequest]) -> Iterator[_Question | Choice]:
        asked: dict[str, ChoiceRequest] = {}

        def calls() -> Iterator[Call]:
            for request in requests:
                asked[request.key] = request
                body = tokenize_body(self._served.spec, request.messages, request.answer_prefix)
                yield Call(request.key, TOKENIZE, body)

        for found in self._served.client.send(calls(), read_tokens):
            if isinstance(found, Lost):
                yield failed(asked.pop(found.key), found.reason)
            else:
                yield self._question(asked.pop(found[0]), found[1])

    def _question(self, request: ChoiceRequest, read: Read) -> _Question | Choice:
        # Only the end of a prefix decides how the answer is cut into tokens.
        anchor = request.answer_prefix.rpartition("\n")[2]
        trie = self._trie(anchor, request.options)
        if len(read.tokens) + trie.longest + 1 > read.context:
            return failed(request, TOO_LONG)
        return _Question(request, trie, read.tokens)

    def _build_trie(self, anchor: str, options: tuple[tuple[str, ...], ...]) -> AnswerTrie:
        spelled = [[encode_answer(self._tokenizer, anchor, s) for s in o] for o in options]
        try:
            if self._end is None:
                return _plain_trie(spelled)
            return build_trie(spelled, (self._end,))
        except ValueError as error:
            name = self._served.spec.name
            raise ConfigError(
                said(f"모델 '{name}'의 토크나이저로는 답을 서로 가려낼 수 없습니다: {error}",
                     f"The tokenizer of '{name}' cannot tell the answers apart: {error}."),
                said("루브릭의 답 이름을 바꾸거나 다른 심사 모델을 쓰세요.",
                     "Change the rubric's answer labels, or use another judge."),
            ) from error  # fmt: skip

    def _body(self, question: _Question) -> dict[str, Json]:
        needed = question.trie.needed()
        prompts: list[Json] = [[*question.prompt, *before] for before in sorted(needed)]
        wanted: list[Json] = [*sorted({token for tokens in needed.values() for token in tokens})]
        body = self._served.question(question.request)
        for unused in ("messages", "chat_template_kwargs", "continue_final_message"):
            body.pop(unused, None)
        body.pop("add_generation_prompt", None)
        return {
            **body,
            "prompt": prompts,
            "max_tokens": 1,
            "logprobs": len(wanted),
            "logprob_token_ids": wanted,
            "return_tokens_as_token_ids": True,
        }


def _plain_trie(spelled: list[list[Tokens]]) -> AnswerTrie:
    """Build a trie where no token is known to end an answer.

    Raises:
        ValueError: as ``build_trie``; or one answer begins another.
    """
    unended = build_trie(spelled, (-1,))
    if any(-1 in tokens for option in unended.sequences for tokens in option):
        raise ValueError("one answer begins another, and nothing ends them")
    return unended


def _logprobs(trie: AnswerTrie, body: Mapping[str, Json]) -> tuple[float, ...]:
    """Return each option's log-probability.

    Raises:
        BadReply: an answer for a prompt is missing, or one of its numbers is.
    """
    needed = trie.needed()
    choices = body.get("choices")
    if not isinstance(choices, list) or len(choices) != len(needed):
        raise BadReply("choices")
    by_index = {c.get("index"): c for c in choices if isinstance(c, dict)}
    if set(by_index) != set(range(len(needed))):
        raise BadReply("choices")
    given = {
        before: _by_token(by_index[at], needed[before]) for at, before in enumerate(sorted(needed))
    }
    found = trie.score(given)
    if math.fsum(math.exp(value) for value in found) > 1.01:
        raise BadReply("probabilities_above_one")
    return found


def _by_token(choice: Mapping[str, Json], wanted: Tokens) -> dict[int, float]:
    named = choice.get("logprobs")
    tops = named.get("top_logprobs") if isinstance(named, dict) else None
    top = tops[0] if isinstance(tops, list) and len(tops) == 1 else None
    if not isinstance(top, dict):
        raise BadReply("no_logprobs")
    if any(f"{_NUMBER}{token}" not in top for token in wanted):
        raise BadReply("logprob_missing")
    values = {token: check_logprob(top[f"{_NUMBER}{token}"]) for token in wanted}
    return {token: value if value > _NOTHING else -math.inf for token, value in values.items()}


def _taken(choices: list[Choice]) -> list[Choice]:
    taken = choices[:]
    choices.clear()
    return taken
