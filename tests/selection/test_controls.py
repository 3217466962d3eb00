"""Which judgments the assay control asks for."""

from __future__ import annotations

from collections import Counter

from kojudge.selection import wanted_controls, wanted_judgments

from .building import asked, written


def test_the_baselines_texts_alone_and_beside_themselves_in_both_orders() -> None:
    of = asked(prompts=3)
    found = list(wanted_controls(of, written(of)))
    assert Counter(item.order for item in found) == {None: 3, "AB": 3, "BA": 3}
    assert {item.text.candidate for item in found} == {"base~control"}
    assert all(item.control for item in found)
    assert {item.baseline.candidate for item in found if item.baseline} == {"base"}


def test_so_many_prompts_as_the_settings_say_and_the_same_ones_for_every_rubric() -> None:
    of = asked(prompts=9, controls=4)
    found = list(wanted_controls(of, written(of)))
    assert len({item.text.prompt_id for item in found}) == 4
    by_rubric = {
        name: {i.text.prompt_id for i in found if i.rubric.name == name}
        for name in ("points", "pairs")
    }
    assert by_rubric["points"] == by_rubric["pairs"]


def test_no_control_where_none_is_asked_for_or_the_baseline_wrote_nothing() -> None:
    of = asked(controls=0)
    assert list(wanted_controls(of, written(of))) == []
    of = asked()
    others = [text for text in written(of) if text.candidate != "base"]
    assert list(wanted_controls(of, others)) == []


def test_its_ids_are_its_own_and_do_not_change() -> None:
    of = asked()
    texts = written(of)
    ids = [item.judgment_id for item in wanted_controls(of, texts)]
    assert len(set(ids)) == len(ids)
    assert ids == [item.judgment_id for item in wanted_controls(of, texts)]
    assert not {*ids} & {item.judgment_id for item in wanted_judgments(of, texts)}
