"""The commands of the documentation that its test does not run, with the reason and their own test."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Commands that match ``pattern``: why they are not run here, and what runs them."""

    pattern: str
    why: str
    where: str


NOT_RUN = (
    Elsewhere(r"make (demo|test|check|bench|sim|docs)\b.*", "sets up a venv", "Makefile, .ci/run"),
    Elsewhere(
        r"kojudge demo",
        "runs real models for minutes",
        "tests/cli/test_workspace_commands.py, with fake models",
    ),
    Elsewhere(
        r"(\S+/)?pip (un)?install .*|python3 -m venv \S+",
        "changes the Python environment",
        "Makefile: the venvs of `make test` and `make test-vllm`",
    ),
    Elsewhere(r"\S+/bin/kojudge .*", "needs the vLLM venv", "tests/engines: -m vllm"),
    Elsewhere(r"kojudge models pull .*", "fetches weights", "tests/cards/test_hub.py"),
    Elsewhere(
        r"transformers serve .*|python -m vllm\.entrypoints.*|curl .*",
        "starts or asks a real server",
        "tests/engines: -m servers",
    ),
    Elsewhere(
        r"OPENAI_BASE_URL=\S+ kojudge .*",
        "asks a real server",
        "tests/cli/test_openai.py",
    ),
    Elsewhere(
        r"kojudge publish .*--to hf://.*", "writes to the hub", "tests/publish/test_space.py"
    ),
    Elsewhere(
        r"kojudge import .*--format hf .*my-org/.*|kojudge export .*--hf hf://.*",
        "reads or writes the hub",
        "tests/bridges/test_huggingface.py",
    ),
    Elsewhere(
        r"kojudge judge (train|show) .*",
        "needs a base model, and more labels than these workspaces have",
        "tests/docs/test_laptop_judge.py, with real models",
    ),
    Elsewhere(
        r"kojudge score .*--with.*",
        "needs more prompts than these workspaces have",
        "tests/cli/test_cascade.py",
    ),
    Elsewhere(
        r"rsync .*", "needs another machine", "tests/docs/test_laptop_judge.py, with two folders"
    ),
    Elsewhere(
        r"python -m recipes\.head\.\w+ .*",
        "reads thousands of texts with a real model",
        "tests/heads/test_recipe.py, its parts",
    ),
    Elsewhere(r"lm-eval run .*", "needs lm-eval and a model", "tests/bridges"),
)

LABEL = re.compile(r"kojudge label\b.*?(?:--run (?P<run>\S+))?(?: --rater .*)?")
"""Serves a page until people have answered (tests/cli/test_label.py): the labels they would leave
are imported in its place."""

ENGINE_FLAGS = re.compile(r"--engine (vllm|ray|openai)|--(workers|num-gpus-per-worker) \S+")
"""Flags of engines that are not here. Their commands run without them, on the fake engine; the
engines themselves are tested in tests/engines, tests/cli/test_ray.py and test_openai.py."""


def not_run(line: str) -> Elsewhere | None:
    """Return the entry for a command that is not run here; None for one that is."""
    return next((entry for entry in NOT_RUN if re.fullmatch(entry.pattern, line)), None)
