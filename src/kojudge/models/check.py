"""Check a card against the model it describes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kojudge.cards import CandidateCard, JudgeCard
from kojudge.cards.sources import WITHOUT_WEIGHTS, locate
from kojudge.engines.head.file import Head, read_head
from kojudge.errors import KojudgeError, Said, said
from kojudge.models.forms import SAMPLE, find_difference, missing_names, render, render_here
from kojudge.models.heads import check_base, learned

__all__ = ["CheckResult", "check", "standing"]

Card = CandidateCard | JudgeCard


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Whether the card works; ``rendered`` is the exact prompt of a sample request."""

    ok: bool
    message: Said
    rendered: str = ""


def standing(card: Card) -> Said:
    """Say how much of the card's prompt format somebody has checked."""
    if not card.verified:
        return said("확인되지 않음", "not verified")
    if card.unverified:
        return said("일부만 확인", "partly verified")
    return said("확인됨", "verified")


def check(card: Card) -> CheckResult:
    """Render a sample request in the card's format.

    With the model's tokenizer where that is here, and then the card's own template must
    write what the tokenizer's does; else from the card alone.
    """
    try:
        return _check(card)
    except KojudgeError as error:
        return CheckResult(False, error.message)


def _check(card: Card) -> CheckResult:
    if card.engine in WITHOUT_WEIGHTS:
        return CheckResult(True, _stands(card, said(
            f"{card.engine} 엔진이 맡아 여기에는 토크나이저가 없음",
            f"run by the {card.engine} engine, no tokenizer here",
        )))  # fmt: skip
    path = locate(card)
    if isinstance(card, JudgeCard) and card.head is not None:
        head = read_head(card.head.folder) if path is None else check_base(card, path)
        return _with_head(_check_form(card, path), head)
    return _check_form(card, path)


def _with_head(result: CheckResult, head: Head) -> CheckResult:
    told, own = result.message, learned(head)
    return replace(result, message=said(f"{told.ko} · {own.ko}", f"{told.en} · {own.en}"))


def _check_form(card: Card, path: Path | None) -> CheckResult:
    if path is None:
        return _check_alone(card)
    try:
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False)
    except (ImportError, OSError, ValueError) as error:
        return CheckResult(
            False, said(f"토크나이저를 못 엽니다: {error}", f"no tokenizer: {error}")
        )
    return _check_with(card, path, tokenizer)


def _check_alone(card: Card) -> CheckResult:
    """Check a card whose model is not here by the card's own template."""
    rendered = render_here(card, SAMPLE)
    if rendered is not None:
        told = said(
            "아직 내려받지 않아 카드의 템플릿만 봄", "weights not here yet: the card's template"
        )
    elif card.chat_template is None:
        told = said("아직 내려받지 않음. 템플릿은 토크나이저에 있음",
                    "weights not here yet; the template is the tokenizer's")  # fmt: skip
    else:
        names = ", ".join(missing_names(card))
        told = said(f"아직 내려받지 않음. 템플릿이 토크나이저의 {names}을(를) 씀",
                    f"weights not here yet; the template uses the tokenizer's {names}")  # fmt: skip
    return CheckResult(True, _stands(card, told), rendered or "")


def _check_with(card: Card, path: Path, tokenizer: Any) -> CheckResult:
    rendered = render(card, tokenizer, SAMPLE)
    if card.format == "completion" or card.chat_template is None:
        return CheckResult(True, standing(card), rendered)
    if not tokenizer.chat_template:
        told = said("토크나이저에는 템플릿이 없음", "the tokenizer has no template of its own")
        return CheckResult(True, _stands(card, told), rendered)
    found = find_difference(card, path, tokenizer)
    if found is None:
        told = said("토크나이저의 템플릿과 같음", "the same as the tokenizer's template")
        return CheckResult(True, _stands(card, told), rendered)
    if card.differs:
        told = said(f"토크나이저의 템플릿과 일부러 다름({card.differs}): {found.ko}",
                    f"differs from the tokenizer's template on purpose ({card.differs}): {found.en}")  # fmt: skip
        return CheckResult(True, _stands(card, told), rendered)
    return CheckResult(
        False,
        said(
            f"카드의 템플릿이 토크나이저의 것과 다릅니다: {found.ko}. 카드의 chat_template을 고치거나"
            " 지우세요. 일부러 다르게 썼으면 differs에 까닭을 적으세요.",
            f"the card's template differs from the tokenizer's: {found.en}. Mend or remove"
            " chat_template; if it is meant to differ, say why as differs.",
        ),
        rendered,
    )


def _stands(card: Card, told: Said) -> Said:
    how = standing(card)
    return said(f"{how.ko} · {told.ko}", f"{how.en} · {told.en}")
