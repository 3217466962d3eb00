"""A command killed between looks: the same command goes on, and decides the same."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kojudge.cli.main import run as kojudge
from kojudge.engines.fake import FakeEngine
from kojudge.store import manifest

from .killing import rows_by_key, start

BATCH = 4
ANSWERS = 16
"""Of one look: eight prompts, two orders."""
SETTINGS = f"""\
[workspace]
baseline = "plain"
candidates = ["warm"]
judges = ["slow"]
rubrics = ["naturalness-pairwise"]
prompts = ["blog", "emotional"]
mode = "pairwise"
seed = 7
engine = "fake"
batch_size = {BATCH}
controls = 0
"""


@pytest.fixture
def slow(workspace: Path) -> Path:
    """A judge that takes 20 ms an answer; two answers a prompt, eight prompts a look."""
    (workspace / "kojudge.toml").write_text(SETTINGS, encoding="utf-8")
    for folder, name in (("candidates", "plain"), ("candidates", "warm"), ("judge", "slow")):
        (workspace / folder / f"{name}.yaml").write_text(
            f'name: {name}\nsource: {{path: "fake:{name}"}}\nengine: fake\n', encoding="utf-8"
        )
    return workspace


@pytest.fixture
def quickly(slow: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run a command to its end in this process, where the slow judge does not dawdle."""
    monkeypatch.setattr(FakeEngine, "_wait", lambda self: None)
    return lambda *arguments: kojudge(["-C", str(slow), "--lang", "en", *arguments])


def looks_of(workspace: Path, name: str) -> Any:
    return manifest.read(workspace / "runs" / name)["looks"]


def test_killed_during_the_second_look_the_same_command_decides_the_same(
    slow: Path, quickly: Callable[..., int], tmp_path: Path
) -> None:
    whole = str(slow / "runs" / "whole")
    for run in (whole, str(slow / "runs" / "main")):
        assert quickly("generate", "--run", run) == 0
    assert quickly("score", "--looks", "4", "--run", whole) == 0
    expected = looks_of(slow, "whole")
    assert len(expected["done"]) >= 2

    started = start(tmp_path / "log", "-C", str(slow), "score", "--looks", "4")
    started.wait_for(ANSWERS + 6)
    started.end(signal.SIGKILL)
    killed = looks_of(slow, "main")
    assert len(killed["done"]) == 1
    asked = set(started.finished)
    stored = set(rows_by_key(slow / "runs" / "main", "judgments"))
    assert ANSWERS <= len(stored) < 2 * ANSWERS
    assert len(asked - stored) <= BATCH

    again = start(tmp_path / "again", "-C", str(slow), "score", "--looks", "4")
    told = again.process.communicate(timeout=120)[1]
    assert again.process.returncode == 0, told
    assert not stored & set(again.finished)
    assert set(rows_by_key(slow / "runs" / "main", "judgments").values()) == {1}
    resumed = looks_of(slow, "main")
    for look in (*expected["done"], *resumed["done"]):
        look.pop("time")
    assert resumed["done"] == expected["done"]
    assert resumed["batches"] == expected["batches"]
