"""From prompt-level numbers to comparison entries."""

from __future__ import annotations

import numpy as np
import pytest

from kojudge.report.compare import comparisons, score_differences, win_differences
from kojudge.report.gather import PromptValue

BASE = "base"


def value(candidate: str, prompt: int, score: float, category: str = "blog") -> PromptValue:
    return PromptValue("judge", "naturalness", candidate, f"p{prompt}", category, score, 1)


def scores(candidate: str, values: list[float], category: str = "blog") -> list[PromptValue]:
    return [value(candidate, at, score, category) for at, score in enumerate(values)]


def overall(values: list[PromptValue], margin: float = 0.25) -> dict[str, object]:
    found = comparisons(
        score_differences(values, BASE), "pointwise", margin, 0.05, primary=True, judge_reasons={}
    )
    return next(entry for entry in found if entry["slice"] == "overall")


def test_a_difference_is_taken_prompt_by_prompt() -> None:
    [difference] = score_differences(
        [*scores(BASE, [3.0, 2.0, 4.0]), *scores("x", [3.5, 2.0, 5.0])], BASE
    )
    assert difference.values == (0.5, 0.0, 1.0)


def test_a_prompt_that_only_one_of_them_has_is_left_out() -> None:
    [difference] = score_differences([*scores(BASE, [3.0, 2.0]), *scores("x", [4.0])], BASE)
    assert difference.values == (1.0,)


def test_a_win_score_is_compared_with_one_half() -> None:
    [difference] = win_differences(scores("x", [0.9, 0.5, 0.1]))
    assert difference.values == pytest.approx((0.4, 0.0, -0.4))


def test_fewer_than_eight_prompts_are_refused() -> None:
    entry = overall([*scores(BASE, [3.0] * 7), *scores("x", [3, 4, 5, 4, 3, 4, 5])])
    assert entry["verdict"] == "refused"
    assert "too_few_prompts" in entry["reasons"]  # type: ignore[operator]


def test_no_variation_is_refused_and_has_no_interval() -> None:
    entry = overall([*scores(BASE, [3.0] * 12), *scores("x", [3.5] * 12)])
    assert (entry["verdict"], entry["ci_low"], entry["p_value"]) == ("refused", None, None)
    assert "no_variation" in entry["reasons"]  # type: ignore[operator]
    assert entry["delta"] == pytest.approx(0.5)


def test_fewer_than_twenty_prompts_are_warned_about() -> None:
    rng = np.random.default_rng(1)
    entry = overall([*scores(BASE, [3.0] * 12), *scores("x", list(4 + rng.normal(0, 0.1, 12)))])
    assert entry["verdict"] == "better"
    assert "few_prompts" in entry["reasons"]  # type: ignore[operator]


def test_worse_but_within_the_margin_is_tagged() -> None:
    rng = np.random.default_rng(2)
    entry = overall([*scores(BASE, [3.0] * 40), *scores("x", list(2.9 + rng.normal(0, 0.05, 40)))])
    assert entry["verdict"] == "worse"
    assert entry["similar_or_better"] is True
    assert "within_margin" in entry["reasons"]  # type: ignore[operator]


def test_the_family_is_candidates_times_criteria_of_one_judge() -> None:
    rng = np.random.default_rng(3)
    base = scores(BASE, list(rng.normal(3, 1, 30)))
    one = scores("x", list(rng.normal(3.5, 1, 30)))
    two = scores("y", list(rng.normal(3.5, 1, 30)))

    def p_of(values: list[PromptValue]) -> float:
        entry = overall(values)
        assert isinstance(entry["p_adjusted"], float)
        return entry["p_adjusted"]

    assert p_of([*base, *one, *two]) == pytest.approx(min(1.0, 2 * p_of([*base, *one])))


def test_category_cells_are_exploratory_and_never_primary() -> None:
    rng = np.random.default_rng(4)
    values = [
        PromptValue(
            "j", "naturalness", name, f"{category}{at}", category, float(rng.normal(3, 1)), 1
        )
        for name in (BASE, "x")
        for category in ("blog", "emotional")
        for at in range(10)
    ]
    found = comparisons(
        score_differences(values, BASE), "pointwise", 0.25, 0.05, primary=True, judge_reasons={}
    )
    cells = [entry for entry in found if entry["slice"] != "overall"]
    assert [cell["slice"] for cell in cells] == ["blog", "emotional"]
    assert all(cell["ci_kind"] == "pointwise-exploratory" and not cell["primary"] for cell in cells)
    assert all(cell["p_adjusted"] >= cell["p_value"] - 1e-12 for cell in cells)
    assert sum(cell["n_prompts"] for cell in cells) == 20
