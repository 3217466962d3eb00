"""Bring your own texts, judgments and labels; take everything home again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from kojudge.cli.main import run as kojudge
from kojudge.store.run import Run

from .conftest import TEXTS
from .outcome import Call

Line = dict[str, Any]
PROMPTS = range(10)


def write(path: Path, lines: Iterable[Line]) -> str:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return str(path)


def read(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def text(candidate: str, number: int, words: str) -> Line:
    return {
        "prompt_id": f"my-{number}", "category": "mail", "prompt": "친구에게 안부를 물어 줘.",
        "candidate": candidate, "sample": 0, "text": f"{words} {number}번째로 씁니다.",
    }  # fmt: skip


def scored(candidate: str, number: int, score: float) -> Line:
    return {
        "prompt_id": f"my-{number}", "candidate": candidate, "sample": 0, "category": "mail",
        "criterion": "naturalness", "judge": "someone", "mode": "pointwise", "score": score,
        "scale": [1, 5],
    }  # fmt: skip


def compared(candidate: str, number: int, order: str, preference: float) -> Line:
    line = scored(candidate, number, 0)
    del line["score"], line["scale"]
    return line | {
        "mode": "pairwise", "baseline": "base", "order": order, "preference": preference,
    }  # fmt: skip


def place(line: Line) -> list[str]:
    keys = ("prompt_id", "candidate", "mode", "order", "rater")
    return [str(line.get(key)) for key in keys]


@pytest.fixture
def judgments(tmp_path: Path) -> str:
    """Ten prompts on which ``mine`` is a point better than ``base``, and mostly preferred."""
    lines = [scored("base", n, 2 + n % 3 / 2) for n in PROMPTS]
    lines += [scored("mine", n, 3 + n % 2 / 2) for n in PROMPTS]
    lines += [compared("mine", n, o, 0.8 + n / 100) for n in PROMPTS for o in ("AB", "BA")]
    return write(tmp_path / "judgments.jsonl", lines)


def overall(results: Any) -> dict[tuple[str, str], str]:
    return {
        (row["candidate"], row["mode"]): row["verdict"]
        for row in results["comparisons"]
        if row["slice"] == "overall"
    }


BOTH_BETTER = {("mine", "pointwise"): "better", ("mine", "pairwise"): "better"}


class TestJudgmentsFromElsewhere:
    def test_a_report_needs_no_text_and_no_card_of_theirs(
        self, judgments: str, call: Call, tmp_path: Path
    ) -> None:
        there = ("--run", str(tmp_path / "theirs"))
        imported = call("import", *there, "--judgments", judgments)
        assert (imported.code, imported.out) == (0, "")
        assert "40 judgments imported (0 were there already)" in imported.err
        done = call("report", *there, "--baseline", "base", "--json")
        assert done.code == 0
        assert overall(done.json) == BOTH_BETTER
        assert [(j["name"], j["grade"]) for j in done.json["judges"]] == [("someone", "unaudited")]
        assert done.json["absent"] == {}

    def test_a_report_needs_no_workspace(
        self,
        judgments: str,
        workspace: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        away = tmp_path / "away"
        away.mkdir()
        monkeypatch.chdir(away)
        monkeypatch.setattr("kojudge.workspace.starter_root", lambda: workspace)
        assert kojudge(["--lang", "en", "import", "--run", "r", "--judgments", judgments]) == 0
        capsys.readouterr()
        code = kojudge(["--lang", "en", "report", "--run", "r", "--baseline", "base", "--json"])
        assert code == 0
        assert overall(json.loads(capsys.readouterr().out)) == BOTH_BETTER
        assert [path.name for path in away.iterdir()] == ["r"]

    def test_an_unknown_baseline_names_those_there_are(
        self, judgments: str, call: Call, tmp_path: Path
    ) -> None:
        there = ("--run", str(tmp_path / "theirs"))
        call("import", *there, "--judgments", judgments)
        done = call("report", *there)
        assert done.code == 2
        assert "fake-plain" in done.err
        assert "base" in done.err

    def test_importing_again_adds_nothing(self, judgments: str, call: Call, tmp_path: Path) -> None:
        there = ("--run", str(tmp_path / "theirs"))
        call("import", *there, "--judgments", judgments)
        again = call("import", *there, "--judgments", judgments)
        assert "0 judgments imported (40 were there already)" in again.err


class TestTextsFromElsewhere:
    def test_the_workspaces_judge_reads_them(
        self, workspace: Path, call: Call, tmp_path: Path
    ) -> None:
        lines = [text("fake-plain", n, "잘 지냅니다.") for n in PROMPTS]
        lines += [text("outsider", n, "잘 지내고 계시죠? 보고 싶어요!") for n in PROMPTS]
        there = ("--run", str(tmp_path / "theirs"))
        file = write(tmp_path / "texts.jsonl", lines)
        assert call("import", *there, "--texts", file).code == 0
        judged = call("score", *there, "--json")
        assert (judged.code, judged.json["texts"], judged.json["pairs"]) == (0, 20, 10)
        assert judged.json["scored"] == 20 + 2 * 10
        done = call("report", *there, "--json")
        assert done.code == 0
        assert overall(done.json) == {
            ("outsider", "pointwise"): "better", ("outsider", "pairwise"): "better",
        }  # fmt: skip
        assert done.json["absent"] == {}

    def test_they_join_a_run_and_are_compared_with_its_baseline(
        self, workspace: Path, call: Call, tmp_path: Path
    ) -> None:
        call("generate", "--candidate", "fake-plain")
        call("export", "--texts", str(tmp_path / "texts.jsonl"))
        mine = [line | {"candidate": "mine", "text": "괜찮아요, 같이 가 봐요!"}
                for line in read(tmp_path / "texts.jsonl")]  # fmt: skip
        there = str(workspace / "runs" / "main")
        file = write(tmp_path / "mine.jsonl", mine)
        assert call("import", "--run", there, "--texts", file).code == 0
        judged = call("score", "--json").json
        assert (judged["texts"], judged["pairs"], judged["scored"]) == (32, 16, 32 + 32)
        assert overall(call("report", "--json").json)["mine", "pairwise"] == "better"


class TestExport:
    @pytest.fixture
    def files(self, judgments: str, tmp_path: Path) -> dict[str, str]:
        texts = [text("mine", n, "안녕!") | {"source": {"page": n}} for n in PROMPTS]
        texts[0] |= {"turn": 2, "history": [
            {"role": "user", "content": "안녕"}, {"role": "assistant", "content": "네, 안녕하세요."},
        ]}  # fmt: skip
        labels = [
            {"prompt_id": "my-0", "candidate": "mine", "sample": 0, "criterion": "naturalness",
             "rater": "나연", "score": 4.0, "note": "좋음"},
            {"prompt_id": "my-1", "candidate": "mine", "sample": 0, "criterion": "naturalness",
             "rater": "나연", "preference": 1.0, "baseline": "base"},
        ]  # fmt: skip
        return {
            "texts": write(tmp_path / "t.jsonl", texts),
            "judgments": judgments,
            "labels": write(tmp_path / "l.jsonl", labels),
        }

    @pytest.mark.parametrize("kind", ["texts", "judgments", "labels"])
    def test_it_gives_back_what_was_imported(
        self, kind: str, files: dict[str, str], call: Call, tmp_path: Path
    ) -> None:
        there = ("--run", str(tmp_path / "theirs"))
        call("import", *there, *(x for k, f in files.items() for x in (f"--{k}", f)))
        out = tmp_path / "out.jsonl"
        done = call("export", *there, f"--{kind}", str(out))
        assert done.code == 0
        given, back = read(Path(files[kind])), read(out)
        assert f"{out}: {len(given)} {kind}\n" == done.err
        assert sorted(back, key=place) == sorted(given, key=place)

    def test_a_run_of_ones_own_comes_out_too_and_goes_into_another(
        self, scored: Run, call: Call, tmp_path: Path
    ) -> None:
        files = [str(tmp_path / name) for name in ("t.jsonl", "j.jsonl")]
        call("export", "--texts", files[0], "--judgments", files[1])
        there = ("--run", str(tmp_path / "copy"))
        assert call("import", *there, "--texts", files[0], "--judgments", files[1]).code == 0
        assert Run.open(tmp_path / "copy").counts()["texts"]["ok"] == TEXTS
        own, copied = call("report", "--json").json, call("report", *there, "--json").json
        assert overall(own) == overall(copied)
        assert [row["delta"] for row in own["comparisons"]] == pytest.approx(
            [row["delta"] for row in copied["comparisons"]]
        )

    def test_failed_texts_are_left_out_and_counted(
        self, workspace: Path, call: Call, tmp_path: Path
    ) -> None:
        card = workspace / "candidates" / "fake-warm.yaml"
        card.write_text(
            card.read_text(encoding="utf-8").replace("fake:warm", "fake:crash"), encoding="utf-8"
        )
        call("generate")
        done = call("export", "--texts", str(tmp_path / "t.jsonl"))
        assert done.code == 0
        assert "32 texts, 16 failed ones left out" in done.err

    @pytest.mark.parametrize("command", [("export",), ("import", "--run", "r")])
    def test_without_a_file_it_says_which_options_there_are(
        self, command: tuple[str, ...], scored: Run, call: Call
    ) -> None:
        done = call(*command)
        assert done.code == 2
        assert "--judgments" in done.err


class TestBrokenLines:
    @pytest.mark.parametrize(
        ("kind", "line", "place"),
        [
            ("texts", '{"prompt_id": "1", ', ":2: not JSON"),
            ("texts", '{"prompt_id": "1"}', ":2:category: this field is required"),
            ("judgments", json.dumps(scored("x", 1, 9)), ":2:score: is outside the scale 1–5"),
            ("labels", '{"prompt_id": 7}', ":2:prompt_id: must be a string"),
        ],
    )
    def test_they_are_named_and_nothing_is_imported(
        self, kind: str, line: str, place: str, call: Call, tmp_path: Path
    ) -> None:
        good = {
            "texts": text("mine", 0, "안녕."),
            "judgments": scored("mine", 0, 3),
            "labels": {"prompt_id": "1", "candidate": "a", "sample": 0, "criterion": "c",
                       "rater": "r", "score": 1},
        }  # fmt: skip
        file = tmp_path / "lines.jsonl"
        file.write_text(json.dumps(good[kind]) + "\n" + line + "\n", encoding="utf-8")
        there = tmp_path / "theirs"
        done = call("import", "--run", str(there), f"--{kind}", str(file))
        assert done.code == 2
        assert f"{file}{place}" in done.err
        assert list(Run.open(there).texts()) == []
        assert list(Run.open(there).judgments()) == []
        assert Run.open(there).labels().labels == ()

    def test_a_file_that_is_not_there_is_named(self, call: Call, tmp_path: Path) -> None:
        done = call("import", "--run", str(tmp_path / "r"), "--texts", str(tmp_path / "no.jsonl"))
        assert done.code == 2
        assert str(tmp_path / "no.jsonl") in done.err
