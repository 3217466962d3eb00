"""Whether a run's judgments say anything about the baseline, before any text is measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_results import expected, judgment

from kojudge.errors import ConfigError
from kojudge.records import Unscored
from kojudge.report import check_judged
from kojudge.store.run import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


def against(run: Run, baseline: str, prompts: int) -> None:
    run.append_judgments([
        judgment("x", at, expected(0.7), order, baseline=baseline)  # type: ignore[arg-type]
        for at in range(prompts)
        for order in ("AB", "BA")
    ])  # fmt: skip


def test_a_run_without_judgments_has_to_be_judged_first(run: Run) -> None:
    with pytest.raises(ConfigError) as refused:
        check_judged(run, "base")
    assert "This run has no scored judgment." in str(refused.value)
    assert "Run `kojudge score` first." in str(refused.value)


def test_judgments_against_others_name_their_baselines_most_judged_first(run: Run) -> None:
    against(run, "gemma", 2)
    against(run, "claude", 5)
    with pytest.raises(ConfigError) as refused:
        check_judged(run, "base")
    assert "the baseline 'base'. Baselines of its judgments: claude, gemma." in str(refused.value)
    assert "`--baseline claude`" in str(refused.value)


def test_a_baseline_that_is_judged_against_is_one_whatever_else_there_is(run: Run) -> None:
    against(run, "gemma", 5)
    against(run, "base", 1)
    check_judged(run, "base")


def test_scores_of_single_texts_serve_any_baseline(run: Run) -> None:
    against(run, "gemma", 2)
    run.append_judgments([judgment("base", 0, expected(3.0))])
    check_judged(run, "base")


def test_judgments_without_a_score_are_left_to_the_report_to_explain(run: Run) -> None:
    run.append_judgments([judgment("x", 0, Unscored("low_mass", mass=0.1), "AB")])
    check_judged(run, "base")
