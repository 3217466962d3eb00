"""``kojudge report`` on judgments that do not fit: told before any text is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import edit
from .outcome import Call


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test if a text is measured."""

    def refuse(*arguments: object) -> None:
        raise AssertionError("texts were measured")

    monkeypatch.setattr("kojudge.cli.reporting.measure", refuse)


@pytest.mark.usefixtures("unmeasured")
def test_a_run_that_nobody_judged_is_sent_to_score_at_once(call: Call) -> None:
    assert call("generate").code == 0
    done = call("report")
    assert done.code == 2
    assert "This run has no scored judgment." in done.err
    assert "Run `kojudge score` first." in done.err


@pytest.mark.usefixtures("unmeasured")
def test_pairs_with_another_baseline_are_named(workspace: Path, call: Call) -> None:
    edit(
        workspace / "kojudge.toml",
        'rubrics = ["naturalness", "naturalness-pairwise"]',
        'rubrics = ["naturalness-pairwise"]\nmode = "pairwise"',
    )
    assert call("generate").code == 0
    assert call("score").code == 0
    english = call("report", "--baseline", "fake-warm")
    korean = call("report", "--baseline", "fake-warm", lang="ko")
    assert english.code == korean.code == 2
    assert "Baselines of its judgments: fake-plain." in english.err
    assert "`--baseline fake-plain`" in english.err
    assert "판정에 쓰인 기준 모델: fake-plain." in korean.err
