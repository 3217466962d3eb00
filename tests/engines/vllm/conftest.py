"""Tiny models that vLLM's CPU kernels take (heads of 32), an adapter, and engines on them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engines.tiny import make_tokenizer, spec_of
from kojudge.engines.local.engine import TransformersEngine
from kojudge.engines.vllm.engine import VllmEngine

RANK, ALPHA = 4, 8
CONTEXT = 2048
SMALL = {"enforce_eager": True, "kv_cache_memory_bytes": 2**28}
"""Options that start a tiny model soonest."""


@pytest.fixture(scope="session")
def vllm_installed() -> None:
    """Skip where there is no vLLM."""
    # vLLM's CPU build pins versions of its own, so it lives in a venv of its own.
    pytest.importorskip("vllm", reason="vLLM is not installed here: make test-vllm")
    # Each candidate's memory is bounded by its options; an inherited bound would win over them.
    os.environ.pop("VLLM_CPU_KVCACHE_SPACE", None)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer Llama with random weights."""
    return _save(tmp_path_factory.mktemp("vllm") / "llama", _model())


@pytest.fixture(scope="session")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LoRA weights for it, written as peft writes them."""
    import torch
    from safetensors.torch import save_file

    made = tmp_path_factory.mktemp("adapter") / "lora"
    made.mkdir()
    generator = torch.Generator().manual_seed(5)
    weights = {}
    for name, out, width in _targets():
        stem = f"base_model.model.{name}"
        weights[f"{stem}.lora_A.weight"] = torch.randn(RANK, width, generator=generator) * 0.2
        weights[f"{stem}.lora_B.weight"] = torch.randn(out, RANK, generator=generator) * 0.2
    save_file(weights, made / "adapter_model.safetensors")
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": RANK,
        "lora_alpha": ALPHA,
        "target_modules": ["q_proj", "v_proj"],
        "base_model_name_or_path": "tiny",
        "bias": "none",
    }
    (made / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    return made


@pytest.fixture(scope="session")
def merged(tmp_path_factory: pytest.TempPathFactory, adapter: Path) -> Path:
    """The tiny model with the adapter's product added to its weights by hand."""
    from safetensors.torch import load_file

    weights = load_file(adapter / "adapter_model.safetensors")
    model = _model()
    for name, _, _ in _targets():
        stem = f"base_model.model.{name}"
        product = weights[f"{stem}.lora_B.weight"] @ weights[f"{stem}.lora_A.weight"]
        model.get_submodule(name).weight.data += ALPHA / RANK * product
    return _save(tmp_path_factory.mktemp("merged") / "merged", model)


@pytest.fixture(scope="module")
def tiny(vllm_installed: None, folder: Path) -> Iterator[VllmEngine]:
    """VLLM on the tiny model, in float32."""
    engine = VllmEngine(spec_of(folder, options=SMALL))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def same() -> Iterator[Callable[..., TransformersEngine]]:
    """Open the transformers engine on a directory, in float32 unless told."""
    opened: list[TransformersEngine] = []

    def call(path: Path, **spec: Any) -> TransformersEngine:
        engine = TransformersEngine(spec_of(path, **spec), batch_size=4)
        opened.append(engine)
        return engine

    yield call
    for engine in opened:
        engine.close()


def _targets() -> list[tuple[str, int, int]]:
    """Name, outputs and inputs of each linear layer that the adapter changes."""
    return [
        (f"model.layers.{layer}.self_attn.{kind}_proj", out, 128)
        for layer in range(2)
        for kind, out in (("q", 128), ("v", 64))
    ]


def _model() -> Any:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(make_tokenizer()),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT,
        initializer_range=0.2,  # wide enough for every token read to move the logits
        tie_word_embeddings=False,
    )
    return LlamaForCausalLM(config).eval()


def _save(folder: Path, model: Any) -> Path:
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = make_tokenizer()
    ids = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": 0, "bos_token_id": None}
    for name, value in ids.items():
        setattr(model.config, name, value)
        setattr(model.generation_config, name, value)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
