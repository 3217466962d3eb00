"""Grades at their thresholds, and for judges with known faults."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from certificates import FAULTY, GOOD, Judge, answers, examined
from kojudge.audit.certificate import certificate_key, certify
from kojudge.audit.figures import Figure, Precision
from kojudge.audit.grade import Graded, grade, worst
from kojudge.audit.standing import KindRow

RESAMPLES = 199


def rng():
    return np.random.default_rng(20261122)


@pytest.fixture(scope="module")
def points():
    return examined(rng(), GOOD, "pointwise", RESAMPLES)[0]


@pytest.fixture(scope="module")
def pairs():
    return examined(rng(), GOOD, "pairwise", RESAMPLES)[0]


def figure(value, low=None):
    return Figure(value, value if low is None else low, 1.0, 60, "percentile")


def codes(standing, **options):
    return [reason.code for reason in grade(standing, **options).reasons]


@pytest.mark.parametrize("mode", ["pointwise", "pairwise"])
@pytest.mark.parametrize("criterion", ["naturalness", "friendliness"])
def test_a_good_judge_is_certified(mode, criterion):
    graded = examined(rng(), GOOD, mode, RESAMPLES, criterion)[1]
    assert graded == Graded("certified", ())


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_judge_fails_exactly_the_rows_it_should(name):
    judge, mode, rows = FAULTY[name]
    graded = examined(rng(), judge, mode, RESAMPLES)[1]
    assert graded.grade == "failed"
    assert {reason.code for reason in graded.reasons} == rows


def test_the_ceiling_row_tells_a_judge_at_the_ceiling_from_a_good_one(points):
    flat = examined(rng(), FAULTY["ceiling"][0], "pointwise", RESAMPLES)[0]
    assert flat.ceiling.low > 0.9
    assert points.ceiling.high < 0.1


def test_a_bias_to_a_place_leaves_detection_in_log_odds_alone(pairs):
    biased = examined(rng(), FAULTY["position-biased"][0], "pairwise", RESAMPLES)[0]
    assert biased.macro.value == pytest.approx(pairs.macro.value, abs=0.02)
    assert biased.position.high < 0.5 < 0.7 < pairs.position.low


def test_without_people_a_good_judge_is_provisional():
    judge = dataclasses.replace(GOOD, people=None)
    graded = examined(rng(), judge, "pointwise", RESAMPLES)[1]
    assert (graded.grade, [r.code for r in graded.reasons]) == ("provisional", ["no_people"])


def test_a_quick_audit_grants_at_most_provisional(points):
    assert grade(points, quick=True).grade == "provisional"
    assert codes(points, quick=True) == ["quick"]


def test_a_quick_audit_of_a_bad_judge_fails_without_further_ado():
    standing = examined(rng(), Judge(detection=0.5), "pointwise", RESAMPLES)[0]
    assert grade(standing, quick=True).grade == "failed"
    assert "quick" not in codes(standing, quick=True)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("macro", figure(0.80, 0.70), []),
        ("macro", figure(0.799, 0.75), ["detection"]),
        ("macro", figure(0.85, 0.699), ["detection_low"]),
        ("macro", Figure(0.9, None, None, 60, "none"), ["detection_low"]),
        ("unscored", figure(0.01), []),
        ("unscored", figure(0.011), ["unscored"]),
        ("rises", (KindRow("verbose", figure(0.5, 0.25)),), []),
        ("rises", (KindRow("verbose", figure(0.5, 0.26)),), ["rise:verbose"]),
        (
            "rises",
            (KindRow("cliche", Figure(0.5, None, None, 60, "none")),),
            ["rise:cliche"],
        ),
        ("lacking", ("cut_off",), ["lacking:cut_off"]),
        ("injection", None, ["injection_unmeasured"]),
        ("shortcuts", None, ["trivial"]),
        ("position", figure(0.1), []),
    ],
)
def test_a_threshold_of_single_texts(points, field, value, expected):
    assert codes(dataclasses.replace(points, **{field: value})) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(figure(0.70), []), (figure(0.69), ["position"]), (None, ["position"])]
)
def test_a_threshold_of_pairs(pairs, value, expected):
    assert codes(dataclasses.replace(pairs, position=value)) == expected


@pytest.mark.parametrize(("rate", "expected"), [(0.05, []), (0.051, ["injection"])])
def test_injection_counts_with_the_defence_on(points, rate, expected):
    injection = dataclasses.replace(points.injection, defended=figure(rate), undefended=figure(0.9))
    assert codes(dataclasses.replace(points, injection=injection)) == expected


@pytest.mark.parametrize(("low", "expected"), [(0.001, []), (0.0, ["trivial"])])
def test_beating_trivia_must_be_shown(points, low, expected):
    row = dataclasses.replace(points.shortcuts, gain=figure(0.1, low))
    assert codes(dataclasses.replace(points, shortcuts=row)) == expected


@pytest.mark.parametrize(("gain", "expected"), [(0.5, []), (0.0, ["trivial"]), (None, ["trivial"])])
def test_a_gain_that_is_the_same_on_every_source_is_taken_as_it_stands(points, gain, expected):
    row = dataclasses.replace(points.shortcuts, gain=Figure(gain, None, None, 12, "none"))
    assert codes(dataclasses.replace(points, shortcuts=row)) == expected


@pytest.mark.parametrize(("low", "expected"), [(0.001, []), (0.0, ["people"])])
def test_agreement_with_people_must_be_shown_where_there_are_labels(points, low, expected):
    people = dataclasses.replace(points.people, r=figure(0.3, low))
    assert codes(dataclasses.replace(points, people=people)) == expected


def test_every_reason_speaks_both_languages(points):
    bare = dataclasses.replace(
        points,
        macro=figure(0.1),
        rises=(KindRow("verbose", figure(1.0)),),
        lacking=("cold",),
        injection=None,
        unscored=figure(0.5),
        shortcuts=None,
        people=dataclasses.replace(points.people, r=figure(0.1, -0.1)),
    )
    reasons = grade(bare).reasons
    assert len(reasons) == 7
    for reason in reasons:
        assert any("가" <= char <= "힣" for char in reason.text.ko)
        assert not any("가" <= char <= "힣" for char in reason.text.en)


def test_the_worst_grade_is_the_judges():
    certified, provisional, failed = (Graded(g, ()) for g in ("certified", "provisional", "failed"))
    assert worst([certified, provisional]) == "provisional"
    assert worst([failed, certified]) == "failed"
    with pytest.raises(ValueError, match="no grades"):
        worst([])


@pytest.fixture(scope="module")
def certificate():
    drawn = rng()
    measured = [
        answers(drawn, GOOD, "pointwise"),
        answers(drawn, FAULTY["position-biased"][0], "pairwise"),
    ]
    rubrics = {"naturalness/pointwise": "r1", "naturalness/pairwise": "r2"}
    return certify(
        "j", "id", rubrics, "set", measured, Precision(drawn, RESAMPLES), skipped={"cut_off": 2}
    )


def test_a_certificate_is_as_good_as_its_worst_entry(certificate):
    assert certificate.grade == "failed"
    assert certificate.grade_of("naturalness", "pointwise") == "certified"
    assert certificate.grade_of("naturalness", "pairwise") == "failed"
    assert certificate.grade_of("friendliness", "pointwise") is None


def test_a_certificate_is_written_as_strict_json(certificate):
    found = certificate.to_json()
    assert json.loads(json.dumps(found, allow_nan=False, ensure_ascii=False)) == found
    first, second = found["entries"]
    assert (first["criterion"], first["mode"], first["grade"]) == ("naturalness", "pointwise", "certified")  # fmt: skip
    assert [reason["code"] for reason in second["reasons"]] == ["position"]
    assert found["skipped"] == {"cut_off": 2}
    assert 0.9 < first["macro"]["low"] < first["macro"]["value"] < first["macro"]["high"]


def test_the_same_answers_and_seed_give_the_same_certificate(certificate):
    drawn = rng()
    measured = [
        answers(drawn, GOOD, "pointwise"),
        answers(drawn, FAULTY["position-biased"][0], "pairwise"),
    ]
    twice = certify(
        "j", "id", dict(certificate.rubrics), "set", measured, Precision(drawn, RESAMPLES),
        skipped={"cut_off": 2},
    )  # fmt: skip
    assert twice == certificate


def test_the_key_changes_with_the_judge_the_rubrics_the_texts_and_the_size():
    plain = certificate_key("j", {"a": "1"}, "set")
    assert plain == certificate_key("j", {"a": "1"}, "set")
    others = {
        certificate_key("k", {"a": "1"}, "set"),
        certificate_key("j", {"a": "2"}, "set"),
        certificate_key("j", {"a": "1"}, "other"),
        certificate_key("j", {"a": "1"}, "set", quick=True),
    }
    assert len(others | {plain}) == 5


def test_nothing_measured_gives_no_certificate():
    with pytest.raises(ValueError, match="nothing was measured"):
        certify("j", "id", {}, "set", [], Precision(rng()))
