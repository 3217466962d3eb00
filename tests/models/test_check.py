"""What `kojudge models check` finds: the prompt, how far it was checked, where it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kojudge.cards import CandidateCard, JudgeCard
from kojudge.models.check import check, standing

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
BARE = "{% for m in messages %}{{ m.content }}\n{% endfor %}"
RENDERED = (
    "<|im_start|>system\n한국어로 답하세요.<|im_end|>\n"
    "<|im_start|>user\n봄에 대한 짧은 글을 써 줘.<|im_end|>\n<|im_start|>assistant\n"
)


def a_card(**fields: Any) -> CandidateCard:
    given = {"name": "model", "source": {"path": "/nowhere"}, "verified": "글", **fields}
    return CandidateCard.model_validate(given)


@pytest.fixture
def model(tmp_path: Path) -> Any:
    """Write a folder that passes for a model, with a tokenizer that has this template."""

    def write(template: str | None) -> dict[str, str]:
        from tokenizers import Tokenizer, models
        from transformers import PreTrainedTokenizerFast

        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer(models.BPE()), bos_token="<s>", eos_token="</s>"
        )
        tokenizer.chat_template = template
        tokenizer.save_pretrained(tmp_path)
        (tmp_path / "config.json").write_text('{"model_type": "llama"}', encoding="utf-8")
        (tmp_path / "model.safetensors").touch()
        return {"path": str(tmp_path)}

    return write


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"verified": "글"}, "확인됨"),
        ({"verified": "글", "unverified": "리비전"}, "일부만 확인"),
        ({"verified": "", "unverified": "형식"}, "확인되지 않음"),
        ({"verified": ""}, "확인되지 않음"),
    ],
)
def test_how_far_a_card_was_checked(fields: dict[str, str], says: str) -> None:
    assert standing(a_card(**fields)).ko == says
    assert check(a_card(**fields)).message.ko.startswith(says)


class TestWithoutTheWeights:
    def test_the_cards_template_shows_the_prompt(self) -> None:
        result = check(a_card(chat_template=CHATML))
        assert (result.ok, result.rendered) == (True, RENDERED)
        assert "not here yet" in result.message.en

    def test_so_does_a_completion_template(self) -> None:
        template = "{% for m in messages %}{{ m.content }}\n{% endfor %}답:"
        result = check(a_card(format="completion", completion_template=template))
        assert result.rendered == "한국어로 답하세요.\n봄에 대한 짧은 글을 써 줘.\n답:"

    def test_a_system_turn_is_merged_as_the_engine_does(self) -> None:
        result = check(a_card(chat_template=BARE, system="merge"))
        assert result.rendered == "한국어로 답하세요.\n\n봄에 대한 짧은 글을 써 줘.\n"

    @pytest.mark.parametrize(("thinking", "shown"), [("off", "False"), ("strip", "True")])
    def test_thinking_is_as_the_card_has_it(self, thinking: str, shown: str) -> None:
        assert check(a_card(chat_template="{{ enable_thinking }}", thinking=thinking)).rendered == shown  # fmt: skip

    def test_a_template_that_needs_the_tokenizer_says_so(self) -> None:
        result = check(a_card(chat_template="{{ bos_token }}" + CHATML))
        assert (result.ok, result.rendered) == (True, "")
        assert "uses the tokenizer's bos_token" in result.message.en

    def test_without_a_template_there_is_nothing_to_show(self) -> None:
        result = check(a_card())
        assert (result.ok, result.rendered) == (True, "")
        assert "the template is the tokenizer's" in result.message.en

    @pytest.mark.parametrize(
        ("template", "says"),
        [
            ("{% for m in messages %}", "chat_template line 1"),
            ("{{ raise_exception('no system') }}", "refuses the messages: no system"),
        ],
    )
    def test_a_broken_template_fails(self, template: str, says: str) -> None:
        result = check(a_card(chat_template=template))
        assert not result.ok
        assert says in result.message.en


class TestWithTheTokenizer:
    def test_the_same_prompts_pass(self, model: Any) -> None:
        result = check(
            a_card(source=model(CHATML + "{# another spelling #}"), chat_template=CHATML)
        )
        assert (result.ok, result.rendered) == (True, RENDERED)
        assert result.message.en == "verified · the same as the tokenizer's template"

    def test_another_prompt_fails_and_says_where(self, model: Any) -> None:
        own = CHATML.replace("assistant", "model")
        result = check(a_card(source=model(own), chat_template=CHATML))
        assert not result.ok
        assert "'single' differs from character 57" in result.message.en
        assert "<|im_start|>assistant" in result.message.en
        assert "<|im_start|>model" in result.message.en

    def test_a_difference_in_the_second_turn_alone_is_found(self, model: Any) -> None:
        own = CHATML.replace("{{ m.content }}", "{{ m.content }}{{ '!' if loop.index == 2 }}")
        own = own.replace("loop.index == 2", "m.role == 'assistant'")
        result = check(a_card(source=model(own), chat_template=CHATML))
        assert "conversation 'turns' differs" in result.message.en

    def test_a_tokenizer_that_refuses_what_the_card_takes_fails(self, model: Any) -> None:
        own = (
            "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
            + CHATML
        )
        result = check(a_card(source=model(own), chat_template=CHATML))
        assert not result.ok
        assert "conversation 'system'" in result.message.en
        assert "no system" in result.message.en
        merged = check(a_card(source=model(own), chat_template=CHATML, system="merge"))
        assert merged.ok

    def test_a_card_may_mean_to_differ(self, model: Any) -> None:
        result = check(a_card(source=model(BARE), chat_template=CHATML, differs="날짜를 뺀다"))
        assert (result.ok, result.rendered) == (True, RENDERED)
        assert "on purpose (날짜를 뺀다)" in result.message.en

    def test_a_tokenizer_without_a_template_is_told(self, model: Any) -> None:
        result = check(a_card(source=model(None), chat_template=CHATML))
        assert (result.ok, result.rendered) == (True, RENDERED)
        assert "no template of its own" in result.message.en

    def test_neither_has_a_template(self, model: Any) -> None:
        result = check(a_card(source=model(None)))
        assert not result.ok
        assert "has no chat template" in result.message.en

    def test_without_a_template_the_card_shows_the_tokenizers(self, model: Any) -> None:
        result = check(a_card(source=model(CHATML)))
        assert (result.ok, result.rendered, result.message.en) == (True, RENDERED, "verified")

    def test_the_tokenizers_special_tokens_reach_the_cards_template(self, model: Any) -> None:
        template = "{{ bos_token }}" + BARE
        assert check(a_card(source=model(template), chat_template=template)).ok


def test_a_judge_on_a_server_shows_nothing() -> None:
    card = JudgeCard.model_validate({"name": "j", "source": {"hub": "a/b"}, "engine": "openai"})
    assert check(card).message.en == "not verified · run by the openai engine, no tokenizer here"
