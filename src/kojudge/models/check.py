"""Check a card against the model it describes."""

from __future__ import annotations

from dataclasses import dataclass

from kojudge.cards import CandidateCard, JudgeCard, to_spec
from kojudge.cards.sources import locate
from kojudge.cards.sources.weights import WITHOUT_WEIGHTS
from kojudge.errors import KojudgeError, Said, said
from kojudge.records import Message

SAMPLE = (Message("system", "한국어로 답하세요."), Message("user", "봄에 대한 짧은 글을 써 줘."))


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Whether the card works; ``rendered`` is the exact prompt of a sample request."""

    ok: bool
    message: Said
    rendered: str = ""


def check(card: CandidateCard | JudgeCard) -> CheckResult:
    """Render a sample request in the card's format, where the tokenizer is here."""
    verified = (
        said(f"형식 확인: {card.verified}", f"format verified: {card.verified}")
        if card.verified
        else said("형식이 아직 확인되지 않았습니다", "format not verified")
    )
    if card.engine in WITHOUT_WEIGHTS:
        return CheckResult(True, said(
            f"{verified.ko} · {card.engine} 엔진이 맡아 여기에는 토크나이저가 없음",
            f"{verified.en} · run by the {card.engine} engine, no tokenizer here",
        ))  # fmt: skip
    path = locate(card)
    if path is None:
        return CheckResult(
            True,
            said(f"{verified.ko} · 아직 내려받지 않음", f"{verified.en} · weights not here yet"),
        )
    try:
        from transformers import AutoTokenizer

        from kojudge.engines.local.chat import render_prompt

        tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False)
        rendered = render_prompt(to_spec(card, path), tokenizer, SAMPLE)
    except KojudgeError as error:
        return CheckResult(False, error.message)
    except (ImportError, OSError, ValueError) as error:
        return CheckResult(
            False, said(f"토크나이저를 못 엽니다: {error}", f"no tokenizer: {error}")
        )
    return CheckResult(True, verified, rendered)
