"""Models that are missing, silent, mute or broken, and disks that are full: never a wrong number."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from kojudge.store.run import Run

from .conftest import TEXTS, edit
from .outcome import Call, Outcome


class TestMissingModel:
    @pytest.fixture
    def ghost(self, workspace: Path) -> str:
        card = "name: ghost\nsource: {path: /nowhere/ghost}\nengine: transformers\n"
        for folder in ("candidates", "judge"):
            (workspace / folder / "ghost.yaml").write_text(card, encoding="utf-8")
        edit(workspace / "kojudge.toml", '\nengine = "fake"', "")
        return "/nowhere/ghost"

    def test_a_candidate_without_weights_exits_4_and_names_the_card_entry(
        self, ghost: str, call: Call, workspace: Path
    ) -> None:
        english = call("generate", "--candidate", "ghost")
        korean = call("generate", "--candidate", "ghost", lang="ko")
        assert (english.code, korean.code) == (4, 4)
        assert f"no model at {ghost}" in english.err
        assert "source.path" in english.err
        assert f"모델 {ghost}" in korean.err
        assert Run.open(workspace / "runs" / "main").counts()["texts"] == {"ok": 0, "failed": 0}

    def test_texts_of_the_models_before_it_are_kept(
        self, ghost: str, call: Call, workspace: Path
    ) -> None:
        edit(workspace / "kojudge.toml", '"fake-stiff"]', '"ghost"]')
        assert call("generate").code == 4
        assert Run.open(workspace / "runs" / "main").counts()["texts"]["ok"] == 32
        (workspace / "candidates" / "ghost.yaml").write_text(
            'name: ghost\nsource: {path: "fake:back"}\nengine: fake\n', encoding="utf-8"
        )
        assert call("generate", "--json").json["written"] == 16

    def test_a_judge_without_weights_exits_4(self, ghost: str, call: Call) -> None:
        assert call("generate").code == 0
        done = call("score", "--judge", "ghost")
        assert (done.code, ghost in done.err) == (4, True)


def behave(workspace: Path, card: str, behaviour: str) -> None:
    """Let the fake model of ``card`` behave otherwise."""
    path = workspace / f"{card}.yaml"
    name = path.stem
    path.write_text(
        f'name: {name}\nsource: {{path: "fake:{behaviour}"}}\nengine: fake\n', encoding="utf-8"
    )


def rows(report: Outcome, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = report.json[name]
    return found


class TestAModelThatEmitsNothing:
    @pytest.fixture
    def run(self, workspace: Path, call: Call) -> Run:
        behave(workspace, "candidates/fake-warm", "empty")
        done = call("generate", "--json")
        assert (done.code, done.json["written"], done.json["empty"]) == (0, TEXTS, 16)
        return Run.open(workspace / "runs" / "main")

    def of_warm(self, run: Run, mode: str) -> list[Any]:
        return [j for j in run.judgments() if j.candidate == "fake-warm" and j.mode == mode]

    def test_its_empty_texts_are_stored_and_counted(self, run: Run, call: Call) -> None:
        assert [t.text for t in run.texts() if t.candidate == "fake-warm"] == [""] * 16
        assert "16 empty" in call("generate", "--run", f"{run.path}-2").err
        call("score")
        board = {row["candidate"]: row["empty"] for row in rows(call("report", "--json"),
                                                                "leaderboard")}  # fmt: skip
        assert board == {"fake-plain": 0, "fake-warm": 16, "fake-stiff": 0}

    def test_keep_lets_the_judge_read_them(self, run: Run, call: Call) -> None:
        assert call("score").code == 0
        methods = {j.outcome.method for j in self.of_warm(run, "pointwise")}
        assert methods == {"expected"}

    def test_minimum_gives_them_the_least_and_loses_their_pairs(self, run: Run, call: Call) -> None:
        assert call("score", "--flagged", "minimum").code == 0
        outcomes = [j.outcome for j in self.of_warm(run, "pointwise")]
        assert {(o.score, o.method) for o in outcomes} == {(1.0, "flagged")}
        assert {j.outcome.score for j in self.of_warm(run, "pairwise")} == {0.0}
        verdicts = {
            row["mode"]: row["verdict"]
            for row in rows(call("report", "--json"), "comparisons")
            if row["candidate"] == "fake-warm" and row["slice"] == "overall"
        }
        assert verdicts["pairwise"] in {"worse", "refused"}

    def test_changing_ones_mind_asks_only_about_the_empty_texts(self, run: Run, call: Call) -> None:
        call("score", "--flagged", "minimum")
        again = call("score", "--flagged", "keep", "--json").json
        assert again["scored"] == 16 + 32
        back = call("score", "--flagged", "minimum", "--json").json
        assert back["scored"] == 0
        report = call("report", "--json")
        assert report.json["stale"] == {"texts": 0, "judgments": 48}


class TestAModelThatAnswersInEnglish:
    @pytest.fixture
    def run(self, workspace: Path, call: Call) -> Run:
        behave(workspace, "candidates/fake-warm", "english")
        call("generate")
        return Run.open(workspace / "runs" / "main")

    def test_score_says_so_before_the_judge_reads_and_judges_them_all_the_same(
        self, run: Run, call: Call
    ) -> None:
        done = call("score")
        assert "16 texts fail a gate: wrong language 16 (judged as they are)." in done.err
        assert {j.outcome.method for j in run.judgments()} == {"expected"}

    def test_minimum_settles_them_unasked(self, run: Run, call: Call) -> None:
        done = call("score", "--flagged", "minimum", lang="ko")
        assert "살펴볼 글 16편: 다른 언어 16 (심사하지 않고 최저점을 줍니다)." in done.err
        warm = [j.outcome for j in run.judgments() if j.candidate == "fake-warm"]
        assert {outcome.method for outcome in warm} == {"flagged"}
        assert {outcome.score for outcome in warm} == {1.0, 0.0}

    def test_a_dry_run_measures_nothing(self, run: Run, call: Call) -> None:
        call("score", "--dry-run")
        assert not (Path(run.path) / "evidence").exists()

    def test_the_report_counts_the_languages_of_the_answers(self, run: Run, call: Call) -> None:
        call("score")
        models = call("report", "--json").json["evidence"]["models"]
        other = {model["candidate"]: model["language"]["other"] for model in models}
        assert other == {"fake-plain": 0, "fake-warm": 16, "fake-stiff": 0}


class TestAJudgeThatAnswersNoLevel:
    @pytest.fixture
    def run(self, workspace: Path, call: Call) -> Run:
        behave(workspace, "judge/fake-judge", "mute")
        call("generate")
        return Run.open(workspace / "runs" / "main")

    def test_every_judgment_is_unscored_with_its_reason_and_the_code_is_3(
        self, run: Run, call: Call
    ) -> None:
        done = call("score", "--json")
        assert done.code == 3
        assert (done.json["scored"], done.json["failed"]) == (0, 0)
        assert done.json["reasons"] == {"low_mass": done.json["unscored"]}
        assert "did not give a legal answer" in done.err
        assert all(j.outcome.reason == "low_mass" for j in run.judgments())

    def test_the_reason_is_told_in_korean_too(self, run: Run, call: Call) -> None:
        assert "심사 모델이 정해진 답을 하지 않았습니다" in call("score", lang="ko").err

    def test_the_report_gives_no_number(self, run: Run, call: Call) -> None:
        call("score")
        english, korean = call("report", "--json"), call("report", lang="ko")
        assert (english.code, korean.code) == (2, 2)
        assert english.out == ""
        assert "None of 112 judgments has a score" in english.err
        assert "점수가 나온 것이 하나도 없습니다" in korean.err
        assert not (Path(run.path) / "results.json").exists()

    def test_asking_again_would_give_the_same_so_nothing_is_asked(
        self, run: Run, call: Call, request: pytest.FixtureRequest
    ) -> None:
        call("score")
        request.getfixturevalue("no_model")
        assert call("score", "--json").json["unscored"] == 0


class TestAnEngineThatCrashes:
    def test_failed_texts_are_recorded_and_asked_again(self, workspace: Path, call: Call) -> None:
        behave(workspace, "candidates/fake-warm", "crash")
        first = call("generate", "--json")
        assert (first.code, first.json["written"], first.json["failed"]) == (3, 32, 16)
        assert "Run the same command again" in first.err
        run = Run.open(workspace / "runs" / "main")
        assert {t.reason for t in run.texts() if t.status == "failed"} == {"fake crash"}
        again = call("generate", "--json")
        assert (again.code, again.json["stored"], again.json["failed"]) == (3, 32, 16)
        assert run.counts()["texts"] == {"ok": 32, "failed": 16}

    def test_failed_texts_are_not_judged(self, workspace: Path, call: Call) -> None:
        behave(workspace, "candidates/fake-warm", "crash")
        call("generate")
        judged = call("score", "--json")
        assert (judged.code, judged.json["texts"]) == (0, 32)
        report = call("report", "--json")
        assert report.json["absent"] == {"fake-warm": 16}

    def test_failed_judgments_are_recorded_and_asked_again(
        self, workspace: Path, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The card stays as it is; the engine behind it comes back to its senses."""
        from kojudge.engines.fake import FakeEngine

        call("generate")
        sound = FakeEngine.__init__

        def crash(self: Any, spec: Any) -> None:
            sound(self, spec)
            self._behaviour = "crash"

        with monkeypatch.context() as broken:
            broken.setattr(FakeEngine, "__init__", crash)
            first = call("score", "--json")
        assert first.code == 3
        assert first.json["reasons"] == {"engine:fake crash": first.json["wanted"]}
        again = call("score", "--json")
        assert (again.code, again.json["scored"]) == (0, first.json["wanted"])
        assert call("report", "--json").code == 0


def test_mixed_scales_are_refused(call: Call, tmp_path: Path) -> None:
    lines = [
        {"prompt_id": f"p{n}", "candidate": name, "sample": 0, "criterion": "naturalness",
         "judge": judge, "mode": "pointwise", "score": 3, "scale": [1, top]}
        for n in range(10) for name in ("fake-plain", "mine")
        for judge, top in (("five", 5), ("ten", 10))
    ]  # fmt: skip
    file = tmp_path / "judgments.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    there = ("--run", str(tmp_path / "mixed"))
    assert call("import", *there, "--judgments", str(file)).code == 0
    english, korean = call("report", *there), call("report", *there, lang="ko")
    assert (english.code, korean.code) == (2, 2)
    assert "several scales: 1–5, 1–10" in english.err
    assert "one run a scale" in english.err
    assert "척도가 섞여" in korean.err


class TestAFullDisk:
    @pytest.fixture
    def full_after(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
        """Let the disk fill up while part ``number`` is written."""
        written = iter(range(10_000))
        write = pq.ParquetWriter.write_table

        def fill(number: int) -> None:
            def write_or_fail(self: pq.ParquetWriter, *arguments: Any) -> None:
                write(self, *arguments)
                if next(written) >= number:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            monkeypatch.setattr(pq.ParquetWriter, "write_table", write_or_fail)

        return fill

    def test_it_is_told_the_parts_before_are_kept_and_nothing_is_torn(
        self,
        full_after: Callable[[int], None],
        call: Call,
        workspace: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        full_after(1)
        done = call("generate")
        assert done.code == 2
        assert "No space left on device" in done.err
        assert str(workspace / "runs" / "main" / "texts") in done.err
        run = Run.open(workspace / "runs" / "main")
        assert run.counts()["texts"] == {"ok": 16, "failed": 0}
        assert [p.name for p in (workspace / "runs" / "main" / "texts").glob(".*")] == []
        monkeypatch.undo()
        assert call("generate", "--json").json["written"] == TEXTS - 16

    def test_it_is_told_in_korean_too(self, full_after: Callable[[int], None], call: Call) -> None:
        full_after(0)
        done = call("generate", lang="ko")
        assert done.code == 2
        assert "용량" in done.err or "공간" in done.err
