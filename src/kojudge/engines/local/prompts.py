"""Requests as token ids: the same for every engine that holds the model's own tokenizer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kojudge.engines.base import ChoiceRequest, CompletionRequest
from kojudge.engines.local.chat import encode_answer, encode_prompt, render_prompt
from kojudge.engines.local.choose import Question
from kojudge.engines.local.trie import AnswerTrie, build_trie
from kojudge.errors import ConfigError, said
from kojudge.records import ModelSpec


class Prompts:
    """Renders and encodes for one model."""

    def __init__(self, spec: ModelSpec, tokenizer: Any, turn_end: int) -> None:
        self._spec = spec
        self._tokenizer = tokenizer
        self._turn_end = turn_end
        self._trie = lru_cache(maxsize=64)(self._build_trie)

    def text(self, request: CompletionRequest) -> list[int]:
        """Return the tokens before the text that ``request`` asks for."""
        thinking = self._spec.thinking == "strip"
        rendered = render_prompt(self._spec, self._tokenizer, request.messages, thinking=thinking)
        return encode_prompt(self._spec, self._tokenizer, rendered)

    def question(self, request: ChoiceRequest) -> Question:
        """Return the tokens before the answer, and the answers.

        Raises:
            ConfigError: this tokenizer cannot tell two answers apart.
        """
        rendered = render_prompt(self._spec, self._tokenizer, request.messages)
        prompt = encode_prompt(self._spec, self._tokenizer, rendered + request.answer_prefix)
        return Question(
            request.key, tuple(prompt), self._trie(request.answer_prefix, request.options)
        )

    def _build_trie(self, anchor: str, options: tuple[tuple[str, ...], ...]) -> AnswerTrie:
        spelled = [
            [encode_answer(self._tokenizer, anchor, s) for s in option] for option in options
        ]
        try:
            return build_trie(spelled, (self._turn_end,))
        except ValueError as error:
            labels = ", ".join(repr(option[-1]) for option in options)
            raise ConfigError(
                said(f"모델 '{self._spec.name}'의 토크나이저로는 답 {labels}을(를) 가려낼 수 없습니다.",
                     f"The tokenizer of '{self._spec.name}' cannot tell the answers {labels} apart:"
                     f" {error}."),
                said("루브릭의 답 이름을 바꾸거나 다른 심사 모델을 쓰세요.",
                     "Change the rubric's answer labels, or use another judge."),
            ) from error  # fmt: skip
