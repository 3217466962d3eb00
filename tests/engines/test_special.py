"""Which strings a model takes for its chat format: from its tokenizer and its template."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kojudge.engines.local.engine import TransformersEngine
from kojudge.engines.local.special import find_special_tokens
from kojudge.errors import ConfigError
from kojudge.records import ModelSpec

from .tiny import SPECIAL

WORDS = ("봄이", "온다", "질문", "<", ">", "b", "###", "[", "]", "!")
CARD = ModelSpec("m", "nowhere")


def tokenizer(
    special: tuple[str, ...] = (), plain: tuple[str, ...] = (), template: Any = None, **names: str
) -> Any:
    """Return a word-level tokenizer with added tokens, flagged special and not."""
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: at for at, word in enumerate(("<unk>", *WORDS))}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.add_tokens([AddedToken(token, special=False, normalized=False) for token in plain])
    backend.add_special_tokens([AddedToken(token, normalized=False) for token in special])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, unk_token="<unk>", chat_template=template, **names
    )


def found(spec: ModelSpec = CARD, **made: Any) -> frozenset[str]:
    return find_special_tokens(spec, tokenizer(**made)) - {"<unk>"}


ODD = ("<|end▁of▁sentence|>", "[|endofturn|]", "###", "<|im_end|>", "turn_end")


def test_every_token_flagged_special_counts_whatever_its_looks() -> None:
    assert set(ODD) <= found(special=ODD)


@pytest.mark.parametrize("token", ODD)
def test_the_tokenizer_reads_each_as_one_token(token: str) -> None:
    made = tokenizer(special=ODD)
    assert len(made(token, add_special_tokens=False)["input_ids"]) == 1
    assert token in find_special_tokens(CARD, made)


def test_named_tokens_count() -> None:
    assert found(eos_token="<eos>", pad_token="<pad>") == {"<eos>", "<pad>"}


def test_a_space_that_sentencepiece_spelled_is_a_space_in_a_text() -> None:
    tokens = found(special=("▁<EOT>", "<|end▁of▁sentence|>"))
    assert tokens == {"▁<EOT>", "<EOT>", "<|end▁of▁sentence|>", "<|end of sentence|>"}


@pytest.mark.parametrize(
    "token", ["<start_of_turn>", "[multimodal]", "‹end›", "<unused7>", "▁<EOT>", "<|a b|>"]
)
def test_an_added_token_that_looks_like_a_marker_counts_unflagged(token: str) -> None:
    assert token in found(plain=(token,))


@pytest.mark.parametrize(
    "token", ["<b>", "</b>", "<table>", "<H1>", "<br/>", "<br />", "<strong>", "<s>"]
)
def test_html_is_text_unless_it_is_flagged_or_in_the_template(token: str) -> None:
    assert token not in found(plain=(token,))
    assert token in found(special=(token,))
    if " " not in token:
        assert token in found(plain=(token,), template=f"{{{{ '{token}' }}}}")


@pytest.mark.parametrize("token", ["\n", "  ", "▁▁▁", "\t\n", "!", "봄"])
@pytest.mark.parametrize("flag", ["special", "plain"])
def test_blanks_and_single_characters_are_text(token: str, flag: str) -> None:
    assert found(**{flag: (token,)}, template=f"{token}{{{{ messages }}}}") == set()


def test_a_private_character_is_no_text() -> None:
    assert found(special=("\ue000",)) == {"\ue000"}


@pytest.mark.parametrize("token", ["<>", "[]", "[ ]", "->", "a>b"])
def test_brackets_around_nothing_are_text(token: str) -> None:
    assert found(plain=(token,)) == set()


class TestTemplate:
    """What the prompt template writes of its own belongs to the format."""

    def test_an_added_token_in_it_counts(self) -> None:
        template = "{% for m in messages %}### {{ m.content }}{% endfor %}"
        assert found(plain=("###", "***"), template=template) == {"###"}

    def test_its_words_stay_words(self) -> None:
        template = "질문: {{ messages[0].content }} user {{ 'assistant' }}"
        assert found(plain=("질문", "user", "assistant"), template=template) == set()

    def test_its_code_is_not_what_it_writes(self) -> None:
        template = "{# <note> #}{% if messages[0]['role'] < 3 > 2 %}{{ x['<k>'] }}{% endif %}"
        assert found(plain=("['",), template=template) == {"<k>"}

    def test_markers_that_are_no_tokens_count(self) -> None:
        template = "{{ '[INST] <<SYS>>' }}{{ x }}<</SYS>> [/INST]<|user|>\n"
        expected = {"[INST]", "<<SYS>>", "<</SYS>>", "[/INST]", "<|user|>"}
        assert found(template=template) == expected

    def test_the_cards_template_goes_before_the_tokenizers(self) -> None:
        spec = ModelSpec("m", "p", chat_template="<card>{{ messages }}")
        assert found(spec, template="<own>{{ messages }}") == {"<card>"}

    def test_a_completion_prompt_has_its_own(self) -> None:
        spec = ModelSpec("m", "p", format="completion", completion_template="<ask>{{ request }}")
        assert found(spec, template="<own>{{ messages }}") == {"<ask>"}

    def test_several_templates_all_count(self) -> None:
        assert found(template={"default": "<one>", "tool_use": "<two>"}) == {"<one>", "<two>"}

    def test_one_that_cannot_be_read_is_a_configuration_error(self) -> None:
        with pytest.raises(ConfigError, match="chat template of 'm' cannot be read") as caught:
            found(ModelSpec("m", "p", chat_template="{{ 'open }}"))
        assert "읽을 수 없습니다" in caught.value.message.ko


def test_the_engine_gives_its_own(open_tiny: Callable[..., TransformersEngine]) -> None:
    engine = open_tiny()
    assert engine.special_tokens() == set(SPECIAL)
    assert "<|card|>" in open_tiny(chat_template="<|card|>{{ messages }}").special_tokens()


def test_a_saved_tokenizer_gives_the_same(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    made = tokenizer(special=ODD, plain=("<turn>", "<b>"), template="<own>{{ messages }}")
    made.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    assert find_special_tokens(CARD, again) == find_special_tokens(CARD, made)
