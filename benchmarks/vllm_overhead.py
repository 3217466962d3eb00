"""Tokens a second: kojudge's vLLM engine beside bare `LLM.chat`, on the same loaded model.

Same prompts, sampling, seeds and token budget, in turn in one process, and the prefix cache
emptied before each. Runs in the venv that holds vLLM (`make test-vllm` makes `.venv-vllm`):
`VLLM_CPU_KVCACHE_SPACE=1 .venv-vllm/bin/python benchmarks/vllm_overhead.py --repeats 5`
"""

from __future__ import annotations

import time
from typing import Any

import common
from kojudge.cards import load_candidate, to_spec
from kojudge.cards.sources import pull
from kojudge.engines import CompletionRequest
from kojudge.engines.vllm.engine import VllmEngine
from kojudge.records import Prompt, Sampling

TOKENS = 96
CONTEXT = 2048


def with_kojudge(engine: VllmEngine, tasks: list[Prompt], budget: int) -> float:
    sampling = Sampling(max_tokens=budget)
    requests = [CompletionRequest(p.name, p.messages, sampling, at) for at, p in enumerate(tasks)]
    started = time.perf_counter()
    tokens = sum(done.completion_tokens for done in engine.complete(requests))
    return tokens / (time.perf_counter() - started)


def with_bare_vllm(llm: Any, tasks: list[Prompt], budget: int) -> float:
    from vllm import SamplingParams

    talks = [[{"role": m.role, "content": m.content} for m in p.messages] for p in tasks]
    sampling = [
        SamplingParams(temperature=0.8, top_p=0.95, max_tokens=budget, seed=at)
        for at in range(len(tasks))
    ]
    started = time.perf_counter()
    outputs = llm.chat(talks, sampling, use_tqdm=False)
    tokens = sum(len(output.outputs[0].token_ids) for output in outputs)
    return tokens / (time.perf_counter() - started)


def main() -> None:
    options = common.arguments(__doc__)
    card = load_candidate(common.ROOT / "candidates", options.model)
    card = card.model_copy(update={"vllm": {"max_model_len": CONTEXT, **card.vllm}})
    engine = VllmEngine(to_spec(card, pull(card)))
    llm, tasks = engine.started.running.llm, common.prompts(options.prompts)
    budget = options.tokens or TOKENS
    try:
        with_kojudge(engine, tasks[:2], 8)  # warm both up
        with_bare_vllm(llm, tasks[:2], 8)
        ours, bare = [], []
        for _ in range(options.repeats):
            llm.reset_prefix_cache()
            ours.append(with_kojudge(engine, tasks, budget))
            llm.reset_prefix_cache()
            bare.append(with_bare_vllm(llm, tasks, budget))
        told = engine.describe()
    finally:
        engine.close()
    ratios = [a / b for a, b in zip(ours, bare, strict=True)]
    print(f"{card.name}, {len(tasks)} prompts, at most {budget} tokens, {told['dtype']}")
    print(f"{common.describe_machine()}, vllm {told['vllm']}; {options.repeats} repeats\n")
    print("| | tokens/s, median (least–most) |\n|---|---|")
    print(f"| kojudge over vLLM | {common.spread(ours)} |")
    print(f"| `LLM.chat` | {common.spread(bare)} |")
    print(f"| ratio | {common.spread(ratios)} |")


if __name__ == "__main__":
    main()
