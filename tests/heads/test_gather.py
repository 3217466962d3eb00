"""What is learnt from a run: whose answers, about which texts, on which scale."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kojudge.errors import ConfigError
from kojudge.heads.gather import Gathered, from_judgments, from_labels, merged, teachers_of
from kojudge.judging import rubric_key
from kojudge.records import Judgment, Label, Mode, Scored, Text, Unscored
from kojudge.rubrics import Rubric, load_rubric
from kojudge.store.run import Run

SHIPPED = Path(__file__).resolve().parents[2] / "rubrics"
ALONE, PAIR = (load_rubric(SHIPPED, name) for name in ("naturalness", "naturalness-pairwise"))
SEEN: frozenset[str] = frozenset()


def text(writer: str, prompt: str = "p1") -> Text:
    return Text(f"{writer}-{prompt}", prompt, "blog", "빵집을 소개해 주세요.", writer, 0,
                "골목 끝에 빵집이 있어요. 아침마다 고소한 냄새가 나요.")  # fmt: skip


def judgment(of: Text, outcome: Scored | Unscored, **changes: object) -> Judgment:
    rubric = PAIR if changes.get("order") else ALONE
    made = Judgment(
        f"{of.text_id}{changes}", of.text_id, of.prompt_id, "blog", of.candidate, 0, "naturalness",
        rubric.name, "strong", rubric.mode, outcome, rubric_id=rubric_key(rubric),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def graded(*probabilities: float) -> Scored:
    mean = float(np.dot(probabilities, np.arange(1, 6)))
    return Scored(mean, "expected", 1.0, ("1", "2", "3", "4", "5"), probabilities)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run.open(tmp_path / "run", create=True)
    run.append_texts([text("mine"), text("base"), text("mine", "hidden"), text("base", "hidden")])
    return run


def gathered(
    run: Run, *judgments: Judgment, rubrics: tuple[Rubric, ...] = (ALONE, PAIR)
) -> Gathered:
    run.append_judgments(judgments)
    return from_judgments(run, "strong", rubrics, frozenset({"hidden"}))


def test_a_judges_own_distribution_is_learnt(run: Run) -> None:
    found = gathered(run, judgment(text("mine"), graded(0, 0, 0.2, 0.5, 0.3)))
    ((key, spread),) = found.scores["naturalness"]
    assert key == "mine-p1"
    np.testing.assert_allclose(spread, [0, 0, 0.2, 0.5, 0.3])


def test_repeats_are_averaged(run: Run) -> None:
    found = gathered(
        run,
        judgment(text("mine"), graded(0, 0, 1, 0, 0)),
        judgment(text("mine"), graded(0, 0, 0, 0, 1), repeat=1),
    )
    np.testing.assert_allclose(found.scores["naturalness"][0][1], [0, 0, 0.5, 0, 0.5])


def test_a_score_on_another_scale_is_brought_to_the_rubrics(run: Run) -> None:
    outside = judgment(text("mine"), Scored(8.0, "imported"), scale=(0.0, 10.0))
    ((_, spread),) = gathered(run, outside).scores["naturalness"]
    assert spread @ np.arange(1, 6) == pytest.approx(1 + 0.8 * 4)


def test_what_is_held_out_unscored_or_set_by_a_rule_is_counted_and_not_learnt(run: Run) -> None:
    found = gathered(
        run,
        judgment(text("mine", "hidden"), graded(1, 0, 0, 0, 0)),
        judgment(text("mine"), Unscored("low_mass")),
        judgment(text("base"), Scored(1.0, "flagged")),
        judgment(text("gone"), graded(1, 0, 0, 0, 0)),
        judgment(text("base"), graded(0, 0, 0, 0, 1), judge="another"),
    )
    assert not found.scores
    assert found.left == Counter(held_out=1, unscored=2, no_text=1)


def test_the_present_rubrics_judgments_count_before_another_versions(run: Run) -> None:
    old = graded(1, 0, 0, 0, 0)
    found = gathered(
        run,
        judgment(text("mine"), old, rubric_id="old"),
        judgment(text("base"), old, rubric_id="old"),
        judgment(text("mine"), graded(0, 0, 0, 0, 1)),
    )
    assert [key for key, _ in found.scores["naturalness"]] == ["mine-p1"]
    assert found.left == Counter(stale=2)


def beside(order: str, preference: float, tie: float) -> Judgment:
    first = preference - tie / 2
    sides = (first, 1 - first - tie, tie) if order == "AB" else (1 - first - tie, first, tie)
    outcome = Scored(preference, "expected", 1.0, ("A", "B", "C"), sides)
    return judgment(text("mine"), outcome, order=order, baseline="base", baseline_text_id="base-p1")


def test_a_pair_is_learnt_from_both_orders_so_that_a_bias_cancels(run: Run) -> None:
    found = gathered(run, beside("AB", 0.9, 0.1), beside("BA", 0.1, 0.1))
    ((one, other, spread),) = found.pairs["naturalness"]
    assert (one, other) == ("mine-p1", "base-p1")
    np.testing.assert_allclose(spread, [0.45, 0.45, 0.1], atol=1e-9)


def test_a_pair_judged_in_one_order_is_left_aside(run: Run) -> None:
    found = gathered(run, beside("AB", 0.9, 0.1))
    assert not found.pairs["naturalness"]
    assert found.left["one_order"] == 1


def label(writer: str = "mine", rater: str = "민지", **opinion: object) -> Label:
    return Label("p1", writer, 0, "naturalness", rater, **opinion)  # type: ignore[arg-type]


def test_raters_are_averaged(run: Run) -> None:
    given = [label(score=4.0), label(rater="수호", score=5.0)]
    ((_, spread),) = from_labels(run, given, [ALONE], SEEN).scores["naturalness"]
    np.testing.assert_allclose(spread, [0, 0, 0, 0.5, 0.5])


def test_a_persons_tie_is_a_tie(run: Run) -> None:
    given = [label(preference=0.5, baseline="base")]
    ((_, _, spread),) = from_labels(run, given, [PAIR], SEEN).pairs["naturalness"]
    np.testing.assert_allclose(spread, [0, 0, 1])


def test_a_label_off_the_scale_is_refused(run: Run) -> None:
    with pytest.raises(ConfigError, match="outside the scale 1–5"):
        from_labels(run, [label(score=9.0)], [ALONE], SEEN)


def test_examples_answer_their_request_and_know_their_writer(run: Run) -> None:
    found = gathered(run, judgment(text("mine"), graded(0, 0, 0, 0, 1)))
    material = merged([found], [ALONE, PAIR], "strong", licence="MIT")
    (example,) = material.examples
    assert (example.prompt, example.candidate) == ("p1", "mine")
    assert [turn.content for turn in example.before] == ["빵집을 소개해 주세요."]
    assert [lesson.mode for lesson in material.lessons] == ["pointwise"]


def test_evidence_stands_below_the_request(run: Run) -> None:
    found = gathered(run, judgment(text("mine"), graded(0, 0, 0, 0, 1)))
    (example,) = merged([found], [ALONE], "strong", evidence=True).examples
    request, counted = example.before[-1].content.split("\n\n", 1)
    assert request == "빵집을 소개해 주세요."
    assert "\n- " in counted


@pytest.mark.parametrize("mode", ["pointwise", "pairwise"])
def test_baselines_pairs_leave_only_the_candidate_out(run: Run, mode: Mode) -> None:
    found = gathered(run, beside("AB", 0.9, 0.0), beside("BA", 0.8, 0.0),
                     judgment(text("mine"), graded(0, 0, 0, 0, 1)))  # fmt: skip
    lessons = {one.mode: one for one in merged([found], [ALONE, PAIR], "strong").lessons}
    assert lessons[mode].against_baseline is (mode == "pairwise")


def test_the_teachers_of_a_run_are_its_judges_and_people(run: Run) -> None:
    run.append_judgments([judgment(text("mine"), graded(0, 0, 0, 0, 1))])
    assert teachers_of(run) == ["strong"]
    run.append_labels("민지", [label(score=4.0)])
    assert teachers_of(run) == ["strong", "people"]
