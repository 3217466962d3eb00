"""Tiny models with random weights, saved like any other: a directory of safetensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kojudge.records import ModelSpec

KOREAN = (
    "봄이 오면 골목마다 꽃이 핍니다.",
    "오늘은 친구에게 짧은 편지를 써 보세요.",
    "이 글이 얼마나 자연스러운지 1점부터 5점까지 점수를 매기세요.",
    "점수: 5",
    "강아지가 말을 한다면 첫마디는 무엇일까요?",
)
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ("<|endoftext|>", "<s>", "<|im_start|>", "<|im_end|>")
WINDOW = 8
"""Tokens a sliding-window layer of the Gemma-like model sees."""
KINDS = ("llama", "gemma3", "qwen2", "gpt2")


def save_model(folder: Path, kind: str = "llama", *, context: int = 512, bos: bool = False) -> Path:
    """Write a two-layer model and its tokenizer to ``folder``."""
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = make_tokenizer(bos=bos)
    torch.manual_seed(7)
    model = _model(kind, len(tokenizer), context)
    ids = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": 0, "bos_token_id": None}
    for name, value in ids.items():
        setattr(model.config, name, value)
        setattr(model.generation_config, name, value)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def spec_of(folder: Path, **changes: Any) -> ModelSpec:
    """Return the spec of a saved model; float32 unless told."""
    return ModelSpec(**{"name": folder.name, "path": str(folder), "dtype": "float32"} | changes)


def make_tokenizer(*, bos: bool = False) -> Any:
    """Train a byte-level BPE of a few hundred tokens; with ``bos`` it begins texts with <s>."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(KOREAN, trainer)
    if bos:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>"],
        chat_template=CHATML,
    )


def _model(kind: str, vocabulary: int, context: int) -> Any:
    import transformers as hf

    shape: dict[str, Any] = {
        "vocab_size": vocabulary,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": context,
        "initializer_range": 0.2,  # wide enough for every token read to move the logits
        "tie_word_embeddings": False,
    }
    if kind == "llama":
        return hf.LlamaForCausalLM(hf.LlamaConfig(**shape)).eval()
    if kind == "qwen2":
        return hf.Qwen2ForCausalLM(hf.Qwen2Config(**shape)).eval()
    if kind == "gpt2":  # learned positions, as KoGPT2
        config = hf.GPT2Config(
            vocab_size=vocabulary,
            n_embd=64,
            n_layer=2,
            n_head=4,
            n_positions=context,
            initializer_range=0.2,
        )
        return hf.GPT2LMHeadModel(config).eval()
    layers = ["sliding_attention", "full_attention"]
    config = hf.Gemma3TextConfig(
        **shape,
        head_dim=16,
        query_pre_attn_scalar=16,
        sliding_window=WINDOW,
        layer_types=layers,
    )
    return hf.Gemma3ForCausalLM(config).eval()
