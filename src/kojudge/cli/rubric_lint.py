"""What ``kojudge rubric lint`` looks at and how it tells what it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import click

from kojudge.audit.texts import Source, load_sources
from kojudge.cards import JudgeCard
from kojudge.cli.rubric_findings import Finding, error, line_of, place_of, read, undefined
from kojudge.cli.rubric_shape import (
    TEXTS,
    example_findings,
    level_findings,
    shape_findings,
)
from kojudge.cli.rubric_tokens import Reader, State, TokenCount, count_tokens, open_reader, state_of
from kojudge.errors import ConfigError, KojudgeError, Language, Said, said
from kojudge.prompts import for_tuning, load_prompts
from kojudge.records import Json, Prompt
from kojudge.rubrics import Rubric, rubric_names
from kojudge.workspace import Workspace

__all__ = ["JudgeState", "Linted", "as_json", "judges_of", "lint", "rubrics_of", "show"]


@dataclass(frozen=True, slots=True)
class Linted:
    """One rubric file: ``rubric`` is None where it cannot be read; ``tokens`` by judge."""

    name: str
    rubric: Rubric | None
    findings: tuple[Finding, ...]
    tokens: tuple[TokenCount, ...] = ()

    @property
    def errors(self) -> int:
        """Findings that make the rubric unusable."""
        return sum(finding.severity == "error" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class JudgeState:
    """Whether a judge's tokenizer could be asked; ``trouble`` says why not, where it is here."""

    name: str
    state: State
    reader: Reader | None = None
    trouble: Said | None = None


def rubrics_of(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """Return ``names``, or every rubric there is.

    Raises:
        ConfigError: the workspace has no rubric.
    """
    found = list(names) or rubric_names(workspace.rubrics)
    if not found:
        raise ConfigError(
            said(f"{workspace.rubrics}에 루브릭이 없습니다.",
                 f"There is no rubric in {workspace.rubrics}."),
            said("NAME.md.j2 파일을 넣으세요. rubrics/README.md를 보세요.",
                 "Put a NAME.md.j2 there; see rubrics/README.md."),
        )  # fmt: skip
    return found


def judges_of(cards: Sequence[JudgeCard]) -> list[JudgeState]:
    """Open the tokenizers that are on this machine; download nothing."""
    return [_judge_state(card) for card in cards]


def _judge_state(card: JudgeCard) -> JudgeState:
    state = state_of(card)
    if state != "here":
        return JudgeState(card.name, state)
    try:
        return JudgeState(card.name, state, open_reader(card))
    except KojudgeError as problem:
        return JudgeState(card.name, state, trouble=problem.message)


def lint(workspace: Workspace, names: Sequence[str], judges: Sequence[JudgeState]) -> list[Linted]:
    """Look at each rubric of ``names``: every mistake of every one, then the token counts.

    Raises:
        ConfigError: a rubric does not exist, or the prompts or audit texts cannot be read.
    """
    prompts = _first_of_each_category(workspace)
    audit = workspace.judge / "audit"
    sources = load_sources(audit) if any(audit.glob("*.jsonl")) else ()
    return [_lint(workspace, name, prompts, sources, judges) for name in names]


def _lint(
    workspace: Workspace,
    name: str,
    prompts: Sequence[Prompt],
    sources: Sequence[Source],
    judges: Sequence[JudgeState],
) -> Linted:
    rubric, findings = read(workspace.rubrics, name)
    if rubric is None:
        return Linted(name, None, tuple(findings))
    findings += level_findings(rubric)
    findings += example_findings(rubric, sources)
    broken = undefined(rubric, prompts, TEXTS[rubric.mode])
    if broken:
        return Linted(name, rubric, (*findings, *broken))
    findings += shape_findings(rubric, prompts[0])
    readers = [judge.reader for judge in judges if judge.reader is not None]
    counts = [count_tokens(reader, rubric, prompts) for reader in readers]
    findings += [_confused(rubric, count) for count in counts if not count.distinct]
    return Linted(name, rubric, tuple(findings), tuple(counts))


def _confused(rubric: Rubric, count: TokenCount) -> Finding:
    return error(
        "answers_alike",
        place_of(rubric, line_of(rubric, "scale:")),
        said(f"'{count.judge}'의 토크나이저로는 답들을 가려낼 수 없습니다.",
             f"the tokenizer of '{count.judge}' cannot tell the answers apart."),
        said("단계 이름을 바꾸거나 다른 심사 모델을 쓰세요.",
             "Change the labels of the levels, or use another judge."),
    )  # fmt: skip


def _first_of_each_category(workspace: Workspace) -> list[Prompt]:
    sets = sorted(path.stem for path in workspace.prompts.glob("*.jsonl"))
    first: dict[str, Prompt] = {}
    for prompt in for_tuning(load_prompts(workspace.prompts, sets)):
        first.setdefault(prompt.category, prompt)
    return list(first.values())


def as_json(linted: Sequence[Linted], judges: Sequence[JudgeState]) -> Mapping[str, Json]:
    """Return everything that was found, for ``--json``."""
    return {
        "schema": "kojudge.rubric-lint/1",
        "errors": sum(one.errors for one in linted),
        "warnings": sum(len(one.findings) - one.errors for one in linted),
        "judges": [{"judge": judge.name, "tokenizer": _tokenizer(judge)} for judge in judges],
        "rubrics": [_rubric_json(one) for one in linted],
    }


def _tokenizer(judge: JudgeState) -> str:
    return "unreadable" if judge.trouble else judge.state


def _rubric_json(one: Linted) -> dict[str, Json]:
    found: dict[str, Json] = {"rubric": one.name}
    if one.rubric is not None:
        found |= {
            key: getattr(one.rubric, key)
            for key in ("rubric_id", "criterion", "mode", "language", "version")
        }
    findings: list[Json] = [
        {
            "severity": f.severity,
            "code": f.code,
            "place": f.place,
            "message": {"ko": f.message.ko, "en": f.message.en},
            "hint": {"ko": f.hint.ko, "en": f.hint.en},
        }
        for f in one.findings
    ]
    return {**found, "findings": findings, "tokens": [asdict(count) for count in one.tokens]}


def show(linted: Sequence[Linted], judges: Sequence[JudgeState], language: Language) -> None:
    """Print the rubrics, what is wrong with each, the tokens, and how many problems there are."""
    for one in linted:
        click.echo(_heading(one, language))
        for finding in one.findings:
            mark = "✗" if finding.severity == "error" else "!"
            click.echo(f"  {mark} {finding.place}: {finding.message.in_(language)}")
            if finding.hint.in_(language):
                click.echo(f"    → {finding.hint.in_(language)}")
    _show_tokens(linted, judges, language)
    errors = sum(one.errors for one in linted)
    warnings = sum(len(one.findings) for one in linted) - errors
    click.echo(said(
        f"루브릭 {len(linted)}개 · 오류 {errors} · 주의 {warnings}",
        f"{len(linted)} rubrics · {errors} errors · {warnings} warnings",
    ).in_(language))  # fmt: skip


def _heading(one: Linted, language: Language) -> str:
    mark = "✗" if one.errors else "!" if one.findings else "✓"
    if one.rubric is None:
        return f"{mark} {one.name}"
    rubric = one.rubric
    name = rubric.name_ko if language == "ko" else rubric.name_en
    version = said(f"버전 {rubric.version}", f"version {rubric.version}").in_(language)
    return f"{mark} {one.name} — {name} · {rubric.mode} · {rubric.language} · {version}"


def _show_tokens(
    linted: Sequence[Linted], judges: Sequence[JudgeState], language: Language
) -> None:
    counted = [one for one in linted if one.tokens]
    if counted:
        _show_table(counted, language)
    for judge in judges:
        if judge.trouble is not None:
            click.echo(f"! {judge.name}: {judge.trouble.in_(language)}")
    for state, why in _UNCOUNTED.items():
        names = ", ".join(judge.name for judge in judges if judge.state == state)
        if names:
            click.echo(f"{why.in_(language)}: {names}")


_UNCOUNTED: Mapping[State, Said] = {
    "not_fetched": said(
        "받지 않은 모델이라 토큰을 세지 않은 심사 모델(kojudge models pull 이름으로 받습니다)",
        "Not fetched, so tokens are not counted (fetch one with kojudge models pull NAME)",
    ),
    "elsewhere": said(
        "엔진의 토크나이저가 이 컴퓨터에 없어 토큰을 세지 않은 심사 모델",
        "No tokenizer of the engine here, so tokens are not counted",
    ),
}


def _show_table(counted: Sequence[Linted], language: Language) -> None:
    from rich.console import Console
    from rich.table import Table

    click.echo(said(
        "빈 글을 넣었을 때 심사 모델이 읽는 토큰(괄호 안은 모든 글이 함께 쓰는 앞부분):",
        "Tokens the judge reads around an empty text (in brackets: the start all texts share):",
    ).in_(language))  # fmt: skip
    table = Table()
    table.add_column(said("루브릭", "rubric").in_(language), overflow="fold")
    names = [count.judge for count in counted[0].tokens]
    for name in names:
        table.add_column(name, justify="right")
    for one in counted:
        table.add_row(one.name, *(f"{c.tokens} ({c.shared})" for c in one.tokens))
    Console().print(table)
