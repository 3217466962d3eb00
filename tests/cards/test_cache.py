from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from kojudge.cards.sources.cache import cache_dir, lock, missing_files, sha256_of
from kojudge.cards.sources.progress import silent


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"KOJUDGE_CACHE": "/data/models"}, "/data/models"),
        ({"KOJUDGE_CACHE": "~/models"}, "/home/someone/models"),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/kojudge/models"),
        ({"XDG_CACHE_HOME": ""}, "/home/someone/.cache/kojudge/models"),
        ({}, "/home/someone/.cache/kojudge/models"),
        ({"KOJUDGE_CACHE": "/data/models", "XDG_CACHE_HOME": "/xdg"}, "/data/models"),
    ],
)
def test_where_the_cache_is(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], folder: str
) -> None:
    for name in ("KOJUDGE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/someone")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache_dir() == Path(folder)


def test_the_hash_is_of_the_content(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"kojudge" * 1_000_000)
    assert sha256_of(file) == hashlib.sha256(b"kojudge" * 1_000_000).hexdigest()


def test_a_lock_frees_itself(cache: Path) -> None:
    for _ in range(2):
        with lock("a" * 64, silent) as held:
            assert held > 0


def folder_with(tmp_path: Path, *names: str) -> Path:
    for name in names:
        (tmp_path / name).write_text("{}", encoding="utf-8")
    return tmp_path


INDEX = "model.safetensors.index.json"


def index_of(folder: Path, *shards: str) -> None:
    weights = {f"layer.{i}": name for i, name in enumerate(shards)}
    (folder / INDEX).write_text(json.dumps({"weight_map": weights}), encoding="utf-8")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ([], "no config.json"),
        (["model.safetensors"], "no config.json"),
        (["config.json"], "no safetensors"),
        (["config.json", "pytorch_model.bin"], "only pytorch_model.bin"),
        (["config.json", "model.pt"], "only model.pt"),
    ],
)
def test_what_is_not_a_model(tmp_path: Path, names: list[str], says: str) -> None:
    missing = missing_files(folder_with(tmp_path, *names))
    assert missing is not None
    assert says in missing.en


def test_configuration_and_safetensors_are_a_model(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "config.json", "model.safetensors", "pytorch_model.bin")
    assert missing_files(folder) is None


def test_every_shard_of_the_index_must_be_there(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "config.json", "model-1.safetensors")
    index_of(folder, "model-1.safetensors", "model-2.safetensors")
    missing = missing_files(folder)
    assert missing is not None
    assert "model-2.safetensors" in missing.en
    folder_with(tmp_path, "model-2.safetensors")
    assert missing_files(folder) is None
