"""The slow way to the same numbers: every answer read whole, alone, without any cache."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from kojudge.engines import ChoiceRequest
from kojudge.engines.local.chat import encode_answer, encode_prompt, render_prompt
from kojudge.engines.local.engine import TransformersEngine


def logprobs(engine: TransformersEngine, request: ChoiceRequest) -> list[float]:
    """Return each option's log-probability, a whole reading for every answer token."""
    prompt = prompt_ids(engine, request)
    tokenizer = engine.loaded.tokenizer
    spelled = [
        {encode_answer(tokenizer, request.answer_prefix, s) for s in option}
        for option in request.options
    ]
    every = [tokens for option in spelled for tokens in option]
    nested = any(a != b and a == b[: len(a)] for a in every for b in every)
    end = (engine.loaded.turn_end,) if nested else ()
    after = cache(lambda stem: _next_token(engine, [*prompt, *stem]))
    return [
        _log_sum([math.fsum(float(after(t[:at])[t[at]]) for at in range(len(t))) for t in ends])
        for ends in ([tokens + end for tokens in option] for option in spelled)
    ]


def prompt_ids(engine: TransformersEngine, request: ChoiceRequest) -> list[int]:
    """Return the tokens before the answer."""
    tokenizer = engine.loaded.tokenizer
    rendered = render_prompt(engine._spec, tokenizer, request.messages)
    return encode_prompt(engine._spec, tokenizer, rendered + request.answer_prefix)


def _next_token(engine: TransformersEngine, ids: list[int]) -> Any:
    """Read ``ids`` whole; return the log-probability of every token after them."""
    import torch

    with torch.inference_mode():
        read = engine.loaded.model(input_ids=torch.tensor([ids]), use_cache=False, logits_to_keep=1)
    return read.logits[0, -1].double().log_softmax(-1)


def _log_sum(values: list[float]) -> float:
    top = max(values)
    return top + math.log(math.fsum(math.exp(value - top) for value in values))
