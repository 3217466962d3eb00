from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from kojudge.cards.sources import pull
from kojudge.cards.sources.dequantise import (
    SAMPLE,
    check_tokenizer,
    mend_ends,
    mend_tokenizer,
)

from .conftest import a_card

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("gguf")

from .tiny import SPECIAL, TEMPLATE, vocabulary, write_tiny_gguf


def a_tokenizer(**fields: Any) -> Any:
    """A byte-level tokenizer of 260 tokens, as a conversion without mends leaves it."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    ids = {token: number for number, token in enumerate(vocabulary())}
    backend = Tokenizer(models.BPE(vocab=ids, merges=[("a", "b")]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens([AddedToken(token, normalized=False) for token in SPECIAL])
    tokens = {"bos_token": SPECIAL[0], "eos_token": SPECIAL[2], "pad_token": SPECIAL[0]}
    return PreTrainedTokenizerFast(tokenizer_object=backend, **{**tokens, **fields})


class Model:
    """The one attribute of a model that a mend touches."""

    generation_config: Any = None


def test_decomposed_hangul_becomes_the_same_tokens() -> None:
    tokenizer = a_tokenizer()
    decomposed = unicodedata.normalize("NFD", "한글")
    assert tokenizer(decomposed).input_ids != tokenizer("한글").input_ids
    assert mend_tokenizer(tokenizer, {"pre": "qwen2"}) == ["nfc"]
    assert tokenizer(decomposed).input_ids == tokenizer("한글").input_ids


def test_digits_are_split_one_by_one() -> None:
    tokenizer = a_tokenizer()
    assert mend_tokenizer(tokenizer, {"pre": "smollm"}) == ["digits"]
    pieces = tokenizer.backend_tokenizer.pre_tokenizer.pre_tokenize_str("a  12")
    assert [piece for piece, _ in pieces] == ["a", "ĠĠ", "1", "2"]


@pytest.mark.parametrize(("asks", "first"), [(True, True), (False, False), (None, False)])
def test_a_start_token_is_added_where_the_gguf_asks(asks: bool | None, first: bool) -> None:
    tokenizer = a_tokenizer()
    mended = mend_tokenizer(tokenizer, {} if asks is None else {"add_bos": asks})
    assert mended == (["bos"] if asks else [])
    assert (tokenizer("가").input_ids[0] == tokenizer.bos_token_id) is first
    assert tokenizer.bos_token_id not in tokenizer("가", add_special_tokens=False).input_ids


def test_a_chat_model_stops_at_its_turn_and_at_the_documents_end() -> None:
    model, tokenizer = Model(), a_tokenizer(chat_template=TEMPLATE)
    assert mend_ends(model, tokenizer) == ["ends"]
    ends = tokenizer.convert_ids_to_tokens(model.generation_config.eos_token_id)
    assert ends == ["<|im_end|>", "<|endoftext|>"]


def test_a_base_model_stops_where_the_gguf_says() -> None:
    model, tokenizer = Model(), a_tokenizer()
    assert mend_ends(model, tokenizer) == []
    assert model.generation_config.eos_token_id == [tokenizer.eos_token_id]


def test_a_tokenizer_that_keeps_korean_passes() -> None:
    tokenizer = a_tokenizer(chat_template=TEMPLATE)
    assert tokenizer.decode(tokenizer(SAMPLE).input_ids) == SAMPLE
    check_tokenizer(tokenizer)


def test_a_tokenizer_that_loses_korean_is_refused() -> None:
    from tokenizers import normalizers

    tokenizer = a_tokenizer()
    tokenizer.backend_tokenizer.normalizer = normalizers.Replace("하늘", "?")
    with pytest.raises(ValueError, match="the tokenizer turns"):
        check_tokenizer(tokenizer)


def test_a_tokenizer_that_tears_a_chat_token_is_refused() -> None:
    tokenizer = a_tokenizer(chat_template="<start_of_turn>{{ messages }}")
    with pytest.raises(ValueError, match="cuts <start_of_turn> into"):
        check_tokenizer(tokenizer)


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A tiny GGUF, converted for real; and the weights that went into it."""
    base = tmp_path_factory.mktemp("tiny")
    tensors = write_tiny_gguf(base / "tiny.gguf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOJUDGE_CACHE", str(base / "cache"))
        return pull(a_card(source={"path": str(base / "tiny.gguf")})), tensors


def test_the_weights_come_out_as_they_went_in(pulled: tuple[Path, dict[str, Any]]) -> None:
    import torch
    from safetensors.torch import load_file

    folder, tensors = pulled
    loaded = load_file(folder / "model.safetensors")
    pairs = {
        "model.embed_tokens.weight": "token_embd.weight",
        "model.layers.0.self_attn.q_proj.weight": "blk.0.attn_q.weight",
        "model.layers.0.mlp.down_proj.weight": "blk.0.ffn_down.weight",
    }
    for name, source in pairs.items():
        assert torch.equal(loaded[name], torch.from_numpy(tensors[source]).bfloat16())
    gate = loaded["model.layers.0.mlp.gate_proj.weight"].float()
    quantised = torch.from_numpy(tensors["blk.0.ffn_gate.weight"])
    assert torch.allclose(gate, quantised, atol=0.005)
    assert not torch.equal(gate.bfloat16(), quantised.bfloat16())


def test_what_was_mended_is_written_down(pulled: tuple[Path, dict[str, Any]]) -> None:
    source = json.loads((pulled[0] / "kojudge-source.json").read_text(encoding="utf-8"))
    assert source["mended"] == ["nfc", "ends"]
    assert source["dtype"] == "bfloat16"


def test_the_mends_survive_saving(pulled: tuple[Path, dict[str, Any]]) -> None:
    from transformers import AutoTokenizer, GenerationConfig

    tokenizer = AutoTokenizer.from_pretrained(pulled[0])
    decomposed = unicodedata.normalize("NFD", SAMPLE)
    assert tokenizer(decomposed).input_ids == tokenizer(SAMPLE).input_ids
    ends = GenerationConfig.from_pretrained(pulled[0]).eos_token_id
    assert tokenizer.convert_ids_to_tokens(ends) == ["<|im_end|>", "<|endoftext|>"]


def test_the_model_runs(pulled: tuple[Path, dict[str, Any]]) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(pulled[0])
    tokenizer = AutoTokenizer.from_pretrained(pulled[0])
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "안녕"}], add_generation_prompt=True, return_tensors="pt"
    )
    assert model.dtype == torch.bfloat16
    assert model(**prompt).logits.shape[-1] == len(vocabulary())


def test_the_files_can_be_read_by_others(pulled: tuple[Path, dict[str, Any]]) -> None:
    modes = {file.stat().st_mode & 0o777 for file in pulled[0].iterdir()}
    assert len(modes) == 1
