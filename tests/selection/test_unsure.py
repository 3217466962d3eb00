"""Where a judge is unsure, prompt by prompt."""

from __future__ import annotations

from pathlib import Path

import pytest

from kojudge.records import Judgment, Mode, Scored
from kojudge.selection.unsure import unsure_of
from kojudge.store.run import Run

LEVELS = tuple("12345")


def judgment(
    prompt: str,
    score: float,
    probabilities: tuple[float, ...] = (),
    *,
    mode: Mode = "pointwise",
    criterion: str = "naturalness",
    number: int = 0,
) -> Judgment:
    options = LEVELS[: len(probabilities)]
    return Judgment(
        f"{prompt}-{mode}-{criterion}-{number}", f"text-{prompt}", prompt, "blog", "warm", 0,
        criterion, "rubric", "cheap", mode,
        Scored(score, "expected", 1.0, options, probabilities),
    )  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


def unsure(run: Run, *judgments: Judgment) -> dict[str, float]:
    run.append_judgments(list(judgments))
    return unsure_of(run, [one.judgment_id for one in judgments])


def test_a_wide_answer_is_less_sure_than_a_narrow_one(run: Run) -> None:
    found = unsure(
        run,
        judgment("sure", 3.0, (0, 0, 1, 0, 0)),
        judgment("near", 3.0, (0, 0.1, 0.8, 0.1, 0)),
        judgment("torn", 3.0, (0.5, 0, 0, 0, 0.5)),
    )
    assert found["sure"] == 0 < found["near"] < found["torn"]
    assert found["torn"] / found["near"] == pytest.approx((4 / 0.2) ** 0.5)


def test_an_even_pair_is_least_sure(run: Run) -> None:
    found = unsure(
        run, judgment("even", 0.5, mode="pairwise"), judgment("clear", 0.9, mode="pairwise")
    )
    assert found["even"] / found["clear"] == pytest.approx((0.25 / 0.09) ** 0.5)


def test_criteria_count_alike_whatever_their_spread(run: Run) -> None:
    found = unsure(
        run,
        judgment("a", 3.0, (0.5, 0, 0, 0, 0.5)),
        judgment("b", 3.0, (0.25, 0, 0.5, 0, 0.25)),
        judgment("a", 3.0, (0, 0, 0.99, 0.01, 0), criterion="friendliness"),
        judgment("b", 3.0, (0, 0, 0.98, 0.02, 0), criterion="friendliness"),
    )
    assert found["a"] == pytest.approx(found["b"], rel=0.01)


def test_scores_without_probabilities_tell_nothing(run: Run) -> None:
    assert unsure(run, judgment("a", 3.0), judgment("b", 4.0)) == {}


def test_a_judge_that_is_always_sure_tells_nothing(run: Run) -> None:
    sure = (0.0, 0.0, 1.0, 0.0, 0.0)
    assert unsure(run, judgment("a", 3.0, sure), judgment("b", 3.0, sure)) == {}
