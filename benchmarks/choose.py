"""Judgments a second: reading the answer off one prefill, beside generate-then-parse.

Same model, weights, dtype, rubric and texts, in turn in one process. Generate-then-parse is
how most judges work: let the model write (a rationale, then a number) and search the number
in what it wrote; a reply without one has no score. It is batched here with kojudge's own
engine, so that the ratio is about the method and not about batching. A row without the
shared prefix tells how much of it is reading the rubric once. lm-evaluation-harness scores
its multiple-choice tasks by the log-likelihood of each option (`loglikelihood` of its Hugging
Face backend, same batch size): the same numbers, without the shared prefix.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import common
from kojudge.engines import ChoiceRequest, CompletionRequest
from kojudge.engines.local.chat import render_prompt
from kojudge.engines.local.engine import TransformersEngine
from kojudge.records import Message, ModelSpec, Prompt, Sampling
from kojudge.rubrics import Rubric, load_rubric, render_text

if TYPE_CHECKING:
    from lm_eval.models.huggingface import HFLM

BUDGETS = (64, 256)
MASS_FLOOR = 0.5
TEXT = (
    "주말 아침에 일찍 눈이 떠져서 동네를 한 바퀴 돌았어요. 골목 끝 빵집에서 막 구운 식빵 냄새가 나더라고요. "
    "괜히 하나 사 들고 와서 커피랑 먹었는데, 별것 아닌데도 하루가 든든했어요. "
)


@dataclass(frozen=True, slots=True)
class Speed:
    """Judgments a second, and the share without a score."""

    rate: float
    unscored: float


def by_choice(engine: TransformersEngine, rubric: Rubric, tasks: list[Prompt]) -> Speed:
    options = tuple((f" {label}", label) for label in rubric.labels)
    prefix = rubric.answer_prefix.rstrip()
    requests = [
        ChoiceRequest(p.name, (Message("user", reads(rubric, p)),), options, prefix) for p in tasks
    ]
    started = time.perf_counter()
    answers = list(engine.choose(requests))
    seconds = time.perf_counter() - started
    missing = sum(answer.mass < MASS_FLOOR for answer in answers)
    return Speed(len(tasks) / seconds, missing / len(tasks))


def by_parsing(
    engine: TransformersEngine, rubric: Rubric, tasks: list[Prompt], budget: int
) -> Speed:
    ask = '\n\n먼저 이유를 두세 문장으로 쓰고, 마지막 줄에 "점수: N"이라고 쓰세요.'
    sampling = Sampling(temperature=0.0, max_tokens=budget)
    requests = [
        CompletionRequest(p.name, (Message("user", reads(rubric, p) + ask),), sampling, 0)
        for p in tasks
    ]
    started = time.perf_counter()
    replies = [done.text for done in engine.complete(requests)]
    seconds = time.perf_counter() - started
    missing = sum(re.search(r"점수\s*:\s*[1-5](?!\d)", reply) is None for reply in replies)
    return Speed(len(tasks) / seconds, missing / len(tasks))


def by_likelihood(
    backend: HFLM, spec: ModelSpec, engine: TransformersEngine, rubric: Rubric, tasks: list[Prompt]
) -> Speed:
    tokenizer = engine.loaded.tokenizer
    arguments = []
    for task in tasks:
        shown = render_prompt(spec, tokenizer, (Message("user", reads(rubric, task)),))
        prefix = shown + rubric.answer_prefix.rstrip()
        arguments += [(prefix, f" {label}") for label in rubric.labels]
    requests = common.asked("loglikelihood", arguments)
    started = time.perf_counter()
    backend.loglikelihood(requests, disable_tqdm=True)
    return Speed(len(tasks) / (time.perf_counter() - started), 0.0)


def reads(rubric: Rubric, prompt: Prompt) -> str:
    return render_text(rubric, prompt, TEXT + prompt.topic, prompt.name)


def main() -> None:
    options = common.arguments(__doc__)
    spec, engine = common.open_candidate(options.model, options.batch)
    rubric = load_rubric(common.ROOT / "rubrics", "naturalness")
    tasks = common.prompts(options.prompts)
    budgets = (options.tokens,) if options.tokens else BUDGETS
    _, unshared = common.open_candidate(options.model, options.batch, reuse_prefix=False)
    by_choice(engine, rubric, tasks[:2])  # warm all up
    by_choice(unshared, rubric, tasks[:2])
    by_parsing(engine, rubric, tasks[:2], 8)
    ways: dict[str, Callable[[], Speed]] = {
        "`choose`": lambda: by_choice(engine, rubric, tasks),
        "`choose`, rubric read every time": lambda: by_choice(unshared, rubric, tasks),
    }
    backend = common.harness(engine, options.batch)
    by_likelihood(backend, spec, engine, rubric, tasks[:2])
    ways["lm-evaluation-harness, `loglikelihood` of each option"] = partial(
        by_likelihood, backend, spec, engine, rubric, tasks
    )
    for budget in budgets:
        ways[f"generate {budget} tokens, parse"] = partial(
            by_parsing, engine, rubric, tasks, budget
        )
    measured: dict[str, list[Speed]] = {name: [] for name in ways}
    for _ in range(options.repeats):
        for name, run in ways.items():
            measured[name].append(run())
    chosen = measured["`choose`"]
    print(f"{spec.name}, {len(tasks)} texts, rubric {rubric.name}, batch {options.batch}")
    print(f"{common.describe_machine()}; {options.repeats} repeats, median (least–most)\n")
    print("| | judgments/s | without a score | `choose` is faster by |\n|---|---|---|---|")
    for name, speeds in measured.items():
        ratios = [a.rate / b.rate for a, b in zip(chosen, speeds, strict=True)]
        print(
            f"| {name} | {common.spread([s.rate for s in speeds])} "
            f"| {speeds[0].unscored:.0%} | {common.spread(ratios)} |"
        )


if __name__ == "__main__":
    main()
