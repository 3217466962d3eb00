"""From messages to the exact tokens a model reads."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.engines.local.chat import (
    encode_answer,
    encode_prompt,
    merge_system,
    render_prompt,
    strip_thinking,
)
from kojudge.errors import ConfigError
from kojudge.records import Message, ModelSpec

from .tiny import make_tokenizer

SYSTEM = Message("system", "친절하게 쓰세요.")
ASK = Message("user", "봄 글을 써 줘.")
ANSWER = Message("assistant", "봄이 왔어요.")
THINKER = "{{ messages[-1].content }}{% if enable_thinking %}<think>{% endif %}"


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return shared_tokenizer()


@pytest.fixture(scope="module")
def with_bos() -> Any:
    return make_tokenizer(bos=True)


@cache
def shared_tokenizer() -> Any:
    return make_tokenizer()


def spec(**changes: Any) -> ModelSpec:
    return ModelSpec(**{"name": "m", "path": "p"} | changes)


class TestMergeSystem:
    """A system turn goes into the first user turn; nothing else changes."""

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ([], []),
            ([ASK], [ASK]),
            ([ASK, ANSWER, ASK], [ASK, ANSWER, ASK]),
            ([SYSTEM], [Message("user", SYSTEM.content)]),
            ([SYSTEM, ASK], [Message("user", "친절하게 쓰세요.\n\n봄 글을 써 줘.")]),
            (
                [SYSTEM, ASK, ANSWER, ASK],
                [Message("user", "친절하게 쓰세요.\n\n봄 글을 써 줘."), ANSWER, ASK],
            ),
        ],
    )
    def test_table(self, before: list[Message], after: list[Message]) -> None:
        assert merge_system(before) == after


class TestChat:
    """The tokenizer's template, the card's own, or a message that says what to do."""

    def test_the_tokenizers_template_opens_the_answer(self, tokenizer: Any) -> None:
        assert render_prompt(spec(), tokenizer, [SYSTEM, ASK]) == (
            "<|im_start|>system\n친절하게 쓰세요.<|im_end|>\n"
            "<|im_start|>user\n봄 글을 써 줘.<|im_end|>\n<|im_start|>assistant\n"
        )

    def test_merged_system(self, tokenizer: Any) -> None:
        rendered = render_prompt(spec(system="merge"), tokenizer, [SYSTEM, ASK])
        assert rendered.startswith("<|im_start|>user\n친절하게 쓰세요.\n\n봄 글을 써 줘.<|im_end|>")

    def test_the_cards_template_wins(self, tokenizer: Any) -> None:
        template = "{{ messages[0].content }}!"
        assert render_prompt(spec(chat_template=template), tokenizer, [ASK]) == "봄 글을 써 줘.!"

    def test_no_template_is_a_configuration_error(self) -> None:
        bare = SimpleNamespace(chat_template=None)
        with pytest.raises(ConfigError, match=r"'m' has no chat template.*completion") as caught:
            render_prompt(spec(), bare, [ASK])
        assert "채팅 템플릿이 없습니다" in caught.value.message.ko

    @pytest.mark.parametrize(
        "template", ["{{ raise_exception('no system role') }}", "{% if %}", "{{ a.b.c }}"]
    )
    def test_a_template_that_refuses_is_a_configuration_error(
        self, tokenizer: Any, template: str
    ) -> None:
        with pytest.raises(ConfigError, match=r"refuses the messages.*system: merge"):
            render_prompt(spec(chat_template=template), tokenizer, [ASK])

    def test_thinking_is_off_unless_asked_for(self, tokenizer: Any) -> None:
        card = spec(chat_template=THINKER)
        assert render_prompt(card, tokenizer, [ASK]) == ASK.content
        assert render_prompt(card, tokenizer, [ASK], thinking=True) == f"{ASK.content}<think>"

    def test_template_cannot_reach_outside(self, tokenizer: Any) -> None:
        card = spec(chat_template="{{ messages.__class__.__mro__[1].__subclasses__() }}")
        with pytest.raises(ConfigError):
            render_prompt(card, tokenizer, [ASK])


class TestCompletion:
    """Base models: the card's own template."""

    def test_the_request_and_all_messages_are_there(self) -> None:
        card = spec(
            format="completion",
            completion_template="{% for m in messages %}{{ m.role }} {% endfor %}— 질문: {{ request }}\n답:",
        )
        assert render_prompt(card, None, [SYSTEM, ASK]) == "system user — 질문: 봄 글을 써 줘.\n답:"

    @pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "<b>&amp;</b>", "{% raw %}"])
    def test_a_request_is_data(self, text: str) -> None:
        card = spec(format="completion", completion_template="{{ request }}|")
        assert render_prompt(card, None, [Message("user", text)]) == f"{text}|"

    @pytest.mark.parametrize("template", [None, "{% if %}", "{{ request.__class__.mro() }}"])
    def test_a_missing_or_broken_template_is_a_configuration_error(
        self, template: str | None
    ) -> None:
        card = spec(format="completion", completion_template=template)
        with pytest.raises(ConfigError, match="completion_template"):
            render_prompt(card, None, [ASK])


class TestStartToken:
    """It stands at the front once, where the model expects one."""

    def test_a_completion_prompt_gets_it(self, with_bos: Any) -> None:
        ids = encode_prompt(spec(format="completion"), with_bos, "봄이 오면")
        assert ids[0] == with_bos.bos_token_id
        assert ids.count(with_bos.bos_token_id) == 1

    def test_a_template_that_writes_it_is_not_given_another(self, with_bos: Any) -> None:
        ids = encode_prompt(spec(format="completion"), with_bos, "<s>봄이 오면")
        assert ids.count(with_bos.bos_token_id) == 1

    def test_a_chat_template_writes_its_own(self, with_bos: Any) -> None:
        ids = encode_prompt(spec(), with_bos, render_prompt(spec(), with_bos, [ASK]))
        assert with_bos.bos_token_id not in ids

    def test_a_tokenizer_that_begins_texts_without_it_adds_none(self, tokenizer: Any) -> None:
        ids = encode_prompt(spec(format="completion"), tokenizer, "봄이 오면")
        assert tokenizer.bos_token_id not in ids

    def test_no_end_token_is_added(self) -> None:
        ends = make_tokenizer(bos=True)
        from tokenizers import processors

        ends.backend_tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A <|im_end|>", special_tokens=[("<s>", 1), ("<|im_end|>", 3)]
        )
        assert encode_prompt(spec(format="completion"), ends, "봄")[-1] != ends.eos_token_id


class TestEncode:
    """Answers are encoded as they follow the prompt."""

    @pytest.mark.parametrize("anchor", ["점수:", "점수: ", "", "답은"])
    @pytest.mark.parametrize("answer", ["5", " 5", "10", " 봄", "꽃이 핍니다"])
    def test_prompt_and_answer_read_back_as_written(
        self, tokenizer: Any, anchor: str, answer: str
    ) -> None:
        ids = tokenizer(anchor)["input_ids"] + list(encode_answer(tokenizer, anchor, answer))
        assert tokenizer.decode(ids) == anchor + answer

    def test_tokens_of_the_joint_text_are_used(self, tokenizer: Any) -> None:
        joint = tokenizer("점수: 5")["input_ids"]
        base = tokenizer("점수:")["input_ids"]
        assert joint[: len(base)] == base
        assert encode_answer(tokenizer, "점수:", " 5") == tuple(joint[len(base) :])

    def test_a_merge_across_the_border_falls_back_to_the_answer_alone(self, tokenizer: Any) -> None:
        split = next(
            (a, b)
            for word in tokenizer.get_vocab()
            for text in [tokenizer.convert_tokens_to_string([word])]
            if "\ufffd" not in text and word not in tokenizer.all_special_tokens
            for a, b in [(text[:1], text[1:])]
            if b
        )
        alone = tuple(tokenizer(split[1])["input_ids"])
        assert encode_answer(tokenizer, *split) == alone

    @pytest.mark.parametrize(
        ("text", "read"),
        [("봄\ud800이", "봄\ufffd이"), ("\udc00", "\ufffd"), ("\ud83d\ude00", "😀"), ("", "")],
    )
    def test_lone_surrogates_become_replacement_characters(
        self, tokenizer: Any, text: str, read: str
    ) -> None:
        assert tokenizer.decode(encode_prompt(spec(), tokenizer, text)) == read

    @given(st.text(st.characters(codec=None)))
    def test_any_string_can_be_encoded(self, text: str) -> None:
        encode_prompt(spec(), shared_tokenizer(), text)


@pytest.mark.parametrize(
    ("end", "text", "shown"),
    [
        ("답:", "봄이 왔어요.", "봄이 왔어요."),
        ("답:", "<think>음…</think>봄이 왔어요.", "봄이 왔어요."),
        ("답:", "<think>a</think>b</think>봄", "봄"),
        ("답:<think>\n", "음…</think>봄", "봄"),
        ("답:", "<think>끝나지 않은 생각", ""),
        ("답:<think>\n", "끝나지 않은 생각", ""),
        ("답:", "머리말 <think>끝나지 않은 생각", "머리말 "),
    ],
)
def test_thoughts_are_no_part_of_the_text(end: str, text: str, shown: str) -> None:
    assert strip_thinking(end, text) == shown
