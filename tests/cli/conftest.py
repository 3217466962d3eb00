"""A small workspace whose whole pipeline runs in about a second."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from kojudge.cli.main import run
from kojudge.store.run import Run

from .outcome import Call, Outcome

PROMPTS_EACH = 8
SETTINGS = """\
[workspace]
baseline = "fake-plain"
candidates = ["fake-warm", "fake-stiff"]
judges = ["fake-judge"]
rubrics = ["naturalness", "naturalness-pairwise"]
prompts = ["blog", "emotional"]
seed = 7
engine = "fake"
batch_size = 32
controls = 0

[profiles.tiny]
candidates = ["fake-warm"]
prompts = ["imaginative"]
"""
TEXTS, PAIRS, JUDGMENTS = 48, 32, 48 + 64
"""3 models × 16 prompts; 2 candidates × 16 prompts; a score a text, two orders a pair."""


def edit(path: Path, old: str, new: str) -> None:
    """Put ``new`` in the place of the first ``old``."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def workspace(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two prompt sets of eight, two rubrics, three fake candidates and a fake judge."""
    for file in (workspace / "prompts").glob("*.jsonl"):
        lines = file.read_text(encoding="utf-8").split("\n")
        file.write_text("\n".join(lines[:PROMPTS_EACH]) + "\n", encoding="utf-8")
    (workspace / "kojudge.toml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "200")
    return workspace


@pytest.fixture
def call(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command line on the workspace; give back its code and what it printed."""

    def called(*arguments: str, lang: str = "en") -> Outcome:
        capsys.readouterr()
        code = run(["-C", str(workspace), "--lang", lang, *arguments])
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return called


@pytest.fixture(scope="session")
def _scored_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scored") / "runs"


@pytest.fixture
def scored(workspace: Path, call: Call, _scored_once: Path) -> Run:
    """The default run, generated and scored; made once and copied, for its ids are content."""
    if not _scored_once.exists():
        assert call("generate").code == 0
        assert call("score").code == 0
        shutil.copytree(workspace / "runs", _scored_once)
    else:
        shutil.copytree(_scored_once, workspace / "runs")
    return Run.open(workspace / "runs" / "main")


@pytest.fixture(scope="session")
def _results_once() -> list[Any]:
    return []


@pytest.fixture
def results(scored: Run, call: Call, _results_once: list[Any]) -> Any:
    """What the report of the default run says; computed once."""
    if not _results_once:
        _results_once.append(call("report", "--json").json)
    return _results_once[0]


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test if a model is opened."""

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a model was opened")

    monkeypatch.setattr("kojudge.cli.generating.open_model", refuse)
    monkeypatch.setattr("kojudge.cli.scoring.open_model", refuse)
