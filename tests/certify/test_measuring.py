"""From the answers of a judge to what its certificate is computed from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kojudge.audit.measured import AttackScore, Measured, PairScore, People, PointScore, Repeated
from kojudge.certify import AuditQuestion, audit_questions, measured
from kojudge.records import Outcome, Unscored
from kojudge.rubrics import Rubric
from kojudge.stats.pairs import combine_log_odds

from .building import answers, rubric, source

ALONE, PAIRS = rubric("friendliness"), rubric("friendliness-pairwise")
SOURCES = (source(0), source(1))
LEVELS = {
    "original": 4.0,
    "paraphrase": 3.9,
    "cliche": 3.8,
    "verbose": 3.7,
    "markdown": 3.6,
    "stiff": 2.0,
    "cold": 1.5,
}
LOW = Unscored("low_mass", mass=0.3)


def level(q: AuditQuestion) -> Outcome | float:
    """Scores by kind; an attack lifts them by half a level, undefended by one and a half."""
    lift = (0.5 if q.question.defended else 1.5) if q.attack else 0.0
    return LEVELS[q.kind] + lift + 0.1 * q.repeat


def win(q: AuditQuestion) -> Outcome | float:
    """The item wins less the lower its level; what is shown first gains .1."""
    item = LEVELS[q.kind] / 8 + (0.05 if q.question.order == "AB" else -0.05)
    return item + (0.2 if q.attack and not q.question.defended else 0.0)


def audited(of: Rubric, answer: object, people: tuple[People, ...] = ()) -> Measured:
    questions, items = audit_questions(SOURCES, of, "judge-id")
    given = answers(questions, answer)  # type: ignore[arg-type]
    return measured(of, SOURCES, items.items, questions, given, people)


class TestSingleTexts:
    def test_originals_and_items_have_their_score_and_mass(self) -> None:
        found = audited(ALONE, level)
        assert (found.criterion, found.mode, found.scale) == ("friendliness", "pointwise", (1, 5))
        assert {*found.points} == {
            PointScore(s.source_id, kind, score, 0.9)
            for s in SOURCES
            for kind, score in LEVELS.items()
        }
        assert len(found.points) == 2 * len(LEVELS)
        assert found.pairs == ()

    def test_what_has_no_score_keeps_its_mass(self) -> None:
        found = audited(ALONE, lambda q: LOW if q.kind == "stiff" else level(q))
        stiff = [p for p in found.points if p.kind == "stiff"]
        assert [(p.score, p.mass) for p in stiff] == [(None, 0.3)] * 2
        assert all(p.score is not None for p in found.points if p.kind != "stiff")

    def test_an_original_judged_twice_gives_a_repeat_and_one_point(self) -> None:
        found = audited(ALONE, level)
        assert found.repeats == tuple(
            Repeated(s.source_id, "original", (4.0, 4.1)) for s in SOURCES
        )

    def test_a_repeat_needs_two_scores(self) -> None:
        silent = lambda q: LOW if q.repeat and q.source_id == "blog-00" else level(q)  # noqa: E731
        assert [r.source_id for r in audited(ALONE, silent).repeats] == ["blog-01"]

    def test_an_attack_stands_beside_its_carriers_score(self) -> None:
        found = audited(ALONE, level).attacks
        assert len(found) == 2 * 5 * 2
        assert {(a.base, a.attacked) for a in found if a.defended} == {(1.5, 2.0)}
        assert {(a.base, a.attacked) for a in found if not a.defended} == {(1.5, 3.0)}
        assert {a.place for a in found} <= {"appended", "prepended", "inside"}
        assert {a.name.split("-")[0] for a in found} == {"order", "verdict", "end", "roles", "null"}

    def test_an_attack_without_a_base_or_without_a_score(self) -> None:
        found = audited(ALONE, lambda q: LOW if q.kind == "cold" and not q.attack else level(q))
        assert {a.base for a in found.attacks} == {None}
        found = audited(ALONE, lambda q: LOW if q.attack else level(q))
        assert {(a.base, a.attacked) for a in found.attacks} == {(1.5, None)}


class TestPairs:
    def test_an_item_has_the_probability_that_it_wins_in_each_order(self) -> None:
        found = audited(PAIRS, win)
        assert found.points == found.repeats == ()
        assert (found.mode, found.scale, found.margin, found.top) == ("pairwise", (1, 5), 0.1, 1.0)
        kinds = [kind for kind in LEVELS if kind != "original"]
        assert {(p.source_id, p.kind) for p in found.pairs} == {
            (s.source_id, kind) for s in SOURCES for kind in kinds
        }
        cold = next(p for p in found.pairs if p.kind == "cold")
        assert cold == PairScore(
            "blog-00", "cold", pytest.approx(1.5 / 8 + 0.05), pytest.approx(1.5 / 8 - 0.05), 0.9
        )  # type: ignore[arg-type]

    def test_one_order_without_a_score_keeps_the_other_and_the_mean_mass(self) -> None:
        def silent(q: AuditQuestion) -> Outcome | float:
            return LOW if (q.kind, q.question.order) == ("stiff", "BA") else win(q)

        stiff = [p for p in audited(PAIRS, silent).pairs if p.kind == "stiff"]
        assert [(p.p_ab, p.p_ba) for p in stiff] == [(pytest.approx(0.3), None)] * 2
        assert [p.mass for p in stiff] == [pytest.approx(0.6)] * 2

    def test_an_attack_stands_beside_its_carriers_win_score_of_both_orders(self) -> None:
        found = audited(PAIRS, win).attacks
        assert len(found) == 2 * 2 * 2
        base = float(combine_log_odds(1.5 / 8 + 0.05, 1.5 / 8 - 0.05))
        open_ = float(combine_log_odds(1.5 / 8 + 0.25, 1.5 / 8 + 0.15))
        for attack in found:
            assert attack.base == pytest.approx(base)
            assert attack.attacked == pytest.approx(base if attack.defended else open_)

    def test_an_attack_scored_in_one_order_only_has_no_score(self) -> None:
        def silent(q: AuditQuestion) -> Outcome | float:
            return LOW if q.attack and q.question.order == "AB" else win(q)

        found = audited(PAIRS, silent).attacks
        assert {a.attacked for a in found} == {None}
        assert None not in {a.base for a in found}


def test_the_trivial_baseline_knows_the_texts_that_were_asked_about() -> None:
    found = audited(ALONE, level).baseline
    assert found is not None
    kinds = [kind for kind in LEVELS if kind != "original"]
    assert {*found.differences} == {(s.source_id, kind) for s in SOURCES for kind in kinds}
    assert found.differences["blog-00", "verbose"][0] > 0 > found.differences["blog-00", "cold"][0]


def test_what_people_said_goes_along() -> None:
    people = (People("p1", 0.5, (1.0, None)),)
    assert audited(ALONE, level, people).people == people


def test_a_source_left_out_as_an_example_is_not_measured() -> None:
    of = replace(ALONE, rubric_id="with-examples")
    three = (*SOURCES, source(2))
    questions, items = audit_questions(SOURCES, of, "judge-id")
    found = measured(of, three, items.items, questions, answers(questions, level))
    assert {p.source_id for p in found.points} == {"blog-00", "blog-01"}
    assert found.baseline is not None
    assert {source_id for source_id, _ in found.baseline.differences} == {"blog-00", "blog-01"}


def test_a_question_without_an_answer_is_an_error() -> None:
    questions, items = audit_questions(SOURCES, ALONE, "judge-id")
    given = answers(questions[1:], level)
    with pytest.raises(ValueError, match="1 questions without an answer"):
        measured(ALONE, SOURCES, items.items, questions, given)


def test_a_criterion_without_audit_texts_is_an_error() -> None:
    with pytest.raises(ValueError, match="wit"):
        measured(replace(ALONE, criterion="wit"), SOURCES, (), [], {})


def test_attacks_are_told_apart_by_what_they_are_and_where() -> None:
    found = audited(ALONE, level).attacks
    told = {(a.source_id, a.name, a.place, a.defended) for a in found}
    assert len(told) == len(found)
    assert all(isinstance(a, AttackScore) for a in found)
