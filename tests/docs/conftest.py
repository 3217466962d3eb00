"""Scratch workspaces in the states that pages begin from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kojudge.cli.main import run

from .scratch import furnish, write_a_run

Begin = Callable[[str], Path]


@pytest.fixture(scope="session")
def _states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three workspaces: new, generated (``runs/main`` has texts), reported (all there is)."""
    root = tmp_path_factory.mktemp("states")
    assert run(["init", str(root / "new")]) == 0
    furnish(root / "new")
    reported, generated = root / "reported", root / "generated"
    shutil.copytree(root / "new", reported)
    texts = write_a_run(reported)
    shutil.copytree(reported, generated)
    shutil.rmtree(generated / "runs" / "main")
    shutil.copytree(texts, generated / "runs" / "main")
    return root


@pytest.fixture
def begin(_states: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Copy a workspace of the named state and go into it."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("KOJUDGE_CACHE", str(tmp_path / "cache"))
    for name in [name for name in os.environ if name.endswith("_BASE_URL")]:
        monkeypatch.delenv(name)

    def begun(state: str) -> Path:
        root = tmp_path / "workspace"
        shutil.copytree(_states / state, root)
        monkeypatch.chdir(root)
        return root

    return begun
