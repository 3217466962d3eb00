"""``kojudge rubric lint|render|compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from kojudge.cli.options import engine_option, json_option
from kojudge.cli.session import Session

judge_option = click.option("--judge", help="judge/의 심사 모델 · a judge of judge/")


@click.group("rubric")
def command() -> None:
    """루브릭을 살피고, 심사 모델이 읽는 글을 보고, 견줍니다 · Check, read and compare rubrics."""


@command.command("lint")
@click.argument("names", nargs=-1)
@judge_option
@json_option
@click.pass_obj
def lint_rubrics(session: Session, names: Sequence[str], judge: str | None, as_json: bool) -> int:
    """루브릭의 잘못을 모두 찾고 토큰을 셉니다 · Every mistake of every rubric, and its tokens.

    이름이 없으면 작업 공간의 루브릭 전부 · Without names: all rubrics of the workspace.
    """
    from kojudge.cards import load_judge, load_judges
    from kojudge.cli import rubric_lint

    workspace = session.workspace_or_starter()
    chosen = rubric_lint.rubrics_of(workspace, names)
    cards = [load_judge(workspace.judge, judge)] if judge else load_judges(workspace.judge).values()
    judges = rubric_lint.judges_of(list(cards))
    linted = rubric_lint.lint(workspace, chosen, judges)
    if as_json:
        session.print_json(rubric_lint.as_json(linted, judges))
    else:
        rubric_lint.show(linted, judges, session.language)
    return 2 if any(one.errors for one in linted) else 0


@command.command("render")
@click.argument("name")
@click.option(
    "--text",
    "texts",
    multiple=True,
    type=click.Path(path_type=Path, allow_dash=True),
    help="평가할 글(-는 표준 입력). 쌍이면 두 번 · the text to judge; twice for a pair",
)
@click.option("--prompt", help="--text의 글이 답하는 부탁 · the request that --text answers")
@click.option("--run", "run_path", help="이 실행의 글로 채웁니다 · fill it with texts of this run")
@click.option(
    "--n", "number", type=click.IntRange(min=1), help="몇 편 · how many texts (run: 3, else 1)"
)
@judge_option
@click.pass_obj
def render_rubric(
    session: Session,
    name: str,
    texts: tuple[Path, ...],
    prompt: str | None,
    run_path: str | None,
    number: int | None,
    judge: str | None,
) -> None:
    """심사 모델이 읽는 그대로 보여 줍니다 · Show exactly what the judge reads.

    글을 고르지 않으면 judge/audit의 글 · Without a text: one of judge/audit.
    """
    from kojudge.cli import rubric_render

    chosen = rubric_render.Choice(name, texts, prompt, run_path, number, judge)
    rubric_render.show(session, chosen)


@command.command("compare")
@click.argument("a")
@click.argument("b")
@judge_option
@click.option(
    "--labels",
    help="사람 평가: 라벨이 든 실행, 또는 JSONL 파일 · people's labels: a run, or a JSONL file",
)
@click.option("--run", "run_path", help="JSONL 라벨이 말하는 글이 든 실행 · the run of their texts")
@click.option("--quick", is_flag=True, help="원문 12편만 · twelve audit sources only")
@engine_option
@click.option("--dry-run", is_flag=True, help="세어 보기만 합니다 · count, call no model")
@json_option
@click.pass_obj
def compare_rubrics(
    session: Session,
    a: str,
    b: str,
    judge: str | None,
    labels: str | None,
    run_path: str | None,
    quick: bool,
    engine: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """두 루브릭을 같은 글로 견줍니다 · Which of two rubrics makes the judge see more."""
    from kojudge.cli import rubric_comparing

    request = rubric_comparing.CompareRequest(a, b, judge, labels, run_path, quick, engine, dry_run)
    found = rubric_comparing.run_compare(session, request)
    if as_json:
        session.print_json(found.content())
    elif found.comparison is not None:
        from kojudge.cli.rubric_table import show

        show(found.comparison, found.texts, session.language)
    return 3 if found.failed else 0
