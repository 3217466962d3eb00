"""The plan of a run judged in looks: dealt once, kept in the manifest, held to."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kojudge.errors import ConfigError, StoreError
from kojudge.selection import Asked, WantedJudgment, wanted_judgments
from kojudge.selection.looks import (
    Decision,
    Look,
    LookPlan,
    Members,
    fix,
    make_plan,
    record,
    stored_plan,
)
from kojudge.stats.sequential import obrien_fleming
from kojudge.store import manifest
from kojudge.store.run import Run

from .building import asked, judge, rubric, written

NOON = "2026-11-22T12:00:00+00:00"


def wanted(of: Asked) -> list[WantedJudgment]:
    return list(wanted_judgments(of, written(of)))


def plan_of(of: Asked, looks: int = 4) -> LookPlan:
    return make_plan(looks, of.settings, wanted(of), NOON)


def look(number: int, *, stopped: bool = False) -> Look:
    decided = (Decision("judge", "warm", "naturalness", "better"),)
    return Look(number, 3 * number, 12 * number, decided, stopped, NOON)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


class TestMaking:
    def test_every_prompt_is_dealt_once_into_batches_of_like_size(self) -> None:
        of = asked(prompts=14)
        batches = plan_of(of).batches
        dealt = Counter(name for batch in batches for name in batch)
        assert dealt == dict.fromkeys((p.prompt_id for p in of.prompts), 1)
        assert {len(batch) for batch in batches} == {3, 4}

    def test_the_seed_decides_and_nothing_else(self) -> None:
        of = asked(prompts=12, seed=3)
        assert plan_of(of).batches == plan_of(of).batches
        shuffled = make_plan(4, of.settings, wanted(of)[::-1], NOON)
        assert shuffled.batches == plan_of(of).batches
        assert plan_of(asked(prompts=12, seed=4)).batches != plan_of(of).batches

    def test_levels_are_those_of_o_brien_and_fleming(self) -> None:
        plan = plan_of(asked(prompts=12, alpha=0.1))
        assert plan.nominal == obrien_fleming(4, 0.1).nominal

    @pytest.mark.parametrize(("settings", "resamples"), [(1_000, 100_000), (300_000, 300_000)])
    def test_resamples_are_enough_for_the_levels(self, settings: int, resamples: int) -> None:
        assert plan_of(asked(prompts=12, resamples=settings)).resamples == resamples

    def test_only_prompts_with_something_to_judge_in_the_primary_mode_count(self) -> None:
        of = asked(prompts=12)
        without_pairs = [
            item
            for item in wanted(of)
            if item.rubric.mode == "pointwise" or item.prompt != of.prompts[0]
        ]
        plan = make_plan(4, of.settings, without_pairs, NOON)
        assert of.prompts[0].prompt_id not in plan.prompts()
        assert len(plan.prompts()) == 11

    def test_fewer_prompts_than_looks_are_refused(self) -> None:
        with pytest.raises(ConfigError, match="3 prompts cannot be dealt into 4 looks"):
            plan_of(asked(prompts=3))


class TestFamily:
    def test_it_is_candidates_times_criteria_of_the_primary_mode(self) -> None:
        members = plan_of(asked(prompts=4)).members
        assert (members.criteria, set(members.rubrics)) == (("naturalness",), {"pairs"})
        assert set(members.writers) == {"base", "warm", "stiff"}
        assert plan_of(asked(prompts=4)).hypotheses == 2

    def test_several_judges_make_a_panel_too(self) -> None:
        two = (judge("one"), judge("two", mass_floor=0.7))
        assert plan_of(asked(prompts=4, judges=two)).hypotheses == 2 * 3

    def test_pointwise_names_the_baseline_among_the_writers_too(self) -> None:
        of = asked(prompts=4, primary_mode="pointwise")
        assert Members.of(wanted(of), "pointwise").size("base") == 2


class TestWithin:
    def test_looks_take_their_batches_one_after_another(self) -> None:
        of = asked(prompts=12)
        plan, items = plan_of(of), wanted(of)
        sizes = [len(plan.within(items, upto)) for upto in range(5)]
        assert sizes == [0, 21, 42, 63, 84]  # three scores and four orders a prompt
        assert plan.within(items, None) == items

    def test_a_plan_is_over_when_it_stopped_or_ran_out(self) -> None:
        plan = plan_of(asked(prompts=4), looks=2)
        assert (plan.over, plan.after(look(1)).over) == (False, False)
        stopped = plan.after(look(1, stopped=True))
        assert (stopped.over, stopped.stopped, stopped.complete) == (True, True, False)
        complete = plan.after(look(1)).after(look(2))
        assert (complete.over, complete.stopped, complete.complete) == (True, False, True)


class TestManifest:
    def test_it_is_read_back_as_it_was(self, run: Run) -> None:
        plan = plan_of(asked(prompts=12))
        assert stored_plan(run) is None
        assert fix(run, plan) == plan
        assert stored_plan(run) == plan
        assert record(run, look(1)) == plan.after(look(1)) == stored_plan(run)

    def test_the_first_plan_stays(self, run: Run) -> None:
        first = plan_of(asked(prompts=12, seed=1))
        fix(run, first)
        assert fix(run, plan_of(asked(prompts=12, seed=2))) == first

    def test_a_look_is_recorded_once_and_in_turn(self, run: Run) -> None:
        fix(run, plan_of(asked(prompts=12)))
        record(run, look(1))
        again = record(run, look(1, stopped=True))
        assert [one.stopped for one in again.done] == [False]
        assert len(record(run, look(3)).done) == 1

    def test_it_is_plain_json(self, run: Run) -> None:
        fix(run, plan_of(asked(prompts=12)))
        content = json.loads((Path(run.path) / "manifest.json").read_text(encoding="utf-8"))
        assert [len(batch) for batch in content["looks"]["batches"]] == [3, 3, 3, 3]

    @pytest.mark.parametrize("broken", [[], {"looks": 3}, {"rules": None}, "five"])
    def test_a_plan_that_was_edited_by_hand_is_an_error(self, run: Run, broken: Any) -> None:
        manifest.update(run.path, lambda content: content.update(looks=broken))
        with pytest.raises(StoreError, match="cannot be read"):
            stored_plan(run)


class TestHoldingTo:
    PLANNED = asked(prompts=8)

    def check(self, of: Asked, looks: int = 4) -> None:
        plan_of(self.PLANNED).check(looks, of.settings, wanted(of))

    def test_the_same_again_is_let_through(self) -> None:
        self.check(asked(prompts=8))

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            (asked(prompts=8, primary_mode="pointwise"), "primary_mode pairwise → pointwise"),
            (asked(prompts=8, margins={"pairwise": 0.2}), "pairwise 0.1] → .*pairwise 0.2"),
            (asked(prompts=8, alpha=0.01), "alpha 0.05 → 0.01"),
            (asked(prompts=8, samples=2), "samples 1 → 2"),
            (asked(prompts=8, flagged="minimum"), "flagged keep → minimum"),
            (asked(prompts=8, candidates=("warm",)), r"\[base, stiff, warm\] → \[base, warm\]"),
            (asked(prompts=8, judges=(judge("other"),)), r"judges \[judge\] → \[other\]"),
            (asked(prompts=8, judges=(judge(mass_floor=0.7),)), "the content of judges judge"),
            (
                asked(prompts=8, rubrics=(rubric("pairs", "pairwise", rubric_id="new"),)),
                "the content of rubrics pairs",
            ),
        ],
    )
    def test_what_it_fixed_is_refused_by_name_when_changed(self, changed: Asked, said: str) -> None:
        with pytest.raises(ConfigError, match=said):
            self.check(changed)

    def test_another_number_of_looks_is_refused(self) -> None:
        with pytest.raises(ConfigError, match="looks 4 → 5"):
            self.check(self.PLANNED, looks=5)

    def test_a_rubric_of_the_other_mode_may_change(self) -> None:
        points, pairs = rubric("points", rubric_id="new"), rubric("pairs", "pairwise")
        self.check(asked(prompts=8, rubrics=(points, pairs)))

    def test_the_report_lets_members_join_but_not_leave(self) -> None:
        plan = plan_of(self.PLANNED)
        more = asked(prompts=8, candidates=("warm", "stiff", "late"))
        plan.check_kept(more.settings, wanted(more))
        fewer = asked(prompts=8, candidates=("warm",))
        with pytest.raises(ConfigError, match="writers"):
            plan.check_kept(fewer.settings, wanted(fewer))
