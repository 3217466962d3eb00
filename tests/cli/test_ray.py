"""``--engine ray``: the same run, made by workers that may die with all that stands around them."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from kojudge.records import Judgment, Text
from kojudge.store.run import Run

from .conftest import edit
from .outcome import Call

PATIENCE = 120.0
RAY = ("--engine", "ray", "--workers", "2")


def texts_of(run: Path) -> dict[str, Text]:
    return {text.text_id: text for text in Run.open(run).texts()}


def judgments_of(run: Path) -> dict[str, Judgment]:
    return {judgment.judgment_id: judgment for judgment in Run.open(run).judgments()}


def rows_by_key(run: Path, kind: str, key: str) -> Counter[str]:
    """How many rows each key has in the part files themselves."""
    rows: Counter[str] = Counter()
    for part in (run / kind).glob("part-*.parquet"):
        rows.update(pq.read_table(part, columns=[key])[key].to_pylist())
    return rows


def processes_of(folder: str) -> list[int]:
    """Ids of the processes that were started with ``folder`` on their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue  # it has ended
            if folder.encode() in line:
                found.append(int(entry.name))
    return found


def wait_until_none_is_left(folder: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while processes_of(folder):
        assert time.monotonic() < deadline, "Ray processes outlive the command"
        time.sleep(0.1)


@pytest.fixture
def ray_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A folder of the test's own for Ray's sessions: its name tells its processes from others."""
    folder = tempfile.mkdtemp(prefix="kj-", dir="/tmp")  # Ray's socket names must stay short
    monkeypatch.setenv("RAY_TMPDIR", folder)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    yield folder
    wait_until_none_is_left(folder)
    shutil.rmtree(folder)


def only_warm(workspace: Path) -> None:
    edit(workspace / "kojudge.toml", '"fake-warm", "fake-stiff"', '"fake-warm"')


@pytest.mark.ray
class TestRuns:
    @pytest.fixture(autouse=True)
    def _ray_is_installed(self) -> None:
        pytest.importorskip("ray.data", reason="needs the extra [ray]")

    def test_a_run_on_ray_is_the_run_without_it(
        self, workspace: Path, call: Call, ray_folder: str
    ) -> None:
        """It goes on without Ray where it began with it, and the other way round."""
        only_warm(workspace)
        runs = workspace / "runs"
        alone, mixed = str(runs / "alone"), str(runs / "mixed")
        assert call("generate", "--run", alone).code == 0
        assert call("score", "--run", alone).code == 0

        on_ray = call("generate", "--run", mixed, "--candidate", "fake-warm", "--json", *RAY)
        assert on_ray.code == 0
        assert on_ray.json["written"] == 16
        without = call("generate", "--run", mixed, "--engine", "fake", "--json")
        assert (without.json["stored"], without.json["written"]) == (16, 16)
        assert texts_of(runs / "mixed") == texts_of(runs / "alone")

        assert call("score", "--run", mixed, "--mode", "pointwise").code == 0
        judged = call("score", "--run", mixed, "--json", *RAY)
        assert (judged.code, judged.json["scored"]) == (0, 32)
        assert judgments_of(runs / "mixed") == judgments_of(runs / "alone")

        manifest = json.loads((runs / "mixed/manifest.json").read_text(encoding="utf-8"))
        engine = manifest["commands"][-1]["engines"]["fake-judge"]
        assert (engine["engine"], engine["workers"], engine["nodes"]) == ("fake", 2, 1)
        assert engine["ray"]
        wait_until_none_is_left(ray_folder)

    def test_a_killed_command_takes_its_cluster_with_it_and_the_next_asks_the_rest(
        self, workspace: Path, call: Call, ray_folder: str
    ) -> None:
        cards = workspace / "candidates"
        edit(cards / "fake-plain.yaml", "fake:plain", "fake:slow")
        edit(cards / "fake-warm.yaml", "fake:warm", "fake:slow")
        edit(cards / "fake-warm.yaml", "engine: fake", "sampling: {top_p: 0.5}\nengine: fake")
        only_warm(workspace)
        edit(workspace / "kojudge.toml", "batch_size = 32", "batch_size = 4")
        run = workspace / "runs" / "main"
        command = [sys.executable, "-m", "kojudge", "-C", str(workspace), "generate"]
        process = subprocess.Popen(
            [*command, "--samples", "20", *RAY],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + PATIENCE
        while len(rows_by_key(run, "texts", "text_id")) < 20:
            assert process.poll() is None, process.stderr
            assert time.monotonic() < deadline, "no texts reach the disk"
            time.sleep(0.02)
        assert processes_of(ray_folder)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE)
        wait_until_none_is_left(ray_folder)
        before = texts_of(run)
        assert 20 <= len(before) < 640
        rest = call("generate", "--samples", "20", "--engine", "fake", "--json")
        assert (rest.json["stored"], rest.json["written"]) == (len(before), 640 - len(before))
        assert before.items() <= texts_of(run).items()
        assert set(rows_by_key(run, "texts", "text_id").values()) == {1}

    @pytest.mark.parametrize("address", ["ray://127.0.0.1:10001", "127.0.0.1:1"])
    def test_a_cluster_that_is_not_there_is_one_error(
        self, call: Call, monkeypatch: pytest.MonkeyPatch, address: str
    ) -> None:
        monkeypatch.setenv("RAY_ADDRESS", address)
        outcome = call("generate", *RAY)
        assert outcome.code == 4
        assert f"Cannot reach the Ray cluster {address} of RAY_ADDRESS" in outcome.err
        assert "ray status" in outcome.err
        assert "Traceback" not in outcome.err


class TestFlags:
    @pytest.mark.parametrize("flag", ["--workers", "--num-gpus-per-worker"])
    @pytest.mark.parametrize("command", ["generate", "score", "audit"])
    def test_flags_that_would_do_nothing_are_refused(
        self, workspace: Path, call: Call, no_model: None, command: str, flag: str
    ) -> None:
        assert call("generate", "--dry-run").code == 0
        more = ("--judge", "fake-judge") if command == "audit" else ()
        if command == "score":
            Run.open(str(workspace / "runs" / "main"), create=True)
        outcome = call(command, *more, flag, "2")
        assert outcome.code == 2
        assert f"{flag} is for the ray engine; this run is on fake" in outcome.err
        assert "--engine ray" in outcome.err

    def test_a_dry_run_on_ray_starts_nothing(self, call: Call, no_model: None) -> None:
        assert call("generate", "--dry-run", *RAY).code == 0
