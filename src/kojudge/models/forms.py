"""What a card's template writes for three conversations, and how the model's own compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import takewhile
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from jinja2 import TemplateError, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from kojudge.cards import CandidateCard, JudgeCard, to_spec
from kojudge.engines.local.chat import render_prompt
from kojudge.errors import ConfigError, Said, said
from kojudge.records import Message

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CONVERSATIONS", "SAMPLE", "find_difference", "missing_names", "render", "render_here"]

Card = CandidateCard | JudgeCard

_SYSTEM = Message("system", "한국어로 답하세요.")
_ASK = Message("user", "봄에 대한 짧은 글을 써 줘.")
_AGAIN = (Message("assistant", "벚꽃이 피었다."), Message("user", "조금 더 길게."))

CONVERSATIONS: Mapping[str, tuple[Message, ...]] = MappingProxyType(
    {"single": (_ASK,), "system": (_SYSTEM, _ASK), "turns": (_ASK, *_AGAIN)}
)
"""All that a prompt set sends: one request, one under a system turn, a second request."""

SAMPLE = CONVERSATIONS["system"]
"""The conversation that `kojudge models check` shows."""

_GIVEN = frozenset({"messages", "add_generation_prompt", "enable_thinking", "tools", "documents"})
"""What transformers hands every chat template; the special tokens come from a tokenizer."""


def render(card: Card, tokenizer: Any, messages: Sequence[Message]) -> str:
    """Return the card's prompt as the engine writes it with ``tokenizer``.

    Raises:
        ConfigError: neither has a template, or the template refuses the messages.
    """
    spec = to_spec(card, card.name)
    return render_prompt(spec, tokenizer, messages, thinking=card.thinking == "strip")


def render_here(card: Card, messages: Sequence[Message]) -> str | None:
    """Return the card's prompt without its tokenizer; None where that takes the tokenizer.

    Raises:
        ConfigError: the card's template is broken, or refuses the messages.
    """
    if card.format == "chat" and (card.chat_template is None or missing_names(card)):
        return None
    return render(card, _CardOnly, messages)


def missing_names(card: Card) -> list[str]:
    """Return what the card's chat template asks of a tokenizer, such as ``bos_token``.

    Raises:
        ConfigError: the template does not parse.
    """
    try:
        used = find_undeclared_variables(_environment().parse(card.chat_template or ""))
    except TemplateSyntaxError as error:
        raise ConfigError(said(
            f"카드 '{card.name}'의 chat_template {error.lineno}번째 줄: {error.message}",
            f"Card '{card.name}', chat_template line {error.lineno}: {error.message}",
        )) from error  # fmt: skip
    return sorted(used - _GIVEN - _environment().globals.keys())


def find_difference(card: Card, path: Path, tokenizer: Any) -> Said | None:
    """Say where the card's chat template and the tokenizer's own part; None where they agree.

    Also None where either has no template: there is nothing to compare.
    """
    if card.chat_template is None or not tokenizer.chat_template:
        return None
    thinking = card.thinking == "strip"
    ours = to_spec(card, path)
    own = replace(ours, chat_template=None)
    for name, messages in CONVERSATIONS.items():
        written = render_prompt(ours, tokenizer, messages, thinking=thinking)
        try:
            expected = render_prompt(own, tokenizer, messages, thinking=thinking)
        except ConfigError as error:
            return said(
                f"대화 '{name}'을(를) 카드의 템플릿은 받는데 토크나이저의 것은 받지 않습니다: "
                f"{error.message.ko}",
                f"conversation '{name}': the card's template takes it, the tokenizer's does not: "
                f"{error.message.en}",
            )
        if written != expected:
            return _parting(name, written, expected)
    return None


def _parting(name: str, written: str, expected: str) -> Said:
    same = takewhile(lambda pair: pair[0] == pair[1], zip(written, expected, strict=False))
    at = sum(1 for _ in same)
    ours, own = (repr(text[max(0, at - 20) : at + 40]) for text in (written, expected))
    return said(
        f"대화 '{name}'의 {at + 1}번째 글자부터 다릅니다. 카드 {ours}, 토크나이저 {own}",
        f"conversation '{name}' differs from character {at + 1}: card {ours}, tokenizer {own}",
    )


class _CardOnly:
    """Stands in for a tokenizer that is not here: renders a template as transformers does."""

    chat_template = None

    @staticmethod
    def apply_chat_template(
        messages: Sequence[Mapping[str, str]], *, chat_template: str, tokenize: bool, **given: Any
    ) -> str:
        del tokenize
        template = _environment().from_string(chat_template)
        return template.render(messages=messages, tools=None, documents=None, **given)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.loopcontrols"],
    )
    environment.globals["raise_exception"] = _refuse
    return environment


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)
