"""The arguments of ``vllm.LLM``, from a card's ``vllm:`` section and what kojudge decides."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from kojudge.errors import ConfigError, UnavailableError, did_you_mean, said
from kojudge.records import ModelSpec

_OWN = {
    "model": ("카드의 source", "the card's source"),
    "tokenizer": ("카드의 source", "the card's source"),
    "dtype": ("카드의 dtype", "the card's dtype"),
    "trust_remote_code": ("카드의 trust_remote_code", "the card's trust_remote_code"),
    "enable_lora": ("카드의 adapter", "the card's adapter"),
    "logprobs_mode": ("kojudge (raw_logprobs)", "kojudge (raw_logprobs)"),
    "skip_tokenizer_init": ("kojudge", "kojudge"),
}
"""Arguments that a card says elsewhere, or that the numbers rest on."""
_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""LoRA ranks that vLLM makes room for (``MaxLoRARanks``)."""
_CPU_CACHE = 4 * 2**30
_CPU_SEQUENCES = 32
_CPU_BLOCK = 32


def llm_arguments(
    spec: ModelSpec, known: Collection[str], *, cpu: bool, environment: Mapping[str, str]
) -> dict[str, Any]:
    """Return what ``vllm.LLM`` is called with.

    On a CPU vLLM would take nearly all memory for its cache, write 256 texts at once, none of
    which is finished for a long time, and share prefixes in blocks of 128 tokens: 4 GiB, 32
    texts and blocks of 32, unless the card or vLLM's own ``environment`` says otherwise.
    Measured with blocks of 32 (Qwen2.5-0.5B, bfloat16, 2 cores): a rubric of 5 levels 2.2
    times as fast, of 10 levels 3.3 times, for the end of a prompt is read again for each
    further token of an answer.

    Raises:
        ConfigError: ``spec.options`` names an argument that is not in ``known``, or not theirs.
        UnavailableError: the adapter's configuration cannot be read.
    """
    options = dict(spec.options)
    for name in options:
        _check(spec, name, known)
    _refuse_data_parallel(spec)
    arguments: dict[str, Any] = {
        "model": spec.path,
        "dtype": spec.dtype,
        "trust_remote_code": spec.trust_remote_code,
        "logprobs_mode": "raw_logprobs",
        "enable_prefix_caching": True,
        "use_tqdm_on_load": False,
    }
    if cpu:
        arguments |= {"max_num_seqs": _CPU_SEQUENCES, "block_size": _CPU_BLOCK}
        said_how_much = {"kv_cache_memory_bytes", "gpu_memory_utilization"} & options.keys()
        if not said_how_much and not environment.get("VLLM_CPU_KVCACHE_SPACE"):
            arguments["kv_cache_memory_bytes"] = _CPU_CACHE
    if spec.adapter is not None:
        arguments |= {"enable_lora": True, "max_lora_rank": lora_rank(spec, Path(spec.adapter))}
    return arguments | options


def lora_rank(spec: ModelSpec, adapter: Path) -> int:
    """Return the rank that vLLM must make room for to hold ``adapter``.

    Raises:
        UnavailableError: its ``adapter_config.json`` is missing or says no rank.
    """
    path = adapter / "adapter_config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        rank = max(map(int, [config["r"], *(config.get("rank_pattern") or {}).values()]))
        return next(room for room in _RANKS if room >= rank)
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        why = str(error) or f"rank over {_RANKS[-1]}"
        raise UnavailableError(
            said(f"'{spec.name}'의 어댑터 설정 {path}을(를) 쓸 수 없습니다: {why}",
                 f"The adapter configuration {path} of '{spec.name}' cannot be used: {why}"),
            said("peft의 save_pretrained로 저장한 LoRA 폴더인지 확인하세요.",
                 "Check that peft's save_pretrained wrote this directory of LoRA weights."),
        ) from error  # fmt: skip


def _check(spec: ModelSpec, name: str, known: Collection[str]) -> None:
    if name in _OWN:
        ko, en = _OWN[name]
        raise ConfigError(
            said(f"'{spec.name}' 카드의 vllm 항목에는 '{name}'을(를) 적을 수 없습니다.",
                 f"The vllm section of '{spec.name}' cannot set '{name}'."),
            said(f"이 값은 {ko}에서 정합니다.", f"It is decided by {en}."),
        )  # fmt: skip
    if name not in known:
        raise ConfigError(
            said(f"'{spec.name}' 카드의 vllm 항목에 모르는 설정이 있습니다: {name}",
                 f"The vllm section of '{spec.name}' has an argument vLLM does not know: {name}."),
            did_you_mean(name, set(known) - set(_OWN)),
        )  # fmt: skip


def _refuse_data_parallel(spec: ModelSpec) -> None:
    size = spec.options.get("data_parallel_size", 1)
    if size != 1:
        raise ConfigError(
            said(f"'{spec.name}': vLLM의 오프라인 엔진은 한 프로세스에서 data_parallel_size={size}를"
                 " 지원하지 않습니다.",
                 f"'{spec.name}': vLLM's offline engine does not run data_parallel_size={size} in"
                 " one process."),
            said("모델을 여러 벌 띄우려면 --engine ray --workers N을 쓰거나, vllm serve를 띄우고"
                 " --engine openai로 부르세요.",
                 "For several copies use --engine ray --workers N, or start vllm serve and ask it"
                 " with --engine openai."),
        )  # fmt: skip
