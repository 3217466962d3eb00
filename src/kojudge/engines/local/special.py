"""The strings that a model takes for a piece of its chat format instead of for text."""

from __future__ import annotations

import re
from typing import Any

from jinja2 import Environment, TemplateSyntaxError

from kojudge.errors import ConfigError, said
from kojudge.records import ModelSpec

_MARKER = re.compile(r"<{1,2}[^<>\s]{1,60}>{1,2}|\[[^\[\]\s]{1,60}\]|‹[^‹›\s]{1,60}›")
_BRACKETED = re.compile(r"(?=.*[^\W_])(?:<.+>|\[.+\]|‹.+›|＜.+＞|［.+］)", re.DOTALL)
_HTML = re.compile(
    r"</?(?:a|abbr|address|article|aside|audio|b|big|blockquote|body|br|button|caption|center|cite"
    r"|code|col|colgroup|dd|del|details|dfn|div|dl|dt|em|figcaption|figure|font|footer|form|h[1-6]"
    r"|head|header|hr|html|i|iframe|img|input|ins|kbd|label|li|link|main|mark|meta|nav|ol|option|p"
    r"|pre|q|rp|rt|ruby|s|samp|script|section|select|small|span|strike|strong|style|sub|summary|sup"
    r"|svg|table|tbody|td|textarea|tfoot|th|thead|time|title|tr|tt|u|ul|var|video) ?/?>",
    re.IGNORECASE,
)
_SPACE = "▁"
"""How SentencePiece tokenizers spell a space."""


def find_special_tokens(spec: ModelSpec, tokenizer: Any) -> frozenset[str]:
    """Return the strings of the model's chat format, as they would stand in a text.

    These are the tokens flagged special, the other added tokens that look like a marker
    (``<start_of_turn>``, not the HTML of ``<b>``) or stand in the template, and the markers
    that the template itself writes (``[INST]`` where it is no token). Blank tokens are left
    out, and so are single visible characters: some models pad with ``!``.

    Raises:
        ConfigError: the template cannot be read.
    """
    written = _written_by_template(spec, tokenizer)
    found = {str(token) for token in tokenizer.all_special_tokens}
    found |= {
        str(token.content)
        for token in tokenizer.added_tokens_decoder.values()
        if token.special or _belongs_to_the_format(str(token.content), written)
    }
    found |= set(_MARKER.findall(written))
    found |= {token.replace(_SPACE, " ").strip() for token in found}
    return frozenset(token for token in found if _can_be_broken(token))


def _belongs_to_the_format(token: str, written: str) -> bool:
    # Models with an extended vocabulary hold plain words as added tokens; a template that
    # says 질문 does not make that word a marker.
    if token in written and not token.isalnum():
        return True
    core = token.strip(f"{_SPACE} ")
    return bool(_BRACKETED.fullmatch(core)) and not _HTML.fullmatch(core)


def _can_be_broken(token: str) -> bool:
    blank = not token.replace(_SPACE, " ").strip()
    return not blank and not (len(token) == 1 and token.isprintable())


def _written_by_template(spec: ModelSpec, tokenizer: Any) -> str:
    """Return what the prompt template can write of its own: its text and string literals."""
    own = spec.chat_template or tokenizer.chat_template or ""
    template = spec.completion_template or "" if spec.format == "completion" else own
    sources = template.values() if isinstance(template, dict) else [template]
    environment = Environment(autoescape=False)  # noqa: S701 - read, never rendered
    try:
        pieces = [
            value
            for source in sources
            for _, kind, value in environment.lex(str(source))
            if kind in ("data", "string")
        ]
    except TemplateSyntaxError as error:
        raise ConfigError(
            said(f"모델 '{spec.name}'의 채팅 템플릿을 읽을 수 없습니다: {error}",
                 f"The chat template of '{spec.name}' cannot be read: {error}"),
            said("카드의 chat_template이나 completion_template을 고치세요.",
                 "Correct chat_template or completion_template in its card."),
        ) from error  # fmt: skip
    return "\n".join(pieces)
