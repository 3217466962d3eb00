"""The slow way to the same numbers: every answer read whole, alone, without any cache."""

from __future__ import annotations

import math

from kojudge.engines import ChoiceRequest
from kojudge.engines.local.chat import encode_answer, encode_prompt, render_prompt
from kojudge.engines.local.engine import TransformersEngine


def logprobs(engine: TransformersEngine, request: ChoiceRequest) -> list[float]:
    """Return each option's log-probability by reading prompt + answer once per spelling."""
    prompt = prompt_ids(engine, request)
    tokenizer = engine.loaded.tokenizer
    spelled = [
        {encode_answer(tokenizer, request.answer_prefix, s) for s in option}
        for option in request.options
    ]
    every = [tokens for option in spelled for tokens in option]
    nested = any(a != b and a == b[: len(a)] for a in every for b in every)
    end = (engine.loaded.turn_end,) if nested else ()
    return [_log_sum([_read(engine, prompt, tokens + end) for tokens in o]) for o in spelled]


def prompt_ids(engine: TransformersEngine, request: ChoiceRequest) -> list[int]:
    """Return the tokens before the answer."""
    tokenizer = engine.loaded.tokenizer
    rendered = render_prompt(engine._spec, tokenizer, request.messages)
    return encode_prompt(engine._spec, tokenizer, rendered + request.answer_prefix)


def _read(engine: TransformersEngine, prompt: list[int], answer: tuple[int, ...]) -> float:
    import torch

    ids = torch.tensor([[*prompt, *answer]])
    with torch.inference_mode():
        kept = len(answer) + 1  # from the prompt's last token on
        logits = engine.loaded.model(input_ids=ids, use_cache=False, logits_to_keep=kept).logits[0]
    found = logits.double().log_softmax(-1)
    return math.fsum(float(found[at, token]) for at, token in enumerate(answer))


def _log_sum(values: list[float]) -> float:
    top = max(values)
    return top + math.log(math.fsum(math.exp(value - top) for value in values))
