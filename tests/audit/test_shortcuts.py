"""What trivia alone can tell, and what a judge adds."""

from __future__ import annotations

import numpy as np
import pytest

from kojudge.audit.figures import Precision
from kojudge.audit.shortcuts import features, macro, shortcuts, trivial_baseline

SOURCES = [f"s{at:02}" for at in range(45)]


def precision():
    return Precision(np.random.default_rng(3), 300)


def korean(rng, length):
    return "".join(chr(0xAC00 + int(code)) for code in rng.integers(11172, size=length))


def texts(stiff, cold):
    """Originals of 300 syllables; stiff and cold as long as said, with 2 % of noise."""
    rng = np.random.default_rng(8)
    made = {}
    for source in SOURCES:
        made[source, "original"] = korean(rng, 300)
        for kind, length in (("stiff", stiff), ("cold", cold), ("verbose", 450)):
            made[source, kind] = korean(rng, round(length * rng.normal(1, 0.02)))
    return made


@pytest.mark.parametrize(
    ("better", "worse", "feature"),
    [
        ("가나다라마바사", "가나다", 0),
        ("가나다라", "가나ab", 1),
        ("제목\n항목", "## 제목\n- **항목**", 2),
        ("바다를 오래 바라보았어요.", "바다를 오래 바라보았어요. 바다를 오래 바라보았어요.", 3),
    ],
)
def test_a_feature_sees_its_difference(better, worse, feature):
    assert features(better)[feature] != features(worse)[feature]


def test_features_of_nothing_are_finite():
    assert features("") == (0.0, 0.0, 0.0, 0.0)


def test_endings_that_come_again_are_no_repetition():
    assert features("집에 갔습니다. 밥을 먹었습니다. 잠을 잤습니다. 꿈을 꾸었습니다.")[3] == 0.0


def test_markdown_counts_marks_and_not_hyphens_in_words():
    assert features("a-b 1.5 * 2")[2] == 0.0
    assert features("## a\n- b\n1. c\n**d** `e`")[2] == pytest.approx(np.log1p(7))


def test_length_alone_gives_away_a_kind_that_is_always_shorter():
    found = trivial_baseline("friendliness", texts(stiff=300, cold=200))
    hits = {kind: np.mean([h for (_, k), h in found.hits.items() if k == kind]) for kind in ("stiff", "cold")}  # fmt: skip
    assert hits["cold"] == 1.0
    assert 0.25 < hits["stiff"] < 0.75
    assert not [key for key in found.equal if key[1] == "cold"]


def test_the_baseline_is_blind_where_texts_differ_in_nothing_trivial():
    found = trivial_baseline("friendliness", texts(stiff=300, cold=300))
    assert 0.3 < np.mean(list(found.hits.values())) < 0.7
    assert 0.35 < found.auc < 0.65


def test_no_source_is_predicted_by_a_fit_that_saw_it():
    """Turning one source's pair round leaves its own prediction as it was."""
    plain = texts(stiff=300, cold=200)
    turned = plain | {("s00", "cold"): plain["s00", "original"] + "가" * 150}
    before, after = (trivial_baseline("friendliness", t).hits["s00", "cold"] for t in (plain, turned))  # fmt: skip
    assert (before, after) == (1.0, 0.0)


def test_a_judge_that_only_measures_length_adds_nothing():
    baseline = trivial_baseline("friendliness", texts(stiff=250, cold=200))
    by_length = {key: -found[0] for key, found in baseline.differences.items()}
    row = shortcuts(baseline, by_length, precision())
    assert row.explained > 0.98
    assert row.gain.value == pytest.approx(0.0, abs=0.02)
    assert row.gain.low is None or row.gain.low <= 0
    assert abs(row.partial_r.value) < 0.3


def test_a_judge_that_reads_adds_to_trivia():
    baseline = trivial_baseline("friendliness", texts(stiff=300, cold=300))
    rng = np.random.default_rng(2)
    reads = {
        key: (0.0 if key[1] == "verbose" else 1.0) + 0.3 * rng.standard_normal()
        for key in baseline.differences
    }
    row = shortcuts(baseline, reads, precision())
    assert row.gain.low > 0.2
    assert row.partial_r.low > 0.7
    assert row.equal_length.value > 0.95
    assert row.equal_pairs == len(baseline.equal) > 20


def test_a_judge_that_guesses_has_no_partial_correlation():
    baseline = trivial_baseline("friendliness", texts(stiff=300, cold=250))
    rng = np.random.default_rng(4)
    row = shortcuts(baseline, {k: rng.standard_normal() for k in baseline.differences}, precision())
    assert row.partial_r.low < 0 < row.partial_r.high
    assert row.explained < 0.1


def test_the_partial_correlation_is_that_of_residuals_over_both_directions():
    baseline = trivial_baseline("friendliness", texts(stiff=280, cold=220))
    rng = np.random.default_rng(6)
    judged = {key: 0.5 + rng.standard_normal() for key in baseline.hits}
    x = np.array([baseline.differences[key] for key in judged])
    y = np.array(list(judged.values()))
    both = [np.concatenate([v, -v]) for v in (x, y, np.ones(y.size))]
    rest = [v - both[0] @ np.linalg.lstsq(both[0], v, rcond=None)[0] for v in both[1:]]
    row = shortcuts(baseline, judged, precision())
    assert row.partial_r.value == pytest.approx(np.corrcoef(*rest)[0, 1], abs=1e-6)


def test_the_macro_mean_weighs_kinds_alike_though_one_has_fewer_sources():
    values = {(s, "a"): 1.0 for s in SOURCES} | {(s, "b"): 0.0 for s in SOURCES[:15]}
    assert macro(values, precision()).value == 0.5


def test_the_macro_mean_of_what_is_all_seen_has_a_bound_though_one_pair_is_missing():
    values = {(s, k): 1.0 for s in SOURCES for k in "ab"}
    del values[SOURCES[3], "b"]
    found = macro(values, precision())
    assert (found.value, found.high, found.method) == (1.0, 1.0, "exact")
    assert found.low == pytest.approx(0.025 ** (1 / len(SOURCES)))


def test_a_source_without_an_original_is_an_error():
    with pytest.raises(ValueError, match="s1"):
        trivial_baseline("friendliness", {("s1", "cold"): "추워."})


def test_one_source_cannot_be_split_into_folds():
    with pytest.raises(ValueError, match="two sources"):
        trivial_baseline("friendliness", {("s", "original"): "안녕하세요", ("s", "cold"): "왜"})
