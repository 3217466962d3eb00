"""The end of a sitting: agreement with oneself, with others, with the judge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kojudge.errors import said
from kojudge.label.plan import preference_of
from kojudge.label.results import results_of
from kojudge.label.told import told
from kojudge.label.words import criterion_words
from kojudge.records import Label
from kojudge.stats.agreement import krippendorff_alpha
from kojudge.store.run import Run

from .samples import (
    BASELINE,
    CANDIDATES,
    CRITERIA,
    SECRETS,
    SEED,
    go_on,
    judge,
    make_run,
    quality,
    sit,
    texts,
)

WORDS = {name: criterion_words(name, said(name, name)) for name in CRITERIA}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return make_run(tmp_path / "run", texts())


def test_repeats_are_counted_by_side_by_degree_and_by_turning_round(run: Run) -> None:
    repeated = [("naturalness", *pair) for pair in ((2, 2), (2, 1), (1, -1), (0, 0), (0, 2))]
    own = results_of(run, (), repeated, SEED).own
    assert (own.repeats, own.same, own.exact, own.turned) == (5, 3, 2, 1)


def test_alpha_is_krippendorff_s_on_the_preferences_of_all_raters(run: Run) -> None:
    kim, lee = sit(run, "kim"), sit(run, "lee")
    go_on(kim)
    while (question := lee.current) is not None:
        lee.answer(question, 1 + int(question.pair.key[:4], 16) % 5)
    found = {one.criterion: one for one in results_of(run, kim.questions, (), SEED).between}
    for criterion in CRITERIA:
        table = [
            {
                (q.pair.key): preference_of(done.strength)
                for q in sitting.questions
                if q.criterion == criterion
                and not q.repeat
                and (done := sitting.done(q)) is not None
                and done.strength is not None
            }
            for sitting in (kim, lee)
        ]
        ratings = np.array([[own[key] for key in sorted(own)] for own in table])
        one = found[criterion]
        assert (one.raters, one.units) == (2, 40)
        assert one.alpha.value == pytest.approx(krippendorff_alpha(ratings, "interval"))
        assert one.alpha.low is not None
        assert one.alpha.high is not None
        assert one.alpha.low < one.alpha.value < one.alpha.high


def test_one_rater_has_nobody_to_agree_with(run: Run) -> None:
    sitting = sit(run)
    go_on(sitting)
    assert results_of(run, sitting.questions, (), SEED).between == ()


def test_a_judge_that_goes_by_the_same_numbers_always_agrees(run: Run) -> None:
    judge(run)
    sitting = sit(run)
    go_on(sitting)
    [one] = results_of(run, sitting.questions, (), SEED).judges
    decided = sum(
        label.preference != 0.5 for label in run.labels().labels if label.criterion == "naturalness"
    )
    assert (one.criterion, one.mode, one.rate.value, one.pairs) == (
        "naturalness",
        "pairwise",
        1.0,
        decided,
    )


def test_half_of_what_is_answered_the_other_way_is_half_agreement(run: Run) -> None:
    judge(run)
    sitting = sit(run, limit=4)
    found = [q for q in sitting.questions if q.criterion == "naturalness"]
    for rater, against in (("a", 0), ("b", 2)):
        for at, question in enumerate(found[:2]):
            own, other = question.pair.text, question.pair.baseline
            wins = float(quality(own.text) > quality(other.text))
            said_so = wins if at != against - 1 else 1 - wins
            label = Label(
                own.prompt_id,
                own.candidate,
                0,
                "naturalness",
                rater,
                preference=said_so,
                baseline=BASELINE,
            )
            run.append_labels(rater, [label])
    [one] = results_of(run, sitting.questions, (), SEED).judges
    assert (one.rate.value, one.pairs) == (0.75, 4)


def test_labels_about_other_texts_do_not_count(run: Run) -> None:
    sitting = sit(run)
    go_on(sitting)
    for extra, baseline in (({"text_id": "old"}, BASELINE), ({}, "another-baseline")):
        stray = Label(
            "p0",
            CANDIDATES[0],
            0,
            "naturalness",
            "lee",
            preference=1.0,
            baseline=baseline,
            extra=extra,
        )
        run.append_labels("lee", [stray])
    assert results_of(run, sitting.questions, (), SEED).between == ()


def test_the_same_run_gives_the_same_intervals(run: Run) -> None:
    judge(run)
    sitting = sit(run)
    go_on(sitting)
    go_on(sit(run, "lee"))
    first = results_of(run, sitting.questions, sitting.repeated(), SEED)
    assert results_of(run, sitting.questions, sitting.repeated(), SEED) == first


@pytest.mark.parametrize("language", ["ko", "en"])
def test_in_words_nobody_is_named(run: Run, language: str) -> None:
    judge(run)
    judge(run, judge="second-gavel")
    sitting = sit(run)
    go_on(sitting)
    lee = sit(run, "lee")
    for _ in range(30):
        assert lee.current is not None
        lee.answer(lee.current, 1)
    results = results_of(run, sitting.questions, sitting.repeated(), SEED)
    sentences = told(results, sitting.progress, 3, WORDS)
    words = "\n".join(one.in_(language) for one in sentences)  # type: ignore[arg-type]
    assert "95%" in words
    assert "α" in words
    assert ("심사 모델 1" if language == "ko" else "judge 1") in words
    assert not any(secret in words.lower() for secret in SECRETS)


def test_one_pair_is_not_called_pairs(run: Run) -> None:
    results = results_of(run, (), (), SEED)
    one, two = (told(results, sit(run).progress, named, WORDS)[1].en for named in (1, 2))
    assert one == "1 pair holds a text that names a model or a maker."
    assert two == "2 pairs hold a text that names a model or a maker."


def test_perfect_agreement_says_that_it_has_no_interval(run: Run) -> None:
    for rater in ("kim", "lee"):
        sitting = sit(run, rater)
        go_on(sitting)
    found = told(results_of(run, sitting.questions, (), SEED), sitting.progress, 0, WORDS)
    assert [one.ko for one in found if "α" in one.ko] == [
        f"{WORDS[name].name.ko}: 평가자 2명, 두 명 이상이 답한 쌍 40개, "
        "크리펜도르프 α 1.00 (95% 신뢰구간은 낼 수 없음)."
        for name in sorted(CRITERIA)
    ]
