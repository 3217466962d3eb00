"""generate → score → report on fake models: what each command does, and does not do twice."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kojudge.store.run import Run

from .conftest import JUDGMENTS, PAIRS, TEXTS, edit
from .outcome import Call

SCHEMA = Path(__file__).parents[3] / "shared" / "checks" / "results.schema.json"


def stored(run: Run) -> dict[str, bytes]:
    """The bytes of every part of a run."""
    return {str(p): p.read_bytes() for p in Path(run.path).glob("*/part-*.parquet")}


def main_run(workspace: Path) -> Run:
    return Run.open(workspace / "runs" / "main")


def counted(run: Run, column: str, kind: str = "texts") -> Counter[Any]:
    return Counter(run.query(f"SELECT {column} AS it FROM {kind}")["it"].to_pylist())


class TestGenerate:
    def test_every_candidate_and_the_baseline_write_every_prompt_once(
        self, workspace: Path, call: Call
    ) -> None:
        assert call("generate").code == 0
        run = main_run(workspace)
        assert run.counts()["texts"] == {"ok": TEXTS, "failed": 0}
        assert counted(run, "candidate") == {"fake-plain": 16, "fake-warm": 16, "fake-stiff": 16}
        assert counted(run, "category") == {"blog": 24, "emotional": 24}

    def test_the_second_time_there_is_nothing_to_do(self, scored: Run, call: Call) -> None:
        before = stored(scored)
        again = call("generate")
        assert again.code == 0
        assert f"stored {TEXTS}/{TEXTS} · left 0" in again.err
        assert stored(scored) == before

    @pytest.mark.usefixtures("no_model")
    def test_a_dry_run_counts_writes_nothing_and_calls_no_model(
        self, workspace: Path, call: Call
    ) -> None:
        dry = call("generate", "--dry-run", "--json")
        assert (dry.code, dry.json["wanted"], dry.json["stored"]) == (0, TEXTS, 0)
        assert dry.json["max_new_tokens"] == TEXTS * 512
        assert not (workspace / "runs").exists()

    def test_a_dry_run_sees_what_a_run_holds_already(
        self, scored: Run, call: Call, no_model: None
    ) -> None:
        dry = call("generate", "--dry-run", "--samples", "2", "--json")
        assert (dry.json["wanted"], dry.json["stored"]) == (2 * TEXTS, TEXTS)

    def test_limit_takes_the_first_prompts_of_each_category(
        self, workspace: Path, call: Call
    ) -> None:
        assert call("generate", "--limit", "2").code == 0
        names = counted(main_run(workspace), "prompt_name")
        assert set(names) == {"blog-001", "blog-002", "emotional-001", "emotional-002"}
        assert call("generate", "--json").json["stored"] == 12
        assert main_run(workspace).counts()["texts"]["ok"] == TEXTS

    def test_candidate_writes_for_that_one_only(self, workspace: Path, call: Call) -> None:
        assert call("generate", "--candidate", "fake-warm").code == 0
        assert counted(main_run(workspace), "candidate") == {"fake-warm": 16}

    def test_samples_draws_several_different_texts_a_prompt(
        self, workspace: Path, call: Call
    ) -> None:
        assert call("generate", "--samples", "2", "--candidate", "fake-warm").code == 0
        run = main_run(workspace)
        assert counted(run, "sample") == {0: 16, 1: 16}
        assert set(counted(run, "prompt_id || sample").values()) == {1}
        assert len(counted(run, "text")) > 16

    def test_prompts_adds_a_set_that_the_settings_do_not_name(
        self, workspace: Path, call: Call
    ) -> None:
        assert call("generate", "--prompts", "imaginative").code == 0
        assert counted(main_run(workspace), "category") == {"imaginative": 24}

    def test_json_is_one_object_and_the_rest_goes_to_stderr(self, call: Call) -> None:
        done = call("generate", "--json")
        assert done.json["schema"] == "kojudge.generate/1"
        assert (done.json["written"], done.json["failed"], done.json["empty"]) == (TEXTS, 0, 0)
        assert "Next: kojudge score" in done.err

    def test_a_misspelt_name_leaves_no_run_behind(self, workspace: Path, call: Call) -> None:
        assert call("generate", "--candidate", "fake-wram").code == 2
        assert not (workspace / "runs").exists()

    def test_the_manifest_says_what_ran_and_how_it_ended(self, workspace: Path, call: Call) -> None:
        call("generate")
        manifest = json.loads(
            (workspace / "runs" / "main" / "manifest.json").read_text(encoding="utf-8")
        )
        (command,) = manifest["commands"]
        assert command["finished"] is not None
        assert command["counts"]["written"] == TEXTS
        assert set(command["engines"]) == {"fake-plain", "fake-warm", "fake-stiff"}
        assert manifest["settings"]["seed"] == 7
        assert set(manifest["prompts"]) >= {"blog-001", "emotional-001"}


class TestScore:
    def test_every_text_gets_a_score_and_every_pair_two_orders(self, scored: Run) -> None:
        assert scored.counts()["judgments"] == {"scored": JUDGMENTS, "unscored": 0, "failed": 0}
        assert counted(scored, "mode", "judgments") == {"pointwise": TEXTS, "pairwise": 2 * PAIRS}
        assert counted(scored, '"order"', "judgments") == {None: TEXTS, "AB": PAIRS, "BA": PAIRS}

    def test_the_second_time_there_is_nothing_to_do(
        self, scored: Run, call: Call, no_model: None
    ) -> None:
        before = stored(scored)
        again = call("score", "--json")
        assert again.code == 0
        assert (again.json["wanted"], again.json["stored"], again.json["scored"]) == (
            JUDGMENTS, JUDGMENTS, 0,
        )  # fmt: skip
        assert stored(scored) == before

    def test_a_dry_run_counts_writes_nothing_and_calls_no_model(
        self, call: Call, workspace: Path, request: pytest.FixtureRequest
    ) -> None:
        call("generate")
        before = {p: p.stat().st_mtime_ns for p in (workspace / "runs").rglob("*")}
        request.getfixturevalue("no_model")
        dry = call("score", "--dry-run", "--json")
        assert (dry.code, dry.json["texts"], dry.json["pairs"]) == (0, TEXTS, PAIRS)
        assert (dry.json["wanted"], dry.json["stored"]) == (JUDGMENTS, 0)
        assert {p: p.stat().st_mtime_ns for p in (workspace / "runs").rglob("*")} == before

    def test_limit_judges_the_first_prompts_of_each_category(
        self, workspace: Path, call: Call
    ) -> None:
        call("generate")
        assert call("score", "--limit", "1", "--json").json["scored"] == 6 + 2 * 4
        assert set(counted(main_run(workspace), "prompt_id", "judgments").values()) == {7}

    def test_rubric_asks_that_one_only(self, workspace: Path, call: Call) -> None:
        call("generate")
        assert call("score", "--rubric", "naturalness").code == 0
        assert counted(main_run(workspace), "rubric", "judgments") == {"naturalness": TEXTS}

    def test_a_mode_asks_that_one_only_and_the_other_can_follow(
        self, workspace: Path, call: Call
    ) -> None:
        call("generate")
        assert call("score", "--mode", "pointwise").code == 0
        assert counted(main_run(workspace), "mode", "judgments") == {"pointwise": TEXTS}
        assert call("score", "--mode", "pairwise").code == 0
        report = call("report", "--json")
        assert report.code == 0
        assert {row["mode"] for row in report.json["comparisons"]} == {"pointwise", "pairwise"}
        assert report.json["stale"] == {"texts": 0, "judgments": 0}

    def test_a_mode_that_the_settings_leave_out_is_added(self, workspace: Path, call: Call) -> None:
        settings = workspace / "kojudge.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("seed", 'mode = "pairwise"\nseed'), encoding="utf-8")
        call("generate")
        assert call("score", "--json").json["wanted"] == 2 * PAIRS
        assert call("score", "--mode", "pointwise", "--json").json["wanted"] == TEXTS
        assert call("score", "--json").json["stored"] == JUDGMENTS

    def test_a_second_judge_is_asked_everything_anew(
        self, scored: Run, workspace: Path, call: Call
    ) -> None:
        card = (workspace / "judge" / "fake-judge.yaml").read_text(encoding="utf-8")
        second = card.replace("fake-judge", "second").replace("fake:plain", "fake:other")
        (workspace / "judge" / "second.yaml").write_text(second, encoding="utf-8")
        done = call("score", "--judge", "second", "--json")
        assert (done.code, done.json["wanted"], done.json["scored"]) == (0, JUDGMENTS, JUDGMENTS)
        assert {j["name"] for j in call("report", "--json").json["judges"]} == {
            "fake-judge", "second",
        }  # fmt: skip

    def test_json_is_one_object_and_the_rest_goes_to_stderr(
        self, workspace: Path, call: Call
    ) -> None:
        call("generate")
        done = call("score", "--json")
        assert done.json["schema"] == "kojudge.score/1"
        assert (done.json["scored"], done.json["reasons"]) == (JUDGMENTS, {})
        assert "Next: kojudge report" in done.err

    def test_controls_with_nothing_to_damage_leave_the_run_complete(
        self, workspace: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit(workspace / "kojudge.toml", "controls = 0", "controls = 2")
        monkeypatch.setattr("kojudge.score.stage.damaged", lambda item: None)
        assert call("generate").code == 0
        told = call("score")
        assert told.code == 0
        assert "control_unchanged" in told.err
        assert "(0 unscored, 0 failed)" in told.err


class TestReport:
    def test_it_finds_the_warm_model_better_and_the_stiff_one_worse(self, results: Any) -> None:
        verdicts = {
            (row["candidate"], row["mode"]): row["verdict"]
            for row in results["comparisons"]
            if row["slice"] == "overall"
        }
        assert verdicts == {
            ("fake-warm", "pointwise"): "better",
            ("fake-warm", "pairwise"): "better",
            ("fake-stiff", "pointwise"): "worse",
            ("fake-stiff", "pairwise"): "worse",
        }

    def test_it_writes_the_page_and_the_results_and_shows_the_table(
        self, scored: Run, call: Call
    ) -> None:
        done = call("report")
        assert (done.code, done.out) == (0, "")
        assert "fake-warm" in done.err
        assert "better" in done.err
        page = (Path(scored.path) / "report.html").read_text(encoding="utf-8")
        assert "fake-stiff" in page
        assert (Path(scored.path) / "results.json").is_file()

    def test_json_prints_what_results_json_holds(self, scored: Run, call: Call) -> None:
        printed = call("report", "--json").json
        kept = (Path(scored.path) / "results.json").read_text(encoding="utf-8")
        assert printed == json.loads(kept)

    def test_results_follow_the_schema(self, results: Any) -> None:
        if not SCHEMA.is_file():
            pytest.skip("the schema of results.json lies beside the project, and is not here")
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(schema).validate(results)
        assert results["comparisons"]

    def test_the_same_run_gives_the_same_results_and_is_left_as_it_is(
        self, scored: Run, call: Call, results: Any
    ) -> None:
        before = stored(scored)
        assert call("report", "--json").json == results
        assert stored(scored) == before

    def test_the_page_goes_where_out_says(self, scored: Run, call: Call, tmp_path: Path) -> None:
        assert call("report", "--out", str(tmp_path / "page.html")).code == 0
        assert (tmp_path / "page.html").is_file()
        assert not (Path(scored.path) / "report.html").exists()

    @pytest.mark.parametrize(
        ("language", "words"), [("ko", "기준 모델 fake-plain"), ("en", "vs baseline fake-plain")]
    )
    def test_messages_and_page_speak_the_language_asked_for(
        self, scored: Run, call: Call, language: str, words: str
    ) -> None:
        assert words in call("report", lang=language).err
        page = (Path(scored.path) / "report.html").read_text(encoding="utf-8")
        assert f'<html lang="{language}"' in page

    def test_the_page_can_speak_another_language_than_the_messages(
        self, scored: Run, call: Call
    ) -> None:
        assert "vs baseline" in call("report", "--lang", "ko", lang="en").err
        page = (Path(scored.path) / "report.html").read_text(encoding="utf-8")
        assert '<html lang="ko"' in page

    def test_another_baseline_turns_the_comparison_round(self, scored: Run, call: Call) -> None:
        results = call("report", "--baseline", "fake-stiff", "--json").json
        pointwise = {
            row["candidate"]: row["verdict"]
            for row in results["comparisons"]
            if row["slice"] == "overall" and row["mode"] == "pointwise"
        }
        assert pointwise == {"fake-plain": "better", "fake-warm": "better"}
