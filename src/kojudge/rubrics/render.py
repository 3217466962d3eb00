"""Render a rubric: the one user message the judge reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    UndefinedError,
    meta,
    nodes,
)
from jinja2.sandbox import SandboxedEnvironment

from kojudge.errors import InputError, said
from kojudge.records import Prompt
from kojudge.rubrics.fence import fence_marker, neutralise
from kojudge.rubrics.load import Rubric

_BY_THE_AUTHOR = (TypeError, ValueError, ArithmeticError, LookupError, RecursionError)
"""What an expression in a template can raise beside Jinja's own errors."""


@dataclass(frozen=True, slots=True)
class _Turn:
    role: str
    content: str


def render_text(
    rubric: Rubric,
    prompt: Prompt,
    text: str,
    judgment_id: str,
    *,
    specials: Collection[str] = (),
    defended: bool = True,
    evidence: str = "",
    question: str = "",
) -> str:
    """Return what the judge reads about one ``text`` written for ``prompt``.

    ``specials`` are neutralised besides the known chat formats. ``defended`` False leaves the
    text as it is and takes the marker off its fence: only for measuring the defence.
    ``question`` is the one asked of a rubric that has several.
    """
    shown = neutralise(text, specials) if defended else text
    fence = fence_marker(judgment_id, prompt.request + shown) if defended else ""
    own = {"text": shown, "evidence": evidence}
    if rubric.questions:
        own["question"] = question
    return _render(rubric, prompt, own, fence, specials)


def render_pair(
    rubric: Rubric,
    prompt: Prompt,
    first: str,
    second: str,
    judgment_id: str,
    *,
    specials: Collection[str] = (),
    defended: bool = True,
    evidence: tuple[str, str] = ("", ""),
) -> str:
    """Return what the judge reads about two texts, ``first`` shown as A, ``second`` as B.

    Other arguments are those of :func:`render_text`.
    """
    shown = [neutralise(text, specials) if defended else text for text in (first, second)]
    fence = fence_marker(judgment_id, prompt.request + first + second) if defended else ""
    own = {"text_a": shown[0], "text_b": shown[1]}
    own |= {"evidence_a": evidence[0], "evidence_b": evidence[1]}
    return _render(rubric, prompt, own, fence, specials)


def _render(
    rubric: Rubric, prompt: Prompt, own: Mapping[str, str], fence: str, specials: Collection[str]
) -> str:
    def safe(text: str) -> str:
        return neutralise(text, specials)

    variables: dict[str, Any] = {
        "levels": rubric.levels,
        "examples": rubric.examples,
        "criterion": SimpleNamespace(
            name=rubric.name_ko if rubric.language == "ko" else rubric.name_en
        ),
        "prompt": SimpleNamespace(
            request=safe(prompt.request),
            category=prompt.category,
            topic=safe(prompt.topic),
            audience=safe(prompt.audience),
            tone=safe(prompt.tone),
            length=safe(prompt.length),
            constraints=[safe(item) for item in prompt.constraints],
            friendly=prompt.friendly,
            history=[_Turn(m.role, safe(m.content)) for m in prompt.history],
        ),
        "fence": fence,
        **own,
    }
    try:
        return _template(rubric).render(variables).strip()
    except (*_BY_THE_AUTHOR, TemplateError) as error:
        raise _explain(rubric, error, variables) from error


@lru_cache(maxsize=64)
def _template(rubric: Rubric) -> Template:
    """Compile a rubric once: it costs more than all else that a judgment needs."""
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(rubric.path.parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # the judge reads plain text, not HTML
    )
    return environment.from_string(rubric.body)


def _explain(rubric: Rubric, error: Exception, variables: Mapping[str, Any]) -> InputError:
    listed = ", ".join(_names(variables))
    hint = said(f"쓸 수 있는 변수: {listed}", f"Variables there are: {listed}")
    place = _place(rubric, error)
    if isinstance(error, UndefinedError):
        place = _first_unknown(rubric, variables) or place
        why = said(f"없는 변수를 썼습니다: {error}", f"undefined variable: {error}")
    else:
        kind = type(error).__name__
        why = said(f"템플릿을 채울 수 없습니다: {kind}: {error}", f"{kind}: {error}")
    return InputError(said(f"{place}: {why.ko}", f"{place}: {why.en}"), hint)


def _names(variables: Mapping[str, Any]) -> Iterator[str]:
    for name, value in variables.items():
        if isinstance(value, SimpleNamespace):
            yield from (f"{name}.{inner}" for inner in vars(value))
        else:
            yield name


def _place(rubric: Rubric, error: Exception) -> str:
    """Return the file and line that failed: of the rubric, or of a partial it includes."""
    if isinstance(error, TemplateSyntaxError):  # an unknown filter, say: found in compiling
        own = error.filename in (None, "<template>")
        file, above = (str(rubric.path), _height(rubric)) if own else (str(error.filename), 0)
        return f"{file}:{above + error.lineno}"
    trace = error.__traceback__
    place = f"{rubric.path}:{_height(rubric) + 1}"
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file == "<template>":
            place = f"{rubric.path}:{_height(rubric) + trace.tb_lineno}"
        elif Path(file).parent == rubric.path.parent:
            place = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _first_unknown(rubric: Rubric, variables: Mapping[str, Any]) -> str | None:
    """Return where the rubric itself names a variable that there is not, if it does.

    Such a variable fails where it is shown, which may be in a partial it was handed to.
    """
    environment = _template(rubric).environment
    tree = environment.parse(rubric.body)
    unknown = meta.find_undeclared_variables(tree) - {*variables, *environment.globals}
    lines = [node.lineno for node in tree.find_all(nodes.Name) if node.name in unknown]
    return f"{rubric.path}:{_height(rubric) + min(lines)}" if lines else None


def _height(rubric: Rubric) -> int:
    """Return the number of lines above the body."""
    source = rubric.path.read_text(encoding="utf-8-sig")
    return source.count("\n") - rubric.body.count("\n")
