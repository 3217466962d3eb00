"""Weights in 4 bits, packed as GPTQ and as AWQ pack them, read by vLLM's own kernels.

The stand-in for a quantised model is a plain one with the very same rounded weights. What
parts them is bfloat16 and that vLLM's CPU kernel rounds activations to 8 bits as well.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from engines.tiny import spec_of
from kojudge.engines import ChoiceRequest, Engine
from kojudge.engines.local.engine import TransformersEngine
from kojudge.engines.vllm.engine import VllmEngine
from kojudge.records import Message

from .conftest import SMALL

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.usefixtures("vllm_installed"),
    pytest.mark.timeout(240),
]

GROUP = 32
MIDDLE = 8
AWQ_ORDER = (0, 2, 4, 6, 1, 3, 5, 7)
CONFIGS: dict[str, dict[str, Any]] = {
    "gptq": {"desc_act": False, "sym": True, "lm_head": False, "checkpoint_format": "gptq"},
    "awq": {"zero_point": True, "version": "gemm"},
}
NEAR, FAR = 0.8, 2.0
"""Of a log-probability: measured 0.35 from the rounded model and 4.9 from the whole one."""
LEVELS = tuple((str(n),) for n in range(1, 6))
QUESTIONS = [
    ChoiceRequest(str(n), (Message("user", f"자연스러운지 점수를 매기세요. {n}"),), LEVELS, "점수:")
    for n in range(6)
]


@pytest.mark.parametrize("kind", list(CONFIGS))
def test_four_bits_are_read_as_they_were_packed(
    kind: str, folder: Path, tmp_path: Path, same: Callable[..., TransformersEngine]
) -> None:
    packed, rounded = quantise(kind, folder, tmp_path)
    engine = VllmEngine(spec_of(packed, dtype="bfloat16", options=SMALL))
    try:
        found = answers(engine)
        assert kind in str(engine.describe()["quantization"])
    finally:
        engine.close()
    assert furthest(found, answers(same(rounded))) < NEAR
    assert furthest(found, answers(same(folder))) > FAR


def answers(engine: Engine) -> dict[str, tuple[float, ...]]:
    found = {choice.key: choice for choice in engine.choose(QUESTIONS)}
    assert all(choice.error == "" for choice in found.values())
    return {key: choice.logprobs for key, choice in found.items()}


def furthest(one: dict[str, tuple[float, ...]], other: dict[str, tuple[float, ...]]) -> float:
    return max(abs(a - b) for key in one for a, b in zip(one[key], other[key], strict=True))


def quantise(kind: str, folder: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Write the model with its linear layers packed, and with them rounded only."""
    from safetensors.torch import load_file, save_file

    packed, rounded = tmp_path / "packed", tmp_path / "rounded"
    for copy in (packed, rounded):
        shutil.copytree(folder, copy)
    in_bits, in_floats = {}, {}
    for name, weight in load_file(folder / "model.safetensors").items():
        if not name.endswith("_proj.weight"):
            in_bits[name] = in_floats[name] = weight
            continue
        steps, scales, in_floats[name] = four_bits(weight)
        stem = name.removesuffix("weight")
        in_bits |= {f"{stem}{part}": t for part, t in parts(kind, steps, scales).items()}
    save_file(in_bits, packed / "model.safetensors", metadata={"format": "pt"})
    save_file(in_floats, rounded / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((packed / "config.json").read_text(encoding="utf-8"))
    config["quantization_config"] = {"quant_method": kind, "bits": 4, "group_size": GROUP}
    config["quantization_config"] |= CONFIGS[kind]
    (packed / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return packed, rounded


def four_bits(weight: Any) -> tuple[Any, Any, Any]:
    """Return steps 0-15 [in, out], scales [groups, out] and the weight they stand for."""
    import torch

    across = weight.T.float()
    groups = across.reshape(-1, GROUP, across.shape[1])
    scales = (groups.abs().amax(1) / 7).half()
    steps = (torch.round(groups / scales[:, None].float()) + MIDDLE).clamp(0, 15)
    meant = ((steps - MIDDLE) * scales[:, None].float()).reshape(across.shape).T.contiguous()
    return steps.reshape(across.shape), scales, meant


def parts(kind: str, steps: Any, scales: Any) -> dict[str, Any]:
    """Return the tensors that stand for one layer."""
    import torch

    if kind == "awq":
        zeros = torch.full(scales.shape, MIDDLE)
        return {
            "qweight": pack(steps, 1, AWQ_ORDER),
            "qzeros": pack(zeros, 1, AWQ_ORDER),
            "scales": scales,
        }
    zeros = torch.full(scales.shape, MIDDLE - 1)  # GPTQ stores one less
    return {
        "qweight": pack(steps, 0, range(8)),
        "qzeros": pack(zeros, 1, range(8)),
        "g_idx": (torch.arange(len(steps)) // GROUP).int(),
        "scales": scales,
    }


def pack(steps: Any, along: int, order: Sequence[int]) -> Any:
    """Put eight steps into 32 bits, the first of ``order`` in the lowest four."""
    import torch

    rows = steps.long().movedim(along, -1)
    rows = rows.reshape(*rows.shape[:-1], -1, 8)
    words = sum(rows[..., place] << (4 * at) for at, place in enumerate(order))
    signed = torch.where(words >= 2**31, words - 2**32, words)
    return signed.movedim(-1, along).int().contiguous()
