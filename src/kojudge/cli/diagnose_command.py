"""``kojudge diagnose``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kojudge.cli.options import json_option
from kojudge.cli.session import Session
from kojudge.errors import said

LONG = 60_000
"""Characters from which the analysis takes long enough to say so."""


@click.command("diagnose")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--genre",
    type=click.Choice(["blog", "emotional", "imaginative"]),
    help="글의 갈래. 기준값이 갈래마다 다른 항목에 쓰입니다 · the kind of text, where limits differ",
)
@click.option(
    "--prompt",
    default="",
    help="이 글이 답하는 부탁. 바라는 언어와 써도 되는 외국어를 정합니다 · "
    "the request it answers: sets the expected language and the foreign words allowed",
)
@json_option
@click.pass_obj
def command(session: Session, file: Path, genre: str | None, prompt: str, as_json: bool) -> None:
    """글의 띄어쓰기, 번역투, 말높이 등을 살핍니다(-는 표준 입력) · Linguistic evidence for a text."""
    from kojudge.cli.handed_text import read_text

    if str(file) == "-" and sys.stdin.isatty():
        session.say(said(
            "글을 붙여 넣고 새 줄에서 Ctrl-D를 누르세요.",
            "Paste the text, then press Ctrl-D on a new line.",
        ))  # fmt: skip
    text = read_text(file)
    if len(text) >= LONG:
        session.say(said(
            f"긴 글이라({len(text):,}자) 시간이 조금 걸립니다.",
            f"This is a long text ({len(text):,} characters); it takes a while.",
        ))  # fmt: skip

    from kojudge.korean.diagnose import diagnose
    from kojudge.korean.gates import gates
    from kojudge.korean.response_language import expected_language

    diagnosis = diagnose(text, prompt=prompt, genre=genre)
    fired = gates(diagnosis, expected_language(prompt))
    if as_json:
        session.print_json(
            {"schema": "kojudge.diagnose/1", **diagnosis.to_json(), "gates": list(fired)}
        )
        return
    from kojudge.cli.diagnosing import show

    show(diagnosis, fired, genre, session.language)
