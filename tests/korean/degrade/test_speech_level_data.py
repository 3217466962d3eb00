"""The hand-labelled sentences in tests/korean/data/speech_levels.jsonl, against the endings."""

import json
from collections import Counter
from pathlib import Path

import pytest

from kojudge.korean.degrade.endings import find_endings
from kojudge.korean.degrade.levels import rewrite

DATA = Path(__file__).parent.parent / "data" / "speech_levels.jsonl"
ROWS = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
LEVELS = {"hasipsio", "haeyo", "hao", "hage", "hae", "haera", "nominal", "none"}


def test_the_data_hold_enough_sentences_of_every_level():
    counts = Counter(row["level"] for row in ROWS)
    assert set(counts) == LEVELS
    assert len({row["text"] for row in ROWS}) == len(ROWS) >= 150
    assert all(set(row) == {"text", "level"} for row in ROWS)


@pytest.mark.parametrize("level", ["haeyo", "hasipsio", "haera"])
def test_an_ending_is_read_at_the_level_it_was_labelled_with(level):
    own = [row["text"] for row in ROWS if row["level"] == level]
    found = [endings[-1].level for text in own if (endings := find_endings(text))]
    assert len(found) >= 0.9 * len(own)
    assert sum(read == level for read in found) >= 0.95 * len(found)


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r["level"] in {"nominal", "none"}], ids=lambda r: r["text"]
)
def test_a_sentence_without_a_level_has_no_ending_to_rewrite(row):
    for target in ("haeyo", "hasipsio", "haera"):
        assert rewrite(row["text"], target).changes == ()
