"""Which judgments are wanted: a score a text, two orders a pair, under an id of all it rests on."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.records import Message, Prompt, Text
from kojudge.selection import Asked, WantedJudgment, apart, flags_of, wanted_judgments
from kojudge.selection.judgments import prompt_of

from .building import asked, imported, judge, prompt, rubric, written


def wanted(of: Asked, texts: list[Text] | None = None) -> list[WantedJudgment]:
    texts = written(of) if texts is None else texts
    return list(wanted_judgments(of, texts, flags_of(texts, {})))


def ids(found: list[WantedJudgment]) -> set[str]:
    return {item.judgment_id for item in found}


@settings(deadline=None)
@given(
    prompts=st.integers(1, 4), candidates=st.integers(1, 3), samples=st.integers(1, 2),
    points=st.integers(0, 2), pairs=st.integers(0, 2), judges=st.integers(1, 2),
)  # fmt: skip
def test_there_is_one_for_each_text_and_rubric_and_two_for_each_pair(
    prompts: int, candidates: int, samples: int, points: int, pairs: int, judges: int
) -> None:
    rubrics = [rubric(f"points-{n}") for n in range(points)]
    rubrics += [rubric(f"pairs-{n}", "pairwise") for n in range(pairs)]
    if not rubrics:
        return
    of = asked(
        prompts=prompts, candidates=tuple(f"c{n}" for n in range(candidates)), samples=samples,
        rubrics=tuple(rubrics), judges=tuple(judge(f"j{n}") for n in range(judges)),
    )  # fmt: skip
    found = wanted(of)
    texts, rivals = prompts * samples * (1 + candidates), prompts * samples * candidates
    assert len(found) == judges * (points * texts + pairs * rivals * 2)
    assert len(ids(found)) == len(found)


def test_the_baseline_is_not_paired_with_itself() -> None:
    pairs = [item for item in wanted(asked()) if item.baseline is not None]
    assert {item.text.candidate for item in pairs} == {"warm", "stiff"}
    assert {item.baseline.candidate for item in pairs if item.baseline} == {"base"}


def test_a_pair_is_of_one_prompt_one_turn_and_one_sample_in_both_orders() -> None:
    of = asked(samples=2)
    pairs = [item for item in wanted(of) if item.baseline is not None]
    for item in pairs:
        assert item.baseline is not None
        assert item.text.prompt_id == item.baseline.prompt_id
        assert item.text.sample == item.baseline.sample
    orders = Counter((item.text.text_id, item.order) for item in pairs)
    assert set(orders.values()) == {1}
    assert {order for _, order in orders} == {"AB", "BA"}


def test_a_text_whose_baseline_is_missing_has_no_pair_but_a_score() -> None:
    of = asked(prompts=2)
    texts = [t for t in written(of) if (t.candidate, t.prompt_id) != ("base", prompt(0).prompt_id)]
    found = wanted(of, texts)
    without = [item for item in found if item.text.prompt_id == prompt(0).prompt_id]
    assert {item.rubric.name for item in without} == {"points"}
    assert {item.text.candidate for item in without} == {"warm", "stiff"}


@pytest.mark.parametrize(
    ("mode", "rubrics"),
    [("both", {"points", "pairs"}), ("pointwise", {"points"}), ("pairwise", {"pairs"})],
)
def test_the_mode_chooses_among_the_rubrics(mode: str, rubrics: set[str]) -> None:
    primary = "pairwise" if mode == "both" else mode
    found = wanted(asked(mode=mode, primary_mode=primary))
    assert {item.rubric.name for item in found} == rubrics


def test_rubrics_follow_one_another_so_that_what_is_read_shares_a_prefix() -> None:
    names = [item.rubric.name for item in wanted(asked())]
    assert names == sorted(names, key=["points", "pairs"].index)


def test_the_order_of_the_texts_changes_no_id() -> None:
    of = asked()
    assert ids(wanted(of, written(of)[::-1])) == ids(wanted(of))


class TestWhatMakesAnotherJudgment:
    def test_another_rubric_asks_its_own_again_and_no_other(self) -> None:
        changed = asked(rubrics=(rubric("points", rubric_id="edited"), rubric("pairs", "pairwise")))
        kept = ids(wanted(asked())) & ids(wanted(changed))
        assert kept == {i.judgment_id for i in wanted(asked()) if i.rubric.name == "pairs"}

    @pytest.mark.parametrize(
        "changes", [{"mass_floor": 0.9}, {"source": {"path": "fake:x"}}, {"dtype": "float32"}]
    )
    def test_another_judge(self, changes: dict[str, Any]) -> None:
        changed = asked(judges=(judge(**changes),))
        assert not ids(wanted(asked())) & ids(wanted(changed))

    def test_another_text_of_the_baseline_asks_the_pairs_again(self) -> None:
        of = asked(prompts=1)
        texts = [replace(t, text_id="new") if t.candidate == "base" else t for t in written(of)]
        kept = ids(wanted(of, texts)) & ids(wanted(of))
        assert kept == {
            item.judgment_id
            for item in wanted(of)
            if item.baseline is None and item.text.candidate != "base"
        }


class TestFlagged:
    def test_minimum_settles_the_empty_texts_and_their_pairs_unasked(self) -> None:
        of = asked(prompts=1, flagged="minimum")
        texts = [replace(t, text="") if t.candidate == "warm" else t for t in written(of)]
        flagged = {(i.text.candidate, i.order) for i in wanted(of, texts) if i.flagged}
        assert flagged == {("warm", None), ("warm", "AB"), ("warm", "BA")}

    def test_an_empty_baseline_flags_every_pair(self) -> None:
        of = asked(prompts=1, flagged="minimum")
        texts = [replace(t, text="") if t.candidate == "base" else t for t in written(of)]
        pairs = [item for item in wanted(of, texts) if item.baseline]
        assert all(len(item.flagged) == 1 for item in pairs)
        assert len(pairs) == 4

    def test_only_the_flagged_have_other_ids_than_under_keep(self) -> None:
        keep, minimum = asked(prompts=1), asked(prompts=1, flagged="minimum")
        texts = [replace(t, text="") if t.candidate == "warm" else t for t in written(keep)]
        kept = ids(wanted(keep, texts)) & ids(wanted(minimum, texts))
        assert kept == {i.judgment_id for i in wanted(minimum, texts) if not i.flagged}


class TestImportedTexts:
    def test_they_are_judged_and_compared_like_the_others(self) -> None:
        of = asked(prompts=2)
        texts = [*written(of), imported("outsider", prompt(0))]
        found = [item for item in wanted(of, texts) if item.text.candidate == "outsider"]
        assert [(i.rubric.name, i.order) for i in found] == [
            ("points", None), ("pairs", "AB"), ("pairs", "BA"),
        ]  # fmt: skip
        assert all(item.prompt == prompt(0) for item in found)

    def test_an_imported_text_can_be_the_baseline(self) -> None:
        mine = prompt(9)
        texts = [imported("base", mine), imported("outsider", mine)]
        pairs = [item for item in wanted(asked(), texts) if item.baseline]
        assert [(i.text.candidate, i.order) for i in pairs] == [
            ("outsider", "AB"), ("outsider", "BA"),
        ]  # fmt: skip

    def test_turns_are_compared_turn_by_turn(self) -> None:
        mine = prompt(9)
        texts = [
            imported(name, mine, turn=turn, text_id=f"{name}-{turn}")
            for name in ("base", "outsider")
            for turn in (1, 2)
        ]
        pairs = {
            (item.text.text_id, item.baseline.text_id)
            for item in wanted(asked(), texts)
            if item.baseline
        }
        assert pairs == {("outsider-1", "base-1"), ("outsider-2", "base-2")}

    def test_answers_to_different_conversations_are_no_pair_and_are_counted(self) -> None:
        mine = prompt(9)

        def second(name: str, first_answer: str) -> Text:
            turns = [{"role": "user", "content": "안녕?"},
                     {"role": "assistant", "content": first_answer}]  # fmt: skip
            history = json.dumps(turns, ensure_ascii=False)
            return imported(name, mine, turn=2, text_id=name, history=history)

        same = [second("base", "네."), second("alike", "네.")]
        texts = [*same, second("unlike", "응.")]
        found = wanted(asked(), texts)
        assert {i.text.candidate for i in found if i.baseline} == {"alike"}
        assert {i.text.candidate for i in found if not i.baseline} == {"base", "alike", "unlike"}
        assert (apart(asked(), texts), apart(asked(), same)) == (1, 0)

    def test_the_prompt_of_one_that_the_workspace_does_not_know_is_rebuilt(self) -> None:
        history = '[{"role": "user", "content": "안녕?"}, {"role": "assistant", "content": "네."}]'
        text = imported("x", prompt(9), history=history, turn=2)
        assert prompt_of(text) == Prompt(
            prompt(9).prompt_id,
            "mail",
            (
                Message("user", "안녕?"),
                Message("assistant", "네."),
                Message("user", prompt(9).request),
            ),
        )
