"""Similar or better on every criterion at once."""

from __future__ import annotations

from typing import Any

import pytest

from kojudge.report.together import good_on_all


def entry(criterion: str, low: float | None = -0.1, **given: Any) -> dict[str, Any]:
    plain = {
        "judge": "j", "mode": "pointwise", "candidate": "x", "criterion": criterion,
        "slice": "overall", "margin": 0.25, "lower_across_models": low, "verdict": "not worse",
        "withheld": False,
    }  # fmt: skip
    return plain | given


def only(entries: list[dict[str, Any]], unproven: set[tuple[str, str, str]] | None = None) -> Any:
    [row] = good_on_all(entries, unproven or set())
    return row


def test_every_criterion_must_clear_the_margin() -> None:
    assert only([entry("f"), entry("n", 0.1)])["holds"] is True
    assert only([entry("f"), entry("n", -0.25)])["holds"] is False


def test_a_criterion_without_a_verdict_leaves_it_open() -> None:
    assert only([entry("f"), entry("n", None, verdict="refused")])["holds"] is None


def test_one_criterion_alone_says_nothing_more_than_its_verdict() -> None:
    assert good_on_all([entry("f")], set()) == []


@pytest.mark.parametrize(
    ("verdicts", "withheld"),
    [(("better", "better"), False), (("better", "undecided"), True), (("worse", "better"), True)],
)
def test_a_judge_that_no_control_has_tried_supports_only_what_it_saw(
    verdicts: tuple[str, str], withheld: bool
) -> None:
    untried = {("j", criterion, "pointwise") for criterion in "fn"}
    entries = [entry(c, verdict=v) for c, v in zip("fn", verdicts, strict=True)]
    assert only(entries, untried)["withheld"] is withheld


def test_a_withheld_comparison_withholds_the_whole() -> None:
    assert only([entry("f", withheld=True), entry("n")])["withheld"] is True


def test_categories_do_not_enter() -> None:
    rows = good_on_all([entry("f"), entry("n"), entry("n", -9.0, slice="blog")], set())
    assert [row["criteria"] for row in rows] == [["f", "n"]]
    assert rows[0]["holds"] is True
