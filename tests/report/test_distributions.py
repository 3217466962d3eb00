"""The data of the spread charts, computed from families and texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kojudge.records import Text
from kojudge.report.distributions import MOST_POINTS, bins, distributions
from kojudge.report.families import Family, families
from kojudge.report.gather import Score


def scored(values: dict[str, list[float]], mode: str = "pointwise") -> list[Family]:
    rows = [
        Score("j", "c", candidate, f"p{at}", "blog", "0/1", value)
        for candidate, own in values.items()
        for at, value in enumerate(own)
    ]
    return families(rows, mode, "base", (1.0, 5.0))  # type: ignore[arg-type]


def text(candidate: str, prompt: int, length: int) -> Text:
    return Text(
        text_id=f"{candidate}-{prompt}", prompt_id=f"p{prompt}", category="blog",
        prompt_name=f"p{prompt}", prompt="글감", candidate=candidate, sample=0, text="글" * length,
    )  # fmt: skip


def spread(points: list[Family], texts: list[Text] | None = None, **given: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {"wins": [], "primary_mode": "pointwise"}
    known = plain | given
    return distributions(points, known["wins"], known["primary_mode"], (1.0, 5.0), texts or [])


@pytest.mark.parametrize(
    ("scale", "step", "count"),
    [((1.0, 5.0), 0.5, 9), ((1.0, 10.0), 1.0, 10), ((0.0, 1.0), 0.1, 11), ((0.0, 100.0), 10.0, 11)],
)
def test_bins_are_round_and_cover_the_scale(
    scale: tuple[float, float], step: float, count: int
) -> None:
    width, centres = bins(scale)
    assert width == step
    assert len(centres) == count
    assert centres[0] == scale[0]
    assert centres[-1] == scale[1]


def test_every_text_with_a_score_is_counted_once() -> None:
    nan = float("nan")
    found = spread(scored({"base": [1.0, 3.2, 3.3, 5.0], "x": [2.0, 2.24, 2.26, nan]}))
    base, x = found["scores"]
    assert dict(zip(found["centres"], base["counts"], strict=True)) == {
        1.0: 1, 1.5: 0, 2.0: 0, 2.5: 0, 3.0: 1, 3.5: 1, 4.0: 0, 4.5: 0, 5.0: 1,
    }  # fmt: skip
    assert (x["counts"][2], x["counts"][3], x["n"]) == (2, 1, 3)
    assert x["mean"] == pytest.approx(6.5 / 3)


def test_a_run_of_pairs_only_has_no_score_distribution() -> None:
    found = spread([], wins=scored({"x": [0.7, 0.2]}, "pairwise"), primary_mode="pairwise")
    assert found["judge"] is None
    assert found["scores"] == []


def test_a_point_is_a_prompts_difference_and_its_length() -> None:
    points = scored({"base": [3.0, 3.0, 3.0], "x": [3.5, 2.0, 4.0]})
    texts = [text("base", at, 10) for at in range(3)]
    texts += [text("x", at, length) for at, length in enumerate((20, 5))]
    [row] = spread(points, texts)["lengths"]
    assert row["marks"] == [[1.0, 0.5, 1], [-1.0, -1.0, 1]]
    assert row["binned"] is False
    assert (row["n"], row["rho"]) == (2, None)


def test_the_mode_that_carries_the_verdicts_is_drawn() -> None:
    wins = scored({"x": [0.9, 0.1]}, "pairwise")
    points = scored({"base": [3.0, 3.0], "x": [3.5, 2.0]})
    texts = [text(name, at, 9) for name in ("base", "x") for at in range(2)]
    [row] = spread(points, texts, wins=wins, primary_mode="pairwise")["lengths"]
    assert row["mode"] == "pairwise"
    assert [mark[1] for mark in row["marks"]] == [0.4, -0.4]


def test_many_prompts_are_counted_in_cells_and_none_is_lost() -> None:
    rng, count = np.random.default_rng(3), 700
    points = scored({"base": [3.0] * count, "x": list(rng.uniform(1, 5, count))})
    texts = [text("base", at, 100) for at in range(count)]
    texts += [text("x", at, int(rng.integers(50, 400))) for at in range(count)]
    [row] = spread(points, texts)["lengths"]
    assert row["binned"] is True
    assert sum(mark[2] for mark in row["marks"]) == count
    assert len(row["marks"]) < MOST_POINTS


def test_votes_fall_in_the_middle_of_their_cells() -> None:
    votes = [(0.0, 0.5, 1.0)[at % 3] for at in range(300)]
    wins = scored({"x": votes}, "pairwise")
    texts = [text(name, at, 50 + at) for name in ("base", "x") for at in range(300)]
    [row] = spread([], texts, wins=wins, primary_mode="pairwise")["lengths"]
    assert {mark[1] for mark in row["marks"]} == {-0.5, 0.0, 0.5}


def test_an_empty_text_counts_as_one_character() -> None:
    texts = [text("base", 0, 8), text("x", 0, 0)]
    [row] = spread(scored({"base": [3.0], "x": [1.0]}), texts)["lengths"]
    assert row["marks"] == [[-3.0, -2.0, 1]]


def test_without_texts_there_is_no_length_to_draw() -> None:
    assert spread(scored({"base": [3.0], "x": [4.0]}))["lengths"] == []
