"""What the benchmarks share: the model, the prompts, the machine, the table."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kojudge.cards import load_candidate, to_spec
from kojudge.cards.sources import pull
from kojudge.cli.record import hardware, versions
from kojudge.engines.local.engine import TransformersEngine
from kojudge.prompts import load_prompts
from kojudge.records import ModelSpec, Prompt

if TYPE_CHECKING:
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

ROOT = Path(__file__).resolve().parents[1]


def arguments(description: str | None) -> argparse.Namespace:
    """Read the command line that every benchmark takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b-instruct")
    parser.add_argument("--prompts", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--tokens", type=int, help="token budget of a text, or of a judge's reply")
    return parser.parse_args()


def open_candidate(
    name: str, batch: int, *, reuse_prefix: bool = True
) -> tuple[ModelSpec, TransformersEngine]:
    """Fetch and load a candidate."""
    card = load_candidate(ROOT / "candidates", name)
    spec = to_spec(card, pull(card))
    return spec, TransformersEngine(spec, batch_size=batch, reuse_prefix=reuse_prefix)


def prompts(count: int) -> list[Prompt]:
    """Return shipped prompts, the categories in turn."""
    sets = [load_prompts(ROOT / "prompts", [name]) for name in ("blog", "emotional", "imaginative")]
    mixed = [prompt for row in zip(*sets, strict=True) for prompt in row]
    return mixed[:count]


def harness(engine: TransformersEngine, batch: int) -> HFLM:
    """Return lm-evaluation-harness's Hugging Face backend around the engine's own model.

    ``batch`` stands in for its ``auto``, which would spend minutes on a CPU to find one.
    lm-eval comes with the extra ``dev``.
    """
    from lm_eval.models.huggingface import HFLM

    model, tokenizer = engine.loaded.model, engine.loaded.tokenizer
    return HFLM(model, tokenizer=tokenizer, batch_size=batch, device="cpu", max_length=4096)


def asked(kind: str, arguments: Sequence[tuple[object, ...]]) -> list[Instance]:
    """Return the harness's requests of one kind."""
    from lm_eval.api.instance import Instance

    return [Instance(kind, {}, given, at) for at, given in enumerate(arguments)]


def spread(values: Sequence[float]) -> str:
    """Return ``median (least–most)``."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def describe_machine() -> str:
    """Return one line about the machine and the libraries."""
    machine, found = hardware(), versions()
    memory = machine["memory_bytes"] / 2**30
    return (
        f"{machine['processor']}, {machine['cores']} cores, {memory:.0f} GiB; "
        f"Python {found['python']}, torch {found['torch']}, transformers {found['transformers']}"
    )
