"""The plan of a cascade: drawn once, kept in the manifest, held to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kojudge.errors import ConfigError, StoreError
from kojudge.selection import Asked, WantedJudgment, wanted_judgments
from kojudge.selection.cascades import CascadePlan, fix_cascade, make_cascade, stored_cascade
from kojudge.store import manifest
from kojudge.store.run import Run

from .building import asked, judge, written

NOON = "2026-11-22T12:00:00+00:00"
JUDGES = (judge("cheap"), judge("strong"))


def of_two(prompts: int = 60, **settings: Any) -> Asked:
    return asked(prompts=prompts, judges=JUDGES, **settings)


def wanted(of: Asked) -> list[WantedJudgment]:
    return list(wanted_judgments(of, written(of)))


def plan_of(of: Asked, fraction: float = 0.5, *, uncertain: bool = False) -> CascadePlan:
    return make_cascade("cheap", "strong", fraction, uncertain, of.settings, wanted(of), NOON)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


class TestMaking:
    def test_the_strong_judge_reads_its_part_and_the_cheap_one_everything(self) -> None:
        of = of_two()
        plan = plan_of(of)
        kept = plan.within(wanted(of))
        read = {
            name: {item.text.prompt_id for item in kept if item.judge.name == name}
            for name in ("cheap", "strong")
        }
        assert read["cheap"] == {p.prompt_id for p in of.prompts} == set(plan.prompts)
        assert read["strong"] == set(plan.drawn)
        assert len(plan.drawn) == plan.number == 30

    def test_all_models_texts_of_a_prompt_are_read_together(self) -> None:
        of = of_two()
        plan = plan_of(of)
        by_prompt: dict[str, set[str]] = {}
        for item in plan.within(wanted(of)):
            if item.judge.name == "strong" and item.rubric.mode == "pointwise":
                by_prompt.setdefault(item.text.prompt_id, set()).add(item.text.candidate)
        assert set(map(frozenset, by_prompt.values())) == {frozenset({"base", "warm", "stiff"})}

    def test_the_seed_decides_and_nothing_else(self) -> None:
        of = of_two(seed=3)
        shuffled = make_cascade("cheap", "strong", 0.5, False, of.settings, wanted(of)[::-1], NOON)
        assert plan_of(of) == plan_of(of) == shuffled
        assert plan_of(of_two(seed=4)).drawn != plan_of(of).drawn

    def test_other_judges_are_left_alone(self) -> None:
        of = asked(prompts=60, judges=(*JUDGES, judge("third")))
        plan = plan_of(of)
        kept = plan.within(wanted(of))
        third = [item for item in wanted(of) if item.judge.name == "third"]
        assert [item for item in kept if item.judge.name == "third"] == third
        assert set(plan.members.judges) == {"cheap", "strong"}

    def test_the_control_of_the_strong_judge_is_of_prompts_it_reads(self) -> None:
        of = of_two(controls=10)
        plan = plan_of(of)
        controls = plan.controls(of, written(of))
        own = {item.text.prompt_id for item in controls if item.judge.name == "strong"}
        assert len(own) == 10
        assert own <= set(plan.drawn)
        assert {item.judge.name for item in controls} == {"cheap", "strong"}

    @pytest.mark.parametrize(
        ("prompts", "hint"), [(60, "above 0.50"), (20, "more than 30 prompts")]
    )
    def test_too_small_a_part_is_refused(self, prompts: int, hint: str) -> None:
        with pytest.raises(ConfigError, match=hint):
            plan_of(of_two(prompts), 0.2)


class TestUncertain:
    def test_nothing_is_drawn_until_it_is_known_where_the_judge_is_unsure(self) -> None:
        of = of_two()
        plan = plan_of(of, uncertain=True)
        assert (plan.ready, plan.drawn, plan.inclusion) == (False, (), ())
        assert {item.judge.name for item in plan.within(wanted(of))} == {"cheap"}
        drawn = plan.drawn_by({name: 1 + at for at, name in enumerate(plan.prompts)})
        assert (drawn.ready, len(drawn.drawn)) == (True, 30)
        assert list(drawn.inclusion) == sorted(drawn.inclusion)
        assert drawn.draw.drawn.sum() == 30

    def test_a_prompt_that_nothing_is_known_of_has_the_even_share(self) -> None:
        plan = plan_of(of_two(), uncertain=True)
        drawn = plan.drawn_by({plan.prompts[0]: 1.0, plan.prompts[1]: 1.0})
        assert min(drawn.inclusion) >= 0.5 * 0.5


class TestKeeping:
    @pytest.mark.parametrize("uncertain", [False, True])
    def test_what_is_written_is_what_is_read(self, run: Run, uncertain: bool) -> None:
        plan = plan_of(of_two(), uncertain=uncertain)
        assert stored_cascade(run) is None
        assert fix_cascade(run, plan) == plan == stored_cascade(run)

    def test_the_first_plan_and_the_first_draw_stay(self, run: Run) -> None:
        plan = plan_of(of_two(), uncertain=True)
        fix_cascade(run, plan)
        first = plan.drawn_by({name: 1 + at for at, name in enumerate(plan.prompts)})
        second = plan.drawn_by({name: 100 - at for at, name in enumerate(plan.prompts)})
        assert first.drawn != second.drawn
        assert fix_cascade(run, first) == first
        assert fix_cascade(run, second) == first

    @pytest.mark.parametrize("key", ["rules", "members", "drawn", "prompts"])
    def test_a_plan_that_cannot_be_read_is_named(self, run: Run, key: str) -> None:
        fix_cascade(run, plan_of(of_two()))
        manifest.update(run.path, lambda content: content["cascade"].pop(key))
        with pytest.raises(StoreError, match="`cascade`, the plan, cannot be read"):
            stored_cascade(run)


class TestHolding:
    def test_the_same_family_is_let_through(self) -> None:
        of = of_two()
        plan = plan_of(of)
        plan.check(of.settings, wanted(of))
        plan.check_kept(of.settings, plan.within(wanted(of)))
        plan.check_same("cheap", "strong", None, False)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"alpha": 0.1}, "alpha 0.05 → 0.1"),
            ({"samples": 2}, "samples 1 → 2"),
            ({"candidates": ("warm",)}, "stiff"),
        ],
    )
    def test_what_it_rests_on_cannot_change(self, changes: dict[str, Any], said: str) -> None:
        plan, other = plan_of(of_two()), of_two(**changes)
        with pytest.raises(ConfigError, match=said):
            plan.check(other.settings, wanted(other))

    def test_a_refusal_says_how_to_go_on(self) -> None:
        plan = plan_of(of_two(), uncertain=True)
        with pytest.raises(ConfigError, match=r"fraction 0.5 → 0.6") as refused:
            plan.check_same("cheap", "strong", 0.6, True)
        assert refused.value.hint is not None
        assert (
            "kojudge score --judge cheap --with strong --fraction 0.5 --uncertain"
            in refused.value.hint.en
        )
