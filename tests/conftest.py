"""A world for each test: its own workspace, no network, no model unless marked."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPOSITORY = Path(__file__).resolve().parents[1]

FAKES = {"plain": "plain", "warm": "warm", "stiff": "stiff"}
CARD = """\
name: {name}
source: {{path: "fake:{behaviour}"}}
engine: fake
license: Apache-2.0
"""
SETTINGS = """\
[workspace]
baseline = "fake-plain"
candidates = ["fake-warm", "fake-stiff"]
judges = ["fake-judge"]
rubrics = ["naturalness", "friendliness", "naturalness-pairwise", "friendliness-pairwise"]
prompts = ["blog", "emotional", "imaginative"]
seed = 7
engine = "fake"
batch_size = 8
"""


PROMPTS = 16
"""Lines of each shipped set that a test's workspace has: enough for verdicts, quick to judge."""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace of the shipped rubrics and the first prompts of each set, with fake models."""
    root = tmp_path / "space"
    root.mkdir()
    for folder in ("prompts", "rubrics", "reports"):
        shutil.copytree(REPOSITORY / folder, root / folder)
    for path in (root / "prompts").glob("*.jsonl"):
        first = path.read_text(encoding="utf-8").splitlines(keepends=True)[:PROMPTS]
        path.write_text("".join(first), encoding="utf-8")
    (root / "candidates").mkdir()
    (root / "judge").mkdir()
    (root / "kojudge.toml").write_text(SETTINGS, encoding="utf-8")
    for name, behaviour in FAKES.items():
        add_card(root / "candidates", f"fake-{name}", behaviour)
    add_card(root / "judge", "fake-judge", "plain")
    return root


def add_card(folder: Path, name: str, behaviour: str) -> None:
    """Write the card of a fake model."""
    card = CARD.format(name=name, behaviour=behaviour)
    (folder / f"{name}.yaml").write_text(card, encoding="utf-8")


@pytest.fixture
def kojudge(workspace: Path) -> Callable[..., int]:
    """Call the command line on the workspace, in English; returns the exit code."""
    from kojudge.cli.main import run

    def call(*arguments: str) -> int:
        return run(["-C", str(workspace), "--lang", "en", *arguments])

    return call


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse connections outside this machine, but to tests that fetch a model."""
    if any(request.node.get_closest_marker(name) for name in ("model", "real", "servers")):
        yield
        return
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "local"
        if host not in ("127.0.0.1", "::1", "localhost", "local"):
            raise OSError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium: KOJUDGE_CHROMIUM, or the chromium or google-chrome on PATH."""
    names = (os.environ.get("KOJUDGE_CHROMIUM", ""), "chromium", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no browser: install chromium, or name one in KOJUDGE_CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        # Chromium has no sandbox of its own for root, as which CI runs.
        arguments = [] if os.geteuid() else ["--no-sandbox"]
        opened = playwright.chromium.launch(executable_path=path, args=arguments)
        yield opened
        opened.close()
