"""How much a plan asks for: texts, judgments of every kind, tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kojudge.cli.plan_audit import AuditCost
from kojudge.cli.plan_lengths import Length
from kojudge.errors import Said, said
from kojudge.selection import Asked

__all__ = ["with_reading", "work_line", "work_of"]


def work_of(asked: Asked) -> dict[str, Any]:
    """Return what generate and score are asked for.

    ``judgments`` are about candidates' texts, a pair in both orders; ``controls`` come on top,
    about damaged texts of the baseline. Each is judged once: an audit repeats some.
    """
    settings = asked.settings
    each = len(asked.prompts) * settings.samples
    texts = each * len(asked.candidates)
    points = sum(r.mode == "pointwise" for r in asked.rubrics) * (settings.mode != "pairwise")
    pairs = sum(r.mode == "pairwise" for r in asked.rubrics) * (settings.mode != "pointwise")
    rivals = len(asked.candidates) - 1
    alone, beside = points * texts, pairs * each * rivals * 2
    damaged = min(settings.controls, len(asked.prompts)) * (points + 2 * pairs)
    judges = len(asked.judges)
    return {
        "prompts": len(asked.prompts),
        "texts": texts,
        "max_new_tokens": sum(each * card.sampling.max_tokens for card in asked.candidates),
        "judgments": judges * (alone + beside),
        "pointwise": judges * alone,
        "pairwise": judges * beside,
        "controls": judges * damaged,
    }


def with_reading(
    work: Mapping[str, Any],
    asked: Asked,
    lengths: Mapping[str, Length],
    audits: list[AuditCost],
) -> dict[str, Any]:
    """Return ``work`` with the tokens that the judges read at most, and their audits to come."""
    each = (work["judgments"] + work["controls"]) // max(1, len(asked.judges))
    return {
        **work,
        "max_read_tokens": sum(each * lengths[judge.name].tokens for judge in asked.judges),
        "audits": [cost.content() for cost in audits],
    }


def work_line(work: Mapping[str, Any]) -> Said:
    """Return one line about the work of generate and score."""
    texts, tokens, read = work["texts"], work["max_new_tokens"], work["max_read_tokens"]
    total = work["judgments"] + work["controls"]
    return said(
        f"글 {texts:,}편(새 토큰 최대 {tokens:,}) · 판정 {total:,}건(점수 {work['pointwise']:,} · 쌍 "
        f"비교 두 차례씩 {work['pairwise']:,} · 대조용 {work['controls']:,}, 읽는 토큰 최대 {read:,})",
        f"{texts:,} texts (at most {tokens:,} new tokens) · {total:,} judgments "
        f"({work['pointwise']:,} scores, {work['pairwise']:,} of pairs in both orders, "
        f"{work['controls']:,} controls; at most {read:,} tokens read)",
    )
