"""Real servers of a model directory, started for a test and gone with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

VLLM_PYTHON = "KOJUDGE_VLLM_PYTHON"
"""Environment variable: the Python of an environment in which vLLM is installed."""
_START = 240.0


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: ``url`` ends in /v1, ``name`` is what it calls the model."""

    url: str
    name: str
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it and its children at once, as a crash would (SIGKILL)."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def served(kind: str, model: Path | str, *options: str, log: Path) -> Iterator[Served]:
    """Serve the directory ``model`` with ``vllm`` or ``transformers`` on a free loopback port.

    Skips the test where the server is not installed.
    """
    port = _free_port()
    command, environment = _command(kind, str(model), port)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,  # so that its workers can be ended with it
        )
    running = Served(f"http://127.0.0.1:{port}/v1", str(model), process)
    try:
        _wait_until_ready(running, log)
        yield running
    finally:
        running.kill()


def _command(kind: str, model: str, port: int) -> tuple[list[str], dict[str, str]]:
    address = ["--host", "127.0.0.1", "--port", str(port)]
    offline = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "OMP_NUM_THREADS": "2"}
    if kind == "transformers":
        for needed in ("fastapi", "uvicorn", "openai"):
            pytest.importorskip(needed, reason="needs transformers[serving]")
        program = "from transformers.cli.transformers import main; main()"
        start = [sys.executable, "-c", program, "serve", model, *address]
        return [*start, "--device", "cpu", "--dtype", "float32"], offline
    python = os.environ.get(VLLM_PYTHON)
    if not python:
        pytest.skip(f"{VLLM_PYTHON} does not name a Python with vLLM")
    start = [python, "-m", "vllm.entrypoints.openai.api_server", "--model", model, *address]
    small = ["--dtype", "float32", "--max-model-len", "2048", "--enforce-eager"]
    return [*start, *small], {**offline, "VLLM_CPU_KVCACHE_SPACE": "1"}


def _wait_until_ready(server: Served, log: Path) -> None:
    root = server.url.removesuffix("/v1")
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            if httpx.get(f"{root}/health", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:])
    pytest.fail(f"the server did not start:\n{tail}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
