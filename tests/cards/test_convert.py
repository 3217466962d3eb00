from __future__ import annotations

import json
from pathlib import Path

import pytest

from kojudge.cards.sources import convert as converting
from kojudge.cards.sources.cache import lock
from kojudge.cards.sources.convert import convert, converted_dir, find_converted
from kojudge.cards.sources.progress import silent
from kojudge.errors import UnavailableError

SHA = "a" * 64

WORKS = """
import json, pathlib, sys
out = pathlib.Path(sys.argv[2])
for name in ("config.json", "model.safetensors"):
    (out / name).write_text("{}", encoding="utf-8")
print("a library that talks")
print(json.dumps({"mended": ["nfc"], "transformers": "5"}))
"""
FAILS = "import sys; sys.exit('ValueError: GGUF of nobody is not supported')"
DIES = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


@pytest.fixture
def gguf(tmp_path: Path, cache: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return path


def run_with(script: str, gguf: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Convert with ``script`` in the place of the real conversion."""
    path = gguf.parent / "script.py"
    path.write_text(script, encoding="utf-8")
    monkeypatch.setattr(converting.dequantise, "__file__", str(path))
    with lock(SHA, silent) as held:
        return convert(gguf, SHA, {"hub": "org/model"}, held, silent)


def test_a_converted_model_is_found(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_converted(SHA) is None
    folder = run_with(WORKS, gguf, monkeypatch)
    assert folder == converted_dir(SHA) == find_converted(SHA)


def test_where_it_came_from_is_written_beside_it(
    gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run_with(WORKS, gguf, monkeypatch)
    source = json.loads((folder / "kojudge-source.json").read_text(encoding="utf-8"))
    assert source["gguf_sha256"] == SHA
    assert source["hub"] == "org/model"
    assert source["mended"] == ["nfc"]
    assert {"kojudge", "transformers"} <= source.keys()


def test_others_may_read_the_cache(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = run_with(WORKS, gguf, monkeypatch)
    assert folder.stat().st_mode & 0o777 == 0o755


def test_another_conversion_has_another_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    before = converted_dir(SHA)
    monkeypatch.setattr(converting.dequantise, "CONVERSION", 99)
    assert converted_dir(SHA) != before


def test_half_a_model_is_replaced(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    converted_dir(SHA).mkdir(parents=True)
    (converted_dir(SHA) / "stray").touch()
    folder = run_with(WORKS, gguf, monkeypatch)
    assert not (folder / "stray").exists()
    assert find_converted(SHA) == folder


@pytest.mark.parametrize(
    ("script", "message", "hint"),
    [
        (FAILS, r"Could not convert model\.gguf: ValueError: GGUF of nobody", "safetensors"),
        (DIES, r"converting model\.gguf was ended by signal 9", "memory"),
    ],
)
def test_a_failed_conversion_is_told_and_leaves_nothing(
    gguf: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str, hint: str
) -> None:
    with pytest.raises(UnavailableError, match=message) as caught:
        run_with(script, gguf, monkeypatch)
    assert hint in str(caught.value.hint)
    assert [p.name for p in cache.iterdir()] == ["locks"]


def test_the_conversion_tells_when_it_begins_and_ends(
    gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_with(WORKS, gguf, monkeypatch)
    told: list[tuple[str, int, int]] = []
    with lock(SHA, silent) as held:
        convert(gguf, SHA, {}, held, lambda *step: told.append(step))
    assert told == [("convert", 0, 1), ("convert", 1, 1)]
