"""Texts a second and memory of a head, beside judges that are asked in words.

    python benchmarks/head_speed.py [--head NAME | --stand-in LAYER] [--texts N] [--sources N]

Compared are a head (default: the shipped one), the prompted judge on the head's own base model
and the prompted 1.5B, on the same Korean texts: originals of judge/audit, each with one rewrite
(the kinds in turn). Two works, both through `kojudge.judging.ask` as in `kojudge score`:

- one pointwise rubric on N texts (--texts): a head and a prompted judge each read a text once;
- the workspace's four rubrics, both modes, on N pairs (--sources) in both orders: a head still
  reads each text once, for two criteria and all pairs; a prompted judge is asked each.

What makes the ratio: a head reads no rubric, stops at its own layer and computes no words. The
prompted judges are not at their worst: an answer is one prefill, nothing is written, and what
prompts share (rubric, request, a pair's first text) is read once. Batch size, dtype and threads
are the same. The ratio holds for these works: rubrics with `-short` in their names, or one mode
alone, cost a prompted judge less, rubrics with `-questions` far more. How well each judges is
not asked here.

A head keeps the state of every text it has read, so a second repeat in the same engine would
cost nothing: each repeat opens a new engine for it (loading not counted) and empties the memory
of Korean evidence. A prompted engine keeps nothing between calls. Every judge answers about one
other text before the clock starts.

Each judge lives in a process of its own and they are measured in turn, the others at rest. Other
work on the machine slows both cores at times: the ratio in CPU seconds of all threads suffers
less from it than the one by the clock.
Memory is the most that a process held (VmHWM of Linux) in all its repeats, Python and libraries
included: what these take before any model is loaded stands beside it. Weights are mapped from
the file, so layers above the head's are never in memory; opening the engine again and again can
only make the head's figure larger.

--stand-in LAYER builds a head with random numbers on the base (--base) at that layer: it takes
the same time as one that has learned something.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

import common
from kojudge.audit.kinds import WRITTEN
from kojudge.audit.texts import Source, load_sources
from kojudge.cards import CandidateCard, Card, JudgeCard, load_candidate, load_judge, weights_of
from kojudge.cards.sources import pull
from kojudge.engines import Engine
from kojudge.engines.head.file import Domain, Head, Line, write_head
from kojudge.judging import Method, Question, ask
from kojudge.judging.question import labels_of
from kojudge.judging.reading import evidence_for_heads
from kojudge.models import open_model
from kojudge.models.heads import base_of
from kojudge.records import Message, Prompt, Scored
from kojudge.rubrics import Rubric, load_rubric

BASE = "qwen2.5-coder-0.5b-instruct"
SHIPPED = "head-qwen2.5-coder-0.5b"
LARGER = "qwen2.5-coder-1.5b-instruct"
RUBRICS = ("naturalness", "friendliness", "naturalness-pairwise", "friendliness-pairwise")
COMPONENTS = 32
"""Directions of the stand-in's domain."""

_OPEN: dict[str, Engine] = {}
"""The engine of this process's judge."""


@dataclass(frozen=True, slots=True)
class Work:
    """``rubrics`` asked of ``sources`` originals and as many rewrites."""

    name: str
    rubrics: tuple[str, ...]
    sources: int

    @property
    def texts(self) -> int:
        """How many texts are judged."""
        return 2 * self.sources


@dataclass(frozen=True, slots=True)
class Spent:
    """What one repeat took: ``seconds`` by the clock, ``cpu`` seconds of all threads."""

    seconds: float
    cpu: float
    judgments: int
    unscored: int


def rubric_of(name: str) -> Rubric:
    return load_rubric(common.ROOT / "rubrics", name)


def dealt() -> list[Source]:
    """Return the audit's sources, the categories in turn."""
    queues: dict[str, list[Source]] = {}
    for source in load_sources(common.ROOT / "judge" / "audit"):
        queues.setdefault(source.category, []).append(source)
    return [source for row in zip(*queues.values(), strict=False) for source in row]


def questions(rubric: Rubric, sources: Sequence[Source]) -> list[Question]:
    """Return what ``kojudge score`` would ask of two models, one of them the baseline."""
    found = []
    for at, source in enumerate(sources):
        prompt = Prompt(source.source_id, source.category, (Message("user", source.prompt),))
        rewrite = source.rewrites[WRITTEN[at % len(WRITTEN)]]
        key = f"{rubric.name}/{source.source_id}"
        if rubric.mode == "pairwise":
            found += [
                Question(f"{key}/AB", rubric, prompt, rewrite, source.original, "AB"),
                Question(f"{key}/BA", rubric, prompt, rewrite, source.original, "BA"),
            ]
        else:
            found += [
                Question(f"{key}/original", rubric, prompt, source.original),
                Question(f"{key}/rewrite", rubric, prompt, rewrite),
            ]
    return found


def opened(card: JudgeCard, batch: int) -> Engine:
    """Return this process's engine; a head's is loaded anew, for it keeps what it has read."""
    if card.engine == "head" and card.name in _OPEN:
        _OPEN.pop(card.name).close()
    if card.name not in _OPEN:
        name = card.engine or "transformers"
        _OPEN[card.name] = open_model(card, name, batch, lambda *_: None)
    return _OPEN[card.name]


def measure(card: JudgeCard, work: Work, batch: int) -> Spent:
    """Let ``card`` judge; called in the judge's own process."""
    engine, method, sources = opened(card, batch), Method.of(card), dealt()
    rubrics = [rubric_of(name) for name in work.rubrics]
    list(ask(questions(rubrics[0], sources[-1:])[:1], engine, method))
    evidence_for_heads.cache_clear()
    asked = [q for rubric in rubrics for q in questions(rubric, sources[: work.sources])]
    started, before = time.perf_counter(), time.process_time()
    answers = list(ask(asked, engine, method))
    seconds, cpu = time.perf_counter() - started, time.process_time() - before
    missing = sum(not isinstance(answer.outcome, Scored) for answer in answers)
    return Spent(seconds, cpu, len(answers), missing)


def held(name: str) -> int:
    """Return the bytes this process holds (``VmRSS``) or held at most (``VmHWM``)."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
    if found is None:
        raise SystemExit(f"/proc/self/status does not tell {name}: this benchmark needs Linux.")
    return 1024 * int(found[1])


def held_without_a_model() -> int:
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: F401 - what an engine loads

    return held("VmRSS")


def prompted(name: str) -> JudgeCard:
    """Return the judge ``name``, or the candidate of that name as a judge."""
    if (common.ROOT / "judge" / f"{name}.yaml").is_file():
        return load_judge(common.ROOT / "judge", name)
    return JudgeCard(**_fields(load_candidate(common.ROOT / "candidates", name)))


def stand_in(base: CandidateCard, layer: int, folder: Path) -> JudgeCard:
    """Return the card of a head of random numbers for the rubrics, written to ``folder``."""
    from transformers import AutoConfig

    weights = pull(base)
    width = AutoConfig.from_pretrained(weights).get_text_config().hidden_size
    rng = np.random.default_rng(0)
    lines = tuple(_line(rng, rubric_of(name), width) for name in RUBRICS)
    directions = np.linalg.qr(rng.normal(size=(width, COMPONENTS)))[0].T.astype(np.float32)
    zeros, ones = np.zeros(width, np.float32), np.ones(width, np.float32)
    domain = Domain(directions, zeros, ones[:COMPONENTS], 1.0, 1e6)
    name = f"stand-in-{layer}"
    kept = base_of(base, weights)
    write_head(folder, Head(name, kept, layer, "mean", zeros, ones, lines, domain))
    changed = {"name": name, "engine": "head", "head": {"path": str(folder)}}
    return JudgeCard(**(_fields(base) | changed))


def _line(rng: np.random.Generator, rubric: Rubric, width: int) -> Line:
    labels = labels_of(rubric)
    levels = len(labels) - 1
    cuts = np.array([0.4]) if rubric.mode == "pairwise" else np.linspace(-1.0, 1.0, levels)
    weights = rng.normal(scale=0.01, size=width).astype(np.float32)
    return Line(rubric.criterion, rubric.mode, labels, weights, 0.0, 1.0, cuts)


def _fields(card: Card) -> dict[str, Any]:
    return card.model_dump(exclude={"engine"})


def table(judges: Sequence[JudgeCard], work: Work, spent: Sequence[Sequence[Spent]]) -> str:
    """Return a row a judge; the first is the head."""
    judgments = spent[0][0].judgments
    lines = [
        f"{work.name}: {work.texts} texts, {judgments} judgments a judge\n",
        "| judge | texts/s | judgments/s | without a score | the head is faster by | in CPU time |",
        "|---|---|---|---|---|---|",
    ]
    for card, own in zip(judges, spent, strict=True):
        pairs = list(zip(own, spent[0], strict=True))
        lines.append(
            f"| {card.name}{', head' if card.engine == 'head' else ', prompted'} "
            f"| {common.spread([work.texts / s.seconds for s in own])} "
            f"| {common.spread([s.judgments / s.seconds for s in own])} "
            f"| {own[0].unscored / judgments:.0%} "
            f"| {common.spread([a.seconds / b.seconds for a, b in pairs])} "
            f"| {common.spread([a.cpu / b.cpu for a, b in pairs])} |"
        )
    return "\n".join(lines)


def compare(
    judges: Sequence[JudgeCard], works: Sequence[Work], options: argparse.Namespace
) -> None:
    """Measure every judge in turn, each in its own process, and print the tables."""
    places = [ProcessPoolExecutor(1, get_context("spawn")) for _ in judges]
    spent: dict[str, list[list[Spent]]] = {work.name: [[] for _ in judges] for work in works}
    bare = [place.submit(held_without_a_model).result() for place in places]
    for repeat in range(options.repeats):
        for work in works:
            for at, (card, place) in enumerate(zip(judges, places, strict=True)):
                took = place.submit(measure, card, work, options.batch).result()
                spent[work.name][at].append(took)
                told = f"{took.seconds:.1f} s, {took.cpu / took.seconds:.1f} cores"
                print(f"{repeat + 1} {work.name} {card.name}: {told}", file=sys.stderr, flush=True)
    most = [place.submit(held, "VmHWM").result() for place in places]
    for place in places:
        place.shutdown()
    print(f"{common.describe_machine()}; batch {options.batch}; {options.repeats} repeats in turn, "
          "median (least–most)\n")  # fmt: skip
    for work in works:
        print(table(judges, work, spent[work.name]), end="\n\n")
    print("| judge | most memory, GB | of it before a model is loaded |\n|---|---|---|")
    for card, peak, before in zip(judges, most, bare, strict=True):
        print(f"| {card.name} | {peak / 1e9:.2f} | {before / 1e9:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--head", default=SHIPPED, help="a judge card with engine: head")
    parser.add_argument("--stand-in", type=int, metavar="LAYER", help="a head of random numbers")
    parser.add_argument("--base", default=BASE, help="prompted, and the stand-in's base")
    parser.add_argument("--larger", default=LARGER, help="the larger prompted judge")
    parser.add_argument("--texts", type=int, default=16, help="texts of the single rubric")
    parser.add_argument("--sources", type=int, default=3, help="pairs of the four rubrics")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batch", type=int, default=16)
    options = parser.parse_args()
    works = [
        Work("one pointwise rubric", RUBRICS[:1], options.texts // 2),
        Work("the four rubrics, both modes", RUBRICS, options.sources),
    ]
    with tempfile.TemporaryDirectory() as folder:
        if options.stand_in:
            base = load_candidate(common.ROOT / "candidates", options.base)
            head = stand_in(base, options.stand_in, Path(folder))
        else:
            head = load_judge(common.ROOT / "judge", options.head)
        judges = [head, prompted(options.base), prompted(options.larger)]
        if weights_of(head) != weights_of(judges[1]):
            raise SystemExit(f"{options.base} is not the base of {head.name}: name it by --base.")
        compare(judges, works, options)


if __name__ == "__main__":
    main()
