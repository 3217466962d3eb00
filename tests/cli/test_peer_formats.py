"""``import --format``, ``import --out`` and ``export --logickor|--mt-bench|--alpaca-eval``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kojudge.prompts import load_prompts
from kojudge.records import Scored
from kojudge.store.run import Run

from .conftest import JUDGMENTS, PAIRS, TEXTS
from .outcome import Call

QUESTIONS = [
    {"id": 1, "category": "글쓰기(Writing)", "questions": ["첫눈을 두 줄로 써 줘.", "더 슬프게."],
     "references": [None, None]},
    {"id": 2, "category": "글쓰기(Writing)", "questions": ["장마를 한 줄로 써 줘.", "더 짧게."],
     "references": [None, None]},
]  # fmt: skip


def write(path: Path, records: list[dict[str, Any]]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8"
    )
    return str(path)


def read(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return list(json.loads(text))
    return [json.loads(line) for line in text.split("\n") if line]


@pytest.fixture
def questions(tmp_path: Path) -> str:
    return write(tmp_path / "questions.jsonl", QUESTIONS)


class TestPromptSets:
    def test_questions_become_a_set_that_generates(
        self, workspace: Path, call: Call, questions: str
    ) -> None:
        out = workspace / "prompts" / "logickor.jsonl"
        done = call("import", "--format", "logickor", "--prompts", questions, "--out", str(out))
        assert done.code == 0, done.err
        assert "2 prompts written" in done.err
        assert "of 2 questions only the first turn is taken" in done.err
        assert [prompt.name for prompt in load_prompts(out.parent, ["logickor"])] == [
            "logickor-1", "logickor-2",
        ]  # fmt: skip
        made = call("generate", "--prompts", "logickor", "--dry-run")
        assert made.code == 0, made.err

    def test_it_overwrites_nothing(self, workspace: Path, call: Call, questions: str) -> None:
        out = workspace / "prompts" / "blog.jsonl"
        before = out.read_bytes()
        done = call("import", "--format", "logickor", "--prompts", questions, "--out", str(out))
        assert (done.code, out.read_bytes()) == (2, before)
        assert "there already" in done.err

    def test_a_wrong_file_writes_nothing(self, call: Call, tmp_path: Path) -> None:
        wrong = write(tmp_path / "q.jsonl", [*QUESTIONS, {"id": 3}])
        out = tmp_path / "set.jsonl"
        done = call("import", "--format", "logickor", "--prompts", wrong, "--out", str(out))
        assert (done.code, out.exists()) == (2, False)
        assert "q.jsonl:3:category" in done.err

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            (("--format", "logickor"), "--out goes with --format and --prompts"),
            (("--prompts", "q.jsonl"), "--out goes with --format and --prompts"),
            (
                ("--format", "logickor", "--prompts", "q.jsonl", "--texts", "t.jsonl"),
                "nothing else",
            ),
        ],
    )
    def test_options_that_do_not_go_together(
        self, call: Call, tmp_path: Path, options: tuple[str, ...], told: str
    ) -> None:
        done = call("import", *options, "--out", str(tmp_path / "x.jsonl"))
        assert done.code == 2
        assert told in done.err

    def test_its_name_ends_in_jsonl(self, call: Call, tmp_path: Path, questions: str) -> None:
        out = str(tmp_path / "set.json")
        done = call("import", "--format", "logickor", "--prompts", questions, "--out", out)
        assert done.code == 2
        assert "ends in .jsonl" in done.err

    def test_without_out_a_run_is_needed(self, call: Call) -> None:
        done = call("import", "--texts", "t.jsonl")
        assert done.code == 2
        assert "--run" in done.err


class TestThereAndBack:
    def test_logickor(self, call: Call, tmp_path: Path) -> None:
        records = [
            question | {
                "outputs": [f"{number}번 답", f"{number}번 다음 답"],
                "query_single": {"judge_message": "좋다.", "judge_score": 8.0},
                "query_multi": {"judge_message": "Impossible to judge due to repetition.",
                                "judge_score": 0.0},
            }
            for number, question in enumerate(QUESTIONS)
        ]  # fmt: skip
        file = write(tmp_path / "evaluated/maker/m/default.jsonl", records)
        there = ("--run", str(tmp_path / "run"))
        options = ("--format", "logickor", "--texts", file, "--judgments", file)
        named = ("--judge", "gpt-4", "--criterion", "overall")
        done = call("import", *there, *options, *named)
        assert done.code == 0, done.err
        assert "4 texts imported" in done.err
        assert "2 judgments without a score" in done.err
        out = tmp_path / "out"
        assert call("export", *there, "--logickor", str(out)).code == 0
        assert read(out / "gpt-4.overall/evaluated/maker/m/default.jsonl") == records
        assert len(read(out / "generated/maker/m/default.jsonl")) == 2

    def test_a_missing_name_is_asked_for_before_a_run_is_made(
        self, call: Call, tmp_path: Path
    ) -> None:
        file = write(tmp_path / "evaluated/maker/m/default.jsonl", [])
        there = tmp_path / "run"
        done = call("import", "--run", str(there), "--format", "logickor", "--judgments", file)
        assert (done.code, there.exists()) == (2, False)
        assert "--judge" in done.err


class TestAnOwnRun:
    def test_logickor_takes_texts_and_scores(self, scored: Run, call: Call, tmp_path: Path) -> None:
        done = call("export", "--logickor", str(tmp_path))
        assert done.code == 0, done.err
        assert f"{TEXTS} answers have one turn" in done.err
        assert f"{2 * PAIRS} pairwise judgments are left out" in done.err
        written = [
            record for file in tmp_path.glob("generated/**/*.jsonl") for record in read(file)
        ]
        assert sorted(record["outputs"][0] for record in written) == sorted(
            text.text for text in scored.texts()
        )
        judged = [
            record for file in tmp_path.glob("*/evaluated/**/*.jsonl") for record in read(file)
        ]
        assert len(judged) == TEXTS
        assert judged[0]["query_single"]["scale"] == [1, 5]

    def test_mt_bench_and_alpaca_eval_lose_no_judgment(
        self, scored: Run, call: Call, tmp_path: Path
    ) -> None:
        """Out in another tool's form, in again: every number is what it was."""
        assert call("export", "--mt-bench", str(tmp_path / "mt")).code == 0
        assert call("export", "--alpaca-eval", str(tmp_path / "alpaca")).code == 0
        back = ("--run", str(tmp_path / "back"), "--criterion", "naturalness")
        files = sorted((tmp_path / "mt/model_judgment").glob("*.jsonl"))
        assert len(files) == 2
        options = [word for file in files for word in ("--judgments", str(file))]
        done = call("import", *back, "--format", "mt-bench", *options)
        assert done.code == 0, done.err
        assert numbers(Run.open(tmp_path / "back")) == numbers(scored)
        assert len(numbers(scored)) == JUDGMENTS
        pairs = ("--run", str(tmp_path / "pairs"), "--criterion", "naturalness")
        found = sorted((tmp_path / "alpaca").glob("*/*/annotations.json"))
        options = [word for file in found for word in ("--judgments", str(file))]
        done = call("import", *pairs, "--format", "alpaca-eval", *options)
        assert done.code == 0, done.err
        assert numbers(Run.open(tmp_path / "pairs")) == {
            key: number for key, number in numbers(scored).items() if key[2] == "pairwise"
        }

    def test_an_empty_run_has_nothing_to_give(self, call: Call, tmp_path: Path) -> None:
        Run.open(tmp_path / "run", create=True)
        done = call("export", "--run", str(tmp_path / "run"), "--logickor", str(tmp_path / "out"))
        assert done.code == 2
        assert "Nothing fits the format of logickor" in done.err


def numbers(run: Run) -> dict[tuple[object, ...], float | None]:
    """Return every score and preference, to its last digit."""
    return {
        (item.prompt_id, item.candidate, item.mode, item.order): item.outcome.score
        if isinstance(item.outcome, Scored)
        else None
        for item in run.judgments()
    }
