"""score --judge CHEAP --with STRONG: one judge reads all, the other a part drawn beforehand."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kojudge.stats import Estimates, stratify
from kojudge.stats.cascade import cascade_estimate
from kojudge.stats.cascade_draw import Draw
from kojudge.store import manifest
from kojudge.store.run import Run

from .conftest import edit
from .outcome import Call

REPOSITORY = Path(__file__).resolve().parents[2]
EACH = 25
PROMPTS = 2 * EACH
DRAWN = 2 * 16
CASCADE = ("score", "--judge", "fake-judge", "--with", "fake-strong", "--fraction", "0.64")
STRONG_EACH = 3 + 2 * 2
"""Judgments of one prompt: a score a model, two orders a candidate."""


@pytest.fixture(scope="session")
def _written_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cascade") / "runs"


@pytest.fixture
def written(workspace: Path, call: Call, _written_once: Path) -> Path:
    """Fifty prompts with every text written, two fake judges, nothing judged."""
    for name in ("blog", "emotional"):
        lines = (REPOSITORY / "prompts" / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")
        path = workspace / "prompts" / f"{name}.jsonl"
        path.write_text("\n".join(lines[:EACH]) + "\n", encoding="utf-8")
    card = (workspace / "judge" / "fake-judge.yaml").read_text(encoding="utf-8")
    strong = card.replace("fake-judge", "fake-strong").replace("fake:plain", "fake:strong")
    (workspace / "judge" / "fake-strong.yaml").write_text(strong, encoding="utf-8")
    if not _written_once.exists():
        assert call("generate").code == 0
        shutil.copytree(workspace / "runs", _written_once)
    else:
        shutil.copytree(_written_once, workspace / "runs")
    return workspace


def plan_of(workspace: Path) -> Any:
    return manifest.read(workspace / "runs" / "main")["cascade"]


def read_by(workspace: Path, judge: str) -> set[str]:
    run = Run.open(workspace / "runs" / "main")
    table = run.query("SELECT DISTINCT prompt_id FROM judgments WHERE judge = ?", [judge])
    return set(table["prompt_id"].to_pylist())


def by_hand(workspace: Path, candidate: str) -> Estimates:
    """The strong judge's pointwise estimate, from the stored scores and the plan alone."""
    table = Run.open(workspace / "runs" / "main").query(
        "SELECT judge, candidate, prompt_id, score FROM judgments WHERE mode = 'pointwise'"
    )
    score = {(r["judge"], r["candidate"], r["prompt_id"]): r["score"] for r in table.to_pylist()}
    plan = plan_of(workspace)

    def difference(judge: str, prompt: str) -> float:
        own, base = (score.get((judge, name, prompt)) for name in (candidate, "fake-plain"))
        return float("nan") if own is None or base is None else own - base

    strong, cheap = (
        np.array([[difference(judge, name)] for name in plan["prompts"]])
        for judge in ("fake-strong", "fake-judge")
    )
    drawn = np.array([name in plan["drawn"] for name in plan["prompts"]])
    asked = Draw(drawn, np.array(plan["inclusion"]))
    return cascade_estimate(strong, cheap, asked, stratify(plan["categories"]))


class TestPlan:
    def test_what_the_strong_judge_reads_is_fixed_before_the_first_judgment(
        self, written: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unplugged(*arguments: object, **options: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("kojudge.cli.scoring.open_model", unplugged)
        assert call(*CASCADE).code == 130
        plan = plan_of(written)
        assert (plan["judge"], plan["strong"], plan["fraction"]) == (
            "fake-judge",
            "fake-strong",
            0.64,
        )
        assert (len(plan["prompts"]), len(plan["drawn"])) == (PROMPTS, DRAWN)
        assert plan["inclusion"] == [16 / 25] * PROMPTS
        assert set(plan["members"]["judges"]) == {"fake-judge", "fake-strong"}
        assert Run.open(written / "runs" / "main").counts()["judgments"]["scored"] == 0

    def test_the_strong_judge_reads_its_part_and_the_cheap_one_everything(
        self, written: Path, call: Call
    ) -> None:
        done = call(*CASCADE, "--json")
        assert done.code == 0
        plan = plan_of(written)
        assert read_by(written, "fake-strong") == set(plan["drawn"])
        assert read_by(written, "fake-judge") == set(plan["prompts"])
        assert done.json["cascade"] == {
            "judge": "fake-judge", "strong": "fake-strong", "fraction": 0.64, "uncertain": False,
            "prompts": PROMPTS, "prompts_strong": DRAWN,
            "judgments_strong": STRONG_EACH * DRAWN,
            "judgments_saved": STRONG_EACH * (PROMPTS - DRAWN), "complete": True,
        }  # fmt: skip
        category = {
            text.prompt_id: text.category for text in Run.open(written / "runs" / "main").texts()
        }
        assert (
            sorted(category[name] for name in plan["drawn"]) == ["blog"] * 16 + ["emotional"] * 16
        )

    def test_the_same_command_goes_on_and_asks_nothing_twice(
        self, written: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from kojudge.cli import cascading

        real = cascading._ask
        calls: list[str] = []

        def half(session: Any, work: Any, judge: str, opened: Any, entry: Any) -> Any:
            calls.append(judge)
            if judge == "fake-strong" and calls.count(judge) == 1:
                raise KeyboardInterrupt
            return real(session, work, judge, opened, entry)

        monkeypatch.setattr(cascading, "_ask", half)
        assert call(*CASCADE).code == 130
        plan = plan_of(written)
        went_on = call(*CASCADE, "--json")
        assert (went_on.code, went_on.json["scored"]) == (0, STRONG_EACH * DRAWN)
        assert plan_of(written) == plan
        again = call(*CASCADE, "--json")
        assert (again.json["scored"], again.json["cascade"]["complete"]) == (0, True)

    def test_a_plain_score_keeps_to_the_plan(self, written: Path, call: Call) -> None:
        assert call(*CASCADE).code == 0
        plain = call("score")
        assert plain.code == 0
        assert "outside its plan" in plain.err + plain.out
        assert read_by(written, "fake-strong") == set(plan_of(written)["drawn"])

    def test_a_dry_run_fixes_nothing_and_calls_no_model(
        self, written: Path, call: Call, no_model: None
    ) -> None:
        dry = call(*CASCADE, "--dry-run", "--json")
        assert dry.code == 0
        assert dry.json["wanted"] == STRONG_EACH * (PROMPTS + DRAWN)
        assert "cascade" not in manifest.read(written / "runs" / "main")


class TestRefusals:
    @pytest.mark.parametrize(
        ("flags", "said"),
        [
            (["--fraction", "0.7"], "fraction 0.64 → 0.7"),
            (["--fraction", "0.64", "--uncertain"], "--uncertain False → True"),
        ],
    )
    def test_a_plan_cannot_be_changed(
        self, written: Path, call: Call, flags: list[str], said: str
    ) -> None:
        assert call(*CASCADE).code == 0
        refused = call("score", "--judge", "fake-judge", "--with", "fake-strong", *flags)
        assert (refused.code, said in refused.err) == (2, True)

    def test_settings_that_the_plan_rests_on_cannot_be_changed(
        self, written: Path, call: Call
    ) -> None:
        assert call(*CASCADE).code == 0
        edit(written / "kojudge.toml", "seed = 7", "seed = 7\nalpha = 0.1")
        refused = call(*CASCADE)
        assert (refused.code, "alpha 0.05 → 0.1" in refused.err) == (2, True)
        assert call("report").code == 2

    def test_a_part_too_small_for_an_interval_is_refused(self, written: Path, call: Call) -> None:
        refused = call(
            "score", "--judge", "fake-judge", "--with", "fake-strong", "--fraction", "0.2"
        )
        assert refused.code == 2
        assert "would read 10 of 50 prompts" in refused.err
        assert "--fraction above 0.60" in refused.err

    def test_a_strong_judge_that_was_asked_before_is_refused(
        self, written: Path, call: Call
    ) -> None:
        assert call("score", "--judge", "fake-strong").code == 0
        refused = call(*CASCADE)
        assert (refused.code, "must be drawn before any is seen" in refused.err) == (2, True)

    @pytest.mark.parametrize(
        ("flags", "said"),
        [
            (["--with", "fake-strong"], "one judge of all prompts"),
            (["--judge", "fake-strong", "--with", "fake-strong"], "one judge of all prompts"),
            (["--judge", "fake-judge", "--with", "fake-strong", "--limit", "2"], "--limit do not"),
            (["--judge", "fake-judge", "--with", "fake-strong", "--looks", "3"], "--looks do not"),
            (["--fraction", "0.5"], "need --with"),
            (["--judge", "fake-judge", "--with", "nobody"], "nobody"),
        ],
    )
    def test_flags_that_do_not_go_together_are_refused(
        self, written: Path, call: Call, no_model: None, flags: list[str], said: str
    ) -> None:
        refused = call("score", *flags)
        assert (refused.code, said in refused.err) == (2, True)
        assert "cascade" not in manifest.read(written / "runs" / "main")

    def test_looks_and_a_cascade_do_not_share_a_run(self, written: Path, call: Call) -> None:
        assert call(*CASCADE).code == 0
        assert call("score", "--looks", "3").code == 2

    def test_a_plan_that_was_edited_by_hand_is_named(self, written: Path, call: Call) -> None:
        assert call(*CASCADE).code == 0
        path = written / "runs" / "main"
        manifest.update(path, lambda content: content["cascade"].pop("rules"))
        refused = call("report")
        assert (refused.code, "`cascade`, the plan, cannot be read" in refused.err) == (2, True)


class TestUncertain:
    def test_the_cheap_judge_goes_first_and_its_doubt_draws_the_prompts(
        self, written: Path, call: Call
    ) -> None:
        done = call(*CASCADE, "--uncertain", "--json")
        assert done.code == 0
        plan = plan_of(written)
        assert (len(plan["drawn"]), done.json["cascade"]["complete"]) == (DRAWN, True)
        assert read_by(written, "fake-strong") == set(plan["drawn"])
        assert sum(plan["inclusion"]) == pytest.approx(DRAWN)
        assert max(plan["inclusion"]) > 1.1 * min(plan["inclusion"])
        assert min(plan["inclusion"]) >= 0.5 * 0.64 - 1e-9

    def test_until_it_is_drawn_the_strong_judge_is_not_asked(
        self, written: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unplugged(*arguments: object, **options: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr("kojudge.cli.scoring.open_model", unplugged)
            assert call(*CASCADE, "--uncertain").code == 130
        assert plan_of(written)["drawn"] == []
        refused = call("score")
        assert (refused.code, "not drawn yet" in refused.err) == (2, True)
        again = " ".join(refused.err.split())
        assert "score --judge fake-judge --with fake-strong --fraction 0.64 --uncertain" in again
        assert "--run " in again
        assert call(*CASCADE, "--uncertain").code == 0
        assert len(plan_of(written)["drawn"]) == DRAWN


class TestReport:
    @pytest.mark.parametrize("how", [(), ("--uncertain",)], ids=["even", "uncertain"])
    def test_the_verdicts_are_the_strong_judges(
        self, written: Path, call: Call, how: tuple[str, ...]
    ) -> None:
        assert call(*CASCADE, *how).code == 0
        results = call("report", "--json").json
        overall = [row for row in results["comparisons"] if row["slice"] == "overall"]
        primary = [row for row in overall if row["primary"]]
        assert {row["judge"] for row in primary} == {"fake-strong"}
        assert {row["n_prompts"] for row in primary} == {DRAWN}
        assert all("cascade" in row["reasons"] for row in primary)
        assert {row["judge"] for row in overall} == {"fake-strong", "fake-judge"}
        cascade = results["cascade"]
        assert (cascade["judge"], cascade["strong"], cascade["uncertain"]) == (
            "fake-judge", "fake-strong", bool(how))  # fmt: skip
        assert (cascade["judgments"], cascade["judgments_all"]) == (
            STRONG_EACH * DRAWN, STRONG_EACH * PROMPTS)  # fmt: skip
        assert {(row["n_strong"], row["n_cheap"]) for row in cascade["rows"]} == {(DRAWN, PROMPTS)}
        of = {(row["candidate"], row["mode"]): row for row in cascade["rows"]}
        for name in ("fake-warm", "fake-stiff"):
            found = by_hand(written, name)
            row = of[name, "pointwise"]
            assert row["delta"] == pytest.approx(found.delta[0])
            entry = next(
                r for r in overall if (r["candidate"], r["mode"], r["judge"])
                == (name, "pointwise", "fake-strong")
            )  # fmt: skip
            assert entry["se"] == pytest.approx(found.se[0])
            assert (
                row["ci_low"] < row["full_low"] < row["delta"] < row["full_high"] < row["ci_high"]
            )

    def test_the_two_judges_are_no_panel(self, written: Path, call: Call) -> None:
        assert call(*CASCADE).code == 0
        results = call("report", "--json").json
        assert "panel" not in {row["judge"] for row in results["comparisons"]}
        assert {row["why"] for row in results["panel"]["excluded"]} == {"cascade"}

    def test_prompts_outside_the_part_are_not_missing(self, written: Path, call: Call) -> None:
        assert call(*CASCADE).code == 0
        results = call("report", "--json").json
        assert all(row["unscored"] == 0 for row in results["missing"])
        assert results["stale"] == {"texts": 0, "judgments": 0}

    def test_what_the_strong_judge_was_not_asked_yet_may_turn_the_verdict(
        self, written: Path, call: Call
    ) -> None:
        assert call(*CASCADE).code == 0
        path = written / "runs" / "main"
        plan = plan_of(written)
        gone = plan["drawn"][:1]
        run = Run.open(path)
        kept = [j for j in run.judgments() if j.prompt_id not in gone or j.judge != "fake-strong"]
        shutil.rmtree(path / "judgments")
        Run.open(path).append_judgments(kept)
        rows = call("report", "--json").json["comparisons"]
        own = [row for row in rows if row["judge"] == "fake-strong"]
        assert {row["n_prompts"] for row in own} == {DRAWN - 1}
        assert all(row["missing"]["prompts"] == 1 for row in own)
        assert all(
            row["missing"]["delta_low"] < row["delta"] < row["missing"]["delta_high"] for row in own
        )

    @pytest.mark.parametrize(
        ("language", "said"), [("ko", "나누어 심사했습니다"), ("en", "A cascade:")]
    )
    def test_page_and_terminal_say_how_it_was_judged(
        self, written: Path, call: Call, language: str, said: str
    ) -> None:
        assert call(*CASCADE).code == 0
        shown = call("report", "--lang", language, lang=language)
        page = (written / "runs" / "main" / "report.html").read_text(encoding="utf-8")
        assert said in page
        assert said in shown.out + shown.err

    @pytest.mark.parametrize("how", [(), ("--uncertain",)], ids=["even", "uncertain"])
    def test_until_the_strong_judge_has_read_there_is_no_verdict(
        self, written: Path, call: Call, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
    ) -> None:
        from kojudge.cli import cascading

        real = cascading._ask

        def cheap_only(session: Any, work: Any, judge: str, opened: Any, entry: Any) -> Any:
            if judge == "fake-strong":
                raise KeyboardInterrupt
            return real(session, work, judge, opened, entry)

        monkeypatch.setattr(cascading, "_ask", cheap_only)
        assert call(*CASCADE, *how).code == 130
        done = call("report", "--json")
        assert done.code == 0
        assert not any(row["primary"] for row in done.json["comparisons"])
        assert done.json["cascade"]["rows"] == []
        assert "has read nothing yet" in done.err

    def test_a_gate_asks_the_strong_judge(self, written: Path, call: Call) -> None:
        assert call(*CASCADE).code == 0
        gated = call("report", "--gate", "fake-warm.naturalness.better")
        assert "several judges" not in gated.err


class TestPlanning:
    def test_a_pilot_of_both_judges_says_how_much_must_be_read(
        self, written: Path, call: Call
    ) -> None:
        assert call(*CASCADE).code == 0
        pilot = str(written / "runs" / "main")
        rows = call("plan", "--run", pilot, "--difference", "0.2", "--json").json["cascade"]
        pairs = {(row["judge"], row["strong"]) for row in rows}
        assert pairs == {("fake-judge", "fake-strong"), ("fake-strong", "fake-judge")}
        for row in rows:
            assert row["prompts"] == DRAWN
            assert 0 <= row["cautious"] <= abs(row["correlation"]) <= 1
            assert 0.6 <= row["fraction"] <= 1
        shown = call("plan", "--run", pilot, "--difference", "0.2")
        assert "Cascade fake-judge → fake-strong" in shown.out

    def test_an_interval_out_of_reach_says_so(self, written: Path, call: Call) -> None:
        assert call(*CASCADE).code == 0
        shown = call("plan", "--run", str(written / "runs" / "main"), "--difference", "0.0001")
        assert shown.code == 0
        assert "more prompts are needed" in shown.out

    def test_one_judge_makes_no_cascade(self, written: Path, call: Call) -> None:
        assert call("score").code == 0
        planned = call("plan", "--run", str(written / "runs" / "main"), "--json")
        assert planned.json["cascade"] == []
