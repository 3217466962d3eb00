"""A model loads whole, from safetensors, without running its code; or the error says why."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kojudge.engines import open_engine
from kojudge.engines.local.loading import Loaded, load
from kojudge.errors import UnavailableError
from kojudge.records import ModelSpec

from .tiny import spec_of

Made = Callable[..., Path]


@pytest.fixture
def folder(model: Made, tmp_path: Path) -> Path:
    """A copy of the tiny model, to break."""
    return Path(shutil.copytree(model(), tmp_path / "copy"))


def refused(folder: Path, why: str, **spec: object) -> UnavailableError:
    with pytest.raises(UnavailableError, match=why) as caught:
        load(spec_of(folder, **spec))
    assert caught.value.hint is not None
    return caught.value


def test_what_is_loaded(model: Made) -> None:
    loaded = load(spec_of(model()))
    assert isinstance(loaded, Loaded)
    vocabulary = loaded.tokenizer.get_vocab()
    assert loaded.dtype == "float32"
    assert loaded.context == 512
    assert loaded.turn_end == vocabulary["<|im_end|>"]
    assert loaded.end_ids == {vocabulary["<|im_end|>"]}
    assert not loaded.model.training


def test_a_stop_string_that_is_one_token_ends_texts(model: Made) -> None:
    loaded = load(spec_of(model(), stop=("<|endoftext|>", "봄이 오면")))
    assert loaded.tokenizer.get_vocab()["<|endoftext|>"] in loaded.end_ids


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_runs_as_such_or_says_float32(model: Made, dtype: str) -> None:
    import torch

    loaded = load(spec_of(model(), dtype=dtype))
    assert loaded.dtype in (dtype, "bfloat16", "float32")
    assert loaded.model.dtype == getattr(torch, loaded.dtype)


def test_the_message_names_the_model_the_place_and_the_next_step(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    error = refused(missing, "no such directory")
    assert str(missing) in error.message.en
    assert error.message.ko.startswith("모델 'nowhere'을(를)")
    assert error.hint is not None
    assert "kojudge models pull nowhere" in error.hint.en


def test_missing_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    refused(folder, "Cannot load model 'copy'")


@pytest.mark.parametrize("size", [0, 4, 1000, 100_000])
def test_a_truncated_weights_file(folder: Path, size: int) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:size])
    refused(folder, "Cannot load model 'copy'")


def test_garbage_in_place_of_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\xff" * 5000)
    refused(folder, "Cannot load model 'copy'")


def test_a_tensor_that_is_not_there_is_not_made_up(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    refused(folder, r"no weights for model\.layers\.1\.mlp\.up_proj\.weight")


def test_tensors_of_another_shape(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["intermediate_size"] = 96
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    refused(folder, "Cannot load model 'copy'")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, "", "{", "[]"])
def test_a_missing_or_broken_companion_file(folder: Path, name: str, content: str | None) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(content, encoding="utf-8")
    refused(folder, "Cannot load model 'copy'")


def test_pickled_weights_are_not_loaded(folder: Path) -> None:
    import torch

    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    refused(folder, "Cannot load model 'copy'")


def test_a_models_own_code_is_not_run(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "homemade", "auto_map": {"AutoConfig": "homemade.Config"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    code = f"open({str(folder / 'ran')!r}, 'w').close()\n"
    (folder / "homemade.py").write_text(code, encoding="utf-8")
    refused(folder, "Cannot load model 'copy'")
    assert not (folder / "ran").exists()


def test_an_unknown_dtype_names_those_there_are(folder: Path) -> None:
    error = refused(folder, "dtype 'int3' is not supported", dtype="int3")
    assert "bfloat16, float16, float32" in str(error)


class TestThreads:
    """Threads that wait for each other give the core away soon, unless the user says how."""

    def test_by_default(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
        monkeypatch.setenv("GOMP_SPINCOUNT", "")
        monkeypatch.delenv("GOMP_SPINCOUNT")
        refused(tmp_path / "nowhere", "no such directory")
        assert os.environ["GOMP_SPINCOUNT"] == "10000"

    @pytest.mark.parametrize(("name", "value"), [("GOMP_SPINCOUNT", "7"), ("OMP_WAIT_POLICY", "A")])
    def test_the_users_own_settings_stay(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
    ) -> None:
        monkeypatch.setenv("GOMP_SPINCOUNT", "")
        monkeypatch.delenv("GOMP_SPINCOUNT")
        monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
        monkeypatch.setenv(name, value)
        refused(tmp_path / "nowhere", "no such directory")
        assert os.environ[name] == value
        assert os.environ.get("GOMP_SPINCOUNT", "7") == "7"


@pytest.mark.parametrize("package", ["torch", "transformers"])
def test_a_missing_package_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UnavailableError, match=r'pip install "kojudge\[local\]"'):
        open_engine("transformers", ModelSpec("m", str(tmp_path)), batch_size=1)
