"""Strengths from all-pairs comparisons, against published fits and a second algorithm."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kojudge.stats.ranking import bradley_terry, davidson, tally

Matrix = NDArray[np.float64]

EVALICA = Path(__file__).resolve().parents[3] / "shared" / "data" / "evalica"

# Davidson (1970), JASA 65, 317–328: six brands of chocolate pudding (R: PlackettLuce::pudding).
# Rows: i, j, i preferred, j preferred, no preference.
PUDDING = [
    (1, 2, 19, 22, 16), (1, 3, 16, 19, 12), (2, 3, 19, 19, 10), (1, 4, 18, 23, 13),
    (2, 4, 23, 19, 9), (3, 4, 19, 20, 15), (1, 5, 13, 19, 18), (2, 5, 16, 20, 12),
    (3, 5, 16, 15, 17), (4, 5, 17, 14, 16), (1, 6, 18, 21, 12), (2, 6, 22, 20, 12),
    (3, 6, 13, 18, 10), (4, 6, 14, 19, 18), (5, 6, 11, 21, 12),
]  # fmt: skip

# Stigler (1994), Statistical Science 9, 94–108: citations among Biometrika, Communications in
# Statistics, JASA, JRSS-B. cited × citing: being cited is a win (Agresti; R: BradleyTerry2).
CITED = [[714, 730, 498, 221], [33, 425, 68, 17], [320, 813, 1072, 142], [284, 276, 325, 188]]


def pudding() -> tuple[Matrix, Matrix]:
    wins, ties = np.zeros((6, 6)), np.zeros((6, 6))
    for i, j, w_ij, w_ji, t_ij in PUDDING:
        wins[i - 1, j - 1], wins[j - 1, i - 1] = w_ij, w_ji
        ties[i - 1, j - 1] = ties[j - 1, i - 1] = t_ij
    return wins, ties


def minorise_maximise(wins: Matrix) -> Matrix:
    """Zermelo's iteration (Hunter 2004): a second algorithm for the same maximum."""
    strengths = np.full(len(wins), 1 / len(wins))
    for _ in range(20_000):
        met = (wins + wins.T) / (strengths[:, None] + strengths[None, :])
        following = wins.sum(axis=1) / met.sum(axis=1)
        following /= following.sum()
        if np.abs(following - strengths).max() < 1e-15:
            break
        strengths = following
    return strengths


@st.composite
def tournaments(draw: st.DrawFn) -> Matrix:
    """Counts in which everyone has beaten everyone, so that every model has a maximum."""
    size = draw(st.integers(2, 6))
    flat = draw(st.lists(st.integers(1, 30), min_size=size**2, max_size=size**2))
    counts = np.array(flat, dtype=np.float64).reshape(size, size)
    np.fill_diagonal(counts, 0.0)
    return counts


def test_davidson_gives_the_published_fit_of_the_pudding_data() -> None:
    fit = davidson(*pudding())
    assert fit.strengths == pytest.approx(
        (0.138803, 0.173001, 0.161747, 0.165373, 0.158685, 0.202389), abs=1e-6
    )
    assert fit.tie_propensity == pytest.approx(0.746823, abs=1e-6)
    assert fit.log_likelihood == pytest.approx(-809.70951, abs=1e-5)


def test_bradley_terry_gives_the_published_fit_of_the_citation_data() -> None:
    wins = np.array(CITED, dtype=np.float64)
    np.fill_diagonal(wins, 0.0)
    assert bradley_terry(wins).log_abilities() == pytest.approx(
        (0.0, -2.94907, -0.47957, 0.26895), abs=1e-5
    )


@pytest.mark.skipif(not EVALICA.is_dir(), reason="the evalica votes (../shared) are not here")
def test_bradley_terry_gives_evalicas_golden_scores() -> None:
    """8,931 votes on 59 models; evalica counts ties as half and makes the scores sum to 1."""
    with (EVALICA / "evalica_llmfao-golden.csv").open(encoding="utf-8") as file:
        golden = {
            row["item"]: float(row["score"])
            for row in csv.DictReader(file)
            if row["algorithm"] == "bradley_terry"
        }
    number = {item: i for i, item in enumerate(golden)}
    with (EVALICA / "evalica_llmfao.csv").open(encoding="utf-8") as file:
        votes = list(csv.DictReader(file))
    score = {"left": 1.0, "tie": 0.5, "right": 0.0}
    wins, ties = tally(
        [number[v["left"]] for v in votes],
        [number[v["right"]] for v in votes],
        [score[v["winner"]] for v in votes],
        len(golden),
    )
    fit = bradley_terry(wins, ties, tie_handling="half")
    assert fit.strengths == pytest.approx(list(golden.values()), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(tournaments())
def test_newton_and_minorise_maximise_find_the_same_strengths(wins: Matrix) -> None:
    assert bradley_terry(wins).strengths == pytest.approx(minorise_maximise(wins), abs=1e-8)


@settings(deadline=None, max_examples=40)
@given(tournaments(), st.integers(0, 10**6))
def test_relabelling_the_items_relabels_the_strengths(wins: Matrix, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(wins))
    ties = np.minimum(wins, wins.T)
    there, back = davidson(wins, ties), davidson(wins[order][:, order], ties[order][:, order])
    assert back.strengths == pytest.approx([there.strengths[i] for i in order], abs=1e-9)
    assert back.tie_propensity == pytest.approx(there.tie_propensity, abs=1e-9)
    plain, other = bradley_terry(wins), bradley_terry(wins[order][:, order])
    assert other.strengths == pytest.approx([plain.strengths[i] for i in order], abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(tournaments())
def test_more_wins_make_an_item_stronger(wins: Matrix) -> None:
    more = wins.copy()
    more[0, 1] += 5
    assert bradley_terry(more).strengths[0] > bradley_terry(wins).strengths[0]


@settings(deadline=None, max_examples=40)
@given(tournaments())
def test_the_davidson_fit_reproduces_points_and_ties(wins: Matrix) -> None:
    """The likelihood equations: expected points and expected ties equal those observed."""
    ties = np.minimum(wins, wins.T)
    fit = davidson(wins, ties)
    met = wins + wins.T + ties
    size = range(len(wins))
    chances = np.array([[fit.probabilities(i, j) for j in size] for i in size])
    points = (met * (chances[:, :, 0] + chances[:, :, 1] / 2)).sum(axis=1)
    assert points == pytest.approx((wins + ties / 2).sum(axis=1), rel=1e-8)
    assert (met * chances[:, :, 1]).sum() == pytest.approx(ties.sum(), rel=1e-8)


def test_two_items_are_saturated() -> None:
    """W = 8, L = 2, T = 5: π ratio = W/L, ν = T/√(WL) (Davidson 1970)."""
    fit = davidson([[0, 8], [2, 0]], [[0, 5], [5, 0]])
    assert fit.strengths[0] / fit.strengths[1] == pytest.approx(4.0)
    assert fit.tie_propensity == pytest.approx(5 / 4.0)
    assert fit.probabilities(0, 1) == pytest.approx((8 / 15, 5 / 15, 2 / 15))


def test_ties_count_half_or_not_at_all() -> None:
    wins, ties = [[0, 6], [2, 0]], [[0, 4], [4, 0]]
    half = bradley_terry(wins, ties, tie_handling="half")
    excluded = bradley_terry(wins, ties, tie_handling="exclude")
    assert half.strengths[0] == pytest.approx(8 / 12)
    assert excluded.strengths[0] == pytest.approx(6 / 8)


def test_without_ties_davidson_is_bradley_terry() -> None:
    wins, _ = pudding()
    fit = davidson(wins, np.zeros((6, 6)))
    assert fit.tie_propensity == 0.0
    assert fit.strengths == bradley_terry(wins).strengths


def test_votes_are_tallied() -> None:
    wins, ties = tally([0, 0, 1, 2], [1, 1, 2, 0], [1, 0.5, 0, 1], 3)
    assert wins.tolist() == [[0, 1, 0], [0, 0, 0], [1, 1, 0]]
    assert ties.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_a_cycle_held_together_by_a_tie_has_a_davidson_fit_but_no_bradley_terry_fit() -> None:
    """0 beat 1, 1 beat 2, 0 tied with 2: a tie pulls both ways, so nobody runs away."""
    wins, ties = [[0, 1, 0], [0, 0, 1], [0, 0, 0]], [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    assert davidson(wins, ties).strengths[0] > davidson(wins, ties).strengths[2]
    with pytest.raises(ValueError, match=r"items \[0\] never lost"):
        bradley_terry(wins, ties, tie_handling="exclude")


FOUR = np.kron(np.eye(2), np.array([[0.0, 3.0], [2.0, 0.0]]))
NONE = np.zeros((4, 4))


def test_items_that_never_met_are_refused() -> None:
    with pytest.raises(ValueError, match=r"never met: \[\[0, 1\], \[2, 3\]\]"):
        bradley_terry(FOUR)
    with pytest.raises(ValueError, match="never met"):
        davidson(FOUR, NONE)


def test_a_group_that_never_lost_is_refused_by_name() -> None:
    wins = FOUR.copy()
    wins[0, 2] = 4.0
    with pytest.raises(ValueError, match=r"items \[0, 1\] never lost"):
        bradley_terry(wins)
    with pytest.raises(ValueError, match="never lost"):
        davidson(wins, (FOUR > 0).astype(float))


def test_nothing_but_ties_is_refused() -> None:
    with pytest.raises(ValueError, match="everything tied"):
        davidson(np.zeros((2, 2)), [[0, 5], [5, 0]])


def test_wins_and_ties_without_a_loss_are_refused() -> None:
    with pytest.raises(ValueError, match="never lost"):
        davidson([[0, 3], [0, 0]], [[0, 5], [5, 0]])


@pytest.mark.parametrize(
    ("wins", "ties", "reason"),
    [
        ([[0, 1, 2]], None, "square"),
        ([[0, -1], [1, 0]], None, "not negative"),
        ([[1, 1], [1, 0]], None, "diagonal"),
        ([[0, float("nan")], [1, 0]], None, "finite"),
        ([[0, 1], [1, 0]], [[0, 1], [2, 0]], "symmetric"),
    ],
)
def test_malformed_counts_are_refused(
    wins: list[list[float]], ties: list[list[float]] | None, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        bradley_terry(wins, ties)


@pytest.mark.parametrize(("first", "score"), [([1], [1.0]), ([3], [1.0]), ([0], [0.7])])
def test_votes_that_make_no_sense_are_refused(first: list[int], score: list[float]) -> None:
    with pytest.raises(ValueError, match=r"items|scores"):
        tally(first, [1], score, 3)
