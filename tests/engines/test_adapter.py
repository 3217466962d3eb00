"""LoRA weights over a model of the transformers engine."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kojudge.engines import ChoiceRequest
from kojudge.engines.local.engine import TransformersEngine
from kojudge.errors import UnavailableError
from kojudge.records import Message

from .tiny import spec_of

RANK, ALPHA = 4, 8
WIDTH = 64
LEVELS = tuple((str(n),) for n in range(1, 6))
QUESTION = ChoiceRequest("k", (Message("user", "점수를 매기세요."),), LEVELS, "점수:")


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """LoRA weights for the queries of the tiny Llama, written as peft writes them."""
    import torch
    from safetensors.torch import save_file

    made = tmp_path / "lora"
    made.mkdir()
    generator = torch.Generator().manual_seed(5)
    weights = {}
    for layer in range(2):
        stem = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        weights[f"{stem}.lora_A.weight"] = torch.randn(RANK, WIDTH, generator=generator)
        weights[f"{stem}.lora_B.weight"] = torch.randn(WIDTH, RANK, generator=generator)
    save_file(weights, made / "adapter_model.safetensors")
    config = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": ALPHA}
    config |= {"target_modules": ["q_proj"], "base_model_name_or_path": "tiny"}
    (made / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    return made


def answer(engine: TransformersEngine) -> tuple[float, ...]:
    (choice,) = engine.choose([QUESTION])
    return choice.logprobs


def merge_by_hand(engine: TransformersEngine, adapter: Path) -> None:
    """Add the product of the adapter's matrices to the loaded weights."""
    from safetensors.torch import load_file

    weights = load_file(adapter / "adapter_model.safetensors")
    for layer in range(2):
        name = f"model.layers.{layer}.self_attn.q_proj"
        stem = f"base_model.model.{name}"
        product = weights[f"{stem}.lora_B.weight"] @ weights[f"{stem}.lora_A.weight"]
        engine.loaded.model.get_submodule(name).weight.data += ALPHA / RANK * product


@pytest.mark.filterwarnings("ignore")  # what peft warns of
def test_its_product_is_added_to_the_weights(model: Callable[..., Path], adapter: Path) -> None:
    pytest.importorskip("peft", reason="peft is not installed here")
    folder = model("llama", context=512)
    plain = TransformersEngine(spec_of(folder), batch_size=1)
    without = answer(plain)
    merge_by_hand(plain, adapter)
    laid = TransformersEngine(spec_of(folder, adapter=str(adapter)), batch_size=1)
    assert answer(laid) == pytest.approx(answer(plain), abs=1e-5)
    assert answer(laid) != pytest.approx(without, abs=0.05)


@pytest.mark.filterwarnings("ignore")  # what peft warns of
def test_one_for_another_model_is_refused(model: Callable[..., Path], adapter: Path) -> None:
    pytest.importorskip("peft", reason="peft is not installed here")
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    config["target_modules"] = ["nothing"]
    (adapter / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(UnavailableError, match=r"Cannot lay the adapter.*nothing"):
        TransformersEngine(spec_of(model("llama"), adapter=str(adapter)), batch_size=1)


def test_without_peft_the_package_is_named(
    model: Callable[..., Path], adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(UnavailableError, match="missing: peft") as caught:
        TransformersEngine(spec_of(model("llama"), adapter=str(adapter)), batch_size=1)
    assert "pip install peft" in str(caught.value.hint)
