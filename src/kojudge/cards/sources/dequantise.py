"""Make safetensors and a tokenizer out of a GGUF; run as a script by ``convert``.

    python dequantise.py MODEL.gguf EMPTY_DIRECTORY

The weights become bfloat16. A GGUF does not carry all of a tokenizer, and transformers
does not rebuild all it carries; what is lost is mended here, and nowhere else:

- Qwen2: Unicode NFC before splitting. Without it, decomposed Hangul (as macOS types file
  names) becomes other tokens than the original model's.
- SmolLM: digits are split one by one. Without it, blanks before a number are cut
  differently.
- BOS: added where the GGUF says so.
- Chat models stop at the end of a turn and at the end of a document; a GGUF names only
  one of the two.

The last line of standard output is a JSON object: versions, and what was mended.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from importlib.metadata import version
from pathlib import Path
from typing import Any

CONVERSION = 1
"""Raise it when the files made from the same GGUF change: old ones are then not used."""

END_TOKENS = (
    "<|im_end|>",
    "<|endoftext|>",
    "<end_of_turn>",
    "<eos>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "</s>",
)
"""Special tokens that end an answer or a document, in the chat formats that GGUFs have."""

SAMPLE = "안녕하세요! 오늘은 2026년 11월 22일, 하늘이  참 맑네요. ㅎㅎ 😊\n\n곧 또 봬요~"
"""Hangul, digits, two blanks, lone consonants, an emoji, a blank line."""


def main(gguf: Path, out: Path) -> None:
    """Convert ``gguf`` into the directory ``out``."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    mended = mend_tokenizer(tokenizer, read_fields(gguf))
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent,
        gguf_file=gguf.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    mended += mend_ends(model, tokenizer)
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    # safetensors writes 0600; a shared cache must be readable like its other files.
    for weights in out.glob("*.safetensors"):
        weights.chmod((out / "config.json").stat().st_mode)
    check_tokenizer(AutoTokenizer.from_pretrained(out))
    versions = {name: version(name) for name in ("transformers", "torch", "gguf")}
    print(json.dumps({"dtype": "bfloat16", "mended": mended, **versions}))  # noqa: T201 - the answer


def read_fields(gguf: Path) -> dict[str, Any]:
    """Return what the GGUF says of its pre-tokenizer and of BOS."""
    from gguf import GGUFReader

    fields = GGUFReader(gguf).fields
    names = {"pre": "tokenizer.ggml.pre", "add_bos": "tokenizer.ggml.add_bos_token"}
    return {key: fields[name].contents() for key, name in names.items() if name in fields}


def mend_tokenizer(tokenizer: Any, fields: dict[str, Any]) -> list[str]:
    """Put back what the conversion lost; return the names of the mends made."""
    from tokenizers import normalizers, pre_tokenizers, processors

    backend = tokenizer.backend_tokenizer
    mended = []
    if fields.get("pre") == "qwen2" and backend.normalizer is None:
        backend.normalizer = normalizers.NFC()
        mended.append("nfc")
    if fields.get("pre") == "smollm":
        backend.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
            ]
        )
        mended.append("digits")
    bos = tokenizer.bos_token
    if fields.get("add_bos") and bos and tokenizer("가").input_ids[0] != tokenizer.bos_token_id:
        backend.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A",
            pair=f"{bos} $A {bos}:1 $B:1",
            special_tokens=[(bos, tokenizer.bos_token_id)],
        )
        mended.append("bos")
    return mended


def mend_ends(model: Any, tokenizer: Any) -> list[str]:
    """Let a chat model stop at every token that ends an answer or a document."""
    from transformers import GenerationConfig

    special = {t.content: i for i, t in tokenizer.added_tokens_decoder.items() if t.special}
    ends = [tokenizer.eos_token_id]
    if tokenizer.chat_template:
        ends += [special[t] for t in END_TOKENS if t in special and special[t] not in ends]
    # A new object: one derived from the model's configuration would be derived again, with
    # the one end that stands there, when the model is loaded.
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=ends,
        pad_token_id=tokenizer.pad_token_id,
    )
    return ["ends"] if len(ends) > 1 else []


def check_tokenizer(tokenizer: Any) -> None:
    """Refuse a tokenizer that loses Korean text or tears a chat token apart.

    Raises:
        ValueError: naming the text and what became of it.

    """
    back = tokenizer.decode(tokenizer(SAMPLE).input_ids, skip_special_tokens=True)
    if unicodedata.normalize("NFC", back.strip()) != SAMPLE:
        raise ValueError(f"the tokenizer turns {SAMPLE!r} into {back!r}")
    for token in ("<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>"):
        ids = tokenizer(token, add_special_tokens=False).input_ids
        if token in (tokenizer.chat_template or "") and len(ids) != 1:
            raise ValueError(f"the tokenizer cuts {token} into {len(ids)} pieces")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
