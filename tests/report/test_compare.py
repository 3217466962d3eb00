"""From scores of texts to comparison entries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kojudge.report.compare import Plan, comparisons, hypotheses
from kojudge.report.families import PANEL, Family, families
from kojudge.report.gather import NAN, Pair, Score, as_scores

BASE = "base"
SCALE = (1.0, 5.0)


def plan(margin: float = 0.25, **changes: Any) -> Plan:
    fields = {"alpha": 0.05, "resamples": 1999, "seed": 1, "primary": True}
    return Plan(margin, **(fields | changes))


def scores(
    candidate: str,
    values: list[float],
    category: str = "blog",
    criterion: str = "naturalness",
    judge: str = "judge",
    text: str = "0/1",
) -> list[Score]:
    return [
        Score(judge, criterion, candidate, f"{category}{at:03}", category, text, float(value))
        for at, value in enumerate(values)
    ]


def family(rows: list[Score]) -> Family:
    [found] = families(rows, "pointwise", BASE, SCALE)
    return found


def overall(rows: list[Score], margin: float = 0.25) -> dict[str, Any]:
    found = comparisons(family(rows), plan(margin))
    return next(entry for entry in found if entry["slice"] == "overall")


def around(level: float, n: int, seed: int, spread: float = 0.5) -> list[float]:
    rng = np.random.default_rng(seed)
    return [float(v) for v in np.clip(level + rng.normal(0, spread, n), *SCALE)]


class TestFamilies:
    def test_a_difference_is_taken_prompt_by_prompt(self) -> None:
        found = family([*scores(BASE, [3.0, 2.0, 4.0]), *scores("x", [3.5, 2.0, 5.0])])
        assert found.differences("naturalness", 1).tolist() == [0.5, 0.0, 1.0]

    def test_a_prompt_that_only_one_of_them_has_gives_no_difference(self) -> None:
        found = family([*scores(BASE, [3.0, 2.0]), *scores("x", [4.0])])
        assert found.differences("naturalness", 1) == pytest.approx([1.0, NAN], nan_ok=True)

    def test_texts_are_averaged_inside_their_prompt_and_repeats_inside_their_text(self) -> None:
        rows = [*scores("x", [1.0]), *scores("x", [2.0]), *scores("x", [4.5], text="1/1")]
        found = family([*scores(BASE, [3.0]), *rows])
        assert found.criteria["naturalness"].means[1, 0] == (1.5 + 4.5) / 2

    def test_a_win_score_is_compared_with_one_half(self) -> None:
        pairs = [
            Pair("j", "naturalness", "x", f"p{at}", "blog", 0, 1, win, win, win, "t")
            for at, win in enumerate([0.9, 0.5, 0.1])
        ]
        [found] = families(as_scores(pairs), "pairwise", BASE, SCALE)
        assert found.differences("naturalness", 1) == pytest.approx([0.4, 0.0, -0.4])

    def test_several_judges_make_a_panel_of_the_texts_that_all_of_them_scored(self) -> None:
        rows = [
            *scores(BASE, [3.0, 3.0], judge="a"), *scores("x", [4.0, 4.0], judge="a"),
            *scores(BASE, [1.0, 2.0], judge="b"), *scores("x", [3.0], judge="b"),
        ]  # fmt: skip
        found = {one.judge: one for one in families(rows, "pointwise", BASE, SCALE)}
        assert list(found) == ["a", "b", PANEL]
        assert found[PANEL].differences("naturalness", 1) == pytest.approx([1.5, NAN], nan_ok=True)

    def test_a_panel_needs_only_the_judges_of_its_criterion(self) -> None:
        rows = [
            *scores(BASE, [3.0], judge="a"), *scores("x", [4.0], judge="a"),
            *scores(BASE, [3.0], judge="b"), *scores("x", [5.0], judge="b"),
            *scores(BASE, [3.0], judge="c", criterion="friendliness"),
            *scores("x", [3.0], judge="c", criterion="friendliness"),
        ]  # fmt: skip
        found = {one.judge: one for one in families(rows, "pointwise", BASE, SCALE)}
        assert list(found[PANEL].criteria) == ["naturalness"]
        assert found[PANEL].differences("naturalness", 1).tolist() == [1.5]

    def test_a_judge_without_any_score_is_no_family(self) -> None:
        rows = [*scores(BASE, [NAN]), *scores("x", [NAN])]
        assert families(rows, "pointwise", BASE, SCALE) == []


class TestVerdicts:
    def test_fewer_than_eight_prompts_are_refused(self) -> None:
        entry = overall([*scores(BASE, [3.0] * 7), *scores("x", [3, 4, 5, 4, 3, 4, 5])])
        assert (entry["verdict"], entry["ci_low"]) == ("refused", None)
        assert "too_few_prompts" in entry["reasons"]
        assert entry["delta"] == pytest.approx(1.0)

    def test_a_candidate_with_too_few_prompts_stays_out_of_the_family(self) -> None:
        rows = [*scores(BASE, around(3, 30, 1)), *scores("x", around(3.4, 30, 2))]
        alone = overall(rows)
        beside = overall([*rows, *scores("zzz", [5.0, 1.0, 5.0])])
        assert beside["p_adjusted"] == alone["p_adjusted"]

    def test_no_variation_is_refused_and_has_no_interval(self) -> None:
        entry = overall([*scores(BASE, [3.0] * 12), *scores("x", [3.5] * 12)])
        assert (entry["verdict"], entry["ci_low"], entry["p_value"]) == ("refused", None, None)
        assert "no_variation" in entry["reasons"]
        assert entry["delta"] == pytest.approx(0.5)

    def test_fewer_than_twenty_prompts_are_warned_about(self) -> None:
        entry = overall([*scores(BASE, [3.0] * 12), *scores("x", around(4, 12, 1, 0.1))])
        assert entry["verdict"] == "better"
        assert "few_prompts" in entry["reasons"]

    def test_worse_but_within_the_margin_is_tagged(self) -> None:
        entry = overall([*scores(BASE, [3.0] * 40), *scores("x", around(2.9, 40, 2, 0.05))])
        assert entry["verdict"] == "worse"
        assert entry["similar_or_better"] is True
        assert "within_margin" in entry["reasons"]

    def test_swapping_candidate_and_baseline_mirrors_the_interval(self) -> None:
        rows = [*scores(BASE, around(3, 30, 1)), *scores("x", around(3.4, 30, 2))]
        there = overall(rows)
        [back] = [
            entry
            for entry in comparisons(families(rows, "pointwise", "x", SCALE)[0], plan())
            if entry["slice"] == "overall"
        ]
        assert back["delta"] == pytest.approx(-there["delta"])
        assert (back["ci_low"], back["ci_high"]) == pytest.approx(
            (-there["ci_high"], -there["ci_low"])
        )
        assert back["p_adjusted"] == there["p_adjusted"]
        assert back["theta"]["value"] == pytest.approx(1 - there["theta"]["value"])


class TestFamilyWise:
    def test_a_candidate_that_joins_widens_the_others_intervals(self) -> None:
        rows = [*scores(BASE, around(3, 30, 1)), *scores("x", around(3.4, 30, 2))]
        alone = overall(rows)
        joined = [*rows, *(s for at in range(5) for s in scores(f"y{at}", around(3, 30, 9 + at)))]
        beside = overall(joined)
        assert beside["delta"] == alone["delta"]
        assert beside["ci_high"] - beside["ci_low"] > alone["ci_high"] - alone["ci_low"]

    def test_a_verdict_that_only_the_larger_family_takes_away_is_marked(self) -> None:
        rows = [*scores(BASE, around(3, 30, 1)), *scores("x", around(3.32, 30, 2))]
        assert overall(rows)["verdict"] == "better"
        joined = [*rows, *(s for at in range(30) for s in scores(f"y{at}", around(3, 30, 9 + at)))]
        entry = overall(joined)
        assert (entry["verdict"], entry["verdict_alone"]) == ("not worse", "better")
        assert "family" in entry["reasons"]

    def test_p_values_come_in_their_order(self) -> None:
        entry = overall([*scores(BASE, around(3, 30, 1)), *scores("x", around(3.3, 30, 2))])
        assert entry["p_value"] <= entry["p_stepdown"] <= entry["p_adjusted"]
        assert 0 < entry["p_signflip"] <= 1

    def test_category_cells_are_exploratory_and_never_primary(self) -> None:
        rows = [
            score
            for at, name in enumerate((BASE, "x"))
            for category in ("blog", "emotional")
            for score in scores(name, around(3, 10, at), category)
        ]
        found = comparisons(family(rows), plan())
        cells = [entry for entry in found if entry["slice"] != "overall"]
        assert [cell["slice"] for cell in cells] == ["blog", "emotional"]
        assert all(
            cell["ci_kind"] == "pointwise-exploratory" and not cell["primary"] for cell in cells
        )
        assert all(cell["p_adjusted"] >= cell["p_value"] - 1e-12 for cell in cells)
        assert sum(cell["n_prompts"] for cell in cells) == 20

    def test_categories_weigh_alike_however_many_prompts_they_have(self) -> None:
        rows = [*scores(BASE, [3.0] * 40, "blog"), *scores("x", around(4, 40, 1, 0.1), "blog"),
                *scores(BASE, [3.0] * 8, "emotional"),
                *scores("x", around(2, 8, 2, 0.1), "emotional")]  # fmt: skip
        assert overall(rows)["delta"] == pytest.approx(0.0, abs=0.1)


class TestMissing:
    def rows(self, lost: int) -> list[Score]:
        """Forty prompts with a difference of about 0.5, of which ``lost`` have no score."""
        values = around(3.5, 40, 2, 0.3)
        return [*scores(BASE, around(3, 40, 1, 0.3)), *scores("x", [NAN] * lost + values[lost:])]

    def test_nothing_missing_says_nothing(self) -> None:
        assert overall(self.rows(0))["missing"] is None

    def test_a_few_missing_scores_are_bounded_and_change_nothing(self) -> None:
        entry = overall(self.rows(2))
        missing = entry["missing"]
        assert (missing["judgments"], missing["prompts"]) == (2, 2)
        assert missing["delta_low"] < entry["delta"] < missing["delta_high"]
        assert entry["verdict"] == "better"

    def test_the_bounds_put_what_is_missing_at_the_ends_of_the_scale(self) -> None:
        found = family([*scores(BASE, [3.0, 3.0]), *scores("x", [4.0, NAN])])
        [one] = hypotheses(found)
        assert (one.low.tolist(), one.high.tolist()) == ([1.0, -2.0], [1.0, 2.0])

    def test_scores_that_both_models_lack_are_missing_too(self) -> None:
        base, values = around(3, 40, 1, 0.3), around(3.5, 40, 2, 0.3)
        lost = [NAN] * 14
        entry = overall([*scores(BASE, lost + base[14:]), *scores("x", lost + values[14:])])
        assert entry["missing"]["judgments"] == 28
        assert (entry["verdict"], "missing" in entry["reasons"]) == ("refused", True)

    def test_a_candidate_without_any_score_is_refused_and_not_forgotten(self) -> None:
        rows = [*scores(BASE, around(3, 30, 1)), *scores("x", around(3.4, 30, 2))]
        entries = comparisons(family([*rows, *scores("y", [NAN] * 30)]), plan())
        [entry] = [e for e in entries if e["candidate"] == "y" and e["slice"] == "overall"]
        assert (entry["verdict"], entry["n_prompts"], entry["delta"]) == ("refused", 0, None)
        assert entry["reasons"] == ["missing"]

    def test_a_category_in_which_no_candidate_has_a_score_has_no_cell(self) -> None:
        rows = [
            *scores(BASE, around(3, 30, 1)), *scores("x", around(3.4, 30, 2)),
            *scores(BASE, around(3, 9, 3), "emotional"), *scores("x", [NAN] * 9, "emotional"),
        ]  # fmt: skip
        cells = [e["slice"] for e in comparisons(family(rows), plan()) if e["slice"] != "overall"]
        assert cells == ["blog"]

    def test_similar_or_better_must_hold_at_the_worst_too(self) -> None:
        values = [3.0 + d for d in around(3, 60, 4, 0.05)]  # noise about 6, below
        base = [value / 2 for value in values]
        candidate = [value - 0.1 for value in base]
        candidate[:3] = [NAN] * 3
        entry = overall([*scores(BASE, base), *scores("x", candidate)])
        assert entry["delta"] == pytest.approx(-0.1)
        assert entry["missing"]["delta_low"] < -0.15
        assert entry["similar_or_better"] is False

    def test_missing_scores_that_could_turn_the_verdict_refuse_it(self) -> None:
        entry = overall(self.rows(12))
        assert entry["verdict"] == "refused"
        assert entry["similar_or_better"] is False
        assert "missing" in entry["reasons"]
        assert entry["ci_low"] > 0  # the numbers stay
