"""What a judge's tokenizer makes of a rubric: tokens, chat format, answers told apart.

Only the tokenizer is loaded, never the weights, and nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from kojudge.cards import JudgeCard, to_spec
from kojudge.cards.sources import locate
from kojudge.cards.sources.weights import WITHOUT_WEIGHTS
from kojudge.cli.rubric_findings import fill
from kojudge.cli.rubric_shape import TEXTS, answers_of
from kojudge.errors import UnavailableError, said
from kojudge.records import Message, ModelSpec, Prompt
from kojudge.rubrics import Rubric

__all__ = ["Reader", "TokenCount", "count_tokens", "open_reader", "state_of"]

State = Literal["here", "not_fetched", "elsewhere"]


@dataclass(frozen=True)  # no slots: a cached property needs a dictionary
class Reader:
    """A judge's chat format and tokenizer."""

    spec: ModelSpec
    tokenizer: Any

    @cached_property
    def specials(self) -> frozenset[str]:
        """What the chat format is made of, which a judged text must not spell."""
        from kojudge.engines.local.special import find_special_tokens

        return find_special_tokens(self.spec, self.tokenizer)

    def reads(self, message: str, rubric: Rubric) -> str:
        """Return what the judge reads, special tokens spelled out, up to its answer."""
        from kojudge.engines.local.chat import render_prompt

        rendered = render_prompt(self.spec, self.tokenizer, (Message("user", message),))
        return rendered + rubric.answer_prefix.rstrip()

    def encode(self, read: str) -> tuple[int, ...]:
        """Return the tokens of what :meth:`reads` returned."""
        from kojudge.engines.local.chat import encode_prompt

        return tuple(encode_prompt(self.spec, self.tokenizer, read))

    def tells_apart(self, rubric: Rubric) -> bool:
        """Tell whether the legal answers are different tokens to this judge."""
        from kojudge.engines.local.chat import encode_answer
        from kojudge.engines.local.trie import build_trie

        anchor = rubric.answer_prefix.rstrip()
        spelled = [
            [encode_answer(self.tokenizer, anchor, spelling) for spelling in (f" {answer}", answer)]
            for answer in answers_of(rubric)
        ]
        try:
            build_trie(spelled, (self.tokenizer.eos_token_id or 0,))
        except ValueError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens a judgment costs before the first word of the judged text is read.

    ``shared`` of them are the same for every text, so a batch reads them once.
    """

    judge: str
    tokens: int
    shared: int
    distinct: bool


def state_of(card: JudgeCard) -> State:
    """Say whether the card's model is here, not fetched yet, or run by a server.

    A head reads no rubric: its tokenizer has nothing to say of one.
    """
    if card.engine in (*WITHOUT_WEIGHTS, "head") or (card.source.path or "").startswith("fake"):
        return "elsewhere"
    return "here" if locate(card) is not None else "not_fetched"


def open_reader(card: JudgeCard) -> Reader:
    """Load the tokenizer of a judge that is here.

    Raises:
        UnavailableError: it is not here, transformers is missing, or the files are broken.
    """
    path = locate(card) if state_of(card) == "here" else None
    if path is None:
        raise UnavailableError(
            said(f"심사 모델 '{card.name}'의 토크나이저가 이 컴퓨터에 없습니다.",
                 f"The tokenizer of judge '{card.name}' is not on this machine."),
            said(f"`kojudge models pull {card.name}`로 받으세요.",
                 f"Fetch it: kojudge models pull {card.name}"),
        )  # fmt: skip
    try:
        from transformers import AutoTokenizer
        from transformers.utils import logging

        logging.set_verbosity_error()
        tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False)
    except ImportError as error:
        raise UnavailableError(
            said(f"토크나이저를 읽는 데 필요한 패키지가 없습니다: {error.name}",
                 f"Reading a tokenizer needs a package that is missing: {error.name}"),
            said('`pip install "kojudge[local]"`로 설치하세요.',
                 'Install it: pip install "kojudge[local]"'),
        ) from error  # fmt: skip
    except (OSError, ValueError) as error:
        raise UnavailableError(
            said(f"'{card.name}'의 토크나이저를 {path}에서 읽을 수 없습니다: {error}",
                 f"Cannot read the tokenizer of '{card.name}' in {path}: {error}"),
            said(f"`kojudge models check {card.name}`로 살펴보세요.",
                 f"Look at it with: kojudge models check {card.name}"),
        ) from error  # fmt: skip
    return Reader(to_spec(card, path), tokenizer)


def count_tokens(reader: Reader, rubric: Rubric, prompts: Sequence[Prompt]) -> TokenCount:
    """Count the tokens of ``rubric`` around an empty text, filled for the first prompt.

    ``prompts`` are at least two, so that what they share can be told.
    """
    from kojudge.engines.local.choose import shared_prefix

    empty = ("",) * len(TEXTS[rubric.mode])
    filled = [reader.encode(reader.reads(fill(rubric, p, empty), rubric)) for p in prompts[:2]]
    shared = shared_prefix(filled)
    return TokenCount(reader.spec.name, len(filled[0]), len(shared), reader.tells_apart(rubric))
