"""What is wrong with one rubric: the mistakes that stop it, and the habits that weaken it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jinja2 import Environment, meta, nodes
from pydantic import ValidationError

from kojudge.errors import ConfigError, InputError, Said, said
from kojudge.records import Message, Prompt
from kojudge.rubrics import Rubric, load_rubric, render_pair, render_text
from kojudge.workspace.explain import explain

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["Finding", "Severity", "error", "fill", "line_of", "place_of", "read", "undefined", "warning"]  # fmt: skip

Severity = Literal["error", "warning"]
LINT = "lint"
"""Stands for the id of a judgment, so that the same rubric always fills to the same text."""
_PLACE = re.compile(r"^(?P<place>.+?\.j2(?::\d+)?): ")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: ``place`` is ``file:line``, ``hint`` the next step."""

    severity: Severity
    code: str
    place: str
    message: Said
    hint: Said


def error(code: str, place: str, message: Said, hint: Said) -> Finding:
    """Return a finding that makes the rubric unusable."""
    return Finding("error", code, place, message, hint)


def warning(code: str, place: str, message: Said, hint: Said) -> Finding:
    """Return a finding that makes the rubric weaker or slower than it need be."""
    return Finding("warning", code, place, message, hint)


def read(folder: Path, name: str) -> tuple[Rubric | None, list[Finding]]:
    """Return the rubric, or None and every mistake that keeps it from being read.

    Raises:
        ConfigError: there is no such rubric.
    """
    try:
        return load_rubric(folder, name), []
    except InputError as problem:
        first = _finding("unreadable", problem, folder / name)
        cause = problem.__context__  # pydantic knows all mistakes of a front matter at once
        others = cause.errors()[1:] if isinstance(cause, ValidationError) else []
        return None, [first, *(_front_matter_finding(first, other) for other in others)]


def fill(
    rubric: Rubric, prompt: Prompt, texts: Sequence[str], *, evidence: str = "", question: str = ""
) -> str:
    """Return the filled rubric: one text (pointwise) or the two of a pair.

    Raises:
        InputError: it cannot be filled.
    """
    if rubric.mode == "pairwise":
        first, second = texts
        noted = (evidence, evidence)
        return render_pair(rubric, prompt, first, second, LINT, evidence=noted)
    asked = question or next(iter(rubric.questions), "")
    return render_text(rubric, prompt, texts[0], LINT, evidence=evidence, question=asked)


def undefined(rubric: Rubric, prompts: Sequence[Prompt], texts: Sequence[str]) -> list[Finding]:
    """Return every variable there is not and whatever else fails in filling the rubric.

    Names are looked up one by one, so that a branch no prompt takes is seen too; then the
    rubric is filled for every kind of prompt.
    """
    found = {f.place: f for f in _unknown_names(rubric, prompts[0], texts)}
    for prompt in (varied for one in prompts for varied in _variants(one)):
        for evidence in ("", "…") if rubric.uses_evidence else ("",):
            try:
                fill(rubric, prompt, texts, evidence=evidence)
            except InputError as problem:
                finding = _finding("cannot_be_filled", problem, rubric.path)
                found.setdefault(finding.place, finding)
    return sorted(found.values(), key=_by_line)


def place_of(rubric: Rubric, line: int | None) -> str:
    """Return ``file:line``, or the file where no line is known."""
    return f"{rubric.path}:{line}" if line else str(rubric.path)


def line_of(rubric: Rubric, start: str) -> int | None:
    """Return the first line of the file that begins with ``start``, blanks aside."""
    lines = rubric.path.read_text(encoding="utf-8-sig").split("\n")
    return next((n for n, line in enumerate(lines, 1) if line.strip().startswith(start)), None)


def lines_naming(rubric: Rubric, name: str) -> list[int]:
    """Return the lines of the file whose template code reads the variable ``name``."""
    tree = Environment(autoescape=False).parse(rubric.body)  # noqa: S701 - only parsed
    above = _above(rubric)
    return [above + node.lineno for node in tree.find_all(nodes.Name) if node.name == name]


def _variants(prompt: Prompt) -> Iterator[Prompt]:
    """Yield the prompt with and without everything that a rubric may branch on."""
    earlier = (Message("user", "앞선 부탁"), Message("assistant", "앞선 대답"))
    choices = product((False, True), (None, False, True), ((), ("조건",)), ("", "…"))
    for talked, friendly, constraints, words in choices:
        yield replace(
            prompt,
            messages=(*earlier, prompt.messages[-1]) if talked else prompt.messages[-1:],
            friendly=friendly,
            constraints=constraints,
            topic=words,
            audience=words,
            tone=words,
            length=words,
        )


def _unknown_names(rubric: Rubric, prompt: Prompt, texts: Sequence[str]) -> Iterator[Finding]:
    tree = Environment(autoescape=False).parse(rubric.body)  # noqa: S701 - only parsed
    outer = meta.find_undeclared_variables(tree)
    above = _above(rubric)
    known: dict[str, bool] = {}
    for node in tree.find_all((nodes.Name, nodes.Getattr)):
        expression = _expression(node)
        if expression is None or expression.partition(".")[0] not in outer:
            continue
        if expression not in known:
            known[expression] = _is_defined(rubric, prompt, texts, expression)
        if not known[expression]:
            yield error(
                "undefined",
                place_of(rubric, above + node.lineno),
                said(f"없는 변수를 썼습니다: {expression}", f"undefined variable: {expression}"),
                said("쓸 수 있는 변수는 rubrics/README.md에 있습니다.",
                     "The variables there are stand in rubrics/README.md."),
            )  # fmt: skip


def _expression(node: nodes.Node) -> str | None:
    """Return ``name``, or ``prompt.request`` and its kin; None for what else there is."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        owner = node.node.name
        return f"{owner}.{node.attr}" if owner in {"prompt", "criterion"} else None
    return None


def _is_defined(rubric: Rubric, prompt: Prompt, texts: Sequence[str], expression: str) -> bool:
    probe = replace(rubric, body=f"{{{{ {expression} is defined }}}}")
    return fill(probe, prompt, texts) == "True"


def _finding(code: str, problem: ConfigError, file: Path) -> Finding:
    """Take the place off the front of an error, where it stands in both languages."""
    match = _PLACE.match(problem.message.en)
    hint = problem.hint or said("", "")
    if match is None:
        return error(code, str(file), problem.message, hint)
    at = match.end()
    message = said(problem.message.ko[at:], problem.message.en[at:])
    return error(code, match["place"], message, hint)


def _front_matter_finding(first: Finding, problem: ErrorDetails) -> Finding:
    """Return one more mistake of the front matter in which ``first`` stands."""
    file = Path(first.place.rpartition(":")[0] or first.place)
    key = str(problem["loc"][0]) if problem["loc"] else ""
    lines = file.read_text(encoding="utf-8-sig").split("\n")
    starts = (n for n, line in enumerate(lines, 1) if key and line.startswith(f"{key}:"))
    why, name = explain(problem), ".".join(str(part) for part in problem["loc"])
    return error(
        first.code,
        f"{file}:{next(starts, 1)}",
        said(f"머리말: {name}: {why.ko}", f"front matter: {name}: {why.en}"),
        said("rubrics/README.md의 형식을 보고 고치세요.", "See rubrics/README.md for the format."),
    )


def _above(rubric: Rubric) -> int:
    """Return the number of lines above the body."""
    source = rubric.path.read_text(encoding="utf-8-sig")
    return source.count("\n") - rubric.body.count("\n")


def _by_line(finding: Finding) -> tuple[str, int]:
    file, _, line = finding.place.rpartition(":")
    return (file, int(line)) if line.isdigit() else (finding.place, 0)
