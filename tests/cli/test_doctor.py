"""doctor: looks at everything, changes nothing, never waits for a network that is not there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from kojudge.cli.main import run as kojudge

from .outcome import Call

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A machine with a free disk, without torch; its network is what the test says."""
    world: dict[str, Any] = {"pip": 1, "hub": httpx.ConnectError("refused"), "free": 100e9}

    def pip(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        assert options["timeout"] <= 30
        if isinstance(world["pip"], Exception):
            raise world["pip"]
        return subprocess.CompletedProcess(command, world["pip"], b"", b"")

    def hub(url: str, **options: Any) -> httpx.Response:
        assert options["timeout"] <= 30
        if isinstance(world["hub"], Exception):
            raise world["hub"]
        return httpx.Response(world["hub"])

    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(subprocess, "run", pip)
    monkeypatch.setattr(httpx, "head", hub)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, world["free"]))
    return world


@pytest.fixture
def found(world: dict[str, Any], call: Call) -> Callable[[], dict[str, tuple[str, str]]]:
    """Run the doctor; give back what it looked at: level and finding."""

    def look() -> dict[str, tuple[str, str]]:
        done = call("doctor", "--json")
        rows = done.json["findings"]
        assert done.json["schema"] == "kojudge.doctor/1"
        assert done.code == (2 if any(row["level"] == "problem" for row in rows) else 0)
        return {row["what"]: (row["level"], row["found"]) for row in rows}

    return look


Found = Callable[[], dict[str, tuple[str, str]]]


def test_a_sound_workspace_without_network_is_no_problem(found: Found) -> None:
    seen = found()
    assert {level for level, _ in seen.values()} == {"ok", "note"}
    assert seen["candidate cards"] == ("ok", "3")
    assert seen["judge cards"] == ("ok", "1")
    assert seen["settings, prompts"] == ("ok", "16")
    assert seen["package index"][0] == seen["model hub"][0] == "note"
    assert 'pip install "kojudge[local]"' in seen["transformers engine"][1]


@pytest.mark.parametrize(
    ("what", "key", "answer", "level"),
    [
        ("package index", "pip", 0, "ok"),
        ("package index", "pip", subprocess.TimeoutExpired("pip", 30), "note"),
        ("package index", "pip", FileNotFoundError("python"), "note"),
        ("model hub", "hub", 200, "ok"),
        ("model hub", "hub", 503, "note"),
        ("model hub", "hub", httpx.ReadTimeout("slow"), "note"),
    ],
)
def test_what_does_not_answer_is_noted(
    world: dict[str, Any], found: Found, what: str, key: str, answer: object, level: str
) -> None:
    world[key] = answer
    assert found()[what][0] == level


def test_a_full_disk_is_a_problem(world: dict[str, Any], found: Found) -> None:
    world["free"] = 1e9
    assert found()["model cache"][0] == "problem"


@pytest.mark.parametrize(
    ("file", "old", "new", "what", "place"),
    [
        ("candidates/fake-warm.yaml", "license", "licence", "candidate cards", "fake-warm.yaml:4"),
        ("judge/fake-judge.yaml", "source", "sauce", "judge cards", "fake-judge.yaml:2"),
        ("rubrics/friendliness.md.j2", "mode:", "mood:", "rubrics", "friendliness.md.j2:"),
        ("prompts/blog.jsonl", '"messages"', '"massages"', "settings, prompts", "blog.jsonl:1"),
        ("kojudge.toml", "seed", "sede", "settings, prompts", "kojudge.toml"),
    ],
)
def test_every_broken_file_is_found_and_named(
    world: dict[str, Any],
    found: Found,
    workspace: Path,
    file: str,
    old: str,
    new: str,
    what: str,
    place: str,
) -> None:
    path = workspace / file
    path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    level, message = found()[what]
    assert (level, place in message) == ("problem", True)


def test_away_from_a_workspace_it_looks_at_the_machine(
    world: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    away = tmp_path / "away"
    away.mkdir()
    monkeypatch.chdir(away)
    assert kojudge(["--lang", "en", "doctor"]) == 0
    assert "No kojudge.toml" in capsys.readouterr().out


def test_it_speaks_korean_too(world: dict[str, Any], call: Call) -> None:
    done = call("doctor", lang="ko")
    assert "연결되지 않음" in done.out
    assert "✓ judge cards: 1개" in done.out


def test_it_writes_nothing(world: dict[str, Any], call: Call, workspace: Path) -> None:
    before = sorted(workspace.rglob("*"))
    call("doctor")
    assert sorted(workspace.rglob("*")) == before
