"""``kojudge generate --engine vllm``, killed and resumed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generate.killing import rows_by_key
from kojudge.store import manifest
from kojudge.store.run import Run

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.usefixtures("vllm_installed"),
    pytest.mark.timeout(600),
]

CARD = """\
name: tiny
source: {{path: "{folder}"}}
license: Apache-2.0
dtype: float32
sampling: {{temperature: 0.9, max_tokens: 64}}
vllm: {{enforce_eager: true, kv_cache_memory_bytes: 268435456, max_num_seqs: 4}}
"""
TEXTS = 48
PATIENCE = 180.0


@pytest.fixture
def command(workspace: Path, folder: Path) -> list[str]:
    """Write 48 texts with the tiny model in vLLM, four at once."""
    card = CARD.format(folder=folder)
    (workspace / "candidates" / "tiny.yaml").write_text(card, encoding="utf-8")
    settings = (workspace / "kojudge.toml").read_text(encoding="utf-8")
    settings = settings.replace('"fake-plain"', '"tiny"').replace('engine = "fake"\n', "")
    settings += "limit = 8\nsamples = 2\n"
    (workspace / "kojudge.toml").write_text(settings, encoding="utf-8")
    start = [sys.executable, "-m", "kojudge", "-C", str(workspace), "--lang", "en"]
    run = workspace / "runs" / "r"
    return [*start, "generate", "--engine", "vllm", "--candidate", "tiny", "--run", str(run)]


def test_killed_and_resumed(command: list[str]) -> None:
    run = Path(command[-1])
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: any(run.glob("texts/part-*.parquet")) or process.poll() is not None)
        family = descendants(process.pid)
        process.send_signal(signal.SIGKILL)
    kept = len(rows_by_key(run, "texts"))
    assert 0 < kept < TEXTS
    assert family
    wait_until(lambda: not any(alive(pid) for pid in family))  # vLLM's processes follow

    resumed = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert resumed.returncode == 0, resumed.stderr
    rows = rows_by_key(run, "texts")
    assert len(rows) == TEXTS
    assert set(rows.values()) == {1}
    assert {text.status for text in Run.open(run).texts()} == {"ok"}
    assert resumed.stdout.count("\n") <= 3  # vLLM says nothing where --json would stand
    told = manifest.read(run)["commands"][-1]["engines"]["tiny"]
    assert (told["engine"], told["dtype"]) == ("vllm", "float32")


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "nothing happens"
        time.sleep(0.02)


def descendants(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def alive(pid: int) -> bool:
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
