"""results.json from a run: what counts, what is missing, what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kojudge.errors import ConfigError
from kojudge.records import Judgment, Order, Outcome, Scored, Text, Unscored, identity
from kojudge.report import Counted, build_results
from kojudge.report.families import families
from kojudge.report.gather import as_scores, pairs, scale_of, scores
from kojudge.store.run import Run
from kojudge.workspace import Settings

SETTINGS = Settings(
    baseline="base",
    candidates=("x",),
    judges=("j",),
    rubrics=("r",),
    prompts=("p",),
    resamples=1999,
)
SCHEMA = Path(__file__).resolve().parents[3] / "shared/checks/results.schema.json"


def judgment(
    candidate: str,
    prompt: int,
    outcome: Outcome,
    order: Order | None = None,
    criterion: str = "naturalness",
    **changes: Any,
) -> Judgment:
    mode = "pointwise" if order is None else "pairwise"
    fields: dict[str, Any] = {
        "judgment_id": identity([candidate, prompt, order, criterion, *map(str, changes.values())]),
        "text_id": f"t-{candidate}-{prompt}",
        "prompt_id": f"p{prompt}",
        "category": "blog",
        "candidate": candidate,
        "sample": 0,
        "criterion": criterion,
        "rubric": "r",
        "judge": "j",
        "mode": mode,
        "outcome": outcome,
        "baseline": None if order is None else "base",
        "baseline_text_id": None if order is None else f"t-base-{prompt}",
        "order": order,
        "scale": (1.0, 5.0) if order is None else (0.0, 1.0),
        "origin": "imported",
    }
    return Judgment(**(fields | changes))


def expected(value: float) -> Scored:
    return Scored(value, "expected", 0.9)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


def counted() -> Counted:
    return Counted(SETTINGS, (), (), {})


def fill(run: Run, prompts: int = 12) -> None:
    """Scores and pairs of a candidate that is about half a point better."""
    made: list[Judgment] = []
    for at in range(prompts):
        made.append(judgment("base", at, expected(3.0 + 0.1 * (at % 3))))
        made.append(judgment("x", at, expected(3.5 + 0.1 * (at % 4))))
        made.append(judgment("x", at, expected(0.8 + 0.005 * at), "AB"))
        made.append(judgment("x", at, expected(0.6 + 0.005 * at), "BA"))
    run.append_judgments(made)


def test_results_satisfy_the_published_schema(run: Run) -> None:
    if not SCHEMA.is_file():
        pytest.skip("the results schema is not beside this checkout")
    import jsonschema

    fill(run)
    results = build_results(run, counted())
    jsonschema.validate(json.loads(json.dumps(results)), json.loads(SCHEMA.read_text("utf-8")))


def test_both_modes_are_reported_and_only_the_primary_one_is_primary(run: Run) -> None:
    fill(run)
    found = build_results(run, counted())["comparisons"]
    overall = {row["mode"]: row for row in found if row["slice"] == "overall"}
    assert overall["pairwise"]["primary"] is True
    assert overall["pointwise"]["primary"] is False
    assert overall["pairwise"]["verdict"] == overall["pointwise"]["verdict"] == "better"
    assert overall["pointwise"]["delta"] == pytest.approx(0.55)


def test_samples_of_one_prompt_are_averaged_before_anything_else(run: Run) -> None:
    run.append_judgments([
        judgment("base", 0, expected(2.5)),
        judgment("x", 0, expected(2.0), sample=0),
        judgment("x", 0, expected(4.0), sample=1),
    ])  # fmt: skip
    [family] = families(scores(run, []), "pointwise", "base", (1.0, 5.0))
    assert family.differences("naturalness", 1).tolist() == [0.5]


def test_a_pair_needs_both_orders(run: Run) -> None:
    run.append_judgments([
        judgment("x", 0, expected(0.9), "AB"),
        judgment("x", 1, expected(0.9), "AB"),
        judgment("x", 1, expected(0.1), "BA"),
    ])  # fmt: skip
    half, pair = pairs(run, [], "base")
    assert not half.complete
    assert (pair.prompt_id, pair.flipped) == ("p1", True)
    assert pair.win == pytest.approx(0.5)


def test_votes_are_averaged_and_probabilities_combined_in_log_odds(run: Run) -> None:
    vote = [Scored(1.0, "vote"), Scored(0.5, "vote")]
    run.append_judgments([judgment("x", 0, vote[0], "AB"), judgment("x", 0, vote[1], "BA")])
    assert [score.score for score in as_scores(pairs(run, [], "base"))] == [0.75]


def test_votes_and_probabilities_never_mix(run: Run) -> None:
    run.append_judgments([
        judgment("x", 0, Scored(1.0, "vote"), "AB"),
        judgment("x", 0, Scored(1.0, "vote"), "BA"),
        judgment("x", 1, expected(0.9), "AB"),
        judgment("x", 1, expected(0.9), "BA"),
    ])  # fmt: skip
    with pytest.raises(ConfigError, match="mix probabilities and votes"):
        pairs(run, [], "base")


def test_a_lost_pair_of_an_empty_text_stands_beside_either_kind(run: Run) -> None:
    run.append_judgments([
        judgment("x", 0, Scored(1.0, "vote"), "AB"),
        judgment("x", 0, Scored(1.0, "vote"), "BA"),
        judgment("x", 1, Scored(0.0, "flagged"), "AB"),
        judgment("x", 1, Scored(0.0, "flagged"), "BA"),
    ])  # fmt: skip
    assert sorted(pair.win for pair in pairs(run, [], "base")) == [0.0, 1.0]


def test_two_scales_in_one_run_are_refused(run: Run) -> None:
    run.append_judgments([
        judgment("x", 0, expected(3.0)),
        judgment("x", 1, expected(7.0), scale=(0.0, 10.0)),
    ])  # fmt: skip
    with pytest.raises(ConfigError, match="several scales: 0–10, 1–5"):
        scale_of(run, [])


def test_an_unscored_judgment_is_counted_and_is_no_number(run: Run) -> None:
    fill(run)
    run.append_judgments([judgment("x", 99, Unscored("low_mass", mass=0.1))])
    results = build_results(run, counted())
    [row] = [m for m in results["missing"] if m["candidate"] == "x" and m["mode"] == "pointwise"]
    assert (row["unscored"], row["total"]) == (1, 13)
    assert results["leaderboard"][1]["criteria"]["naturalness"]["n"] == 12


def test_nothing_scored_is_an_error_that_names_the_next_step(run: Run) -> None:
    with pytest.raises(ConfigError, match="Run `kojudge score` first"):
        build_results(run, counted())


def test_a_baseline_without_texts_is_an_error_that_names_those_there_are(run: Run) -> None:
    run.append_judgments([judgment("x", 0, expected(3.0))])
    run.append_texts([Text("t", "p0", "blog", "써 줘", "x", 0, "글", origin="imported")])
    settings = SETTINGS.model_copy(update={"baseline": "bsae"})
    with pytest.raises(ConfigError, match="'bsae' has no texts in this run"):
        build_results(run, replace(counted(), settings=settings))


def test_an_imported_judge_counts_as_unaudited(run: Run) -> None:
    fill(run)
    results = build_results(run, counted())
    [judge] = results["judges"]
    assert (judge["name"], judge["grade"]) == ("j", "unaudited")
    assert (judge["parameters"], judge["too_small"]) == (None, False)
    assert all("judge_unaudited" in row["reasons"] for row in results["comparisons"])


def test_missing_judgments_are_bounded_and_may_refuse_the_verdict(run: Run) -> None:
    fill(run, 30)
    run.append_judgments(
        [judgment("base", at, expected(3.0)) for at in range(30, 45)]
        + [judgment("x", at, Unscored("low_mass", mass=0.1)) for at in range(30, 45)]
    )
    [row] = [
        entry
        for entry in build_results(run, counted())["comparisons"]
        if entry["mode"] == "pointwise" and entry["slice"] == "overall"
    ]
    assert row["missing"]["judgments"] == 15
    assert row["missing"]["delta_low"] < 0 < row["delta"]
    assert (row["verdict"], "missing" in row["reasons"]) == ("refused", True)


def test_pairs_that_all_lack_a_score_count_as_missing(run: Run) -> None:
    fill(run, 20)
    lost = Unscored("low_mass", mass=0.1)
    run.append_judgments(
        [judgment("x", at, lost, order) for at in range(20, 45) for order in ("AB", "BA")]  # type: ignore[arg-type]
    )
    [row] = [
        entry
        for entry in build_results(run, counted())["comparisons"]
        if entry["mode"] == "pairwise" and entry["slice"] == "overall"
    ]
    assert row["missing"]["judgments"] == 25
    assert (row["verdict"], "missing" in row["reasons"]) == ("refused", True)


def test_means_win_rates_and_ranks_weigh_categories_as_the_verdict_does(run: Run) -> None:
    made = []
    for at in range(40):
        category, high, low = ("blog", 0.6, 3.2) if at < 32 else ("emotional", 0.1, 1.5)
        wobble = 0.01 * (at % 5)
        for order in ("AB", "BA"):
            made.append(judgment("x", at, expected(high + wobble), order, category=category))  # type: ignore[arg-type]
        made.append(judgment("x", at, expected(low + wobble), category=category))
        made.append(judgment("base", at, expected(3.0), category=category))
    run.append_judgments(made)
    results = build_results(run, counted())
    base, x = results["leaderboard"]
    [pairwise] = [
        e for e in results["comparisons"] if e["mode"] == "pairwise" and e["slice"] == "overall"
    ]
    assert x["pairs"]["naturalness"]["win_rate"] == pytest.approx(0.5 + pairwise["delta"])
    assert x["criteria"]["naturalness"]["mean"] == pytest.approx((3.22 + 1.52) / 2, abs=0.02)
    assert (base["ranks"]["naturalness"]["rank"], x["ranks"]["naturalness"]["rank"]) == (1, 2)


def test_two_rubrics_of_one_criterion_are_not_averaged(run: Run) -> None:
    fill(run)
    rubrics = [SimpleNamespace(name=n, criterion="naturalness", mode="pointwise") for n in "ab"]
    wanted: Any = tuple(
        SimpleNamespace(rubric=rubric, judgment_id=rubric.name) for rubric in rubrics
    )
    with pytest.raises(ConfigError, match="Several rubrics judge 'naturalness': a, b"):
        build_results(run, replace(counted(), wanted=wanted))


def test_ranks_say_how_far_they_are_open(run: Run) -> None:
    fill(run)
    base, x = build_results(run, counted())["leaderboard"]
    assert x["ranks"]["naturalness"] == {"rank": 1, "worst": 1, "place": 1}
    assert base["ranks"]["naturalness"] == {"rank": 2, "worst": 2, "place": 2}


def test_models_that_cannot_be_told_apart_share_a_rank_and_keep_their_places(run: Run) -> None:
    fill(run)
    run.append_judgments([
        judgment("y", at, expected(value - 0.005 * at), order)  # type: ignore[arg-type]
        for at in range(12)
        for order, value in (("AB", 0.87), ("BA", 0.67))
    ])  # fmt: skip
    base, *others = build_results(run, counted())["leaderboard"]
    ranks = {row["candidate"]: row["ranks"]["naturalness"] for row in others}
    assert ranks == {
        "x": {"rank": 1, "worst": 2, "place": 2},
        "y": {"rank": 1, "worst": 2, "place": 1},
    }
    assert base["ranks"]["naturalness"] == {"rank": 3, "worst": 3, "place": 3}


def test_good_on_all_needs_every_criterion(run: Run) -> None:
    fill(run)
    made = [judgment("base", at, expected(3.0), criterion="friendliness") for at in range(12)]
    made += [
        judgment("x", at, expected(2.0 + 0.1 * (at % 4)), criterion="friendliness")
        for at in range(12)
    ]
    run.append_judgments(made)
    [row] = [r for r in build_results(run, counted())["good_on_all"] if r["mode"] == "pointwise"]
    assert row["criteria"] == ["friendliness", "naturalness"]
    assert row["holds"] is False


def test_relabelling_prompts_and_shuffling_rows_changes_nothing(run: Run, tmp_path: Path) -> None:
    fill(run)
    other = Run.open(tmp_path / "other", create=True)
    made = [replace(j, prompt_id="q" + j.prompt_id[::-1]) for j in run.judgments()]
    other.append_judgments(made[::-1])
    other.append_judgments(made[:7])  # repeated rows of the same key
    ours, theirs = (build_results(r, counted())["comparisons"] for r in (run, other))
    for row, twin in zip(ours, theirs, strict=True):
        assert twin["p_adjusted"] == row["p_adjusted"]
        assert twin["ci_low"] == pytest.approx(row["ci_low"])
        assert twin["delta"] == pytest.approx(row["delta"])


def test_a_certain_probability_among_imported_ones_is_no_vote(run: Run) -> None:
    run.append_judgments([
        judgment("x", 0, Scored(1.0, "vote"), "AB"),
        judgment("x", 0, Scored(0.9, "imported"), "BA"),
    ])  # fmt: skip
    [pair] = pairs(run, [], "base")
    assert pair.win > 0.98  # log-odds, not the mean of the two
