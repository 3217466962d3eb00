"""Sentences labelled by hand: what the signals call wrong is wrong.

`benchmarks/korean_labels.py` counts; the floors lie under what it prints, and those on
precision are the strict ones, since a false alarm costs a reader more than a miss.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def benchmark() -> ModuleType:
    path = ROOT / "benchmarks" / "korean_labels.py"
    spec = importlib.util.spec_from_file_location("korean_labels_benchmark", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


labels = benchmark()


@pytest.fixture(scope="module")
def table() -> dict[tuple[str, str], Any]:
    return dict(labels.measure_all())


@pytest.mark.parametrize("split", ["development", "held_out"])
@pytest.mark.parametrize(
    ("group", "precision", "recall"),
    [
        ("translationese", 0.95, 0.90),
        ("cliche", 0.95, 0.90),
        ("spacing: missing", 0.90, 0.85),
        ("spacing: extra", 0.95, 0.80),
        ("spelling", 0.95, 0.80),
    ],
)
def test_precision_and_recall_hold_their_floors(
    table: dict[tuple[str, str], Any], group: str, split: str, precision: float, recall: float
) -> None:
    counts = table[group, split]
    assert counts.precision >= precision, counts.errors
    assert counts.recall >= recall, counts.errors


@pytest.mark.parametrize("name", ["translationese.jsonl", "spelling_spacing.jsonl"])
@pytest.mark.parametrize(("split", "least"), [("development", 160), ("held_out", 90)])
def test_each_set_holds_enough_sentences_and_clean_ones(name: str, split: str, least: int) -> None:
    rows = [row for row in labels.read(name) if row["split"] == split]
    clean = [
        r for r in rows if not r.get("errors", [*r.get("translationese", []), *r.get("cliche", [])])
    ]
    assert len(rows) >= least
    assert len(clean) >= 0.42 * len(rows)
    assert len({row["text"] for row in rows}) == len(rows)


def test_every_label_names_a_pattern_and_every_pattern_has_a_sentence() -> None:
    for group, known in labels.PHRASES.items():
        used = {name for row in labels.read("translationese.jsonl") for name in row[group]}
        assert used == known


def test_no_sentence_is_in_both_splits() -> None:
    for name in ("translationese.jsonl", "spelling_spacing.jsonl"):
        texts = [row["text"] for row in labels.read(name)]
        assert len(set(texts)) == len(texts)


def test_every_wrong_place_is_in_its_sentence_once_and_of_a_known_kind() -> None:
    for row in labels.read("spelling_spacing.jsonl"):
        for error in row["errors"]:
            assert row["text"].count(error["wrong"]) == 1
            assert error["kind"] in {"missing", "extra", "spelling"}


def test_the_table_says_precision_and_recall() -> None:
    counts = labels.Counts()
    counts.add("가", right=3, false=["x"], missed=[])
    counts.add("나", right=0, false=[], missed=["y", "z"])
    assert labels.render({("cliche", "held_out"): counts}).splitlines()[-1] == (
        "| cliche | held out | 2 | 0.00 | 5 | 4 | 3 | 0.75 | 0.60 |"
    )
