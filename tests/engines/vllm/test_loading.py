"""Without vLLM, or with a broken one, the error says how to install it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kojudge.engines import open_engine
from kojudge.engines.vllm import loading
from kojudge.errors import UnavailableError
from kojudge.records import ModelSpec


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what starting writes into the environment."""
    for name in loading._QUIET:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_without_vllm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(UnavailableError, match=r"cannot be imported") as caught:
        open_engine("vllm", ModelSpec("m", str(tmp_path)), batch_size=1)
    assert 'pip install "kojudge[vllm]"' in str(caught.value.hint)
    assert "docs/vllm.md" in str(caught.value.hint)


def test_vllm_writes_nothing_to_stdout_unless_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    monkeypatch.setenv("VLLM_LOGGING_LEVEL", "INFO")
    with pytest.raises(UnavailableError):
        open_engine("vllm", ModelSpec("m", str(tmp_path)), batch_size=1)
    assert os.environ["VLLM_LOGGING_STREAM"] == "ext://sys.stderr"
    assert os.environ["VLLM_NO_USAGE_STATS"] == "1"
    assert os.environ["VLLM_LOGGING_LEVEL"] == "INFO"
