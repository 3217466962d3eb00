"""docs/laptop-judge.md followed with real models: small ones stand behind the names on the page.

The commands are the page's own. Folders stand for the two machines, a fake engine writes, and a
small model that the page has no need to know of reads and teaches in the place of a large one.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from kojudge.cli.main import run
from kojudge.engines.head.file import read_head
from kojudge.records import Scored
from kojudge.store import manifest
from kojudge.store.run import Run

from .scratch import furnish
from .shown import ROOT, Command, File, halves, steps

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

PAGE = ROOT / "docs" / "laptop-judge.md"
CARDS = ROOT / "candidates"
TEACHER, BASE, HEAD = "qwen2.5-32b-instruct", "qwen2.5-0.5b-instruct", "my-head"
REAL = {
    f"judge/{TEACHER}.yaml": "qwen2.5-coder-0.5b-instruct",
    f"candidates/{BASE}.yaml": "smollm2-135m-instruct",
}
"""The card of a model in a wheel that stands behind a name on the page."""
WRITERS = {
    "gemma-2-2b-it": "plain",
    "my-model": "warm",
    "exaone-4.0-1.2b": "stiff",
    "kanana-1.5-2.1b-instruct-2505": "english",
    "polyglot-ko-1.3b-chat": "slow",
}
WRITER = "name: {name}\nsource: {{path: 'fake:{behaviour}'}}\nengine: fake\nlicense: MIT\n"
SETTINGS = {
    "candidates": '["my-model"]',
    "engine": '"transformers"',
    "rubrics": '["curt"]',
    "mode": '"pointwise"',
    "primary_mode": '"pointwise"',
    "limit": "12",  # 36 prompts, of which the strong judge must read 30 at least
    "controls": "0",
}
CURT = """\
---
criterion: naturalness
name_ko: 자연스러움
name_en: naturalness
version: 1
mode: pointwise
language: ko
scale: {1: 엉망, 2: 나쁨, 3: 보통, 4: 좋음, 5: 훌륭함}
answer_prefix: "점수: "
---
{% from "_fence.md.j2" import fenced %}
{{ fenced("글", text, fence, "ko") }}
글이 자연스러운 한국어인지 1, 2, 3, 4, 5 가운데 하나로만 답하세요.
"""
"""A rubric that a small judge reads quickly."""
FEW = {"teach": 9, "check": 1}
"""Prompts a category of the page's two profiles: 135 texts to learn from, 6 to judge."""
LEFT_OUT = re.compile(r"pip .*|.* --calibrate")
"""Changes the Python environment; times models for a minute (tests/cli/test_plan_time.py)."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The reader's workspace, with small models behind the names that the page uses."""
    monkeypatch.setenv("COLUMNS", "200")
    root = tmp_path / "my-eval"
    assert run(["init", str(root)]) == 0
    furnish(root)
    for path, name in REAL.items():
        card = (CARDS / f"{name}.yaml").read_text(encoding="utf-8")
        named = card.replace(f"name: {name}\n", f"name: {Path(path).stem}\n", 1)
        (root / path).write_text(named, encoding="utf-8")
    for name, behaviour in WRITERS.items():
        card = WRITER.format(name=name, behaviour=behaviour)
        (root / "candidates" / f"{name}.yaml").write_text(card, encoding="utf-8")
    (root / "judge" / f"{HEAD}.yaml").unlink()
    (root / "rubrics" / "curt.md.j2").write_text(CURT, encoding="utf-8")
    (root / "judge" / "audit" / "imaginative.jsonl").unlink()  # two sources do
    settings = root / "kojudge.toml"
    text = settings.read_text(encoding="utf-8")
    for key, value in SETTINGS.items():
        text = re.sub(rf"^{key} *=.*\n", "", text, count=1, flags=re.MULTILINE)
        text = text.replace("[workspace]\n", f"[workspace]\n{key} = {value}\n", 1)
    settings.write_text(text, encoding="utf-8")
    monkeypatch.chdir(root)
    return root


class Reader:
    """Follows the page from one machine to the other and back."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home, self.rented = home, home.parent / "rented"
        self._chdir = monkeypatch.chdir

    def write(self, file: File) -> None:
        content = file.content.replace("engine: vllm", "engine: transformers")
        for profile, number in FEW.items():
            content = content.replace(
                f"[profiles.{profile}]\n", f"[profiles.{profile}]\nlimit = {number}\n"
            )
        with Path(file.path).open("a" if file.at_the_end else "w", encoding="utf-8") as out:
            out.write(content)

    def do(self, line: str) -> None:
        words = Command(line.replace("--fraction 0.2", "--fraction 0.84")).words
        if words[0] == "rsync":
            self._sync(words[-2], words[-1])
        elif not LEFT_OUT.fullmatch(line):
            assert words[0] == "kojudge", line
            counted_only = ["--dry-run"] if "my-head-2" in words else []  # it was trained once
            assert run(["--lang", "en", *words[1:], *counted_only]) == 0, line

    def _sync(self, source: str, target: str) -> None:
        if target.startswith("gpu:"):
            assert (source, target) == ("./", "gpu:my-eval/")
            shutil.copytree(self.home, self.rented, dirs_exist_ok=True)
            self._chdir(self.rented)
        else:
            assert (source, target) == ("gpu:my-eval/runs/", "runs/")
            shutil.copytree(self.rented / "runs", self.home / "runs", dirs_exist_ok=True)
            self._chdir(self.home)


def test_the_page_leads_from_a_strong_judge_to_a_head_and_back_to_a_cascade(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    korean, english = (steps(half) for half in halves(PAGE.read_text(encoding="utf-8")))
    assert korean == english
    reader = Reader(home, monkeypatch)
    for step in korean:
        if isinstance(step, File):
            reader.write(step)
        else:
            reader.do(step.line)

    facts = read_head(home / "judge" / "heads" / HEAD).facts
    assert facts["teacher"] == TEACHER
    assert facts["writers_left_out"] is True
    assert judged(home / "runs" / "check", HEAD) == texts(home / "runs" / "check")

    main = home / "runs" / "main"
    assert judged(main, HEAD) == texts(main)
    drawn = set(manifest.read(main)["cascade"]["drawn"])
    assert len(drawn) == 33
    assert judged(main, TEACHER) == {one for one in texts(main) if one[0] in drawn}
    results = json.loads((main / "results.json").read_text(encoding="utf-8"))
    assert {row["judge"] for row in results["comparisons"] if row["primary"]} == {TEACHER}
    assert results["cascade"]["rows"][0]["n_strong"] == 33


Key = tuple[str, str]
"""Prompt and writer."""


def texts(path: Path) -> set[Key]:
    return {(one.prompt_id, one.candidate) for one in Run.open(path).texts()}


def judged(path: Path, judge: str) -> set[Key]:
    return {
        (one.prompt_id, one.candidate)
        for one in Run.open(path).judgments()
        if one.judge == judge and isinstance(one.outcome, Scored)
    }
