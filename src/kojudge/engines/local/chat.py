"""Turn messages into the exact text and tokens a model reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from kojudge.errors import ConfigError, said
from kojudge.records import Message, ModelSpec


def render_prompt(
    spec: ModelSpec, tokenizer: Any, messages: Sequence[Message], *, thinking: bool = False
) -> str:
    """Return the text before the model's answer, special tokens spelled out.

    ``thinking`` lets a chat template that can switch it open a thought.

    Raises:
        ConfigError: the model has no chat template, or the template refuses the messages.
    """
    if spec.format == "completion":
        return _completion(spec, messages)
    turns = merge_system(messages) if spec.system == "merge" else list(messages)
    plain = [{"role": m.role, "content": m.content} for m in turns]
    if spec.chat_template is None and not tokenizer.chat_template:
        raise ConfigError(
            said(f"모델 '{spec.name}'에 채팅 템플릿이 없습니다.",
                 f"Model '{spec.name}' has no chat template."),
            said("카드에 chat_template을 넣거나 format: completion을 쓰세요.",
                 "Give the card a chat_template, or use format: completion."),
        )  # fmt: skip
    try:
        rendered = tokenizer.apply_chat_template(
            plain,
            chat_template=spec.chat_template,
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=thinking,
        )
    except TemplateError as error:
        raise ConfigError(
            said(f"모델 '{spec.name}'의 채팅 템플릿이 대화를 받지 않습니다: {error}",
                 f"The chat template of '{spec.name}' refuses the messages: {error}"),
            said("시스템 역할이 없는 모델이면 카드에 system: merge를 쓰세요.",
                 "If the model has no system role, put system: merge in its card."),
        ) from error  # fmt: skip
    return str(rendered)


def merge_system(messages: Sequence[Message]) -> list[Message]:
    """Return ``messages`` with a leading system turn merged into the first user turn."""
    if not messages or messages[0].role != "system":
        return list(messages)
    if len(messages) == 1:
        return [Message("user", messages[0].content)]
    first = Message("user", f"{messages[0].content}\n\n{messages[1].content}")
    return [first, *messages[2:]]


def _completion(spec: ModelSpec, messages: Sequence[Message]) -> str:
    template = spec.completion_template
    if template is None:
        raise ConfigError(
            said(f"모델 '{spec.name}'의 카드에 completion_template이 없습니다.",
                 f"The card of '{spec.name}' has no completion_template."),
            said("format: completion에는 틀이 필요합니다.", "format: completion needs one."),
        )  # fmt: skip
    environment = ImmutableSandboxedEnvironment(
        autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    try:
        return environment.from_string(template).render(
            request=messages[-1].content, messages=list(messages)
        )
    except TemplateError as error:
        raise ConfigError(
            said(f"모델 '{spec.name}'의 completion_template 오류: {error}",
                 f"completion_template of '{spec.name}': {error}"),
        ) from error  # fmt: skip


def encode_prompt(spec: ModelSpec, tokenizer: Any, rendered: str) -> list[int]:
    """Return the tokens of a rendered prompt, begun as the model expects.

    A chat template writes its own start token; a completion prompt gets the tokenizer's.
    """
    ids = _encode(tokenizer, rendered)
    bos = tokenizer.bos_token_id
    if spec.format == "completion" and bos is not None and ids[:1] != [bos]:
        begins_with_bos = tokenizer("")["input_ids"][:1] == [bos]
        return [bos, *ids] if begins_with_bos else ids
    return ids


def encode_answer(tokenizer: Any, anchor: str, answer: str) -> tuple[int, ...]:
    """Return the tokens of ``answer`` as they follow ``anchor`` (the end of the prompt).

    Where the tokenizer merges across the border, the answer is encoded on its own.
    """
    base = _encode(tokenizer, anchor)
    joint = _encode(tokenizer, anchor + answer)
    if anchor and joint[: len(base)] == base and len(joint) > len(base):
        return tuple(joint[len(base) :])
    return tuple(_encode(tokenizer, answer))


def _encode(tokenizer: Any, text: str) -> list[int]:
    # Half a surrogate pair is no character and tokenizers refuse it; U+FFFD stands for it.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    ids: list[int] = tokenizer(whole, add_special_tokens=False)["input_ids"]
    return ids


def strip_thinking(prompt_end: str, text: str) -> str:
    """Return ``text`` without the model's thoughts: what stands before the last ``</think>``.

    A thought that the end of the prompt or the model opened, and that the token limit cut
    off, goes too.
    """
    opened = "<think>" if prompt_end.rstrip().endswith("<think>") else ""
    return (opened + text).rpartition("</think>")[2].partition("<think>")[0]
