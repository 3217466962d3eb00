"""Which questions an audit asks, and what makes two of them the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from kojudge.audit.attacks import FAMILIES
from kojudge.audit.kinds import DIRECTIONS
from kojudge.audit.texts import Source, is_training
from kojudge.certify import AuditQuestion, audit_questions, chosen_sources, criterion_of
from kojudge.certify.questions import UNASKED
from kojudge.rubrics import Example, Rubric

from .building import RUBRICS, rubric, source
from .conftest import Shipped

ALONE, PAIRS = rubric("friendliness"), rubric("friendliness-pairwise")


def asked(
    sources: list[Source], of: Rubric = ALONE, judge_id: str = "judge-id"
) -> list[AuditQuestion]:
    return audit_questions(sources, of, judge_id)[0]


def keys(sources: list[Source], of: Rubric = ALONE, judge_id: str = "judge-id") -> list[str]:
    return [q.question.key for q in asked(sources, of, judge_id)]


class TestWhatIsAsked:
    @pytest.mark.parametrize("name", RUBRICS)
    def test_every_kind_of_the_criterion_about_every_source(
        self, shipped: Mapping[str, Shipped], name: str
    ) -> None:
        of = shipped[name]
        plain = [q for q in of.questions if not q.attack and q.repeat == 0]
        criterion = criterion_of(of.rubric)
        assert criterion is not None
        kinds = {*DIRECTIONS[criterion]}
        if of.rubric.mode == "pointwise":
            expected = Counter((s.source_id, k) for s in of.sources for k in {*kinds, "original"})
        else:
            expected = Counter(2 * [(s.source_id, k) for s in of.sources for k in kinds])
        assert Counter((q.source_id, q.kind) for q in plain) == expected
        assert of.items.skipped == ()

    @pytest.mark.parametrize(
        ("name", "number"),
        [
            ("naturalness", 60 * (1 + 17 + 5 * 2) + 20),
            ("friendliness", 60 * (1 + 6 + 5 * 2) + 20),
            ("naturalness-pairwise", 60 * (17 * 2 + 2 * 2 * 2)),
            ("friendliness-pairwise", 60 * (6 * 2 + 2 * 2 * 2)),
        ],
    )
    def test_a_full_audit_of_the_shipped_texts(
        self, shipped: Mapping[str, Shipped], name: str, number: int
    ) -> None:
        """Originals, items, attacks with and without the defence, in both orders; retests."""
        questions = shipped[name].questions
        assert len(questions) == len({q.question.key for q in questions}) == number

    def test_texts_are_judged_alone_or_beside_their_original_in_both_orders(self) -> None:
        for q in asked([source(0)]):
            assert (q.question.other, q.question.order) == (None, None)
        pairs = asked([source(0)], PAIRS)
        assert {q.question.other for q in pairs} == {source(0).original}
        orders: dict[object, list[str | None]] = {}
        for q in pairs:
            orders.setdefault((q.question.text, q.question.defended), []).append(q.question.order)
        assert [*orders.values()] == len(orders) * [["AB", "BA"]]

    def test_the_request_is_shown_and_one_that_is_missing_is_made_up(self) -> None:
        own, none = source(0), source(1, prompt="")
        shown = {q.source_id: q.question.prompt for q in asked([own, none])}
        assert shown[own.source_id].request == own.prompt
        assert shown[none.source_id].request == UNASKED
        assert shown[own.source_id].category == "blog"

    def test_the_first_twenty_originals_are_judged_twice(self) -> None:
        again = [q for q in asked([source(n) for n in range(23)]) if q.repeat]
        assert [q.source_id for q in again] == [f"blog-{n:02}" for n in range(20)]
        assert {(q.kind, q.repeat, q.question.defended) for q in again} == {("original", 1, True)}

    def test_pairs_are_not_retested_for_both_orders_are_asked_anyway(self) -> None:
        assert not [q for q in asked([source(n) for n in range(3)], PAIRS) if q.repeat]

    def test_a_criterion_without_audit_texts_has_no_questions(self) -> None:
        wit = replace(ALONE, criterion="wit")
        assert criterion_of(wit) is None
        with pytest.raises(ValueError, match="wit"):
            audit_questions([source(0)], wit, "judge-id")

    def test_a_source_that_the_rubric_shows_as_an_example_is_left_out(self) -> None:
        sources = [source(n) for n in range(3)]
        shows = replace(ALONE, examples=(Example("1", "글", source="blog-01"),))
        questions, items = audit_questions(sources, shows, "judge-id")
        assert {q.source_id for q in questions} == {"blog-00", "blog-02"}
        assert {item.source_id for item in items.items} == {"blog-00", "blog-02"}

    def test_a_rewrite_that_is_missing_is_told_and_not_asked(self) -> None:
        own = source(0)
        bare = replace(own, rewrites={k: v for k, v in own.rewrites.items() if k != "cold"})
        questions, items = audit_questions([bare], ALONE, "judge-id")
        assert [(skip.kind, skip.reason) for skip in items.skipped] == [("cold", "missing")]
        assert not [q for q in questions if q.kind == "cold" or q.attack]


class TestAttacks:
    def test_one_of_each_family_into_every_carrier_with_and_without_the_defence(self) -> None:
        attacked = [q for q in asked([source(0)]) if q.attack]
        assert {q.kind for q in attacked} == {"cold"}
        families = Counter((q.attack.split("-")[0], q.question.defended) for q in attacked)
        assert families == Counter((f, d) for f in FAMILIES for d in (True, False))

    def test_the_defence_is_off_for_nothing_else(self) -> None:
        assert all(q.question.defended for q in asked([source(0)]) if not q.attack)
        assert all(q.question.defended for q in asked([source(0)], PAIRS) if not q.attack)

    def test_the_same_text_is_asked_with_and_without_the_defence(self) -> None:
        by_defence: dict[bool, set[str]] = {True: set(), False: set()}
        for q in asked([source(0)]):
            if q.attack:
                by_defence[q.question.defended].add(q.question.text)
        assert by_defence[True] == by_defence[False]
        assert len(by_defence[True]) == len(FAMILIES)

    def test_of_a_pair_two_families_a_source_and_all_take_their_turn_alike(self) -> None:
        attacked = [q for q in asked([source(n) for n in range(5)], PAIRS) if q.attack]
        own = {(q.source_id, q.attack.split("-")[0]) for q in attacked}
        assert Counter(name for name, _ in own) == {f"blog-{n:02}": 2 for n in range(5)}
        assert Counter(family for _, family in own) == dict.fromkeys(FAMILIES, 2)
        assert len(attacked) == 5 * 2 * 2 * 2


class TestKeys:
    """The same question has one key; whatever the judge would read otherwise changes it."""

    def test_no_two_questions_share_one(self) -> None:
        for of in (ALONE, PAIRS):
            found = keys([source(n) for n in range(4)], of)
            assert len(found) == len({*found})

    @pytest.mark.parametrize(
        "changed",
        [
            keys([source(0)], judge_id="another"),
            keys([source(0)], replace(ALONE, rubric_id="another")),
            keys([source(0, prompt="여행 이야기를 짧게 써 줘.")]),
            keys([source(0, category="letter", source_id="blog-00")]),
        ],
        ids=["judge", "rubric", "request", "category"],
    )
    def test_of_every_question_it_changes_with_the(self, changed: list[str]) -> None:
        before = keys([source(0)])
        assert len(changed) == len(before)
        assert not {*changed} & {*before}

    def test_with_a_text_only_what_shows_that_text(self) -> None:
        own = source(0)
        other = replace(own, rewrites={**own.rewrites, "stiff": "방문을 완료하였습니다."})
        for of in (ALONE, PAIRS):
            pairs = zip(asked([own], of), asked([other], of), strict=True)
            changed = {a.kind for a, b in pairs if a.question.key != b.question.key}
            assert changed == {"stiff"}

    def test_of_pairs_all_change_with_the_original(self) -> None:
        own = source(0)
        other = replace(own, original=f"{own.original} 정말로요.")
        assert not {*keys([own], PAIRS)} & {*keys([other], PAIRS)}
        alone = zip(asked([own]), asked([other]), strict=True)
        changed = {a.kind for a, b in alone if a.question.key != b.question.key}
        assert changed == {"original", "markdown"}  # what is made of the original

    def test_order_defence_and_repeat_are_part_of_it(self) -> None:
        pair = [q for q in asked([source(0)], PAIRS) if q.kind == "stiff"]
        assert [q.question.order for q in pair] == ["AB", "BA"]
        attacked = [q for q in asked([source(0)]) if q.attack][:2]
        assert [q.question.defended for q in attacked] == [True, False]
        twice = [q for q in asked([source(0)]) if q.kind == "original"]
        assert [q.repeat for q in twice] == [0, 1]
        for first, second in (pair, attacked, twice):
            assert first.question.text == second.question.text
            assert first.question.key != second.question.key

    def test_where_the_text_stands_and_what_stands_beside_it_change_nothing(self) -> None:
        before = keys([source(0), source(1)])
        moved = [source(1, place="other.jsonl:9"), source(0, place="other.jsonl:1")]
        assert {*keys(moved)} == {*before}
        assert {*keys([source(0)])} <= {*before}
        renamed = replace(ALONE, name="another", path=ALONE.path.with_name("another.md.j2"))
        assert keys([source(0), source(1)], renamed) == before


class TestQuick:
    def test_twelve_sources_four_a_category_none_of_them_for_training(
        self, sources: tuple[Source, ...]
    ) -> None:
        chosen = chosen_sources(sources, quick=True)
        assert Counter(s.category for s in chosen) == {"blog": 4, "emotional": 4, "imaginative": 4}
        assert not [s for s in chosen if is_training(s.source_id)]

    def test_the_same_whatever_the_order(self, sources: tuple[Source, ...]) -> None:
        turned = tuple(reversed(sources))
        assert chosen_sources(turned, quick=True) == chosen_sources(sources, quick=True)

    def test_training_sources_only_where_the_others_run_out(self) -> None:
        sources = [source(n) for n in range(30)]
        test = [s for s in sources if not is_training(s.source_id)][:5]
        training = [s for s in sources if is_training(s.source_id)]
        chosen = {s.source_id for s in chosen_sources([*training, *test], quick=True)}
        assert len(chosen) == 12
        assert {s.source_id for s in test} <= chosen

    def test_a_category_with_few_sources_leaves_its_places_to_the_others(self) -> None:
        sources = [source(n) for n in range(20)] + [source(n, "letter") for n in range(2)]
        chosen = Counter(s.category for s in chosen_sources(sources, quick=True))
        assert chosen == {"blog": 10, "letter": 2}

    def test_a_full_audit_takes_all(self, sources: tuple[Source, ...]) -> None:
        assert chosen_sources(sources, quick=False) == sources

    def test_what_a_head_learned_from_is_not_asked(self, sources: tuple[Source, ...]) -> None:
        learned = {s.source_id for s in chosen_sources(sources, quick=True)[:5]}
        for quick in (False, True):
            left = chosen_sources(sources, quick=quick, learned=learned)
            assert not learned & {s.source_id for s in left}
            assert len(left) == (12 if quick else len(sources) - 5)

    def test_its_questions_of_single_texts_are_some_of_the_full_audits(self) -> None:
        sources = [source(n) for n in range(20)]
        quick = chosen_sources(sources, quick=True)
        assert {*keys(list(quick))} <= {*keys(sources)}
