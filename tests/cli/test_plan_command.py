"""plan: how many prompts a claim needs, from a pilot run or from variances seen elsewhere."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from kojudge.cli.planning import Design, Pace, Spread, power_rows, seconds_of
from kojudge.records import Judgment, Scored, Text
from kojudge.stats.power import (
    VarianceComponents,
    detectable_difference,
    paired_components,
    required_prompts,
    variance_components,
)
from kojudge.stats.verdict import MIN_PROMPTS
from kojudge.store.run import Run

from .conftest import JUDGMENTS, TEXTS, edit
from .outcome import Call

PROMPTS, CANDIDATES = 16, 2


def power(call: Call, *flags: str) -> Any:
    done = call("plan", *flags, "--json")
    assert done.code == 0
    assert done.json["schema"] == "kojudge.plan/1"
    return done.json["power"]


class TestWithoutAPilot:
    def test_wins_are_assumed_to_spread_as_near_even_pairs_do(self, call: Call) -> None:
        found = power(call)
        assert (found["source"], found["pilot"], found["mode"]) == ("assumed", None, "pairwise")
        assert (found["prompts"], found["samples"], found["family"]) == (PROMPTS, 1, CANDIDATES)
        assert (found["margin"], found["difference"], found["power"]) == (0.10, 0.10, 0.8)
        assert [row["sd"] for row in found["rows"]] == pytest.approx([0.39, 0.41])
        last = found["rows"][-1]
        assert last["detectable"] == pytest.approx(
            detectable_difference(0.41**2, PROMPTS, family=CANDIDATES)
        )
        assert last["required"] == required_prompts(0.10, 0.41**2, family=CANDIDATES)
        assert found["required"] == last["required"]

    def test_scores_are_rescaled_from_ten_points_to_the_rubrics_scale(
        self, workspace: Path, call: Call
    ) -> None:
        edit(workspace / "kojudge.toml", "seed = 7", 'seed = 7\nprimary_mode = "pointwise"')
        found = power(call)
        assert (found["mode"], found["difference"]) == ("pointwise", 0.25)
        components = [row["components"] for row in found["rows"]]
        assert [c["prompt"] for c in components] == pytest.approx([3.2 * 0.16, 0.5 * 0.16])
        assert [c["generation"] for c in components] == pytest.approx([13.2 * 0.16, 2.9 * 0.16])

    def test_the_family_is_candidates_times_criteria(self, workspace: Path, call: Call) -> None:
        rubrics = '"naturalness-pairwise", "friendliness-pairwise"]'
        edit(workspace / "kojudge.toml", '"naturalness-pairwise"]', rubrics)
        assert power(call)["family"] == 2 * CANDIDATES

    def test_a_smaller_difference_and_more_power_need_more_prompts(self, call: Call) -> None:
        usual = power(call)["required"]
        assert power(call, "--difference", "0.05")["required"] > 3.5 * usual
        assert power(call, "--power", "0.9")["required"] > usual

    def test_a_difference_beyond_ten_million_prompts_has_no_number(self, call: Call) -> None:
        found = power(call, "--difference", "0.000001")
        assert found["required"] is None
        assert found["rows"][0]["judgments"] is None
        assert "over ten million" in call("plan", "--difference", "0.000001").out

    @pytest.mark.parametrize(
        ("flags", "said"),
        [
            (["--difference", "0.5"], "must lie between 0 and 0.5"),
            (["--difference", "-0.1"], "must lie between 0 and 0.5"),
            (["--difference", "nan"], "must lie between 0 and 0.5"),
            (["--power", "0.05"], "must be above alpha"),
            (["--power", "1"], "--power"),
        ],
    )
    def test_what_cannot_be_planned_is_refused(
        self, call: Call, flags: list[str], said: str
    ) -> None:
        refused = call("plan", *flags)
        assert (refused.code, said in refused.err) == (2, True)

    def test_without_a_rubric_of_the_primary_mode_it_says_so(
        self, workspace: Path, call: Call
    ) -> None:
        edit(workspace / "kojudge.toml", ', "naturalness-pairwise"', "")
        assert power(call) is None
        assert "No rubric has the primary mode" in call("plan").out


class TestTable:
    @pytest.mark.parametrize("language", ["ko", "en"])
    @pytest.mark.parametrize("piloted", [False, True])
    def test_it_fits_into_eighty_columns_and_cuts_nothing_off(
        self, scored: Run, call: Call, monkeypatch: pytest.MonkeyPatch,
        language: str, piloted: bool,
    ) -> None:  # fmt: skip
        monkeypatch.setenv("COLUMNS", "80")
        printed = call("plan", *(["--run", scored.path] if piloted else []), lang=language).out
        table = [line for line in printed.split("\n") if line and line[0] in "┏┃┡│└"]
        assert len(table) > 5
        assert max(map(cell_len, table)) <= 80
        assert "…" not in "".join(table)

    def test_it_says_that_the_variances_are_assumed_and_where_they_are_from(
        self, call: Call
    ) -> None:
        assert "Assumed variances: win scores of near-even pairs" in call("plan").out
        korean = call("plan", lang="ko").out
        assert "가정한 분산입니다: 우열을 가리기 어려운 실제 한국어 글 쌍" in korean
        assert "가정: 승률, 표준편차 0.39" in korean

    def test_too_few_prompts_for_the_margin_are_met_with_advice(self, call: Call) -> None:
        assert "at least 100 prompts (3 categories × 35)" in call("plan").out
        assert "프롬프트가 적어도 100개(분류 셋에 35개씩)" in call("plan", lang="ko").out

    def test_where_the_margin_is_within_reach_there_is_none(
        self, workspace: Path, call: Call
    ) -> None:
        edit(workspace / "kojudge.toml", "seed = 7", "seed = 7\nmargins = {pairwise = 0.45}")
        printed = call("plan").out
        assert "with 80% probability" in printed
        assert "wider than the margin" not in printed


class TestPilot:
    def test_spread_is_measured_for_every_candidate_and_criterion(
        self, scored: Run, call: Call
    ) -> None:
        found = power(call, "--run", scored.path)
        assert (found["source"], found["pilot"]) == ("pilot", scored.path)
        assert [(row["candidate"], row["criterion"]) for row in found["rows"]] == [
            ("fake-stiff", "naturalness"), ("fake-warm", "naturalness"),
        ]  # fmt: skip
        for row in found["rows"]:
            assert (row["judge"], row["prompts"]) == ("fake-judge", PROMPTS)
            assert row["components"]["generation"] is None  # one text a prompt
            assert 0 < row["sd"] < 0.5
        assert "A pilot of fewer than 20 prompts" in call("plan", "--run", scored.path).out

    def test_wins_are_parted_into_prompts_and_texts(
        self, workspace: Path, call: Call, tmp_path: Path
    ) -> None:
        rng = np.random.default_rng(3)
        wins = np.clip(rng.normal(0.6, 0.1, (30, 1)) + rng.normal(0, 0.1, (30, 3)), 0.01, 0.99)
        run = pilot(tmp_path, [
            judgment(at, sample, "fake-warm", float(wins[at, sample]), order)
            for at in range(30) for sample in range(3) for order in ("AB", "BA")
        ])  # fmt: skip
        [row] = power(call, "--run", run.path)["rows"]
        expected = variance_components([[[float(w)] for w in prompt] for prompt in wins])
        assert row["components"]["prompt"] == pytest.approx(expected.prompt)
        assert row["components"]["generation"] == pytest.approx(expected.generation)
        assert row["components"]["judge"] is None
        assert row["twice_samples"] < row["detectable"]
        assert row["twice_prompts"] < row["twice_samples"]

    def test_scores_are_paired_with_the_baselines(
        self, workspace: Path, call: Call, tmp_path: Path
    ) -> None:
        edit(workspace / "kojudge.toml", "seed = 7", 'seed = 7\nprimary_mode = "pointwise"')
        rng = np.random.default_rng(4)
        prompts = rng.normal(3, 0.7, (25, 1))
        sides = {
            name: np.clip(prompts + rng.normal(0, 0.3, (25, 2)), 1, 5)
            for name in ("fake-plain", "fake-warm")
        }
        run = pilot(tmp_path, [
            judgment(at, sample, name, float(scores[at, sample]))
            for name, scores in sides.items() for at in range(25) for sample in range(2)
        ])  # fmt: skip
        [row] = power(call, "--run", run.path)["rows"]
        expected = paired_components(*(
            [[[float(s)] for s in prompt] for prompt in sides[name]]
            for name in ("fake-warm", "fake-plain")
        ))  # fmt: skip
        assert row["components"]["generation"] == pytest.approx(expected.generation)
        assert row["components"]["prompt"] == pytest.approx(expected.prompt)
        assert row["sd"] < 0.7  # the prompts' own difficulty cancels

    def test_texts_that_only_one_side_has_are_averaged(
        self, workspace: Path, call: Call, tmp_path: Path
    ) -> None:
        edit(workspace / "kojudge.toml", "seed = 7", 'seed = 7\nprimary_mode = "pointwise"')
        run = pilot(tmp_path, [
            judgment(at, sample, name, 2.0 + (at * 7 + sample * 3) % 5 / 2)
            for name, samples in (("fake-plain", 2), ("fake-warm", 1))
            for at in range(10) for sample in range(samples)
        ])  # fmt: skip
        [row] = power(call, "--run", run.path)["rows"]
        assert row["components"]["generation"] is None
        assert row["prompts"] == 10

    def test_time_is_the_median_seconds_times_the_count(self, scored: Run, call: Call) -> None:
        """The fake models take no time; timed rows of the same kind stand in for real ones."""
        texts = [t for t in scored.texts() if t.sample == 0][:3]
        times = [2.0, 4.0, 90.0]
        scored.append_texts([
            timed_text(text, seconds) for text, seconds in zip(texts, times, strict=True)
        ])  # fmt: skip
        scored.append_judgments([timed_judgment(n, s) for n, s in enumerate((0.5, 0.25, 3.0))])
        found = power(call, "--run", scored.path)
        assert (found["seconds_per_text"], found["seconds_per_judgment"]) == (4.0, 0.5)
        row = found["rows"][0]
        per_prompt = TEXTS / PROMPTS * 4.0 + JUDGMENTS / PROMPTS * 0.5
        assert row["seconds"] == pytest.approx(row["required"] * per_prompt)
        assert row["judgments"] == row["required"] * JUDGMENTS // PROMPTS
        assert "about 4 min" in call("plan", "--run", scored.path).out

    def test_a_pilot_that_measured_no_time_says_so(self, scored: Run, call: Call) -> None:
        found = power(call, "--run", scored.path)
        assert (found["seconds_per_text"], found["rows"][0]["seconds"]) == (None, None)
        assert "Time is not measured" in call("plan", "--run", scored.path).out
        assert "시간은 재지 못했습니다" in call("plan", "--run", scored.path, lang="ko").out

    def test_a_pilot_without_scores_is_refused(self, workspace: Path, call: Call) -> None:
        call("generate")
        refused = call("plan", "--run", str(workspace / "runs" / "main"))
        assert refused.code == 2
        assert "no comparison has pairwise scores" in refused.err

    def test_a_pilot_that_is_not_there_is_refused(self, workspace: Path, call: Call) -> None:
        assert call("plan", "--run", str(workspace / "runs" / "nowhere")).code == 2

    def test_the_prompts_it_asks_for_find_the_difference(self, scored: Run, call: Call) -> None:
        for row in power(call, "--run", scored.path, "--difference", "0.07")["rows"]:
            variance = row["components"]["prompt"]
            assert detectable_difference(variance, row["required"], family=CANDIDATES) <= 0.07
            fewer = detectable_difference(variance, row["required"] - 1, family=CANDIDATES)
            assert fewer > 0.07 or row["required"] == MIN_PROMPTS


def pilot(folder: Path, judgments: list[Judgment]) -> Run:
    run = Run.open(folder / "pilot", create=True)
    run.append_judgments(judgments)
    return run


def judgment(
    at: int, sample: int, candidate: str, score: float, order: str | None = None
) -> Judgment:
    fields: dict[str, Any] = {
        "judgment_id": f"{candidate}-{at}-{sample}-{order}",
        "text_id": f"{candidate}-{at}-{sample}",
        "prompt_id": f"p{at}",
        "category": "blog",
        "candidate": candidate,
        "sample": sample,
        "criterion": "naturalness",
        "rubric": "r",
        "judge": "theirs",
        "mode": "pairwise" if order else "pointwise",
        "outcome": Scored(score, "imported"),
        "baseline": "fake-plain" if order else None,
        "order": order,
        "scale": (0.0, 1.0) if order else (1.0, 5.0),
        "origin": "imported",
    }
    return Judgment(**fields)


def timed_text(like: Text, seconds: float) -> Text:
    return Text(
        f"timed-{seconds}", like.prompt_id, like.category, like.prompt, like.candidate, 9,
        like.text, like.candidate_id, seconds=seconds,
    )  # fmt: skip


def timed_judgment(number: int, seconds: float) -> Judgment:
    return Judgment(
        f"timed-{number}", f"t{number}", "p", "blog", "fake-warm", 9, "naturalness", "r",
        "fake-judge", "pointwise", Scored(3.0, "expected"), seconds=seconds,
    )  # fmt: skip


class TestRows:
    DESIGN = Design("pointwise", 50, 1, 4, 0.05, 0.8, 0.25, 0.25, 2.0, 4.0)

    def row(self, components: VarianceComponents, pace: Pace | None = None) -> Any:
        [row] = power_rows(self.DESIGN, [Spread("c", components)], pace or Pace())
        return row

    def test_a_judge_that_wavers_is_worth_asking_again(self) -> None:
        """R* = √((8 / 2)·(.9 / .1)) = 6."""
        row = self.row(VarianceComponents(0.2, 0.1, 0.9), Pace(text=8.0, judgment=2.0))
        assert (row.repeats, row.repeats_help) == (pytest.approx(6.0), True)

    def test_a_steady_judge_is_not(self) -> None:
        row = self.row(VarianceComponents(0.2, 0.9, 0.01), Pace(text=2.0, judgment=2.0))
        assert (row.repeats, row.repeats_help) == (1.0, False)

    def test_texts_all_alike_leave_only_repeats(self) -> None:
        row = self.row(VarianceComponents(0.2, 0.0, 0.9), Pace(text=2.0, judgment=2.0))
        assert (row.repeats, row.repeats_help) == (None, True)

    @pytest.mark.parametrize(
        ("components", "pace"),
        [
            (VarianceComponents(0.2, 0.1, None), Pace(2.0, 2.0)),
            (VarianceComponents(0.2, None, None), Pace(2.0, 2.0)),
            (VarianceComponents(0.2, 0.1, 0.1), Pace()),
        ],
    )
    def test_where_a_component_or_a_cost_is_not_known_nothing_is_said_of_repeats(
        self, components: VarianceComponents, pace: Pace
    ) -> None:
        row = self.row(components, pace)
        assert (row.repeats, row.repeats_help) == (None, None)

    def test_seconds_are_those_of_texts_and_judgments_together(self) -> None:
        assert seconds_of(self.DESIGN, 10, Pace(3.0, 0.5)) == 10 * (2 * 3.0 + 4 * 0.5)
        assert seconds_of(self.DESIGN, 10, Pace(3.0, None)) is None

    def test_no_spread_needs_the_fewest_prompts_that_a_verdict_needs(self) -> None:
        row = self.row(VarianceComponents(0.0, None, None))
        assert (row.required, row.detectable) == (MIN_PROMPTS, 0.0)
        assert math.isfinite(row.twice_prompts)
