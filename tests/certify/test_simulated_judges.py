"""Judges with known faults go through the whole audit of the shipped texts.

Each reads the very prompts that a real judge would, and knows the true quality of every text
in them; each must fail the rows of its fault, in the modes it shows in, and no other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from kojudge.audit.certificate import Certificate, certify
from kojudge.audit.figures import Precision
from kojudge.audit.grade import Graded
from kojudge.audit.kinds import DIRECTIONS
from kojudge.audit.measured import Measured, People
from kojudge.audit.standing import Standing
from kojudge.audit.texts import Source
from kojudge.certify import (
    AuditQuestion,
    answered,
    ask_pending,
    audit_questions,
    chosen_sources,
    criterion_of,
    measured,
    pending,
)
from kojudge.engines.fake import FakeEngine
from kojudge.engines.simulated import FAULTS, quality_key
from kojudge.records import ModelSpec, identity
from kojudge.rubrics import neutralise
from kojudge.store.run import Run

from .building import RUBRICS, card, rubric
from .conftest import Shipped

GOOD, SAME, LOWER, ATTACKED = 0.85, 0.84, 0.40, 0.05
"""Qualities of originals, ≈ kinds and ↓ kinds; what a carrier loses by an attack.

An order in the middle of a letter reads badly. At its carrier's very quality one attack in
fifteen would count as obeyed: scores of two texts differ by more than Δ so often by the noise
of this judge alone.
"""
NAMES = {"naturalness": ["자연스러움"], "friendliness": ["친근함"]}
FAMILY_MARK = "그나저나 말이죠"
RESAMPLES = 400
AGREEING = tuple(
    People(f"p{at}", 0.4 * ((at % 5) - 2) + 0.1 * (at % 3), (float(at % 5) - 2,))
    for at in range(40)
)


@dataclass(frozen=True, slots=True)
class Audited:
    """What one judge answered by the rubric's name, and the certificate it earned."""

    answers: Mapping[str, Measured]
    certificate: Certificate

    def standing(self, name: str) -> Standing:
        return self.certificate.entries[RUBRICS.index(name)].standing

    def graded(self, name: str) -> Graded:
        return self.certificate.entries[RUBRICS.index(name)].graded

    def codes(self, name: str) -> list[str]:
        return [reason.code for reason in self.graded(name).reasons]


def quality(q: AuditQuestion, unseen: float = 0.05) -> float:
    """Return the true quality of the text asked about, for its rubric's criterion.

    The damage to a share ``unseen`` of the ↓ texts is too slight to make them worse: which of
    the two is better, nobody can tell.
    """
    criterion = criterion_of(q.question.rubric)
    assert criterion is not None
    direction = DIRECTIONS[criterion].get(q.kind)
    slight = int(identity(["slight", q.source_id, q.kind])[:8], 16) < unseen * 16**8
    own = {"lower": SAME if slight else LOWER, "same": SAME}.get(direction or "", GOOD)
    return own - ATTACKED if q.attack else own


def read(q: AuditQuestion, text: str) -> str:
    """Return ``text`` as the judge reads it."""
    specials = FakeEngine(ModelSpec("judge", "fake")).special_tokens()
    return neutralise(text, specials) if q.question.defended else text


@pytest.fixture(scope="session")
def table(shipped: Mapping[str, Shipped], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The true quality of every text that an audit shows, as a file."""
    path = tmp_path_factory.mktemp("qualities") / "qualities.json"
    return write_table(path, [*shipped.values()])


def write_table(path: Path, asked: Sequence[Shipped], unseen: float = 0.05) -> Path:
    texts: dict[str, dict[str, float]] = {}
    for of in asked:
        for q in of.questions:
            known = texts.setdefault(quality_key(read(q, q.question.text)), {})
            own = quality(q, unseen)
            assert known.setdefault(of.rubric.criterion, own) == own
            if q.question.other is not None:
                key = quality_key(read(q, q.question.other))
                texts.setdefault(key, {})[of.rubric.criterion] = GOOD
    content = {"texts": texts, "names": NAMES, "family_mark": FAMILY_MARK}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


Audit = Callable[[str], Audited]


@pytest.fixture(scope="session")
def audit(
    shipped: Mapping[str, Shipped], table: Path, tmp_path_factory: pytest.TempPathFactory
) -> Audit:
    """Audit the judge with a fault, once for all tests."""
    folder = tmp_path_factory.mktemp("audits")

    @cache
    def audited(fault: str) -> Audited:
        run = Run.open(folder / fault, create=True)
        answers = {
            name: answer(run, f"fake:judge={fault}:{table}", of, of.questions)
            for name, of in shipped.items()
        }
        return Audited(answers, certificate([*answers.values()]))

    return audited


def answer(run: Run, path: str, of: Shipped, questions: Sequence[AuditQuestion]) -> Measured:
    engine, left = FakeEngine(ModelSpec("judge", path)), pending(run, questions)
    ask_pending(run, left, card(path), "judge-id", engine, lambda _: None, flush_every=5000)
    return measured(of.rubric, of.sources, of.items.items, questions, answered(run, questions))


def certificate(found: Sequence[Measured], *, quick: bool = False) -> Certificate:
    precision = Precision(np.random.default_rng(7), RESAMPLES)
    return certify("judge", "judge-id", {}, "texts", found, precision, quick=quick)


NONE: frozenset[str] = frozenset()
PADDED = frozenset({"rise:cliche", "rise:verbose"})
BLIND = frozenset({"detection", "trivial"})
INJECTION = frozenset({"injection"})
OUGHT: Mapping[str, Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "good": {"pointwise": (NONE, NONE), "pairwise": (NONE, NONE)},
    # Both orders cancel in log-odds, so the bias costs no detection; alone a text has no place.
    "position": {"pointwise": (NONE, NONE), "pairwise": (frozenset({"position"}), NONE)},
    # An attack makes its carrier longer, and so better. The other ≈ kinds are a tenth longer
    # than their originals: in a pair, where nothing but length tells the two apart, it decides.
    "length": {
        "pointwise": (PADDED, INJECTION),
        "pairwise": (
            PADDED,
            INJECTION | {"rise:stiff", "rise:paraphrase", "rise:markdown"},
        ),
    },
    # Seeing no difference it detects nothing, less than length alone does; and a carrier that
    # has the top score already cannot show whether it would rise. Pairs it judges well.
    "ceiling": {
        "pointwise": (BLIND | {"injection_unmeasured"}, NONE),
        "pairwise": (NONE, NONE),
    },
    "gullible": {"pointwise": (INJECTION, NONE), "pairwise": (INJECTION, NONE)},
    # An attack makes another text of its carrier, and draws again: often it draws a higher
    # score. The order of a pair it does not mind, for it draws by the text alone.
    "random": {"pointwise": (BLIND, INJECTION), "pairwise": (BLIND, INJECTION)},
    "unsure": {
        "pointwise": (frozenset({"unscored"}), NONE),
        "pairwise": (frozenset({"unscored"}), NONE),
    },
    # Self-preference shows beside its own family's texts, in a report; here there are none.
    "family": {"pointwise": (NONE, NONE), "pairwise": (NONE, NONE)},
}
"""By fault and mode: the rows a judge must fail, and those that the same fault may trip."""


def test_every_fault_is_put_through_the_audit() -> None:
    assert tuple(OUGHT) == FAULTS


@pytest.mark.parametrize("name", RUBRICS)
@pytest.mark.parametrize("fault", OUGHT)
def test_a_judge_fails_the_rows_of_its_fault_and_no_other(
    audit: Audit, fault: str, name: str
) -> None:
    must, may = OUGHT[fault][rubric(name).mode]
    found, codes = audit(fault), {*audit(fault).codes(name)}
    if must:
        assert found.graded(name).grade == "failed"
        assert must <= codes <= must | may
    else:
        assert (found.graded(name).grade, codes) == ("provisional", {"no_people"})


@pytest.mark.parametrize("fault", OUGHT)
def test_a_certificate_is_no_better_than_its_worst_entry(audit: Audit, fault: str) -> None:
    fails = any(must for must, _ in OUGHT[fault].values())
    assert audit(fault).certificate.grade == ("failed" if fails else "provisional")


def test_a_good_judge_that_people_agree_with_is_certified(audit: Audit) -> None:
    found = [replace(of, people=AGREEING) for of in audit("good").answers.values()]
    made = certificate(found)
    assert [(e.graded.grade, e.graded.reasons) for e in made.entries] == [("certified", ())] * 4


def test_a_judge_that_sees_two_thirds_of_the_damage_fails(
    shipped: Mapping[str, Shipped], tmp_path: Path
) -> None:
    """Of the 80 % that are hardly damaged it sees little more than every other one."""
    of = shipped["naturalness"]
    table = write_table(tmp_path / "qualities.json", [of], unseen=0.8)
    run = Run.open(tmp_path / "run", create=True)
    found = replace(answer(run, f"fake:judge=good:{table}", of, of.questions), people=AGREEING)
    (entry,) = certificate([found]).entries
    assert entry.standing.macro.value == pytest.approx(2 / 3, abs=0.06)
    assert (entry.graded.grade, entry.graded.reasons[0].code) == ("failed", "detection")


def test_people_do_not_save_a_judge_with_a_fault(audit: Audit) -> None:
    found = [replace(of, people=AGREEING) for of in audit("gullible").answers.values()]
    assert certificate(found).grade == "failed"


class TestWhatTheRowsShow:
    """The number beside the grade is that of the fault."""

    def test_the_good_judge(self, audit: Audit) -> None:
        for name in RUBRICS:
            row = audit("good").standing(name)
            assert row.sources == 60
            assert row.macro.value is not None
            assert 0.95 < row.macro.value < 1
            assert row.unscored.value == 0
            assert row.lacking == ()
            assert row.injection is not None
            assert row.injection.defended.value is not None
            assert row.injection.defended.value < 0.02

    def test_the_place_decides(self, audit: Audit) -> None:
        biased = audit("position").standing("naturalness-pairwise").position
        fair = audit("good").standing("naturalness-pairwise").position
        assert biased is not None
        assert fair is not None
        assert biased.value is not None
        assert fair.value is not None
        assert biased.value < 0.2 < 0.9 < fair.value

    @pytest.mark.parametrize("name", RUBRICS)
    def test_length_explains_more_of_a_length_biased_judge(self, audit: Audit, name: str) -> None:
        biased, fair = (audit(f).standing(name).shortcuts for f in ("length", "good"))
        assert biased is not None
        assert fair is not None
        assert biased.explained is not None
        assert fair.explained is not None
        assert biased.explained > fair.explained + 0.05

    def test_all_texts_lie_at_the_ceiling(self, audit: Audit) -> None:
        flat = audit("ceiling").standing("naturalness")
        fair = audit("good").standing("naturalness")
        assert flat.ceiling is not None
        assert fair.ceiling is not None
        assert flat.ceiling.value == 1
        assert fair.ceiling.value is not None
        assert fair.ceiling.value < 0.1
        assert flat.injection is not None
        assert (flat.injection.defended.value, flat.injection.without_room) == (None, 600)

    @pytest.mark.parametrize("name", RUBRICS)
    def test_every_attack_succeeds(self, audit: Audit, name: str) -> None:
        row = audit("gullible").standing(name).injection
        assert row is not None
        assert row.defended.value == row.undefended.value == 1
        assert {*row.by_attack.values()} == {1.0}

    @pytest.mark.parametrize("name", RUBRICS)
    def test_one_answer_in_twenty_does_not_count(self, audit: Audit, name: str) -> None:
        assert audit("unsure").standing(name).unscored.value == pytest.approx(0.05, abs=0.02)

    def test_no_audit_text_is_of_the_judges_family(self, shipped: Mapping[str, Shipped]) -> None:
        texts = (q.question.text for of in shipped.values() for q in of.questions)
        assert not [text for text in texts if FAMILY_MARK in text]


def test_a_quick_audit_grants_at_most_provisional(
    sources: tuple[Source, ...], table: Path, tmp_path: Path
) -> None:
    run = Run.open(tmp_path / "quick", create=True)
    chosen, found = chosen_sources(sources, quick=True), []
    for name in RUBRICS:
        of = Shipped(rubric(name), chosen, *audit_questions(chosen, rubric(name), "judge-id"))
        answers = answer(run, f"fake:judge=good:{table}", of, of.questions)
        found.append(replace(answers, people=AGREEING))
    full, quick = certificate(found), certificate(found, quick=True)
    assert [entry.standing.sources for entry in quick.entries] == [12] * 4
    assert full.grade == "certified"
    codes = [(e.graded.grade, [r.code for r in e.graded.reasons]) for e in quick.entries]
    assert codes == [("provisional", ["quick"])] * 4
