"""Markers of chat formats in wide use, for models whose tokenizer is not here."""

from __future__ import annotations

from pathlib import Path

from kojudge.engines.local.special import find_special_tokens
from kojudge.records import ModelSpec

__all__ = ["WELL_KNOWN", "special_tokens_of"]

_CHATML = ("<|im_start|>", "<|im_end|>", "<|im_sep|>", "<|endoftext|>")
_LLAMA = (
    "<s>", "</s>", "<unk>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<|begin_of_text|>",
    "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>",
    "<|python_tag|>", "<|header_start|>", "<|header_end|>", "<|eot|>",
)  # fmt: skip
_GEMMA = (
    "<bos>", "<eos>", "<pad>", "<start_of_turn>", "<end_of_turn>", "<start_of_image>",
    "<end_of_image>", "<image_soft_token>", "<|turn>", "<turn|>", "<|channel>", "<channel|>",
)  # fmt: skip
_MISTRAL = (
    "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]",
    "[TOOL_CALLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CONTENT]", "[ARGS]", "[CALL_ID]",
    "[IMG]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[THINK]", "[/THINK]",
)  # fmt: skip
_PHI_AND_ROLES = (
    "<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<|tool|>", "<|/tool|>",
    "<|placeholder1|>",
)  # fmt: skip
_KOREAN = (
    "[BOS]", "[EOS]", "[PAD]", "[|system|]", "[|user|]", "[|assistant|]", "[|endofturn|]",
    "<|stop|>", "<|endofturn|>", "<|sep|>", "<||bos||>", "<||eos||>", "<||pad||>", "<||unk||>",
    "<|acc|>", "<|tel|>", "<|rrn|>",
)  # fmt: skip
_OTHERS = (
    "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>",
    "<|start|>", "<|message|>", "<|channel|>", "<|return|>", "<|call|>", "<|constrain|>",
    "<|startoftext|>", "<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>", "<|SYSTEM_TOKEN|>",
    "<|USER_TOKEN|>", "<|CHATBOT_TOKEN|>", "<BOS_TOKEN>", "<|tool_call|>", "<tool_call>",
    "</tool_call>", "<|observation|>", "[gMASK]", "<sop>", "<eop>", "<|file_separator|>",
    "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>",
    "<|file_sep|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>",
    "<think>", "</think>",
)  # fmt: skip
WELL_KNOWN = frozenset((
    *_CHATML, *_LLAMA, *_GEMMA, *_MISTRAL, *_PHI_AND_ROLES, *_KOREAN, *_OTHERS,
))  # fmt: skip


class _NoTokenizer:
    """What a spec's own templates are read with where no tokenizer is here."""

    all_special_tokens: tuple[str, ...] = ()
    added_tokens_decoder: dict[int, object] = {}  # noqa: RUF012 - always empty
    chat_template = None


def special_tokens_of(spec: ModelSpec) -> tuple[frozenset[str], str]:
    """Return the strings that the served model may take for its format, and where from.

    ``tokenizer``: the model's own, where ``spec.path`` is a directory here. ``well_known``:
    those of the chat formats in wide use, and the markers in the card's own template; a model
    with a format of its own may have more.

    Raises:
        ConfigError: the card's template cannot be read.
    """
    tokenizer = _tokenizer(Path(spec.path))
    if tokenizer is None:
        return WELL_KNOWN | find_special_tokens(spec, _NoTokenizer), "well_known"
    return WELL_KNOWN | find_special_tokens(spec, tokenizer), "tokenizer"


def _tokenizer(folder: Path) -> object | None:
    if not (folder / "tokenizer_config.json").is_file():
        return None
    try:
        from transformers import AutoTokenizer

        tokenizer: object = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except (ImportError, OSError, ValueError):  # the well-known ones are broken either way
        return None
    return tokenizer
