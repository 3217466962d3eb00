"""The head that is shipped: small, of the base model that its card names, and honest."""

from __future__ import annotations

from pathlib import Path

import pytest

from kojudge.audit.texts import is_training, load_sources
from kojudge.cards import load_candidate, load_judge, weights_of
from kojudge.engines.head.file import Head, read_head
from kojudge.models.heads import audit_sources
from recipes.head.train import BASE, NAME

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "judge" / "heads" / NAME


@pytest.fixture(scope="module")
def head() -> Head:
    return read_head(FOLDER)


def test_it_is_smaller_than_five_megabytes() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5_000_000


def test_it_answers_both_criteria_in_both_modes(head: Head) -> None:
    assert {(line.criterion, line.mode) for line in head.lines} == {
        (criterion, mode)
        for criterion in ("naturalness", "friendliness")
        for mode in ("pointwise", "pairwise")
    }


def test_its_base_is_the_model_of_its_card(head: Head) -> None:
    card, base = load_judge(ROOT / "judge", NAME), load_candidate(ROOT / "candidates", BASE)
    named = weights_of(card)
    assert named == weights_of(base)
    assert {key: head.base[key] for key in named} == named


def test_it_learned_from_no_audit_text_outside_the_training_split() -> None:
    learned = audit_sources(load_judge(ROOT / "judge", NAME))
    training = {s.source_id for s in load_sources(ROOT / "judge" / "audit")
                if is_training(s.source_id)}  # fmt: skip
    assert learned == training


def test_it_says_where_it_comes_from(head: Head) -> None:
    for fact in ("teacher", "licence_of_labels", "corpora", "data_hash", "recipe", "domain"):
        assert head.facts[fact]


def test_what_it_adds_to_trivial_features_is_above_zero_on_texts_left_out(head: Head) -> None:
    """Lower bounds of r(head) - r(trivial), prompts and writers left out together."""
    for line in head.facts["validation"]:  # type: ignore[union-attr]
        rows = line["agreement"]["rows"]  # type: ignore[index,call-overload]
        for row in rows:
            if row["measure"] == "r" and row["slice"] in {"all", "korean_equal_length"}:
                assert row["gain"]["low"] > 0, (line["criterion"], line["mode"])  # type: ignore[index,call-overload]
