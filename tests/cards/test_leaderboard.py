"""The public leaderboard's scores: shipped as data, read with care, one with the cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from kojudge.cards import load_candidates, load_leaderboard
from kojudge.errors import InputError

CANDIDATES = Path(__file__).parents[2] / "candidates"

GOOD = """name: 판
source: https://example.org/board
as_of: "2025-04"
scores:
  org/a: {Average: 30.5}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "leaderboards").mkdir()
    (folder / "leaderboards" / "open-ko-llm.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_table_is_the_seeds() -> None:
    """Ten models, eight benchmarks; first and last row as the seed document prints them."""
    board = load_leaderboard(CANDIDATES)
    assert board is not None
    assert len(board.scores) == 10
    assert {len(own) for own in board.scores.values()} == {9}
    assert list(board.of("maywell/Synatra-42dot-1.3B").values()) == [
        31.66, 24.75, 55.41, 2.05, 0, 22.65, 27.31, 51.01, 60.44,
    ]  # fmt: skip
    assert list(board.of("Leejy0-0/gemma-2b-it-sum-ko").values()) == [
        29.99, 20.71, 51.38, 0.08, 0, 28.59, 15.18, 50.61, 64.75,
    ]  # fmt: skip


def test_what_a_card_says_is_what_the_table_says() -> None:
    board = load_leaderboard(CANDIDATES)
    assert board is not None
    cards = load_candidates(CANDIDATES).values()
    by_hub = {(card.source.hub or "").casefold(): card for card in cards}
    for model, own in board.scores.items():
        assert by_hub[model.casefold()].leaderboard == own, model


def test_a_folder_without_a_table_has_none(tmp_path: Path) -> None:
    assert load_leaderboard(tmp_path) is None


def test_a_good_table_is_read(tmp_path: Path) -> None:
    board = load_leaderboard(write(tmp_path, GOOD))
    assert board is not None
    assert (board.of("ORG/A"), board.of("org/b")) == ({"Average": 30.5}, {})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("https://example.org/board", "somewhere", "must look like"),
        ('"2025-04"', "spring", "must look like"),
        ("Average: 30.5", "Averge: 30.5", "org/a has no 'Average'"),
        ("30.5", "high", "open-ko-llm.yaml:5"),
        ("as_of", "asof", "Did you mean: as_of"),
    ],
)
def test_a_wrong_table_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        load_leaderboard(write(tmp_path, GOOD.replace(old, new)))
    hint = caught.value.hint.en if caught.value.hint else ""
    assert message in f"{caught.value.message.en} {hint}"
