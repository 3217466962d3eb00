"""The tables of docs/planning.md are those of the script, and the script's hold to what is published."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load() -> ModuleType:
    path = ROOT / "benchmarks" / "memory_table.py"
    spec = importlib.util.spec_from_file_location("memory_table_benchmark", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look their annotations up
    spec.loader.exec_module(module)
    return module


TABLES = load()


@pytest.mark.parametrize("rows", ["starting_rows", "size_rows", "published_rows"])
def test_the_docs_state_what_the_script_prints(rows: str) -> None:
    table = "\n".join(getattr(TABLES, rows)())
    assert (ROOT / "docs" / "planning.md").read_text(encoding="utf-8").count(table) == 1


@pytest.mark.parametrize(
    "published", [one for one in TABLES.FILES if "Q4_K_M" not in one.what], ids=lambda one: one.what
)
def test_a_file_is_estimated_within_a_twentieth(published: object) -> None:
    assert published.estimate == pytest.approx(published.size, rel=0.05)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "published", [one for one in TABLES.FILES if "Q4_K_M" in one.what], ids=lambda one: one.what
)
def test_a_gguf_file_is_never_larger_than_said(published: object) -> None:
    """It packs the embeddings as well, so that a small model's is up to a fifth smaller."""
    assert 1.0 <= published.estimate / published.size <= 1.25  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "published", TABLES.LOADED, ids=lambda one: f"{one.what}, {one.read} tokens"
)
def test_memory_on_a_gpu_is_never_more_than_said_and_a_tenth_less_at_most(
    published: object,
) -> None:
    assert 1.0 <= published.estimate / published.size <= 1.10  # type: ignore[attr-defined]


def test_the_rows_for_the_judges_name_every_card_with_numbers() -> None:
    rows = list(TABLES.judge_rows())
    names = {path.stem for path in (ROOT / "judge").glob("*.yaml")}
    assert {row.split("`")[1] for row in rows} <= names
    assert "| `qwen2.5-7b-instruct` | 15.8 | 5.9 | 1.9 |" in rows
