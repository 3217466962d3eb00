"""Tokens a second: kojudge's transformers engine beside lm-evaluation-harness and a plain loop.

Same model, weights, dtype, prompts, sampling and token budget, in turn in one process. The
harness is its Hugging Face backend's `generate_until` with the same batch size. The plain loop
is what most evaluation scripts do: format, `model.generate`, decode, next prompt.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import common
from kojudge.engines import CompletionRequest
from kojudge.engines.local.chat import encode_prompt, render_prompt
from kojudge.engines.local.engine import TransformersEngine
from kojudge.records import ModelSpec, Prompt, Sampling

if TYPE_CHECKING:
    from lm_eval.models.huggingface import HFLM

TOKENS = 96
HARNESS = "lm-evaluation-harness, `generate_until`"
PLAIN = "one prompt at a time, `model.generate`"
PART = 5
"""The plain loop gets every fifth prompt: its rate does not depend on how many there are."""


def with_kojudge(
    engine: TransformersEngine, tasks: list[Prompt], budget: int, repeat: int
) -> float:
    sampling = Sampling(max_tokens=budget)
    requests = [
        CompletionRequest(p.name, p.messages, sampling, 1000 * repeat + at)
        for at, p in enumerate(tasks)
    ]
    started = time.perf_counter()
    tokens = sum(done.completion_tokens for done in engine.complete(requests))
    return tokens / (time.perf_counter() - started)


def with_the_harness(
    backend: HFLM, engine: TransformersEngine, spec: ModelSpec, tasks: list[Prompt], budget: int
) -> float:
    tokenizer = engine.loaded.tokenizer
    sampling = {
        "do_sample": True,
        "temperature": 0.8,
        "top_p": 0.95,
        "top_k": 0,
        "max_gen_toks": budget,
    }
    rendered = [render_prompt(spec, tokenizer, task.messages) for task in tasks]
    requests = common.asked("generate_until", [(text, sampling) for text in rendered])
    started = time.perf_counter()
    texts = backend.generate_until(requests, disable_tqdm=True)
    seconds = time.perf_counter() - started
    # The end token was cut off with the stop string: one more for each text that ended itself.
    lengths = [len(tokenizer.encode(text, add_special_tokens=False)) for text in texts]
    return sum(min(budget, length + 1) for length in lengths) / seconds


def with_a_plain_loop(
    engine: TransformersEngine, spec: ModelSpec, tasks: list[Prompt], budget: int, repeat: int
) -> float:
    import torch

    model, tokenizer = engine.loaded.model, engine.loaded.tokenizer
    torch.manual_seed(repeat)
    tokens = 0
    started = time.perf_counter()
    for task in tasks:
        ids = encode_prompt(spec, tokenizer, render_prompt(spec, tokenizer, task.messages))
        given = torch.tensor([ids])
        with torch.inference_mode():
            written = model.generate(
                given,
                attention_mask=torch.ones_like(given),
                do_sample=True,
                temperature=0.8,
                top_p=0.95,
                top_k=0,
                max_new_tokens=budget,
                pad_token_id=tokenizer.eos_token_id,
            )
        tokens += written.shape[1] - len(ids)
    return tokens / (time.perf_counter() - started)


def main() -> None:
    options = common.arguments(__doc__)
    spec, engine = common.open_candidate(options.model, options.batch)
    backend = common.harness(engine, options.batch)
    tasks = common.prompts(options.prompts)
    budget = options.tokens or TOKENS
    with_kojudge(engine, tasks[:2], 8, repeat=99)  # warm all up
    with_the_harness(backend, engine, spec, tasks[:2], 8)
    with_a_plain_loop(engine, spec, tasks[:1], 8, repeat=99)
    rates: dict[str, list[float]] = {"kojudge": [], HARNESS: [], PLAIN: []}
    for repeat in range(options.repeats):
        rates["kojudge"].append(with_kojudge(engine, tasks, budget, repeat))
        rates[HARNESS].append(with_the_harness(backend, engine, spec, tasks, budget))
        rates[PLAIN].append(with_a_plain_loop(engine, spec, tasks[::PART], budget, repeat))
    print(f"{spec.name}, {len(tasks)} prompts, at most {budget} tokens, batch {options.batch}")
    print(f"{common.describe_machine()}; {options.repeats} repeats, median (least–most)\n")
    print("| | tokens/s | kojudge is faster by |\n|---|---|---|")
    for name, own in rates.items():
        ratios = [a / b for a, b in zip(rates["kojudge"], own, strict=True)]
        print(f"| {name} | {common.spread(own)} | {common.spread(ratios)} |")


if __name__ == "__main__":
    main()
