"""The tables of memory in docs/planning.md: by size and precision, and held to what is published.

``python benchmarks/memory_table.py`` prints them; ``--judges`` prints the rows of
judge/README.md instead. Nothing is measured here: see ``memory_resident.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kojudge.cards import load_judges
from kojudge.models.memory import (
    Precision,
    bare_bytes,
    file_bytes,
    footprint,
    kv_bytes_per_token,
    weight_bytes,
    working_bytes,
)

ROOT = Path(__file__).resolve().parents[1]
BATCH, TOKENS = 16, 2_048

STARTING_TABLE = {7: (14, 7, 4), 13: (27, 14, 7), 33: (68, 34, 17), 65: (135, 68, 34)}
"""The VRAM needs that the project began from, in GB: billions of parameters → FP16, INT8, INT4."""

SHAPES = {
    1.3: ("42dot 1.3B", 24, 32, 64),
    2.0: ("Gemma 2B", 18, 1, 256),
    2.6: ("Gemma 2 2B", 26, 4, 256),
    3.0: ("Qwen2.5 3B", 36, 2, 128),
    4.0: ("Qwen3 4B", 36, 8, 128),
    7.0: ("Qwen2.5 7B", 28, 4, 128),
    8.0: ("Llama 3.1 8B", 32, 8, 128),
    13.0: ("Llama 2 13B", 40, 40, 128),
    14.0: ("Qwen2.5 14B", 48, 8, 128),
    24.0: ("Mistral Small 24B", 40, 8, 128),
    27.0: ("Gemma 3 27B", 62, 16, 128),
    32.0: ("Qwen2.5 32B", 64, 8, 128),
    33.0: ("LLaMA 33B", 60, 52, 128),
    65.0: ("LLaMA 65B", 80, 64, 128),
    70.0: ("Llama 3.1 70B", 80, 8, 128),
}
"""Billions of parameters → a model of the size, and its layers, key-value heads, head size."""


@dataclass(frozen=True, slots=True)
class Published:
    """What others published: ``size`` in GB of a file, or on a GPU with ``read`` tokens in one text.

    A text was given 2,048 more tokens to write. ``shape`` is layers, heads, head size.
    """

    what: str
    parameters: int
    precision: Precision
    size: float
    read: int | None = None
    shape: tuple[int, int, int] | None = None

    @property
    def estimate(self) -> float:
        """What kojudge says, in GB; without the allowance for the GPU's runtime."""
        if self.read is None or self.shape is None:
            return file_bytes(self.parameters, self.precision) / 1e9
        layers, heads, head_dim = self.shape
        cache = 4 * layers * heads * head_dim * (self.read + 2_048)
        weights = weight_bytes(self.parameters, self.precision)
        return (weights + cache + working_bytes(self.parameters, self.read)) / 1e9


_7B, _14B, _32B, _72B = 7_615_616_512, 14_770_033_664, 32_763_876_352, 72_706_203_648
_OF_14B, _OF_32B, _OF_72B = (48, 8, 128), (64, 8, 128), (80, 8, 128)

FILES = (
    # huggingface.co/graelo/Qwen2.5-7B-Instruct-1M-AWQ/tree/main: 4.48 + 1.09 GB
    Published("Qwen2.5 7B, AWQ", _7B, "int4", 5.57),
    # huggingface.co/ibrahimkettaneh/Qwen2.5-14B-Instruct-abliterated-AWQ/tree/main: 4.99 + 4.99 GB
    Published("Qwen2.5 14B, AWQ", _14B, "int4", 9.98),
    # huggingface.co/Qwen/Qwen2.5-32B-Instruct-GPTQ-Int4: 3.95 + 3.98 + 3.95 + 3.98 + 3.48 GB
    Published("Qwen2.5 32B, GPTQ-Int4", _32B, "int4", 19.34),
    # judge/qwen2.5-coder-1.5b-instruct.yaml: 1,117,320,768 bytes
    Published("Qwen2.5-Coder 1.5B, Q4_K_M", 1_543_714_304, "int4", 1.12),
    # huggingface.co/bartowski/Qwen2.5-*-Instruct-GGUF: 4,683,074,240; 8,988,110,976;
    # 19,851,336,576 bytes, as several public repositories that pin the files state them
    Published("Qwen2.5 7B, Q4_K_M", _7B, "int4", 4.68),
    Published("Qwen2.5 14B, Q4_K_M", _14B, "int4", 8.99),
    Published("Qwen2.5 32B, Q4_K_M", _32B, "int4", 19.85),
    # huggingface.co/bartowski/Qwen_Qwen3-32B-GGUF, table of its card
    Published("Qwen3 32B, Q8_0", 32_762_123_264, "int8", 34.82),
    Published("Qwen3 32B, bf16", 32_762_123_264, "fp16", 65.53),
)
LOADED = (
    # QwenLM/Qwen2.5, docs/source/benchmark/speed_benchmark.rst (transformers, one text on A100
    # 80 GB). Its "GB" are GiB: 28.08 × 1.0737 is 2 bytes a parameter of 14.77 B, and 2 % more.
    Published("Qwen2.5 14B, BF16", _14B, "fp16", 28.08 * 1.073741824, 1, _OF_14B),
    Published("Qwen2.5 14B, GPTQ-Int8", _14B, "int8", 16.11 * 1.073741824, 1, _OF_14B),
    Published("Qwen2.5 14B, AWQ", _14B, "int4", 9.79 * 1.073741824, 1, _OF_14B),
    Published("Qwen2.5 14B, BF16", _14B, "fp16", 36.85 * 1.073741824, 30_720, _OF_14B),
    Published("Qwen2.5 14B, AWQ", _14B, "int4", 18.57 * 1.073741824, 30_720, _OF_14B),
    Published("Qwen2.5 32B, BF16", _32B, "fp16", 61.58 * 1.073741824, 1, _OF_32B),
    Published("Qwen2.5 32B, GPTQ-Int8", _32B, "int8", 33.56 * 1.073741824, 1, _OF_32B),
    Published("Qwen2.5 32B, AWQ", _32B, "int4", 18.67 * 1.073741824, 1, _OF_32B),
    Published("Qwen2.5 32B, BF16", _32B, "fp16", 74.47 * 1.073741824, 30_720, _OF_32B),
    Published("Qwen2.5 32B, GPTQ-Int8", _32B, "int8", 46.45 * 1.073741824, 30_720, _OF_32B),
    Published("Qwen2.5 32B, AWQ", _32B, "int4", 31.56 * 1.073741824, 30_720, _OF_32B),
    Published("Qwen2.5 72B, BF16", _72B, "fp16", 136.20 * 1.073741824, 1, _OF_72B),
    Published("Qwen2.5 72B, GPTQ-Int8", _72B, "int8", 72.61 * 1.073741824, 1, _OF_72B),
    Published("Qwen2.5 72B, AWQ", _72B, "int4", 39.44 * 1.073741824, 1, _OF_72B),
)


def size_rows() -> Iterator[str]:
    """Yield the table of weights by size and precision, with a cache beside it; GB."""
    yield "| parameters | FP32 | FP16 | INT8 rule | INT4 rule | INT8 | INT4 | KV cache | of |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for billions, (name, layers, heads, head_dim) in SHAPES.items():
        size = round(billions * 1e9)
        cells = [
            *(weight_bytes(size, p) for p in ("fp32", "fp16")),
            *(bare_bytes(size, p) for p in ("int8", "int4")),
            *(weight_bytes(size, p) for p in ("int8", "int4")),
            4 * layers * heads * head_dim * BATCH * TOKENS,
        ]
        yield f"| {billions:g}B | {' | '.join(f'{c / 1e9:.1f}' for c in cells)} | {name} |"


def starting_rows() -> Iterator[str]:
    """Yield the table that the project began from beside the rule of thumb; GB."""
    yield "| parameters | FP16 | INT8 | INT4 |"
    yield "|---|---|---|---|"
    precisions: tuple[Precision, ...] = ("fp16", "int8", "int4")
    for billions, known in STARTING_TABLE.items():
        cells = [
            f"{there} ({bare_bytes(round(billions * 1e9), p) / 1e9:.1f})"
            for p, there in zip(precisions, known, strict=True)
        ]
        yield f"| {billions}B | {' | '.join(cells)} |"


def published_rows() -> Iterator[str]:
    """Yield what is published beside what kojudge reckons; GB."""
    yield "| published | GB | kojudge | ratio |"
    yield "|---|---|---|---|"
    for one in (*FILES, *LOADED):
        where = "file" if one.read is None else f"loaded, {one.read:,} tokens read"
        where = where.replace(", 1 tokens read", "")
        ratio = one.estimate / one.size
        yield f"| {one.what} ({where}) | {one.size:.2f} | {one.estimate:.2f} | {ratio:.2f} |"


def judge_rows() -> Iterator[str]:
    """Yield for each judge card the numbers of judge/README.md: bf16, int4, KV cache; GB."""
    for card in load_judges(ROOT / "judge").values():
        need = footprint(card, "judge", BATCH * TOKENS, None)
        if kv_bytes_per_token(card) is not None and need.weights:
            cells = (need.weights["fp16"], need.weights["int4"], need.kv_cache or 0)
            yield f"| `{card.name}` | {' | '.join(f'{c / 1e9:.1f}' for c in cells)} |"


def main() -> None:
    if sys.argv[1:] == ["--judges"]:
        print(*judge_rows(), sep="\n")
        return
    print(*starting_rows(), "", *size_rows(), "", *published_rows(), sep="\n")


if __name__ == "__main__":
    main()
