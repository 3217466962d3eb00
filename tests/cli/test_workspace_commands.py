"""init, plan, models: what they say of a workspace before any model runs."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from kojudge.cli.main import run as kojudge
from kojudge.store.run import Run
from kojudge.workspace import load_settings

from .conftest import JUDGMENTS, TEXTS, edit
from .outcome import Call

FOLDERS = {"prompts", "candidates", "rubrics", "judge", "reports"}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class TestInit:
    @pytest.fixture
    def start(self, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A starter workspace that this test owns."""
        monkeypatch.setattr("kojudge.workspace.starter.starter_root", lambda: workspace)
        return workspace

    def test_it_writes_a_workspace_that_works(
        self, start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        target = tmp_path / "deep" / "new"
        assert kojudge(["--lang", "en", "init", str(target)]) == 0
        printed = capsys.readouterr()
        assert {path.name for path in target.iterdir()} == {"kojudge.toml", *FOLDERS}
        assert {Path(line) for line in printed.out.split()} == set(target.iterdir())
        assert f"cd {target}" in printed.err
        assert contents(target) == contents(start)
        assert kojudge(["-C", str(target), "generate", "--dry-run"]) == 0

    def test_runs_and_caches_of_the_starter_stay_behind(self, start: Path, tmp_path: Path) -> None:
        (start / "runs" / "main").mkdir(parents=True)
        (start / "rubrics" / "__pycache__").mkdir()
        (start / "rubrics" / ".draft").write_text("", encoding="utf-8")
        kojudge(["init", str(tmp_path / "new")])
        assert not (tmp_path / "new" / "runs").exists()
        assert "__pycache__" not in {p.name for p in (tmp_path / "new" / "rubrics").iterdir()}
        assert ".draft" not in {p.name for p in (tmp_path / "new" / "rubrics").iterdir()}

    @pytest.mark.parametrize("taken", ["kojudge.toml", "prompts", "judge"])
    def test_it_never_overwrites(
        self, start: Path, tmp_path: Path, taken: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        target = tmp_path / "mine"
        (target / taken).mkdir(parents=True)
        (target / taken / "note").write_text("내 것", encoding="utf-8")
        before = contents(target)
        assert kojudge(["--lang", "en", "init", str(target)]) == 2
        assert contents(target) == before
        message = capsys.readouterr().err
        assert f"already has: {taken}" in message
        assert "empty folder" in message

    def test_other_files_in_the_folder_are_left_alone(self, start: Path, tmp_path: Path) -> None:
        target = tmp_path / "mine"
        target.mkdir()
        (target / "note.txt").write_text("내 것", encoding="utf-8")
        assert kojudge(["init", str(target)]) == 0
        assert (target / "note.txt").read_text(encoding="utf-8") == "내 것"
        assert (target / "kojudge.toml").is_file()

    def test_a_file_in_the_way_is_an_error(
        self, start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "file").write_text("", encoding="utf-8")
        assert kojudge(["--lang", "en", "init", str(tmp_path / "file")]) == 2
        assert str(tmp_path / "file") in capsys.readouterr().err

    def test_the_shipped_settings_are_read_with_every_profile(self) -> None:
        root = Path(__file__).parents[2]
        assert load_settings(root).baseline == "gemma-2-2b-it"
        assert load_settings(root, "demo").mini


class TestPlan:
    def test_it_counts_what_generate_and_score_will_do(self, call: Call) -> None:
        work = call("plan", "--json").json["work"]
        assert (work["texts"], work["judgments"]) == (TEXTS, JUDGMENTS)
        assert work["max_new_tokens"] == TEXTS * 512
        assert call("generate", "--json").json["written"] == work["texts"]
        assert call("score", "--json").json["scored"] == work["judgments"]

    @pytest.mark.parametrize(
        ("mode", "judgments"), [("pointwise", TEXTS), ("pairwise", JUDGMENTS - TEXTS)]
    )
    def test_it_counts_the_modes_that_are_run(
        self, workspace: Path, call: Call, mode: str, judgments: int
    ) -> None:
        settings = workspace / "kojudge.toml"
        text = settings.read_text(encoding="utf-8")
        chosen = f'mode = "{mode}"\nprimary_mode = "{mode}"\nseed'
        settings.write_text(text.replace("seed", chosen), encoding="utf-8")
        assert call("plan", "--json").json["work"]["judgments"] == judgments

    @pytest.mark.parametrize(
        ("gibibytes", "fits"),
        [
            (None, {"fp32": None, "fp16": None, "int8": None, "int4": None}),
            (48, {"fp32": True, "fp16": True, "int8": True, "int4": True}),
            (32, {"fp32": False, "fp16": True, "int8": True, "int4": True}),
            (1, {"fp32": False, "fp16": False, "int8": False, "int4": False}),
        ],
    )
    def test_it_says_whether_a_model_fits(
        self,
        workspace: Path,
        call: Call,
        gibibytes: int | None,
        fits: dict[str, bool | None],
    ) -> None:
        """A model of 7 × 10⁹ parameters takes 29.1, 14.6, 8.5 or 5.5 GB, and a cache and work."""
        card = workspace / "judge" / "fake-judge.yaml"
        shape = "parameters: 7000000000\nkv: {layers: 28, heads: 4, head_dim: 128}\n"
        card.write_text(card.read_text("utf-8") + shape, encoding="utf-8")
        memory = () if gibibytes is None else ("--gpu-memory", str(gibibytes))
        models = call("plan", *memory, "--json").json["models"]
        (judge,) = [model for model in models if model["role"] == "judge"]
        assert judge["fits"] == fits
        weights = {"fp32": 29.12e9, "fp16": 14.56e9, "int8": 8.53e9, "int4": 5.46e9}
        assert judge["weights"] == pytest.approx(weights, rel=0.002)

    def test_without_json_it_prints_a_table(self, workspace: Path, call: Call) -> None:
        card = workspace / "judge" / "fake-judge.yaml"
        shape = "parameters: 7000000000\nkv: {layers: 32, heads: 8, head_dim: 128}\n"
        card.write_text(card.read_text("utf-8") + shape, encoding="utf-8")
        done = call("plan", "--gpu-memory", "80")
        assert (done.code, done.err) == (0, "")
        row, fit = [line.split() for line in done.out.split("\n") if "fake-judge" in line]
        assert row[:8] == ["fake-judge", "7.00B", "14.6", "✓", "8.5", "✓", "5.5", "✓"]
        assert fit[:2] == ["fake-judge", "bf16"]
        assert f"{JUDGMENTS} judgments" in done.out


class TestModels:
    def test_list_shows_every_card(self, call: Call) -> None:
        done = call("models", "list")
        assert done.code == 0
        for name in ("fake-plain", "fake-warm", "fake-stiff", "fake-judge"):
            assert name in done.out

    def test_check_passes_cards_that_other_engines_run(self, call: Call) -> None:
        done = call("models", "check")
        assert done.code == 0
        assert done.out.count("✓") == 4
        assert "run by the fake engine" in done.out

    def test_check_reads_the_named_card_only(self, call: Call) -> None:
        done = call("models", "check", "fake-warm")
        assert [line.split()[1] for line in done.out.strip().split("\n")] == ["fake-warm"]

    def test_check_says_that_weights_are_not_here_yet(self, workspace: Path, call: Call) -> None:
        (workspace / "candidates" / "away.yaml").write_text(
            "name: away\nsource: {path: /nowhere/model}\n", encoding="utf-8"
        )
        done = call("models", "check", "away")
        assert (done.code, "weights not here yet" in done.out) == (0, True)

    def test_check_shows_the_prompt_and_what_was_checked_of_it(
        self, workspace: Path, call: Call
    ) -> None:
        (workspace / "candidates" / "away.yaml").write_text(
            "name: away\nsource: {path: /nowhere/model}\nverified: 모델 카드\nunverified: 리비전\n"
            "chat_template: '[{{ messages[1].content }}]'\n",
            encoding="utf-8",
        )
        done = call("models", "check", "away")
        assert done.code == 0
        assert done.out.strip().split("\n")[1:] == [
            "    checked: 모델 카드",
            "    not checked: 리비전",
            "    │ [봄에 대한 짧은 글을 써 줘.]",
        ]
        assert "— partly verified ·" in done.out
        assert "partly" in call("models", "list").out

    def test_check_refuses_a_broken_card(self, workspace: Path, call: Call) -> None:
        (workspace / "candidates" / "bad.yaml").write_text("name: bad\n", encoding="utf-8")
        done = call("models", "check")
        assert done.code == 2
        assert f"{workspace / 'candidates' / 'bad.yaml'}:1" in done.err

    @pytest.mark.parametrize("command", ["check", "pull"])
    def test_an_unknown_name_is_met_with_the_nearest(self, call: Call, command: str) -> None:
        done = call("models", command, "fake-wram")
        assert (done.code, "Did you mean: fake-warm" in done.err) == (2, True)

    def test_pull_shows_the_licence_and_tells_what_cannot_be_had(
        self, workspace: Path, call: Call
    ) -> None:
        (workspace / "candidates" / "away.yaml").write_text(
            "name: away\nsource: {path: /nowhere/model}\nlicense: MIT\n", encoding="utf-8"
        )
        done = call("models", "pull", "fake-warm", "away")
        assert done.code == 4
        assert "away — licence: MIT" in done.err
        assert "/nowhere/model" in done.err
        assert done.out.strip() == "fake:warm"


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_errors_are_red_on_a_terminal_unless_no_color_is_set(
    no_color: str, coloured: bool, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "kojudge", "-C", str(tmp_path), "plan"],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "NO_COLOR": no_color, "TERM": "xterm"},
    )
    os.close(theirs)
    printed = os.read(ours, 10_000)
    os.close(ours)
    assert done.returncode == 2
    assert b"kojudge.toml" in printed
    assert (b"\x1b[31m" in printed) == coloured


class TestDemo:
    def test_it_runs_the_whole_job_with_the_demo_profile(
        self, workspace: Path, call: Call, tmp_path: Path
    ) -> None:
        edit(workspace / "kojudge.toml", "profiles.tiny", "profiles.demo")
        done = call("demo", "--out", str(tmp_path / "demo"))
        assert done.code == 0
        assert (tmp_path / "demo" / "report.html").is_file()
        assert "report.html" in done.err
        assert {text.category for text in Run.open(tmp_path / "demo").texts()} == {"imaginative"}

    def test_a_second_time_it_only_reports(
        self, workspace: Path, call: Call, tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        edit(workspace / "kojudge.toml", "profiles.tiny", "profiles.demo")
        call("demo", "--out", str(tmp_path / "demo"))
        request.getfixturevalue("no_model")
        assert call("demo", "--out", str(tmp_path / "demo")).code == 0


def test_json_is_readable_where_stdout_cannot_write_hangul(workspace: Path) -> None:
    asked = ["generate", "--run", "runs/첫실행", "--dry-run", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "kojudge", "-C", str(workspace), *asked],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "첫실행" in json.loads(done.stdout.decode("ascii"))["run"]
