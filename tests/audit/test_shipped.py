"""The audit texts that are shipped: complete, and of the lengths their kinds claim."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kojudge.audit.items import build
from kojudge.audit.kinds import DIRECTIONS
from kojudge.audit.texts import gaps, load_sources, require, split

FOLDER = Path(__file__).resolve().parents[2] / "judge" / "audit"
CATEGORIES = ("blog", "emotional", "imaginative")
EACH = 20


@pytest.fixture(scope="module")
def sources():
    if not list(FOLDER.glob("*.jsonl")):
        pytest.skip("no audit texts are shipped yet")
    return load_sources(FOLDER)


@pytest.fixture(scope="module")
def complete(sources):
    found = Counter(source.category for source in sources)
    short = {name: found[name] for name in CATEGORIES if found[name] < EACH}
    if short or gaps(sources):
        pytest.skip(f"audit texts incomplete: {short}, {len(gaps(sources))} rewrites missing")
    return sources


def test_what_is_there_can_be_read(sources):
    assert {source.category for source in sources} <= {*CATEGORIES}
    assert all(source.prompt for source in sources)


def test_the_set_is_complete(complete):
    require(complete)
    assert len(complete) >= EACH * len(CATEGORIES)


def test_padding_pads_and_other_rewrites_keep_the_length(complete):
    for source in complete:
        ratio = {kind: len(text) / len(source.original) for kind, text in source.rewrites.items()}
        assert ratio["verbose"] > 1.3, source.source_id
        assert ratio["cliche"] > 1.2, source.source_id
        assert 0.8 < ratio["paraphrase"] < 1.2, source.source_id


def test_there_are_enough_anchors_and_most_texts_are_left_for_the_test(complete):
    training, test = split(complete)
    assert len(training) >= 12
    assert len(test) >= 30


def test_almost_every_source_gives_every_kind(complete):
    kinds = {kind for claims in DIRECTIONS.values() for kind in claims}
    made = Counter(kind for s in complete for kind in {item.kind for item in build(s).items})
    assert {kind: made[kind] for kind in kinds if made[kind] < 0.9 * len(complete)} == {}
