"""Load a model and its tokenizer from a local directory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kojudge.errors import UnavailableError, said
from kojudge.records import Json, ModelSpec

_DTYPES = ("bfloat16", "float16", "float32")
_TURN_ENDS = ("<|im_end|>", "<end_of_turn>", "<|eot_id|>", "<|endofturn|>", "[|endofturn|]")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model ready to run.

    ``end_ids`` end a text; ``turn_end`` is the token that ends an answer. ``context`` is
    the longest input plus output in tokens. ``dtype`` is what really runs.
    """

    model: Any
    tokenizer: Any
    device: str
    dtype: str
    context: int
    end_ids: frozenset[int]
    turn_end: int

    def describe(self, spec: ModelSpec, batch_size: int) -> dict[str, Json]:
        """Say what runs: the model of ``spec``, on what, with which libraries."""
        import torch
        import transformers

        return {
            "model": spec.name,
            "dtype": self.dtype,
            "dtype_asked": spec.dtype,
            "device": self.device,
            "batch_size": batch_size,
            "torch": str(torch.__version__),
            "transformers": str(transformers.__version__),
        }


def load(spec: ModelSpec) -> Loaded:
    """Load ``spec.path``, the LoRA weights of ``spec.adapter`` added in where it names any.

    On a CPU float16 runs as bfloat16, and both as float32 where the CPU has no bfloat16
    instructions: the same weights, slower; ``Loaded.dtype`` tells.

    Raises:
        UnavailableError: the libraries or the weights are missing or unreadable.
    """
    _let_waiting_threads_sleep()
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging
    except ImportError as error:
        raise UnavailableError(
            said(f"transformers 엔진에 필요한 패키지가 없습니다: {error.name}",
                 f"The transformers engine needs a package that is missing: {error.name}."),
            said('`pip install "kojudge[local]"`로 설치하세요.',
                 'Install it: pip install "kojudge[local]"'),
        ) from error  # fmt: skip
    if not Path(spec.path).is_dir():
        raise _no_weights(spec, "no such directory")
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = _dtype(spec.dtype, device)
    try:
        model, found = AutoModelForCausalLM.from_pretrained(
            spec.path,
            dtype=getattr(torch, dtype),
            trust_remote_code=spec.trust_remote_code,
            use_safetensors=True,
            output_loading_info=True,
        )
        tokenizer = AutoTokenizer.from_pretrained(
            spec.path, trust_remote_code=spec.trust_remote_code
        )
    except Exception as error:  # what a broken file raises is up to three libraries
        raise _no_weights(spec, str(error) or type(error).__name__) from error
    if found["missing_keys"]:  # transformers would fill them with random numbers
        raise _no_weights(spec, f"no weights for {min(found['missing_keys'])}")
    if spec.adapter is not None:
        model = _with_adapter(model, spec)
    model = model.to(device).eval()
    ends = end_ids(model.generation_config.eos_token_id, tokenizer, spec.stop)
    return Loaded(
        model,
        tokenizer,
        device,
        dtype,
        _context(model),
        frozenset(ends),
        turn_end(tokenizer, ends),
    )


def _let_waiting_threads_sleep() -> None:
    """Shorten how long OpenMP threads spin for each other; read when torch is first imported.

    Measured on 2 cores (Qwen2.5-0.5B, batch 8): beside another busy process 22 tokens a
    second instead of 9; on an idle machine 60 instead of 63.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")


def _dtype(wanted: str, device: str) -> str:
    import torch

    if wanted not in _DTYPES:
        raise UnavailableError(
            said(f"dtype '{wanted}'은(는) 쓸 수 없습니다.", f"dtype '{wanted}' is not supported."),
            said(f"쓸 수 있는 값: {', '.join(_DTYPES)}", f"Use one of: {', '.join(_DTYPES)}"),
        )
    if device == "cpu" and wanted != "float32":
        has_bf16 = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
        return "bfloat16" if has_bf16 else "float32"
    return wanted


def _context(model: Any) -> int:
    return int(getattr(model.config.get_text_config(), "max_position_embeddings", 0) or 2**31)


def end_ids(configured: int | list[int] | None, tokenizer: Any, stop: Sequence[str]) -> list[int]:
    """Collect the ids that end a text, the tokenizer's own end first.

    ``configured`` is what the model's generation config names as ends.
    """
    several = configured if isinstance(configured, list) else [configured]
    vocabulary = tokenizer.get_vocab()
    named = [vocabulary[t] for t in (*_TURN_ENDS, *stop) if t in vocabulary]
    ids = [tokenizer.eos_token_id, *several, *named]
    return list(dict.fromkeys(i for i in ids if i is not None))


def turn_end(tokenizer: Any, ends: list[int]) -> int:
    """Return the id among ``ends`` that ends an answer."""
    vocabulary = tokenizer.get_vocab()
    named = [vocabulary[t] for t in _TURN_ENDS if t in vocabulary]
    return named[0] if named else ends[0]


def _with_adapter(model: Any, spec: ModelSpec) -> Any:
    """Add the LoRA weights of ``spec.adapter`` into the model's own."""
    try:
        from peft import PeftModel
    except ImportError as error:
        raise UnavailableError(
            said(f"'{spec.name}'의 LoRA 어댑터를 얹을 패키지가 없습니다: peft",
                 f"Laying the LoRA adapter over '{spec.name}' needs a package that is missing: peft."),
            said("`pip install peft`로 설치하거나 --engine vllm을 쓰세요.",
                 "Install it: pip install peft, or use --engine vllm."),
        ) from error  # fmt: skip
    try:
        return PeftModel.from_pretrained(model, spec.adapter).merge_and_unload(safe_merge=True)
    except Exception as error:  # what a broken adapter raises is up to two libraries
        why = str(error) or type(error).__name__
        raise UnavailableError(
            said(f"모델 '{spec.name}'에 어댑터 {spec.adapter}을(를) 얹을 수 없습니다: {why}",
                 f"Cannot lay the adapter {spec.adapter} over '{spec.name}': {why}"),
            said("바로 이 모델로 학습한 LoRA인지 확인하세요.",
                 "Check that these LoRA weights were trained on this very model."),
        ) from error  # fmt: skip


def _no_weights(spec: ModelSpec, why: str) -> UnavailableError:
    return UnavailableError(
        said(f"모델 '{spec.name}'을(를) {spec.path}에서 불러올 수 없습니다: {why}",
             f"Cannot load model '{spec.name}' from {spec.path}: {why}"),
        said(f"`kojudge models pull {spec.name}`로 다시 받으세요.",
             f"Fetch it again: kojudge models pull {spec.name}"),
    )  # fmt: skip
