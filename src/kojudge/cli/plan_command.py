"""``kojudge plan``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from kojudge.cli.options import json_option
from kojudge.cli.session import Session
from kojudge.errors import Language, said

if TYPE_CHECKING:
    from rich.table import Table

    from kojudge.models.memory import Footprint
    from kojudge.selection import Asked

_GIB = 2**30
_JUDGE_TOKENS = 2048
"""Tokens a judge reads at most about a pair of texts of ordinary length, rubric included."""


@click.command("plan")
@click.option("--gpu-memory", type=click.FloatRange(min=0), help="GPU 메모리(GiB) · memory in GiB")
@json_option
@click.pass_obj
def command(session: Session, gpu_memory: float | None, as_json: bool) -> None:
    """메모리에 들어가는지, 일이 얼마나 되는지 봅니다 · Does it fit, and how much work is it."""
    asked, _ = session.ask(None, {}, {})
    needs = _footprints(asked, None if gpu_memory is None else gpu_memory * _GIB)
    work = _work(asked)
    if as_json:
        content = {"schema": "kojudge.plan/1", "work": work, "models": [asdict(n) for n in needs]}
        session.print_json(content)
        return
    from rich.console import Console

    Console().print(_table(needs, session.language))
    click.echo(said(
        f"글 {work['texts']}편(새 토큰 최대 {work['max_new_tokens']:,}) · 판정 {work['judgments']}건",
        f"{work['texts']} texts (at most {work['max_new_tokens']:,} new tokens) · "
        f"{work['judgments']} judgments",
    ).in_(session.language))  # fmt: skip


def _footprints(asked: Asked, memory: float | None) -> list[Footprint]:
    from kojudge.models.memory import footprint

    size = asked.settings.batch_size
    writers = [
        footprint(card, "candidate", size * (512 + card.sampling.max_tokens), memory)
        for card in asked.candidates
    ]
    judges = [footprint(card, "judge", size * _JUDGE_TOKENS, memory) for card in asked.judges]
    return [*writers, *judges]


def _work(asked: Asked) -> dict[str, Any]:
    settings = asked.settings
    each = len(asked.prompts) * settings.samples
    texts = each * len(asked.candidates)
    points = sum(r.mode == "pointwise" for r in asked.rubrics) * (settings.mode != "pairwise")
    pairs = sum(r.mode == "pairwise" for r in asked.rubrics) * (settings.mode != "pointwise")
    rivals = len(asked.candidates) - 1
    judgments = len(asked.judges) * (points * texts + pairs * each * rivals * 2)
    tokens = sum(each * card.sampling.max_tokens for card in asked.candidates)
    return {
        "prompts": len(asked.prompts),
        "texts": texts,
        "max_new_tokens": tokens,
        "judgments": judgments,
    }


def _table(needs: list[Footprint], language: Language) -> Table:
    from rich.table import Table

    table = Table()
    for heading in (
        said("모델", "model"),
        said("역할", "role"),
        said("파라미터", "parameters"),
        said("FP16", "FP16"),
        said("INT8", "INT8"),
        said("INT4", "INT4"),
        said("KV 캐시", "KV cache"),
    ):
        table.add_column(heading.in_(language))
    for need in needs:
        cells = [_size(need.weights.get(p), need.fits.get(p)) for p in ("fp16", "int8", "int4")]
        parameters = f"{need.parameters / 1e9:.2f}B" if need.parameters else "—"
        table.add_row(need.name, need.role, parameters, *cells, _size(need.kv_cache, None))
    return table


def _size(size: float | None, fits: bool | None) -> str:
    if size is None:
        return "—"
    mark = "" if fits is None else " ✓" if fits else " ✗"
    return f"{size / 1e9:.1f} GB{mark}"
