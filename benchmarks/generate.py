"""Tokens a second: kojudge's transformers engine beside a plain one-at-a-time `generate` loop.

Same model, weights, dtype, prompts and token budget, in turn in one process. The plain loop
is what most evaluation scripts do: format, `model.generate`, decode, next prompt.
"""

from __future__ import annotations

import time

import common
from kojudge.engines import CompletionRequest
from kojudge.engines.local.chat import encode_prompt, render_prompt
from kojudge.engines.local.engine import TransformersEngine
from kojudge.records import ModelSpec, Prompt, Sampling

TOKENS = 96


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
    tasks = common.prompts(options.prompts)
    budget = options.tokens or TOKENS
    with_kojudge(engine, tasks[:2], 8, repeat=99)  # warm both up
    with_a_plain_loop(engine, spec, tasks[:1], 8, repeat=99)
    ours, plain = [], []
    for repeat in range(options.repeats):
        ours.append(with_kojudge(engine, tasks, budget, repeat))
        plain.append(with_a_plain_loop(engine, spec, tasks, budget, repeat))
    ratios = [a / b for a, b in zip(ours, plain, strict=True)]
    print(f"{spec.name}, {len(tasks)} prompts, at most {budget} tokens, batch {options.batch}")
    print(f"{common.describe_machine()}; {options.repeats} repeats, median (least–most)\n")
    print("| | tokens/s |\n|---|---|")
    print(f"| kojudge | {common.spread(ours)} |")
    print(f"| one prompt at a time, `model.generate` | {common.spread(plain)} |")
    print(f"| ratio | {common.spread(ratios)} |")


if __name__ == "__main__":
    main()
