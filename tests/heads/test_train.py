"""From material to a head on disk, and what it takes."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kojudge.engines.head.file import read_head, write_head
from kojudge.engines.head.levels import distribution, outside, preference, standardise
from kojudge.errors import ConfigError, UnavailableError
from kojudge.heads.data import Material
from kojudge.heads.train import (
    Trained,
    check_enough,
    material_hash,
    spaces_of,
    train_head,
    with_pairs,
)

from .simulated import World, world

BASE = {"hub": "a/b", "format": "f"}


def trained(made: World, **changes: Any) -> Trained:
    rng = np.random.default_rng(1)
    material = replace(with_pairs(made.material, rng), **changes)
    return train_head("small", material, made.features, BASE, rng, curve=False, resamples=50)


@pytest.fixture(scope="module")
def made() -> World:
    return world(np.random.default_rng(0), prompts=20, writers=6, seen=1.5)


@pytest.fixture(scope="module")
def result(made: World) -> Trained:
    return trained(made)


def test_scores_alone_teach_pairs_too(result: Trained) -> None:
    assert [(line.mode, line.labels) for line in result.head.lines] == [
        ("pointwise", ("1", "2", "3", "4", "5")),
        ("pairwise", ("A", "B", "C")),
    ]
    assert [line.made for line in result.validation] == [False, True]


def test_a_head_answers_from_disk_as_it_was_trained(
    result: Trained, made: World, tmp_path: Path
) -> None:
    write_head(tmp_path / "small", result.head)
    head = read_head(tmp_path / "small")
    x = standardise(head, made.features[head.layer, head.pooling])
    scores = distribution(head.lines[0], x) @ np.arange(1, 6)
    assert np.corrcoef(scores, made.quality)[0, 1] > 0.85
    best, worst = int(made.quality.argmax()), int(made.quality.argmin())
    assert preference(head.lines[1], x[best], x[worst])[0] > 0.8
    assert head.facts == result.head.facts


def test_texts_like_those_learnt_from_lie_inside_and_others_outside(
    result: Trained, made: World
) -> None:
    head = result.head
    states = made.features[head.layer, head.pooling]
    own = outside(head.domain, standardise(head, states)) > head.domain.limit
    strange = outside(head.domain, standardise(head, states * 5)) > head.domain.limit
    assert own.mean() <= 0.02
    assert strange.mean() > 0.9


def test_the_facts_say_where_it_comes_from(result: Trained, made: World) -> None:
    facts = result.head.facts
    assert facts["teacher"] == "teacher"
    assert facts["texts"] == 120
    assert facts["writers_left_out"] is True
    assert facts["data_hash"] == material_hash(with_pairs(made.material, np.random.default_rng(1)))
    assert facts["validation"][0]["agreement"]["rows"][0]["measure"] == "r"


def test_the_same_material_and_seed_make_the_same_head(result: Trained, made: World) -> None:
    again = trained(made)
    for one, other in zip(result.head.lines, again.head.lines, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)


def test_evidence_is_the_heads_to_keep(made: World) -> None:
    assert trained(made, evidence=True).head.evidence


def cut(material: Material, rows: int) -> Material:
    (lesson,) = material.lessons
    return replace(material, lessons=(lesson.take(np.arange(rows)),))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: cut(m, 49), "49 labels; at least 50"),
        (lambda m: replace(m, lessons=()), "nothing to learn"),
        (lambda m: replace(m, examples=tuple(replace(e, prompt="p") for e in m.examples)), "1 prompts"),
    ],
)  # fmt: skip
def test_too_little_is_refused(
    made: World, change: Callable[[Material], Material], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        check_enough(change(made.material))


def test_without_scikit_learn_the_next_step_is_named(
    made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("sklearn"):
            raise ImportError(name=name)
        return there(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UnavailableError, match=r"kojudge\[local,train\]"):
        train_head("x", made.material, made.features, BASE, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("layers", "read"), [(24, {6, 12, 18}), (4, {1, 2, 3}), (2, {1, 2}), (1, {1})]
)
def test_layers_are_read_about_a_quarter_half_and_three_quarters_deep(
    layers: int, read: set[int]
) -> None:
    assert {layer for layer, _ in spaces_of(layers)} == read
    assert len(spaces_of(layers)) == 2 * len(read)
